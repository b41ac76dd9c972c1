"""零报告 on its pages: offered where the office takes it, told to whoever checks, shown apart."""

from typing import Any

from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.reports import FORM, TWO
from workflows import store


def send(office: Any, *, nil: bool) -> str:
    """The report sent from its page; the dispatch's address."""
    given = {"org": list(TWO), "period": reports.PERIOD, "due": "2026-12-20"}
    sent = office.press(f"/forms/{FORM}/dispatch", **given, **({"nil": "1"} if nil else {}))
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


def waiting(system: System, login: str) -> str:
    """The address of somebody's open task."""
    with system.read(installed.person(system, login)) as work:
        (found,) = store.tasks_of(work, store.TASK.c.status == "open")
    return f"/tasks/{found.id}"


def test_nothing_to_report_is_one_press(system: System, log_in: Any) -> None:
    """The filler presses once; verifier, progress and roll-up are told what it is."""
    office, filler, verifier = log_in("minzheng"), log_in("huian"), log_in("shenhe")
    address = send(office, nil=True)
    page = waiting(system, "huian")
    assert "零报告，提交" in filler.get(page).text
    assert filler.press(page, action="nil").headers["location"] == "/"
    checked = verifier.get(waiting(system, "shenhe")).text
    assert "本期没有要报的（零报告）" in checked
    assert "零报告 1" in office.get(address).text
    assert verifier.press(waiting(system, "shenhe"), action="pass").status_code == 303
    leader = log_in("lingdao")
    assert "本期没有要报的" in leader.get("/approvals").text
    assert leader.press(waiting(system, "lingdao"), action="pass").status_code == 303
    rolled = office.get(f"{address}/rollup").text
    assert "其中零报告 1 个" in rolled
    assert ">零报告</span>" in rolled


def test_where_it_is_not_taken_the_page_does_not_offer_it(system: System, log_in: Any) -> None:
    """Nor does a made-up press get through, by page or by API."""
    office, filler = log_in("minzheng"), log_in("huian")
    send(office, nil=False)
    page = waiting(system, "huian")
    assert "零报告" not in filler.get(page).text
    assert filler.press(page, action="nil").headers["location"] == page
    answer = filler.post(f"/api{page}/submit", {"nil": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "document.nil-not-allowed")
