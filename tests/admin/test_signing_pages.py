"""Handwritten signatures on the pages: asked for at the step, one for many, in the record, on paper, over the API."""

import base64
import io
import re
import shutil
import subprocess
from typing import Any

import openpyxl
import pytest

from engine import json_text
from engine.settings import ROOT
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.engine.attachments import samples
from tests.factories import TESTER
from workflows import packs, store

DRAWN = base64.b64encode(samples.drawing()).decode()
DAY = re.compile(r"20\d\d-\d\d-\d\d")
SHOWN = re.compile(r'src="(/(?:tasks|records)/[a-z0-9]+/signatures/[a-z2-7]{24})\?little=1"')


@pytest.fixture
def two(system: System) -> list[str]:
    """Two reports that wait for a leader who signs; the verifier types a name."""
    file = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
    flow: dict[str, Any] = json_text.loads(file.read_bytes())
    flow["version"] = 2
    flow["steps"][1]["signature"] = "drawn_or_typed"
    flow["steps"][2]["signature"] = "drawn"
    system.write(TESTER, lambda work: packs.load_flow(work, flow))
    sent = reports.sent(system)
    return [reports.handed_in(system, sent, login) for login in reports.STAFF[:2]]


def waiting(system: System, login: str) -> list[str]:
    """What waits for somebody."""
    with system.read(installed.person(system, login)) as work:
        found = store.tasks_of(work, store.TASK.c.status == "open")
    return [one.id for one in found]


def test_the_verifier_signs_with_the_own_name(system: System, log_in: Any, two: list[str]) -> None:
    """Nothing, or somebody else's name, is told on the page and what was typed stays."""
    verifier, (task, _) = log_in("shenhe"), waiting(system, "shenhe")
    page = verifier.get(f"/tasks/{task}").text
    own = re.search(r"请输入您自己的姓名：(\w+)", page)
    assert own
    assert (page.count("data-sign-pad"), 'enctype="multipart/form-data"' in page) == (2, True)
    refused = verifier.press(f"/tasks/{task}", action="pass")
    assert (refused.status_code, "需要手写签名" in refused.text) == (422, True)
    refused = verifier.press(f"/tasks/{task}", action="pass", typed="别人")
    assert (refused.status_code, 'value="别人"' in refused.text) == (422, True)
    assert f"键入的姓名应当是您自己的：{own[1]}" in refused.text
    assert verifier.press(f"/tasks/{task}", action="pass", typed=own[1]).status_code == 303


def test_one_drawing_for_all_then_the_record_and_the_paper(
    system: System, log_in: Any, two: list[str]
) -> None:
    """Told why not without one; then both are done, seen by who may read the record and by nobody else."""
    for task in waiting(system, "shenhe"):
        passed = log_in("shenhe").post(f"/api/tasks/{task}/pass", {"drawn": DRAWN})
        assert passed.status_code == 200, passed.text
    leader, tasks = log_in("lingdao"), waiting(system, "lingdao")
    page = leader.get("/approvals").text
    assert (page.count("data-signs"), page.count("data-sign-pad")) == (2, 1)
    before = SHOWN.findall(leader.get(f"/tasks/{tasks[0]}").text)
    assert leader.get(f"{before[0]}?little=1").headers["content-type"] == "image/jpeg"
    told = leader.send("POST", "/approvals", data={"csrf": leader.token, "task": tasks})
    assert told.headers["location"] == "/approvals"
    assert "需要手写签名" in leader.get("/approvals").text
    for bad in ("data:image/png;base64,####", "data:image/png;base64,aGFsbG8="):
        leader.send("POST", "/approvals", data={"csrf": leader.token, "task": tasks, "drawn": bad})
        assert len(waiting(system, "lingdao")) == 2
    sign = f"data:image/png;base64,{DRAWN}"
    leader.send("POST", "/approvals", data={"csrf": leader.token, "task": tasks, "drawn": sign})
    assert waiting(system, "lingdao") == []
    record = leader.get(f"/records/{two[0]}").text
    shown = SHOWN.findall(record)
    assert (len(shown), "手写签名" in record) == (2, True)
    assert leader.get(shown[1]).content.startswith(b"\x89PNG")
    assert log_in("djjshenhe").get(shown[1]).status_code == 404
    other = shown[1].replace(two[0], two[1])
    assert leader.get(other).status_code == 404  # the same picture has a mark of its own there
    steps = leader.get(f"/api/records/{two[0]}/history").json()["steps"]
    assert steps[-1]["handwriting"] == shown[1]
    if shutil.which("pdfimages"):
        paper = leader.get(f"/records/{two[0]}/pdf").content
        listed = subprocess.run(
            ["pdfimages", "-list", "-"], input=paper, capture_output=True, check=True
        )
        assert len(listed.stdout.splitlines()) - 2 >= 2


def test_the_department_gets_its_sheet_signed(system: System, log_in: Any, two: list[str]) -> None:
    """In the workbook the leader's drawing stands in the leader's cell, a typed name as words, and the day."""
    verifier = log_in("shenhe")
    for task in waiting(system, "shenhe"):
        own = re.search(r"请输入您自己的姓名：(\w+)", verifier.get(f"/tasks/{task}").text)
        assert own
        assert verifier.press(f"/tasks/{task}", action="pass", typed=own[1]).status_code == 303
    leader = log_in("lingdao")
    for task in waiting(system, "lingdao"):
        assert leader.post(f"/api/tasks/{task}/pass", {"drawn": DRAWN}).status_code == 200
    content = leader.get(f"/records/{two[0]}/workbook").content
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    [picture] = page._images
    begin = picture.anchor._from
    assert (begin.col, begin.row) == (2, 42)  # C43, beside 单位负责人
    assert page["C43"].value is None
    assert page["G43"].value  # who filled it in did not sign by hand
    assert DAY.search(str(page["I43"].value))


def test_a_refusal_and_the_api_ask_too(system: System, log_in: Any, two: list[str]) -> None:
    """In the fold below the page; a program gets the code of what is missing."""
    for task in waiting(system, "shenhe"):
        log_in("shenhe").post(f"/api/tasks/{task}/pass", {"drawn": DRAWN})
    leader, (first, second) = log_in("lingdao"), waiting(system, "lingdao")
    address = f"/tasks/{first}/more"
    leader.press(address, action="reject", comment="口径不对")
    assert len(waiting(system, "lingdao")) == 2
    picture = {"signature": ("a.png", samples.drawing(), "image/png")}
    fields = {"csrf": leader.token, "action": "reject", "comment": "口径不对"}
    leader.send("POST", address, data=fields, files=picture)
    assert waiting(system, "lingdao") == [second]
    for body, code in (
        ({}, "flow.signature-needed"), ({"typed": "x"}, "flow.signature-name"), ({"drawn": "!"}, "attachment.damaged"),
    ):  # fmt: skip
        answer = leader.post(f"/api/tasks/{second}/pass", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    body = {"tasks": [second], "drawn": DRAWN}
    assert leader.post("/api/approvals", body).json()["done"] == 1
