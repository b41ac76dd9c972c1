"""Every check over everything collected: what does not hold is listed and sent back once."""

from typing import Any

from engine.work import System
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
