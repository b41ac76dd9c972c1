"""Steps that call another program, against a real one: filled in, kept, tried again, refused, never silently stuck."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.audit.trail import AUDIT
from engine.settings import ROOT
from engine.work import System
from forms import documents
from forms import packs as form_packs
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import answering, small_town
from tests.workflows.answering import Program
from tests.workflows.case import one, person
from tests.workflows.town_case import TownCase
from workflows import beside, store
from workflows.acting import course_of_case, incident

CALL = {
    "url": "",
    "headers": {"Authorization": "Bearer {secret:token}"},
    "body": {"people": "{/count}", "text": "共 {/count} 人 {organisation}", "case": "{case}"},
    "answer": {"/count": "/data/people"},
}


@pytest.fixture
def other() -> Iterator[Program]:
    """Another program."""
    with answering.program() as found:
        yield found


@pytest.fixture
def town(system: System, other: Program, tmp_path: Path) -> TownCase:
    """A street; the operator lets flows call that program, with a secret."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('token = "s3cret"\n', encoding="utf-8")
    system.settings = replace(
        system.settings, http_hosts=f"example.gov.cn, {other.place}", http_secrets_file=str(secrets)
    )
    return TownCase(system)


def calling(town: TownCase, other: Program, **more: Any) -> TownCase:
    """A report whose second step asks that program."""
    call = {**CALL, "url": f"http://{other.place}/check?n={{/count}}", "tries": 3, **more}
    town.flow(
        one("fill", "fill", "ask", assign=person("staff", "same")),
        {**one("ask", "http", "verify"), "call": call},
        one("verify", "verify", "end", assign=person("verifier", "parent")),
    )
    return town.send().fill()


def count(town: TownCase) -> Any:
    with town.system.read(TESTER) as work:
        return documents.get(work.connection, town.document).contents["count"]


def stuck(town: TownCase) -> list[beside.IncidentRecord]:
    with town.system.read(TESTER) as work:
        return list(beside.incidents(work, case_id=town.case.id))


def last_told(town: TownCase) -> str:
    with town.system.read(TESTER) as work:
        events = store.events(work.connection, town.case.id)
    return str([one["document"] for one in events if one["kind"] == "call_failed"][-1]["comment"])


def test_it_is_asked_and_the_answer_is_in_the_document(town: TownCase, other: Program) -> None:
    """With cells, secret and key; the answer is kept with history, and the case goes on."""
    other.says({"data": {"people": 9}})
    calling(town, other)
    assert town.todo() == {}
    assert other.heard == []  # nothing leaves before what led to it is committed, and then by a job
    town.work_off()
    (heard,) = other.heard
    assert (heard["method"], heard["path"]) == ("POST", "/check?n=7")
    assert heard["headers"]["Authorization"] == "Bearer s3cret"
    assert heard["headers"]["Idempotency-Key"].startswith(town.case.id)
    body = json.loads(heard["body"])
    assert (body["people"], body["text"]) == (7, "共 7 人 370602011001")
    assert count(town) == 9
    assert sorted(town.todo()) == ["val", "vera", "vic"]
    town.work_off()
    assert len(other.heard) == 1
    with town.system.read(TESTER) as work:
        noted = select(AUDIT.c.detail).where(AUDIT.c.action == "outward.called")
        (detail,) = work.connection.execute(noted).scalars()
    assert (detail["host"], detail["cells"], detail["status"]) == (other.place, ["/count"], 200)
    town.pass_("vera")
    assert town.status == "done"


def test_it_is_tried_again_with_the_same_key(town: TownCase, other: Program, clock: Clock) -> None:
    """Busy, then busy, then well: three calls, one key, minutes apart."""
    other.says({}, 503).says({}, 429).says({"data": {"people": 3}})
    calling(town, other)
    for heard in (1, 2, 3):
        town.work_off()
        assert len(other.heard) == heard
        town.work_off()  # it waits
        assert len(other.heard) == heard
        clock.forward(hours=1)
    assert (count(town), len(other.done)) == (3, 1)


def test_what_never_works_is_an_incident_that_can_be_repeated(
    town: TownCase, other: Program, clock: Clock
) -> None:
    """After the last try the office has it; asked once more, with the same key, it goes on."""
    other.says({}, 500)
    calling(town, other)
    for _ in range(5):
        town.work_off()
        clock.forward(hours=13)
    assert len(other.heard) == 3
    (found,) = stuck(town)
    assert (found.reason, found.step) == ("call", "ask")
    assert "500" in last_told(town)
    assert "s3cret" not in last_told(town)
    other.answers.clear()
    other.says({"data": {"people": 4}})
    town.as_("office", lambda work: incident.call_again(work, found.id))
    town.work_off()
    assert (count(town), stuck(town), len(other.done)) == (4, [], 1)


