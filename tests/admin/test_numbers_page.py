"""A case's number where people look for it: the to-do list, the record, the list of records, paper, the API."""

from typing import Any

from engine import json_text
from engine.settings import ROOT
from engine.work import System
from tests.admin import reports
from tests.admin.test_allowing_page import printed
from tests.factories import TESTER
from workflows import packs


def test_the_number_is_shown_searched_and_printed(system: System, log_in: Any) -> None:
    """From the first list to the paper; a part of it finds the record."""
    file = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
    flow: dict[str, Any] = {**json_text.loads(file.read_bytes()), "version": 2}
    flow["number"] = {"template": "烟民统〔{year}〕{seq:04}号"}
    system.write(TESTER, lambda work: packs.load_flow(work, flow))
    sent = reports.sent(system, reports.TWO[:1])
    filler = log_in("huian")
    assert "烟民统〔2026〕0001号" in filler.get("/").text
    record = reports.handed_in(system, sent, "huian")
    number = "烟民统〔2026〕0001号"
    for address in (f"/records/{record}", "/records?q=统〔2026〕0001"):
        assert number in filler.get(address).text
    assert number not in filler.get("/records?q=0003").text
    assert number in printed(filler.get(f"/records/{record}/pdf").content)
    assert number in log_in("shenhe").get("/").text
    found = log_in("minzheng").get("/api/records?number=0001号").json()["records"]
    assert [(one["id"], one["number"]) for one in found] == [(record, number)]
    case = log_in("shenhe").get(f"/api/records/{record}/history").json()["record"]
    assert case["number"] == number
