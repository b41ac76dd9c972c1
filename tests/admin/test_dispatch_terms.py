"""The pages on which a dispatch is changed, and reports that are sent by themselves are set up."""

from typing import Any

from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.reports import FORM, TWO
from workflows import cadence, dispatches


def test_a_unit_gets_more_time_and_the_whole_is_archived(system: System, log_in: Any) -> None:
    """Each change from its form, with the reason; what cannot be is told on the page."""
    sent = reports.sent(system)
    office = log_in("minzheng")
    page = f"/dispatches/{sent.id}/manage"
    assert "延期" in office.get(f"{page}?org={TWO[0]}").text
    wrong = office.press(page, action="extend", org=TWO[0], due="2026-12-20", reason="")
    assert (wrong.status_code, "请写明原因" in wrong.text) == (422, True)
    due = office.press(page, action="extend", org=TWO[0], due="没有", reason="停电了")
    assert due.status_code == 422
    assert office.press(page, action="extend", org=TWO[0], due="2026-12-20", reason="停电").status_code == 303  # fmt: skip
    assert "2026-12-20" in office.get(f"/dispatches/{sent.id}").text
    assert office.press(page, action="exempt", org=TWO[1], reason="无此业务").status_code == 303
    assert "免报" in office.get(f"/dispatches/{sent.id}").text
    for action in ("freeze", "archive"):
        assert office.press(page, action=action, reason="期限已过").status_code == 303
    assert "与归档时一致" in office.get(page).text
    assert office.press(page, action="freeze", reason="再来").status_code == 409
    assert office.press(page, action="reopen", reason="补报").status_code == 303
    with system.read(installed.ANYBODY) as work:
        assert dispatches.get(work, sent.id).status == "running"
    assert log_in("tongji").get(page).status_code == 404


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
