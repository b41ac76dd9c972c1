"""What a return says beside its reasons, pressed on the page: who signs again, and the way back."""

from pathlib import Path
from typing import Any

from engine import json_text
from engine.identity import pack as people
from engine.settings import ROOT
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.factories import TESTER
from workflows import packs, store

FLOW = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"


def waiting(system: System) -> dict[str, list[str]]:
    """Who has which task now, by log-in."""
    found = {}
    for login in ("huian", "shenhe", "erhao", "lingdao"):
        with system.read(installed.person(system, login)) as work:
            found[login] = [one.id for one in store.tasks_of(work, store.TASK.c.status == "open")]
    return {login: tasks for login, tasks in found.items() if tasks}


def test_one_of_two_signs_again_and_the_filler_comes_straight_back(
    system: System, log_in: Any
) -> None:
    """The page offers whoever signed the countersign, and keeps the flow's way back as it stands."""
    flow: dict[str, Any] = json_text.loads(Path(FLOW).read_bytes())
    flow["version"], flow["steps"][1]["sign"] = 2, {"mode": "all"}
    second = {
        "login": "erhao", "name": "白二号", "positions": [{"role": "verifier", "organisation": "370602011"}],
    }  # fmt: skip
    system.write(TESTER, lambda work: people.load_accounts(work, [second]))
    system.write(TESTER, lambda work: packs.load_flow(work, flow))
    sent = reports.sent(system, reports.TWO[:1])
    record = reports.handed_in(system, sent, grids=6)
    for login in ("shenhe", "erhao"):
        reports.passed(system, sent, login, "verify", record)
    leader, (task,) = log_in("lingdao"), waiting(system)["lingdao"]
    page = leader.get(f"/tasks/{task}").text
    assert 'value="walk" selected' in page
    assert page.count('name="again:verify"') == 2
    again = {"again:verify": installed.person(system, "erhao").id}
    pressed = {"action": "return", "to": "verify", "remark": "签名不清", **again}
    assert leader.press(f"/tasks/{task}", **pressed).status_code == 303
    assert list(waiting(system)) == ["erhao"]
    told = leader.get("/").text
    assert "已退回到“审核”" in told
    assert "填报人会看到" not in told  # it did not go there
    reports.passed(system, sent, "erhao", "verify", record)
    (task,) = waiting(system)["lingdao"]
    cells = {"return": "/grids", "reason:/grids": "请核实", "resubmit": "back"}
    leader.press(f"/tasks/{task}", action="return", to="fill", **cells)
    assert list(waiting(system)) == ["huian"]
    reports.again(system, sent, "huian", {"/grids": 7})
    assert list(waiting(system)) == ["lingdao"]
