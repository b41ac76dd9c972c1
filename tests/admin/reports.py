"""A report on its way, for tests of pages: sent, handed in, passed, approved, by commands."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from engine.json_text import Json
from engine.residents import store as residents
from engine.work import System
from forms import documents, explaining, filing
from forms.compiled import Item
from forms.filing import Edit
from tests import installed
from workflows import commands, dispatches, store
from workflows.dispatch import DispatchRecord

FORM, PERIOD = "civil.community_monthly", "2026-11"
STAFF = ("huian", "nanyao", "shangyao")
TWO = installed.COMMUNITIES[:2]


def sent(
    system: System, codes: Sequence[str] = TWO, *, office: str = "minzheng", days: float = 5
) -> DispatchRecord:
    """The report sent to some communities."""
    return system.write(
        installed.person(system, office),
        lambda work: dispatches.create(work, FORM, codes, PERIOD, work.now + timedelta(days=days)),
    )


def handed_in(
    system: System,
    dispatch: DispatchRecord,
    login: str = "huian",
    *,
    elders: Sequence[dict[str, Json]] = (),
    explain: str = "",
    **values: Json,
) -> str:
    """A community's report, filled with these values and otherwise the least, handed in; its id.

    `explain` is said of every check that asks for it.
    """
    task = waiting(system, dispatch, login, "fill")
    who = installed.person(system, login)
    held = system.write(who, lambda work: commands.open_task(work, task))
    changes = {f"/{name}": value for name, value in values.items()}
    for number, row in enumerate(elders):
        changes |= {f"/elders/e{number}/{name}": value for name, value in row.items()}
    with system.read(who) as work:
        _, missing = filing.obstacles(work, held.record)
        form = filing.opened(work, held.record).form
    for problem in missing:
        item = form.item(problem.path)
        if problem.code == "required" and item is not None:
            changes.setdefault(problem.path, _least(item))
    rows = {"/elders": [f"e{number}" for number in range(len(elders))]} if elders else {}
    edit = Edit(held.record.revision, changes, added=rows)
    saved = system.write(
        who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh")
    )
    if explain:
        said = {
            f"{one.code}:{one.path}": explain
            for one in saved.problems
            if one.severity in explaining.EXPLAINED
        }
        more = Edit(saved.revision, explanations=said)
        system.write(
            who, lambda work: commands.save_cells(work, held.record.id, more, language="zh")
        )
    system.write(who, lambda work: commands.submit(work, task, confirm=True))
    return held.record.id


def final(system: System, dispatch: DispatchRecord, login: str = "huian", **values: Any) -> str:
    """A community's report, handed in, verified and approved; its id."""
    record = handed_in(system, dispatch, login, **values)
    for person, kind in (("shenhe", "verify"), ("lingdao", "approve")):
        task = waiting(system, dispatch, person, kind, record)
        system.write(
            installed.person(system, person), lambda work, one=task: commands.pass_(work, one)
        )
    return record


def passed(system: System, dispatch: DispatchRecord, login: str, kind: str, record: str) -> None:
    """Somebody passes a step of a report."""
    task = waiting(system, dispatch, login, kind, record)
    system.write(installed.person(system, login), lambda work: commands.pass_(work, task))


def returned(system: System, dispatch: DispatchRecord, record: str, path: str) -> None:
    """The verifier sends one cell back."""
    task = waiting(system, dispatch, "shenhe", "verify", record)
    system.write(
        installed.person(system, "shenhe"),
        lambda work: commands.return_(work, task, {path: "请核实"}),
    )


def again(system: System, dispatch: DispatchRecord, login: str, changes: dict[str, Any]) -> None:
    """The filler corrects what was returned and hands it in again."""
    task = waiting(system, dispatch, login, "fill")
    who = installed.person(system, login)
    held = system.write(who, lambda work: commands.open_task(work, task))
    edit = Edit(held.record.revision, changes)
    system.write(who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    system.write(who, lambda work: commands.submit(work, task, confirm=True))


def document_of(system: System, dispatch: DispatchRecord, code: str) -> str:
    """The id of an organisation's document."""
    with system.read(installed.ANYBODY) as work:
        found = documents.of_dispatch(work.connection, dispatch.id)
    return next(one.id for one in found if one.organisation_code == code)


def waiting(
    system: System, dispatch: DispatchRecord, login: str, kind: str, record: str = ""
) -> str:
    with system.read(installed.person(system, login)) as work:
        found = store.tasks_of(work, store.TASK.c.status == "open", store.TASK.c.kind == kind)
    return next(
        one.id
        for one in found
        if one.dispatch_id == dispatch.id and record in ("", one.document_id)
    )


def _least(item: Item) -> Json:
    if item.options:
        return item.options[0].value
    return 0 if item.numeric else "无"


def opened_by_a_resident(system: System, person: str, number: str) -> str:
    """The token of the visit of somebody who opened a slip from the counter of the first community."""
    slip = system.write(
        installed.person(system, "huian"),
        lambda work: residents.hand_out(work, person, proof="card", place="phone"),
    )
    token = system.write(
        installed.ANYBODY, lambda work: residents.open_(work, slip.code, number[-4:])
    )
    assert token is not None
    return token
