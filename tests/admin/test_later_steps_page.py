"""The verifier's page where the flow opens cells to them: a field and a column, kept, missing, signed."""

from typing import Any

import pytest

from engine import json_text
from engine.settings import ROOT
from engine.work import System
from forms import documents
from tests import installed
from tests.admin import reports
from workflows import packs, store

BANDS = ("population", "population_female", "elderly_60", "elderly_65", "elderly_80")
"""Counts that must agree with one woman of 85."""
FLOW = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"


@pytest.fixture
def opened(system: System) -> System:
    """The verifier of the street writes the remark and one column of the list."""
    flow: Any = json_text.loads(FLOW.read_bytes())
    for step in flow["steps"]:
        if step["kind"] == "verify":
            step["rights"] = {"/remark": "edit", "/elders/*/phone": "edit"}
            step["required"] = ["/remark"]
        if step["kind"] == "fill":
            step["rights"] = {"/remark": "hide"}
    system.write(
        installed.ANYBODY,
        lambda work: packs.load_flow(work, {**flow, "version": flow.get("version", 1) + 1}),
    )
    return system


def test_the_verifier_writes_what_is_theirs(opened: System, log_in: Any) -> None:
    """Hidden from the filler, missing when passed, kept by a press or by the API, then part of the record."""
    sent = reports.sent(opened, reports.TWO[:1])
    elder = {"name": "张桂英", "id_number": "370602194103021523", "sex": "2"}
    counts = dict.fromkeys((*BANDS, "elderly_80_89"), 1)
    record = reports.handed_in(opened, sent, elders=[elder], **counts)
    verifier = log_in("shenhe")
    with opened.read(installed.person(opened, "shenhe")) as work:
        (task,) = store.tasks_of(work, store.TASK.c.status == "open")
    page = verifier.get(f"/tasks/{task.id}").text
    assert page.count('name="v:/remark"') == 1
    assert 'name="v:/elders/e0/phone"' in page
    assert 'name="v:/elders/e0/name"' not in page
    refused = verifier.press(f"/tasks/{task.id}", action="pass")
    assert (refused.status_code, "还有必填的单元格没有填" in refused.text) == (422, True)
    typed = {"v:/remark": "已入户核实", "v:/elders/e0/phone": "13900139000"}
    kept = verifier.press(f"/tasks/{task.id}", action="keep", **typed)
    assert kept.headers["location"] == f"/tasks/{task.id}"
    with opened.read(installed.ANYBODY) as work:
        found = documents.get(work.connection, record)
    assert found.contents["remark"] == "已入户核实"
    revision = found.revision
    locked = verifier.patch(
        f"/api/documents/{record}/cells", {"revision": revision, "changes": {"/population": 3}}
    )
    assert (locked.status_code, locked.json()["code"]) == (409, "document.cell-locked")
    right = verifier.patch(
        f"/api/documents/{record}/cells",
        {"revision": revision, "changes": {"/remark": "已入户核实两次"}},
    )
    assert right.status_code == 200
    assert verifier.press(f"/tasks/{task.id}", action="pass").status_code == 303
    history = log_in("lingdao").get(f"/records/{record}").text
    assert "已入户核实两次" in history


def test_the_filler_is_not_shown_what_is_hidden(opened: System, log_in: Any) -> None:
    """The remark belongs to a later step: neither a control nor a reading of it."""
    reports.sent(opened, reports.TWO[:1])
    with opened.read(installed.person(opened, "huian")) as work:
        (task,) = store.tasks_of(work, store.TASK.c.status == "open")
    page = log_in("huian").get(f"/tasks/{task.id}").text
    assert 'data-cell="/remark"' not in page
    assert 'data-cell="/births"' in page
