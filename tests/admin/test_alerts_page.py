"""The auditor's page of alerts: raised by the job, opened down to its entries, closed with a reason."""

import re
from collections.abc import Callable

from admin import working
from engine.alerts import store
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]


def test_an_alert_is_told_opened_and_closed(system: System, log_in: LogIn) -> None:
    """The page of the trail leads to it; its entries are there; a bare closing is refused beside its box."""
    who = installed.person(system, "huian")
    for number in range(30):
        system.write(
            who,
            lambda work, one=number: work.note(
                "ledger.revealed",
                f"s{one}",
                ledger="civil.elderly_ledger",
                column="phone",
                purpose="核实",
            ),
        )
    workers = working.runner(system)
    workers.feed()  # asks for the periodic jobs of this moment
    workers.work_off()
    auditor = log_in("shenji")
    assert "条告警等待处理" in auditor.get("/audit").text
    page = auditor.get("/alerts").text
    assert "一人大量查看居民信息" in page
    with system.read(installed.ANYBODY) as work:
        found = {one.rule: one for one in store.listed(work)}
    one = f"/alerts/{found['looks-by-one'].id}"
    told = auditor.get(one).text
    assert "30 个对象" in told
    assert len(re.findall("查看完整敏感信息", told)) == 30
    assert auditor.press(one, action="look").status_code == 303
    bare = auditor.press(one, action="close", reason=" ")
    assert (bare.status_code, "至少 4 个字" in bare.text) == (422, True)
    assert (
        auditor.press(one, action="close", reason="批量核对高龄津贴，已问本人").status_code == 303
    )
    assert auditor.press(one, action="close", reason="再关一次也不行").status_code == 409
    assert "已问本人" in auditor.get("/alerts?show=closed").text
    assert log_in("huian").get(one).status_code == 403
    assert auditor.get("/alerts/none").status_code == 404
    assert auditor.press(one, action="nonsense").status_code == 404