def test_or_passed_by_hand(town: TownCase, other: Program) -> None:
    """With a reason, to the next step; what comes of a call after that changes nothing."""
    other.says({}, 404)
    calling(town, other)
    town.work_off()
    assert len(other.heard) == 1  # a plain no is not asked again
    (found,) = stuck(town)
    town.as_("office", lambda work: incident.reroute(work, found.id, "verify", comment="电话核过"))
    assert "vera" in town.todo()
    town.work_off()
    assert count(town) == 7


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"no json", 200, "json"),
        ({"data": {}}, 200, "/data/people"),
        ({"data": {"people": "many"}}, 200, "/data/people"),
        ({}, 302, "302"),
        (b"[" + b"1," * 600_000 + b"1]", 200, "too-large"),
    ],
)
def test_an_answer_of_no_use_is_told(
    town: TownCase, other: Program, answer: Any, status: int, said: str
) -> None:
    """Nothing of it is kept, nothing is followed, and it is an incident at once."""
    other.says(answer, status, Location="http://169.254.169.254/")
    calling(town, other)
    town.work_off()
    assert (len(other.heard), count(town)) == (1, 7)
    assert [one.reason for one in stuck(town)] == ["call"]
    assert said in last_told(town)


@pytest.mark.parametrize(
    ("hosts", "said"),
    [("", "http_hosts"), ("127.0.0.1", "http_hosts"), ("localhost:PORT", "localhost")],
)
def test_only_where_the_operator_lets_it(
    town: TownCase, other: Program, hosts: str, said: str
) -> None:
    """Not at all, not on another port, and not by a name that leads to this machine."""
    other.says({"data": {"people": 9}})
    hosts = hosts.replace("PORT", str(other.port))
    town.system.settings = replace(town.system.settings, http_hosts=hosts)
    more = {"url": f"http://localhost:{other.port}/"} if "localhost" in hosts else {}
    calling(town, other, **more)
    town.work_off()
    assert other.heard == []
    assert said in last_told(town)


def test_a_secret_that_is_not_there_is_told(town: TownCase, other: Program) -> None:
    """By that it is missing, nothing is sent."""
    other.says({})
    calling(town, other, headers={"X-Key": "{secret:nothing}"})
    town.work_off()
    assert other.heard == []
    assert [one.reason for one in stuck(town)] == ["call"]


def test_a_case_on_hold_calls_nobody_and_an_ended_one_neither(
    town: TownCase, other: Program, clock: Clock
) -> None:
    """The job waits while it is suspended."""
    other.says({"data": {"people": 9}})
    calling(town, other)
    case = town.case.id
    town.as_("office", lambda work: course_of_case.suspend(work, case, comment="等等"))
    town.work_off()
    assert other.heard == []
    town.as_("office", lambda work: course_of_case.resume(work, case, comment="好了"))
    clock.forward(hours=1)
    town.work_off()
    assert len(other.heard) == 1
    town.send("2026-12").fill()
    other_case = town.case.id
    town.as_("office", lambda work: course_of_case.terminate(work, other_case, comment="不用了"))
    town.work_off()
    assert len(other.heard) == 1


def test_sensitive_cells_are_not_sent_unless_the_flow_names_them(
    town: TownCase, other: Program
) -> None:
    """By what the cell is, whatever the document holds; a hidden cell neither."""
    other.says({})
    form: dict[str, Any] = deepcopy(small_town.REPORT)
    form["properties"]["phone"] = {"type": "string", "title": "电话", "format": "phone-cn"}
    form["form"]["sections"] = [{"title": "人口", "items": ["count", "phone"]}]
    town.system.write(TESTER, lambda work: form_packs.load_form(work, form, ROOT))
    body = {"body": {"phone": "{/phone}"}, "answer": {}}
    calling(town, other, **body)
    town.work_off()
    assert other.heard == []
    assert "电话" in last_told(town)
    town.document = ""
    call = {**CALL, **body, "url": f"http://{other.place}/", "sensitive": ["/phone"]}
    town.flow(
        one("fill", "fill", "ask", assign=person("staff", "same")),
        {**one("ask", "http", "verify"), "call": call},
        one("verify", "verify", "end", assign=person("verifier", "parent")),
    ).send("2026-12").fill()
    town.work_off()
    assert [json.loads(one["body"]) for one in other.heard] == [{"phone": None}]
