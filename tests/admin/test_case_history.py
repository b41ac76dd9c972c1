"""What a case's page tells of its past: what was done, and what was taken from whom with it."""

import re
from typing import Any

import pytest

from engine.work import System
from tests import installed
from tests.admin import reports
from workflows import packs

FLOW: dict[str, Any] = {
    "code": "fill_verify_approve", "version": 2, "start": "fill", "titles": {"zh": "并行核对"},
    "steps": [
        {"code": "fill", "kind": "fill", "titles": {"zh": "填报"}, "next": [{"to": "both"}],
         "assign": {"rule": "position", "role": "staff", "at": "same"}},
        {"code": "both", "kind": "fork", "join": "met", "titles": {"zh": "并行"},
         "next": [{"to": "first"}, {"to": "second"}]},
        {"code": "first", "kind": "verify", "titles": {"zh": "核数"}, "next": [{"to": "met"}],
         "assign": {"rule": "person", "person": "shenhe"}},
        {"code": "second", "kind": "verify", "titles": {"zh": "核人"}, "next": [{"to": "met"}],
         "assign": {"rule": "position", "role": "leader", "at": "parent"}},
        {"code": "met", "kind": "join", "titles": {"zh": "汇合"}, "next": [{"to": "end"}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "同时取消的待办：核人 世回尧街道办事处 负责人"),
        ("en", "To-dos cancelled with it: 核人 "),
    ],
)
def test_a_return_out_of_a_branch_names_the_sibling_it_took_away(
    system: System, log_in: Any, language: str, said: str
) -> None:
    """Only a notice told it: who looked at the case saw an open to-do vanish without a word."""
    system.write(installed.person(system, "designer"), lambda work: packs.load_flow(work, FLOW))
    sent = reports.sent(system, reports.TWO[:1])
    record = reports.handed_in(system, sent, "huian", grids=6)
    reports.returned(system, sent, record, "/grids")
    office = log_in("minzheng")
    case = re.search(r'href="(/cases/[a-z0-9]{20})"', office.get(f"/records/{record}").text)
    assert case
    office.cookies.set("lang", language)
    shown = office.get(case[1]).text
    lines = re.findall(r"<li.*?</li>", shown, re.DOTALL)
    (told,) = [one for one in lines if said in one]
    assert "核数" in told  # it stands with the return that did it
