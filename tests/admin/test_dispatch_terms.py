"""The pages on which a dispatch is changed, and reports that are sent by themselves are set up."""

import re
from typing import Any

from admin.pages import dispatch_terms
from engine.work import System
from forms import documents
from tests import installed
from tests.admin import reports
from tests.admin.reports import FORM, TWO
from workflows import commands, dispatches
from workflows.dispatching import cadence, progress


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
    page = office.get("/cadences").text
    assert "月后5日前" in page
    shown = re.sub(r"<[^>]+>|\s+", "", page)
    assert "2026年12月：发出2027-01-01，截止2027-01-05（这一年的放假安排还没录入" in shown
    with system.read(installed.ANYBODY) as work:
        (kept,) = cadence.listed(work)
    assert log_in("tongji").press(f"/cadences/{kept.id}/stop").status_code == 404
    assert office.press(f"/cadences/{kept.id}/stop").status_code == 303
    assert "已停止" in office.get("/cadences").text


def test_pressed_twice_it_is_told_when_it_may_be_again(system: System, log_in: Any) -> None:
    """No second reminder within the hour: of how many, and from when on, beside the unit too."""
    sent = reports.sent(system)
    office, page = log_in("minzheng"), f"/dispatches/{sent.id}"
    first = office.press(f"{page}/urge", org=TWO[0])
    assert "已催办 1 个单位" in office.get(first.headers["location"]).text
    second = office.press(f"{page}/urge", org=TWO[0])
    told = office.get(second.headers["location"]).text
    assert re.search(r"1 个单位在一小时内刚催办过，没有再催；\d\d:\d\d 起可以再催", told)
    assert len(re.findall(r"已催办，\d\d:\d\d 起可再催", told)) == 1
    nobody = office.press(f"{page}/urge")
    assert "没有需要催办的单位" in office.get(nobody.headers["location"]).text


def test_what_came_in_is_sent_back_to_some_units(system: System, log_in: Any) -> None:
    """退回已收的: with a reason that whoever fills it in reads; corrected, verified, approved, it is in again."""
    sent = reports.sent(system)
    kept = reports.final(system, sent, "huian", grids=3)
    other = reports.final(system, sent, "nanyao", grids=4)
    office, page = log_in("minzheng"), f"/dispatches/{sent.id}/manage"
    assert "退回已收的" in office.get(page).text
    missing = office.press(page, action="send_back", org=TWO[0], reason="")
    assert (missing.status_code, "请写明原因" in missing.text) == (422, True)
    assert (
        office.press(page, action="send_back", org=TWO[0], reason="网格数应是 5 个").status_code
        == 303
    )
    staff = log_in("huian")
    home = staff.get("/").text
    assert "网格数应是 5 个" in home
    task = reports.waiting(system, sent, "huian", "fill")
    shown = staff.get(f"/tasks/{task}").text
    assert ("其余内容已锁定" in shown, "改好后再提交" in shown) == (False, True)
    assert ("网格数应是 5 个" in shown, "柳如琢" in shown) == (True, True)
    with system.read(installed.ANYBODY) as work:
        held = {one: documents.get(work.connection, one).status for one in (kept, other)}
    assert held == {kept: "open", other: "final"}
    assert dispatches_done(system, sent.id) == 1
    early = office.press(page, action="send_back", org=TWO[0], reason="再看看")
    assert (early.status_code, "还没有办结" in early.text) == (409, True)
    reports.again(system, sent, "huian", {"/grids": 5})
    reports.passed(system, sent, "shenhe", "verify", kept)
    reports.passed(system, sent, "lingdao", "approve", kept)
    with system.read(installed.ANYBODY) as work:
        record = documents.get(work.connection, kept)
    assert (record.status, record.contents["grids"]) == ("final", 5)
    assert "网格数应是 5 个" in office.get(f"/records/{kept}").text
    assert dispatches_done(system, sent.id) == 2
    for action in ("freeze", "archive"):
        assert office.press(page, action=action, reason="期限已过").status_code == 303
    assert office.press(page, action="send_back", org=TWO[0], reason="再改").status_code == 409


def dispatches_done(system: System, dispatch_id: str) -> int:
    """How many units have reported for good."""
    with system.read(installed.person(system, "minzheng")) as work:
        record = dispatches.get(work, dispatch_id)
        return sum(1 for one in progress.units(work, record) if one.step == "done")


def test_one_reason_for_the_whole_reaches_whoever_fills_it_in(system: System, log_in: Any) -> None:
    """A return may say something of all beside the cells: it stood nowhere on the page."""
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, "huian")
    task = reports.waiting(system, sent, "shenhe", "verify", record)
    system.write(
        installed.person(system, "shenhe"),
        lambda work: commands.return_(
            work, task, {"/grids": "与上月不符"}, comment="请附上名册再报"
        ),
    )
    staff = log_in("huian")
    assert "请附上名册再报" in staff.get("/").text
    back = reports.waiting(system, sent, "huian", "fill")
    assert "请附上名册再报" in staff.get(f"/tasks/{back}").text


def test_what_was_withdrawn_is_over_and_not_all_in(system: System, log_in: Any) -> None:
    """It stood among what is under way, with days left, and said that everything had come in."""
    sent = reports.sent(system)
    reports.final(system, sent, "huian", grids=3)
    office = log_in("minzheng")
    office.press(f"/dispatches/{sent.id}/manage", action="withdraw", reason="发错了期")
    page = office.get(f"/dispatches/{sent.id}").text
    assert ("已全部收齐" in page, "已收 1 份，共 2 份" in page) == (False, True)
    assert sent.id not in office.get("/dispatches").text
    listed = office.get("/dispatches?show=all").text
    assert (sent.id in listed, "已撤回" in listed, "还剩" in listed) == (True, True, False)


def test_a_report_taken_back_has_a_state_in_words(system: System, log_in: Any) -> None:
    """最近办理 showed the name of a text where the text was missing."""
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, "huian")
    staff = log_in("huian")
    staff.press(f"/records/{record}/withdraw")
    home = staff.get("/").text
    assert ("state.open" in home, "填报中" in home) == (False, True)


def test_what_was_opened_again_offers_nothing_to_take_back(system: System, log_in: Any) -> None:
    """Who had handed in before the office froze and opened it again was offered 拿回, which was then refused."""
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, "huian")
    office, staff, page = log_in("minzheng"), log_in("huian"), f"/dispatches/{sent.id}/manage"
    with system.read(installed.ANYBODY) as work:
        case = documents.get(work.connection, record).case_id
    offered = 'value="take_back"'
    assert offered in staff.get(f"/cases/{case}").text
    for action in ("freeze", "reopen"):
        assert office.press(page, action=action, reason="误操作").status_code == 303
    assert offered not in staff.get(f"/cases/{case}").text


def test_who_need_not_report_is_not_waited_for(system: System, log_in: Any) -> None:
    """With one report in and the other unit exempt the list has it under way no longer; it waited for ever."""
    sent = reports.sent(system)
    office = log_in("minzheng")
    reports.final(system, sent, "huian", grids=3)
    assert sent.id in office.get("/dispatches").text
    office.press(f"/dispatches/{sent.id}/manage", action="exempt", org=TWO[1], reason="无此业务")
    assert sent.id not in office.get("/dispatches").text
    assert "免报 1" in office.get("/dispatches?show=all").text
