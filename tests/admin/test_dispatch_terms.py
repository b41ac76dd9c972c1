"""The pages on which a dispatch is changed, and reports that are sent by themselves are set up."""

import re
from typing import Any

from admin.pages import dispatch_terms
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.reports import FORM, TWO
from workflows import dispatches
from workflows.dispatching import cadence


def test_a_unit_gets_more_time_and_the_whole_is_archived(system: System, log_in: Any) -> None:
    """Each change from its form, with the reason; what cannot be is told on the page."""
    sent = reports.sent(system)
    office = log_in("minzheng")
    page = f"/dispatches/{sent.id}/manage"
    assert "延期" in office.get(f"{page}?org={TWO[0]}").text
    wrong = office.press(page, action="extend", org=TWO[0], due="2026-12-20", reason="")
    assert (wrong.status_code, "请写明原因" in wrong.text) == (422, True)
    due = office.press(page, action="extend", org=TWO[0], due="没有", reason="停电了")
    assert (due.status_code, 'value="停电了"' in due.text) == (422, True)
    assert re.findall(r'name="org" value="(\d+)" checked', due.text) == [TWO[0]]
    assert office.press(page, action="extend", org=TWO[0], due="2026-12-20", reason="停电").status_code == 303  # fmt: skip
    assert "2026-12-20" in office.get(f"/dispatches/{sent.id}").text
    assert office.press(page, action="exempt", org=TWO[1], reason="无此业务").status_code == 303
    assert "免报" in office.get(f"/dispatches/{sent.id}").text
    gone = office.press(page, action="exempt", org=TWO[1], reason="无此业务")
    assert (gone.status_code, "南尧社区居民委员会" in gone.text) == (422, True)
    wrong = office.press(page, action="add", names="上尧社区居民委员会\n没有这样的单位")
    assert (wrong.status_code, "没有这样的单位</textarea>" in wrong.text) == (422, True)
    assert office.press(page, action="add", names="上尧社区居民委员会").status_code == 303
    assert "上尧社区居民委员会" in office.get(page).text
    for action in ("freeze", "archive"):
        assert office.press(page, action=action, reason="期限已过").status_code == 303
    assert "与归档时一致" in office.get(page).text
    assert office.press(page, action="freeze", reason="再来").status_code == 409
    assert office.press(page, action="reopen", reason="补报").status_code == 303
    with system.read(installed.ANYBODY) as work:
        assert dispatches.get(work, sent.id).status == "running"
    assert log_in("tongji").get(page).status_code == 404


def test_of_many_units_the_names_are_typed(system: System, log_in: Any, monkeypatch: Any) -> None:
    """A list of thousands to tick helps nobody; a unit's own link brings its code along."""
    monkeypatch.setattr(dispatch_terms, "MOST_TICKED", 1)
    sent = reports.sent(system)
    office, page = log_in("minzheng"), f"/dispatches/{sent.id}/manage"
    assert f">{TWO[0]}</textarea>" in office.get(f"{page}?org={TWO[0]}").text
    names = "惠安社区居民委员会、南尧社区居民委员会"
    assert office.press(page, action="exempt", names=names, reason="无此业务").status_code == 303
    assert "没有还能改的单位" in office.get(page).text


def test_a_report_is_set_to_be_sent_by_itself(system: System, log_in: Any) -> None:
    """The due date as the catalogue prints it; what is not understood comes back with what was typed."""
    office = log_in("minzheng")
    wrong = office.press("/cadences", form=FORM, deadline="尽快", first="2026-12", level="village")
    assert (wrong.status_code, "没看懂报送日期" in wrong.text, "尽快" in wrong.text) == (422, True, True)  # fmt: skip
    right = office.press(
        "/cadences", form=FORM, deadline="月后5日前", first="2026-12", level="village"
    )
    assert right.status_code == 303
    assert "月后5日前" in office.get("/cadences").text
    with system.read(installed.ANYBODY) as work:
        (kept,) = cadence.listed(work)
    assert log_in("tongji").press(f"/cadences/{kept.id}/stop").status_code == 404
    assert office.press(f"/cadences/{kept.id}/stop").status_code == 303
    assert "已停止" in office.get("/cadences").text
