"""准予通过 on the pages and over the API: asked of the verifier, shown to the leader, the office and in the record."""

import subprocess
from typing import Any

import pytest

from engine.work import System
from tests import installed
from tests.admin import reports
from workflows import store

BANDS = ("population", "population_female", "elderly_60", "elderly_65", "elderly_80")
"""Counts that must agree with one woman of 85, whom the roster does not list."""
SAID = "老人本月随子女居住，名册下月补列"
WHY = "已核对户籍，准予本月先报"


@pytest.fixture
def record(system: System) -> str:
    """A report in which the roster does not agree, explained and handed in."""
    sent = reports.sent(system, reports.TWO[:1])
    counts = dict.fromkeys((*BANDS, "elderly_80_89"), 1)
    return reports.handed_in(system, sent, explain=SAID, **counts)


def task_of(system: System, login: str) -> str:
    """What waits for somebody."""
    with system.read(installed.person(system, login)) as work:
        (task,) = store.tasks_of(work, store.TASK.c.status == "open")
    return task.id


def test_the_verifier_allows_it_on_the_page(system: System, log_in: Any, record: str) -> None:
    """A field beside the check; what was typed and refused stays there; then everybody reads who and why."""
    verifier, task = log_in("shenhe"), task_of(system, "shenhe")
    page = verifier.get(f"/tasks/{task}").text
    assert (page.count('name="allow:'), SAID in page) == (1, True)
    key = page.partition('name="allow:')[2].partition('"')[0]
    assert verifier.press(f"/tasks/{task}", action="pass").status_code == 422
    refused = verifier.press(f"/tasks/{task}", action="pass", **{f"allow:{key}": "核实<b>无误"})
    assert refused.status_code == 422
    assert "要由您准予才能通过" in refused.text
    assert 'value="核实&lt;b&gt;无误"' in refused.text
    done = verifier.press(f"/tasks/{task}", action="pass", **{f"allow:{key}": WHY})
    assert done.status_code == 303
    leader = log_in("lingdao")
    waiting = leader.get("/approvals").text
    assert waiting.count("has-exception") == 1
    assert f"准予通过：{WHY}" in waiting
    assert f"准予通过：{WHY}" in leader.get(f"/tasks/{task_of(system, 'lingdao')}").text
    assert leader.get(f"/records/{record}").text.count(WHY) == 2  # signed, and in the history


def test_paper_carries_the_reasons_into_the_archive(
    system: System, log_in: Any, record: str
) -> None:
    """The check, what the filler said of it, who allowed it and why: on the PDF, in the reader's language."""
    verifier, task = log_in("shenhe"), task_of(system, "shenhe")
    key = verifier.get(f"/tasks/{task}").text.partition('name="allow:')[2].partition('"')[0]
    before = printed(verifier.get(f"/records/{record}/pdf").content)
    assert (SAID in before, WHY in before) == (True, False)
    verifier.press(f"/tasks/{task}", action="pass", **{f"allow:{key}": WHY})
    paper = printed(verifier.get(f"/records/{record}/pdf").content)
    assert paper.count(f"填报人说明：{SAID}") == paper.count(f"准予通过：{WHY}") == 1
    assert "准强制性" in paper


def printed(content: bytes) -> str:
    """The words on paper, without the breaks of its lines."""
    told = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return "".join(told.stdout.decode().split())


def test_the_api_names_what_must_be_allowed(system: System, log_in: Any, record: str) -> None:
    """Refused with code, words in both languages and the checks; passed with the reason; kept in the history."""
    verifier, task = log_in("shenhe"), task_of(system, "shenhe")
    refused = verifier.post(f"/api/tasks/{task}/pass", {})
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "task.checks-not-allowed")
    assert "准予通过的理由" in told["text"]
    (problem,) = told["details"]["problems"]
    key = f"{problem['code']}:{problem['path']}"
    english = verifier.send(
        "POST", f"/api/tasks/{task}/pass", json={}, headers={"accept-language": "en"}
    )
    assert english.status_code == 422
    odd = verifier.post(f"/api/tasks/{task}/pass", {"allow": {"check.none:/x": WHY}})
    assert (odd.status_code, odd.json()["code"]) == (422, "task.allowance-unknown")
    many = verifier.post("/api/approvals", {"tasks": [task]}).json()
    assert [one["code"] for one in many["results"]] == ["task.checks-not-allowed"]
    assert verifier.post(f"/api/tasks/{task}/pass", {"allow": {key: 5}}).status_code == 400
    assert verifier.post(f"/api/tasks/{task}/pass", {"allow": {key: WHY}}).status_code == 200
    steps = verifier.get(f"/api/records/{record}/history").json()["steps"]
    assert [one["allowed"] for one in steps if one["kind"] == "passed"] == [{key: WHY}]
