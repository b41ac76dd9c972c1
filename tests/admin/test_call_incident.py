"""A call of another program that came to nothing, on the page of what is stuck and over the API."""

from typing import Any

from admin.working import runner
from engine import json_text
from engine.settings import ROOT
from engine.work import System
from tests.admin import reports
from tests.factories import TESTER
from workflows import beside, packs


def work_off(system: System) -> None:
    """Let every job that is due be done."""
    jobs = runner(system)
    jobs.work_off()
    jobs.stop()


def stuck(system: System) -> list[beside.IncidentRecord]:
    with system.read(TESTER) as work:
        return list(beside.incidents(work))


def test_the_office_reads_why_and_has_it_called_again_or_sends_it_on(
    system: System, log_in: Any
) -> None:
    """No host is allowed here, so the call is refused: told in words, repeated, passed by hand."""
    file = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
    flow: dict[str, Any] = {**json_text.loads(file.read_bytes()), "version": 2}
    call = {"url": "https://api.example.gov.cn/check", "body": {"n": "{/population}"}}
    flow["steps"].insert(
        1,
        {"code": "ask", "kind": "http", "titles": {"zh": "比对社保"}, "call": call, "next": [{"to": "verify"}]},
    )  # fmt: skip
    flow["steps"][0]["next"] = [{"to": "ask"}]
    system.write(TESTER, lambda work: packs.load_flow(work, flow))
    record = reports.handed_in(system, reports.sent(system, reports.TWO[:1]), "huian")
    work_off(system)
    office = log_in("minzheng")
    page = office.get("/incidents").text
    for words in ("比对社保", "调用外部系统没有成功", "不在系统管理员允许的名单", "再调用一次"):
        assert words in page
    (first,) = stuck(system)
    assert log_in("tongji").post(f"/api/incidents/{first.id}/call").status_code == 404
    office.press(f"/incidents/{first.id}", action="again")
    assert stuck(system) == []
    work_off(system)
    (second,) = stuck(system)
    assert second.id != first.id
    assert office.post(f"/api/incidents/{second.id}/call").status_code == 200
    work_off(system)
    (third,) = stuck(system)
    office.press(f"/incidents/{third.id}", action="reroute", to="verify", comment="电话核过")
    assert stuck(system) == []
    assert record in log_in("shenhe").get("/api/tasks").text
    case = office.get(f"/cases/{third.case_id}").text
    assert "调用外部系统没有成功" in case
