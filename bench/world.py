"""What is measured on: an installation with the Yantai pack, a report of forty items, many tasks of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from admin import migrate, packs
from engine import json_text
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.identity.actor import Actor, system_actor
from engine.json_text import Json
from engine.periods import Period
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.settings import ROOT
from engine.work import System, Work
from forms import documents, filing, publish, store
from forms.documents import DOCUMENT
from forms.filing import Edit
from workflows import commands, dispatches
from workflows.packs import load_flow
from workflows.store import TASK

PACK = ROOT / "packs" / "yantai"
FORM, FLOW = "bench.forty", "fill_verify_approve"
STREET = "370602011"
BOUND = 36
BENCH = system_actor("bench")
FIRST_PERIOD = Period(1900, 1, "month")


@dataclass(frozen=True)
class Job:
    """One task that is waiting, and who may do it."""

    actor: Actor
    task: str
    document: str


def build(system: System) -> None:
    """Migrate, load the pack, publish the report, let the register of organisations know its items."""
    migrate.upgrade(system.database)
    packs.load(system, PACK)

    def inside(work: Work) -> None:
        known = dictionary(work.connection)
        store.insert_draft(work, form(known))
        publish.publish(work, FORM, note="bench")
        origin = registers.add_origin(work, Origin("steward", "组织基础库", work.at))
        changes = [
            Change(code, place, 10 + number)
            for place in places(work)
            for number, code in enumerate(_bound(known))
        ]
        registers.set_values(work, known, changes, origin)

    system.write(BENCH, inside)


def flow_with(system: System, change: Callable[[dict[str, Any]], object]) -> None:
    """From now on reports follow another version of their flow, changed like this."""
    document: dict[str, Any] = json_text.loads((PACK / "flows" / f"{FLOW}.json").read_bytes())
    document["version"] = 2
    change(document)
    system.write(BENCH, lambda work: load_flow(work, document))


def form(known: Dictionary) -> dict[str, Json]:
    """Forty items: thirty-six shared facts, two own figures, a remark, a total; and six checks."""
    names = [code.partition(".")[2] for code in _bound(known)]
    properties: dict[str, Any] = {name: {"$ref": f"field:org.{name}"} for name in names}
    properties["visits"] = {"type": "integer", "minimum": 0, "title": "走访次数"}
    properties["cases"] = {"type": "integer", "minimum": 0, "title": "办理件数"}
    properties["remark"] = {"type": "string", "maxLength": 200, "title": "备注"}
    properties["total"] = {
        "type": "number",
        "title": "合计",
        "compute": " + ".join(names[:4]),
    }
    checks = [
        {"code": "total", "formula": f"total >= {names[0]}", "severity": "error"},
        {"code": "cases", "formula": "cases <= visits * 10", "severity": "error"},
        *(
            {"code": f"c{number}", "formula": f"{low} <= {high}", "severity": "error"}
            for number, (low, high) in enumerate(pairwise(names[:5]))
        ),
    ]
    return {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": f"urn:yibiao:form:{FORM}",
        "title": "四十项月报表",
        "type": "object",
        "form": {
            "code": FORM,
            "kind": "report",
            "owner": "370602-mzj",
            "subject": "org",
            "period": "month",
            "flow": FLOW,
            "checks": checks,
        },
        "properties": properties,
        "required": [*names, "visits", "cases"],
    }


def places(work: Work) -> list[str]:
    """The ten communities, each of which has somebody who fills."""
    found = identity.children(work.connection, STREET)
    return [one.code for one in found]


def send(system: System, count: int, *, first: int = 0) -> list[Job]:
    """Tasks to fill the report, `count` of them or a few more, for months long gone; in any order."""
    with system.read(BENCH) as work:
        targets = places(work)
        people = _people(work, targets)
    period = FIRST_PERIOD
    for _ in range(first):
        period = period.following()
    sent: list[str] = []
    while len(sent) * len(targets) < count:
        months = []
        for _ in range(min(50, -(-count // len(targets)) - len(sent))):
            months.append(str(period))
            period = period.following()
        sent += system.write(BENCH, lambda work, many=tuple(months): _send(work, targets, many))  # type: ignore[misc]  # bound early on purpose
    with system.read(BENCH) as work:
        query = select(TASK.c.id, TASK.c.document_id, TASK.c.organisation_code, TASK.c.dispatch_id)
        rows = work.connection.execute(query.where(TASK.c.kind == "fill", TASK.c.status == "open"))
        wanted = set(sent)
        return [
            Job(people[row.organisation_code], row.id, row.document_id)
            for row in rows
            if row.dispatch_id in wanted
        ]


def superiors(system: System) -> tuple[Actor, Actor]:
    """Who verifies and who approves what the communities hand in."""
    with system.read(BENCH) as work:
        found = []
        for role in ("verifier", "leader"):
            position = work.connection.execute(
                select(identity.POSITION.c.account_id).where(
                    identity.POSITION.c.role == role,
                    identity.POSITION.c.organisation_code == STREET,
                )
            ).first()
            assert position is not None, f"the pack has no {role} in {STREET}"
            actor = identity.actor_of(work.connection, position.account_id, now=work.now)
            assert actor is not None
            found.append(actor)
        return found[0], found[1]


def fill(system: System, jobs: Sequence[Job], *, only: bool = False) -> None:
    """Prepare documents for handing in: one is opened and filled by hand, the others are as it.

    `only` these; else all that nobody has opened.
    """
    one = jobs[0]
    held = system.write(one.actor, lambda work: commands.open_task(work, one.task))
    edit = Edit(held.record.revision, {"/visits": 12, "/cases": 7, "/remark": "情况正常"})
    system.write(one.actor, lambda work: filing.save(work, held.record, edit, only=None))
    with system.read(BENCH) as work:
        done = documents.get(work.connection, one.document)

    conditions = [DOCUMENT.c.form_code == FORM, DOCUMENT.c.opened_at.is_(None)]
    if only:
        conditions.append(DOCUMENT.c.id.in_([job.document for job in jobs]))

    def others(work: Work) -> None:
        """Each sealed to its own place, as filling in leaves it: opening that is part of handing in."""
        for found in (
            work.connection.execute(select(DOCUMENT.c.id).where(*conditions)).scalars().all()
        ):
            documents.set_columns(
                work,
                found,
                contents=done.contents,
                cells=done.cells,
                revision=done.revision,
                opened_at=done.opened_at,
            )

    system.write(BENCH, others)


def opened(url: str, folder: Path) -> System:
    """An installation on one of the databases to measure on."""
    from engine.settings import Settings

    return System(Settings(database_url=url, data_dir=str(folder)), pool_size=24)


def numbers(known: Dictionary) -> list[str]:
    """The fields of organisations that are kept numbers, of no period."""
    return [
        field.code
        for field in known.of("org")
        if not field.compute
        and not field.periodic
        and field.schema.get("type") in ("integer", "number")
    ]


def _bound(known: Dictionary) -> list[str]:
    return numbers(known)[:BOUND]


def _send(work: Work, targets: Sequence[str], periods: Sequence[str]) -> list[str]:
    due = work.now + timedelta(days=30)
    return [dispatches.create(work, FORM, targets, one, due).id for one in periods]


def _people(work: Work, targets: Sequence[str]) -> dict[str, Actor]:
    accounts = work.connection.execute(
        select(identity.POSITION.c.account_id, identity.POSITION.c.organisation_code).where(
            identity.POSITION.c.role == "staff",
            identity.POSITION.c.organisation_code.in_(targets),
        )
    )
    found = {}
    for row in accounts:
        actor = identity.actor_of(work.connection, row.account_id, now=work.now)
        if actor is not None:
            found[row.organisation_code] = actor
    return found
