"""A street with two communities, a county office above, and one report, for tests on either database."""

from datetime import timedelta

from engine import json_text
from engine.identity import pack as people
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.settings import ROOT
from engine.work import System
from forms import packs as form_packs
from forms.filing import Edit
from tests.factories import TESTER, load_dictionary, load_organisations, organisation
from workflows import commands, dispatches, store
from workflows import packs as flow_packs
from workflows.store import TaskRecord

COUNTY, STREET, OFFICE = "370602", "370602011", "370602-mzj"
ONE, TWO = "370602011001", "370602011002"
PEOPLE = {
    "office": ("department", OFFICE),
    "ann": ("staff", ONE),
    "amy": ("staff", ONE),
    "tom": ("staff", TWO),
    "vera": ("verifier", STREET),
    "lea": ("leader", STREET),
}
REPORT = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": "urn:yibiao:form:test.count",
    "title": "人口月报",
    "type": "object",
    "form": {
        "code": "test.count", "titles": {"en": "Monthly count"}, "kind": "report", "owner": OFFICE,
        "subject": "org", "period": "month", "flow": "fill_verify_approve", "sets": [],
        "sections": [{"title": "人口", "items": ["count"]}],
    },
    "properties": {"count": {"type": "integer", "title": "人数"}},
    "required": ["count"],
}  # fmt: skip


def build(system: System) -> None:
    """Everything up to the published form."""
    load_dictionary(system)
    load_organisations(
        system,
        [
            organisation(COUNTY, kind="county"),
            organisation(COUNTY, OFFICE, kind="office"),
            organisation(COUNTY, STREET, kind="town"),
            organisation(COUNTY, STREET, ONE),
            organisation(COUNTY, STREET, TWO),
        ],
    )
    accounts = [
        {"login": login, "name": login, "positions": [{"role": role, "organisation": place}]}
        for login, (role, place) in PEOPLE.items()
    ]
    flow = json_text.loads(
        (ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json").read_bytes()
    )
    system.write(TESTER, lambda work: people.load_accounts(work, accounts))
    system.write(TESTER, lambda work: flow_packs.load_flow(work, flow))
    system.write(TESTER, lambda work: form_packs.load_form(work, REPORT, ROOT))


def person(system: System, login: str) -> Actor:
    """Somebody of PEOPLE."""
    with system.read(TESTER) as work:
        return identity.actor_by_login(work.connection, login, now=work.now)


def send(system: System, *codes: str, days: float = 5, period: str = "2026-11") -> str:
    """The report sent to communities; the dispatch's id."""
    found = system.write(
        person(system, "office"),
        lambda work: dispatches.create(
            work, "test.count", codes, period, work.now + timedelta(days=days)
        ),
    )
    return found.id


def task(system: System, login: str) -> TaskRecord:
    """The task that waits for somebody."""
    with system.read(person(system, login)) as work:
        (found,) = store.tasks_of(work, store.TASK.c.status == "open")
    return found


def hand_in(system: System, login: str = "ann") -> None:
    """Fill and submit."""
    who, waiting = person(system, login), task(system, login)
    held = system.write(who, lambda work: commands.open_task(work, waiting.id))
    edit = Edit(held.record.revision, {"/count": 7})
    system.write(who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    system.write(who, lambda work: commands.submit(work, waiting.id, confirm=True))
