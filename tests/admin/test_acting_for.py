"""代理: a deputy sees for whom they would act before they do, and everybody sees afterwards who did it for whom."""

import re
from typing import Any

import pytest

from engine.identity import store as identity
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.test_signing_pages import waiting
from workflows import packs


def called(system: System, login: str) -> str:
    with system.read(installed.ANYBODY) as work:
        found = identity.actor_by_login(work.connection, login, now=work.now)
    assert found
    return found.name


def stands_in(system: System, log_in: Any, principal: str, deputy: str) -> None:
    with system.read(installed.ANYBODY) as work:
        found = identity.actor_by_login(work.connection, deputy, now=work.now)
    assert found
    gone = {"starts": "2026-11-01", "ends": "2099-12-30", "person": found.id}
    log_in(principal).press("/account/away", action="away", **gone)


SAID = {
    "zh": ("代 {name}，到 2099-12-30", "这件事您代 {name} 办，代理到 2099-12-30", "{by} 代 {name}"),
    "en": (
        "For {name}, until 2099-12-30",
        "You do this for {name}, until 2099-12-30",
        "{by} for {name}",
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_deputy_sees_for_whom_before_and_all_see_it_after(
    system: System, log_in: Any, language: str
) -> None:
    """On the card, at the head of the page, in the history of the case and of the record; not on their own work."""
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, "huian")
    stands_in(system, log_in, "shenhe", "lingdao")
    by, name = called(system, "lingdao"), called(system, "shenhe")
    mark, title, after = (one.format(by=by, name=name) for one in SAID[language])
    deputy, (task,) = log_in("lingdao"), waiting(system, "shenhe")
    deputy.cookies.set("lang", language)
    assert mark in deputy.get("/").text
    head = deputy.get(f"/tasks/{task}").text
    assert title in head
    assert after in head
    principal = log_in("shenhe")
    assert mark not in principal.get("/").text
    assert title not in principal.get(f"/tasks/{task}").text
    page = deputy.press(f"/tasks/{task}", action="pass", revision="1", remark="")
    assert page.status_code == 303
    history = deputy.get(f"/records/{record}").text
    case = re.search(r'href="(/cases/[a-z0-9]{20})"', history)
    assert case
    assert (after in history, after in deputy.get(case[1]).text) == (True, True)
    (own,) = waiting(system, "lingdao")
    assert title not in deputy.get(f"/tasks/{own}").text
    assert after in deputy.get(f"/tasks/{own}").text  # who verified it, for whom
    assert after in deputy.get("/approvals").text


def test_a_case_tells_its_steps_by_name_and_who_stands_in(system: System, log_in: Any) -> None:
    """Two steps of one kind were both called 审核, and who could act for somebody away was not to be seen."""
    flow: dict[str, Any] = {
        "code": "fill_verify_approve", "version": 2, "start": "fill", "titles": {"zh": "两审"},
        "steps": [
            {"code": "fill", "kind": "fill", "titles": {"zh": "填报"}, "next": [{"to": "first"}],
             "assign": {"rule": "position", "role": "staff", "at": "same"}},
            {"code": "first", "kind": "verify", "titles": {"zh": "初核"}, "next": [{"to": "second"}],
             "assign": {"rule": "person", "person": "shenhe"}},
            {"code": "second", "kind": "verify", "titles": {"zh": "复核"}, "next": [{"to": "end"}],
             "assign": {"rule": "person", "person": "qushenhe"}},
        ],
    }  # fmt: skip
    system.write(installed.person(system, "designer"), lambda work: packs.load_flow(work, flow))
    record = reports.handed_in(system, reports.sent(system), "huian")
    stands_in(system, log_in, "shenhe", "lingdao")
    office = log_in("minzheng")
    case = re.search(r'href="(/cases/[a-z0-9]{20})"', office.get(f"/records/{record}").text)
    assert case
    shown = office.get(case[1]).text
    assert '<span class="mark mark-info">初核</span>' in shown
    assert f"不在岗，{called(system, 'lingdao')} 代理" in shown
    (task,) = waiting(system, "shenhe")
    log_in("shenhe").press(f"/tasks/{task}", action="pass", revision="1", remark="")
    shown = office.get(case[1]).text
    assert '<span class="mark mark-info">复核</span>' in shown
    assert re.search(r'<strong>通过</strong> <span class="mark">初核</span>', shown)
