"""Handing in afterwards on the page: refused without a reason, marked for everybody after it."""

from typing import Any

from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.test_allowing_page import printed
from workflows import commands, store


def test_it_is_marked_wherever_the_report_is_read(system: System, log_in: Any) -> None:
    """The verifier's page, the record, its history, the case, the paper and the API."""
    sent = reports.sent(system, reports.TWO[:1])
    record = reports.handed_in(system, sent, "huian")
    verifier = installed.person(system, "shenhe")
    with system.read(verifier) as work:
        (task,) = store.tasks_of(work, store.TASK.c.status == "open")
        day = work.today.isoformat()
    reason = {"/births": "漏报"}
    system.write(verifier, lambda work: commands.return_(work, task.id, reason))
    filler = log_in("huian")
    with system.read(installed.person(system, "huian")) as work:
        (again,) = store.tasks_of(work, store.TASK.c.status == "open")
    address = f"/tasks/{again.id}"
    assert 'name="dated"' in filler.get(address).text
    refused = filler.press(address, action="confirm", dated=day)  # no reason was given
    assert (refused.status_code, "补录的办理日期不对" in refused.text) == (422, True)
    assert f'name="dated" type="date" value="{day}"' in refused.text
    done = filler.press(address, action="confirm", dated=day, **{"late-remark": "停电两天"})
    assert done.headers["location"] == "/"
    mark = f"补录：实际办理于 {day}"
    with system.read(verifier) as work:
        (waiting,) = store.tasks_of(work, store.TASK.c.status == "open")
    page = log_in("shenhe").get(f"/tasks/{waiting.id}").text
    assert mark in page
    assert "停电两天" in page
    # once to pass or return, once to refuse
    assert page.count(f'name="dated" type="date" max="{day}"') == 2
    shown = filler.get(f"/records/{record}").text
    assert shown.count(mark) == 2  # under the signature, and in the history
    assert mark in filler.get(f"/cases/{waiting.case_id}").text
    assert f"补录：{day}" in printed(filler.get(f"/records/{record}/pdf").content)
    steps = filler.get(f"/api/records/{record}/history").json()["steps"]
    assert [one["dated"] for one in steps if one["kind"] == "submitted"] == ["", day]
