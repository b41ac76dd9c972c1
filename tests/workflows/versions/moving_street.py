"""A street whose reports are moved to newer versions of their form: what tests of that do, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from admin import working
from engine.settings import ROOT
from engine.work import System, Work
from forms import documents, publish, store
from forms.documents import DocumentRecord
from forms.filing import Edit
from tests.factories import TESTER
from tests.workflows import small_town as town
from tests.workflows.small_town import person
from workflows import commands
from workflows.versions import moving
from workflows.versions import store as moves

FORM = "test.count"
FLOW = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
THREE = "370602011003"
BASE: dict[str, Any] = {
    "count": {"type": "integer", "title": "人数"},
    "kind": {"type": "string", "title": "类别", "enum": ["甲", "乙"]},
    "area": {"type": "number", "title": "面积"},
    "note": {"type": "string", "title": "说明"},
}


def published(system: System, change: Callable[[dict[str, Any]], Any]) -> int:
    """The next version of the form, changed."""

    def inside(work: Work) -> int:
        now = store.published(work.connection, FORM)
        document = store.document_of(work.connection, FORM, now.version)
        document = {**document, "properties": dict(document["properties"])}
        document["form"] = {**document["form"], "sections": []}
        change(document)
        store.insert_draft(work, document)
        return publish.publish(work, FORM).version

    return system.write(TESTER, inside)


def asks_more(form: dict[str, Any]) -> None:
    """One item more that must be filled in, one less, another list."""
    form["properties"]["elders"] = {"type": "integer", "title": "老人"}
    form["properties"]["kind"] = {**BASE["kind"], "enum": ["乙", "丙"]}
    del form["properties"]["note"]
    form["required"] = ["count", "elders"]


def typed(system: System, login: str, **values: Any) -> DocumentRecord:
    """Somebody opens their report and types."""
    who, task = person(system, login), town.task(system, login)
    held = system.write(who, lambda work: commands.open_task(work, task.id))
    edit = Edit(held.record.revision, {f"/{name}": value for name, value in values.items()})
    system.write(who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    return document(system, held.record.id)


def submit(system: System, login: str) -> None:
    task = town.task(system, login)
    system.write(person(system, login), lambda work: commands.submit(work, task.id, confirm=True))


def document(system: System, document_id: str) -> DocumentRecord:
    with system.read(TESTER) as work:
        return documents.get(work.connection, document_id)


def of(system: System, dispatch: str) -> dict[str, DocumentRecord]:
    """The reports of a dispatch by organisation."""
    with system.read(TESTER) as work:
        return {
            one.organisation_code: one for one in documents.of_dispatch(work.connection, dispatch)
        }


def work_off(system: System) -> None:
    works = working.runner(system)
    works.work_off()
    works.stop()


def tried(system: System, dispatch: str, handed_in: str = "stay", login: str = "office") -> None:
    system.write(person(system, login), lambda work: moving.try_dry(work, dispatch, handed_in))
    work_off(system)


def carried_out(
    system: System, dispatch: str, handed_in: str = "stay", login: str = "office"
) -> None:
    tried(system, dispatch, handed_in, login)
    system.write(person(system, login), lambda work: moving.carry_out(work, dispatch))
    work_off(system)


def outcomes(system: System, dispatch: str) -> dict[str, str]:
    """What would happen, or did, by organisation: the outcome, and why it stays."""
    with system.read(TESTER) as work:
        move = moves.latest(work, dispatch)
        assert move is not None
        return {
            one.organisation_code: f"{one.outcome} {one.reason}".strip()
            for one in moves.units(work, move.id)
        }


def findings(system: System, dispatch: str) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    with system.read(TESTER) as work:
        move = moves.latest(work, dispatch)
        assert move is not None
        return moves.summed(work, move.id)
