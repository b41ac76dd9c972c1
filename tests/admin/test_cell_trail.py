"""A cell of an archived report from the hand that wrote it to what it was used for later, on its page."""

import re
from datetime import timedelta
from typing import Any

import pytest

from engine.work import System
from tests import installed
from tests.admin import reports
from workflows import commands, dispatches
from workflows.dispatch import DispatchRecord

PATH = "/elder_beds"


def _page(log_in: Any, login: str, record: str, path: str = PATH) -> str:
    answer = log_in(login).get(f"/documents/{record}/why?path={path}")
    assert answer.status_code == 200, answer.text
    found = re.search(r'<section class="panel" aria-labelledby="trail">(.*?)</section>', answer.text, re.DOTALL)  # fmt: skip
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1]))


def _next_month(system: System) -> tuple[DispatchRecord, str]:
    """The same report of December, opened by its filler."""
    sent = system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(
            work, reports.FORM, reports.TWO, "2026-12", work.now + timedelta(days=9)
        ),
    )
    task = reports.waiting(system, sent, "huian", "fill")
    who = installed.person(system, "huian")
    held = system.write(who, lambda work: commands.open_task(work, task))
    return sent, held.record.id


def test_from_the_hand_to_the_later_uses(system: System, log_in: Any) -> None:
    """Who wrote it and when, who signed it, and after it is final the registers, the roll-up, the next
    month's report and the files.
    """
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, elder_beds=31)
    early = _page(log_in, "huian", record)
    assert "→ 31" in early
    assert "归档以后才会用到别处" in early
    for login, kind in (("shenhe", "verify"), ("lingdao", "approve")):
        reports.passed(system, sent, login, kind, record)
    told = _page(log_in, "huian", record)
    filler, verifier, leader = (
        installed.person(system, one).name for one in ("huian", "shenhe", "lingdao")
    )
    for words in (filler, verifier, leader, "写入基础库", "的汇总"):
        assert words in told
    assert "导出过" not in told
    _, later = _next_month(system)
    assert log_in("huian").get(f"/records/{record}/pdf").status_code == 200
    told = _page(log_in, "huian", record)
    assert "2026年12月" in told
    assert "导出过 1 次" in told
    page = log_in("huian").get(f"/documents/{record}/why?path={PATH}").text
    assert f'href="/records/{later}"' in page


def test_what_somebody_may_not_read_is_not_named(system: System, log_in: Any) -> None:
    """Whoever reads the report of one community is not told of another's."""
    sent = reports.sent(system)
    record = reports.final(system, sent, elder_beds=31)
    _next_month(system)
    for login in ("minzheng", "shenhe"):
        assert "2026年12月" in _page(log_in, login, record)
    assert log_in("nanyao").get(f"/documents/{record}/why?path={PATH}").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_cell_that_nobody_touched(system: System, log_in: Any, language: str) -> None:
    """Is said to be one."""
    record = reports.final(system, reports.sent(system))
    caller = log_in("huian")
    caller.cookies.set("lang", language)
    page = caller.get(f"/documents/{record}/why?path=/population").text
    assert ("没有人动过这一格" if language == "zh" else "Nobody touched this cell") in page
