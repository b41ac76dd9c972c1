"""Every check over everything collected: what does not hold is listed and sent back once."""

from typing import Any

from engine.work import System
from forms import documents
from forms.filing import Edit
from tests import installed
from tests.admin import reports
from workflows import commands, dispatches, store
from workflows.store import TASK


def test_what_does_not_hold_is_listed_and_sent_back_once(system: System, log_in: Any) -> None:
    """A check that somebody's figures break stands under their name; they are told, and told once."""
    dispatch = reports.sent(system)
    who = installed.person(system, "huian")
    with system.read(who) as work:
        task = store.tasks_of(work, TASK.c.dispatch_id == dispatch.id)[0].id
    held = system.write(who, lambda work: commands.open_task(work, task))
    edit = Edit(held.record.revision, {"/disabled": 3, "/disabled_severe": 5})
    system.write(who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    office = log_in("minzheng")
    page = office.get(f"/dispatches/{dispatch.id}/checks")
    assert page.status_code == 200
    assert "左边是 3，右边是 5" in page.text
    assert "强制" in page.text
    address = f"/dispatches/{dispatch.id}/checks"
    assert office.press(address).status_code == 303
    assert "处审核关系未通过" in log_in("huian").get("/").text
    assert log_in("tongji").press(address).status_code == 404
    with system.read(installed.person(system, "minzheng")) as work:
        assert dispatches.get(work, dispatch.id).id == dispatch.id
    second = office.press(address)
    assert "已经发过" in office.get(second.headers["location"]).text


def test_what_came_in_is_sent_back_from_the_list_with_its_failures(
    system: System, log_in: Any
) -> None:
    """Of two units that fail one is chosen: its failures are the reason, the other keeps what it has; corrected,
    every check holds again. Who is not of the office cannot, and none chosen is told.
    """
    dispatch = reports.sent(system)
    wrong = {"allowance_persons": 9999, "explain": "包括上月迁出、本月停发的"}
    first, second = (reports.final(system, dispatch, login, **wrong) for login in reports.STAFF[:2])
    office, address = log_in("minzheng"), f"/dispatches/{dispatch.id}/checks"
    page = office.get(address).text
    codes = reports.TWO
    assert all(f'name="reason:{code}"' in page for code in codes)
    assert "把问题清单发给在办的单位" not in page  # nobody is at work
    none = office.press(address, action="return")
    assert (none.status_code, "没有" in none.text) == (422, True)
    chosen = {"action": "return", "org": codes[0], f"reason:{codes[0]}": "领津贴的比老人多"}
    assert log_in("tongji").press(address, **chosen).status_code == 404
    done = office.press(address, **chosen)
    assert done.status_code == 303
    assert "已退回 1 个单位" in office.get(done.headers["location"]).text
    with system.read(installed.ANYBODY) as work:
        states = [documents.get(work.connection, one).status for one in (first, second)]
    assert states == ["open", "final"]
    home = log_in(reports.STAFF[0]).get("/").text
    assert "领津贴的比老人多" in home
    again = office.press(address, **chosen)
    assert again.status_code == 409  # it is with its filler
    assert "领津贴的比老人多" not in log_in(reports.STAFF[1]).get("/").text
