"""The page of working days: a pasted notice counts, a wrong one is told, a stranger's press is refused."""

from collections.abc import Callable

from engine.holidays import store
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller

NOTICE = """国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。"""


def test_a_pasted_notice_is_in_force(log_in: Callable[[str], Caller], system: System) -> None:
    """The page then shows the year as the office's own, and no longer misses it."""
    designer = log_in("designer")
    assert "还没有 2027 年" in designer.get("/calendar").text
    answer = designer.press("/calendar", text=NOTICE, source="")
    assert answer.status_code == 303
    page = designer.get("/calendar").text
    assert "还没有 2027 年" not in page
    assert "2月14日 周日" in page
    with system.read(installed.ANYBODY) as work:
        assert 2027 in store.calendar(work).plans
    assert "春节 2027-02-05 2027-02-11" in designer.get("/calendar?year=2027").text
    assert designer.press("/calendar/remove", year="2027").status_code == 303
    assert "还没有 2027 年" in designer.get("/calendar").text


def test_what_cannot_be_read_comes_back_with_the_reason(log_in: Callable[[str], Caller]) -> None:
    """What was typed still stands there."""
    answer = log_in("designer").press("/calendar", text="过年放几天？", source="")
    assert answer.status_code == 422
    assert "过年放几天" in answer.text
    assert "没能从" in answer.text


def test_over_the_api(log_in: Callable[[str], Caller]) -> None:
    """The same plans for programs."""
    designer = log_in("designer")
    plan = {
        "year": 2027, "source": "", "on": [],
        "off": [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"}],
    }  # fmt: skip
    assert designer.post("/api/calendar", plan).json() == plan
    assert designer.get("/api/calendar").json()["plans"][0] == plan
    wrong = {**plan, "on": ["2027-01-02"]}
    assert designer.post("/api/calendar", wrong).json()["code"] == "workdays.plan-invalid"
