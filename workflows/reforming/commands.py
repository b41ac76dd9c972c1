"""Changes of organisations from the wish to the last value: previewed, kept for their day, done, undone.

The tree, people's posts, open work and recipients change in one transaction; values of registers that
name a place follow in it as far as they are few, and else job by job.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from engine import clock
from engine.dictionary.store import dictionary
from engine.errors import Problem
from engine.identity import lineage
from engine.identity.lineage import ADDED, ENDED, Change, Effect
from engine.identity.reform import Reform, Wish
from engine.identity.reform_plan import plan
from engine.identity.store import POSITION
from engine.jobs.registry import JOBS
from engine.notices.store import NOTICE
from engine.registers import relocating
from engine.registers.store import Origin, add_origin
from engine.work import Work
from forms import documents
from forms.disputes import DISPUTE
from forms.documents import DOCUMENT
from workflows import perform, store
from workflows.beside import INCIDENT
from workflows.dispatching.targets import CADENCE, GROUP
from workflows.events import Restarted, Terminated
from workflows.reforming.gather import UNFINISHED, Following, gathered
from workflows.store import TASK

TABLES: Mapping[str, Any] = {
    table.name: table
    for table in (POSITION, DOCUMENT, TASK, INCIDENT, DISPUTE, NOTICE, GROUP, CADENCE)
}
AT_ONCE = 2_000
"""So many values of registers in one transaction."""


class ChangeState(Problem):
    """It is not in the state that this needs: done already, undone, cancelled, or still going on."""

    code, status = "organisation.change-state", 409
    state: str


class ChangeUsed(Problem):
    """Something new stands on the change; it cannot be undone any more."""

    code, status = "organisation.change-used", 409
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do, before it does."""

    wish: Wish
    reform: Reform
    effects: Mapping[tuple[str, str], int]
    """How many of which, by table and cell."""
    values: Mapping[str, int]
    """Values of registers that name the places, by field."""
    own: int
    """Values of the organisations themselves that are added, taken along or blanked."""
    final: int
    """Reports that are final and stay with the unit that made them."""
    dispatches: int
    """Running dispatches with open reports among them."""


def preview(work: Work, wish: Wish) -> Preview:
    """What a change would do today. Raises what the plan refuses, UnitOwns."""
    work.require("organisation.change")
    found, follow = _planned(work, wish)
    effects = gathered(work, follow, because=_because(wish))
    known = dictionary(work.connection)
    ways = relocating.ways(found.steps, wish)
    relocating.check(work, known, ways)
    codes = sorted(follow.several)
    touched = {one.row for one in effects if one.what == "document"}
    return Preview(
        wish,
        found,
        Counter((one.what, one.cell) for one in effects),
        relocating.lying(work, known, [*{way.old for way in ways}, *_ending(follow)]),
        len(relocating.followed(work, known, found.steps, found.begun)[1]),
        _count(work, DOCUMENT, DOCUMENT.c.organisation_code, codes, DOCUMENT.c.status == "final"),
        _dispatches(work, sorted(touched)),
    )


def _ending(follow: Following) -> list[str]:
    return [code for code, unit in follow.ended.items() if unit is None]


def _planned(work: Work, wish: Wish) -> tuple[Reform, Following]:
    tree, used = lineage.tree(work.connection), lineage.used(work.connection)
    found = plan(tree, wish, used)
    return found, Following.of(found, wish.effective)


def _because(wish: Wish) -> str:
    return f"机构变动 {wish.number}"


def _count(work: Work, table: Any, column: Any, codes: Sequence[str], *where: Any) -> int:
    total = 0
    for start in range(0, len(codes), 500):
        query = select(func.count()).select_from(table)
        query = query.where(column.in_(codes[start : start + 500]), *where)
        total += work.connection.execute(query).scalar_one()
    return total


def _dispatches(work: Work, ids: Sequence[str]) -> int:
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        query = select(DOCUMENT.c.dispatch_id).where(DOCUMENT.c.id.in_(ids[start : start + 500]))
        found.update(one for one in work.connection.execute(query).scalars() if one)
    return len(found)


def keep(work: Work, wish: Wish) -> str:
    """Do a change, or keep it for its day if that is yet to come; gives its id.

    Raises what the preview raises.
    """
    work.require("organisation.change")
    found, _ = _planned(work, wish)
    relocating.check(work, dictionary(work.connection), relocating.ways(found.steps, wish))
    change_id, waits = work.new_id(), wish.effective > work.today.isoformat()
    used = lineage.used(work.connection)
    lineage.add(
        work.connection,
        {
            "id": change_id,
            "kind": wish.kind,
            "state": lineage.WAITING,
            "effective": wish.effective,
            "number": wish.number,
            "title": "、".join(used.get(one, one) for one in wish.units) or wish.name,
            "wish": wish.to_json(),
            "carrying": False,
            "asked_at": work.at,
            "asked_by": work.actor.id,
            "asked_name": work.actor.name,
            "ended_name": "",
        },
    )
    work.note("organisation.change-kept", change_id, kind=wish.kind, number=wish.number)
    if waits:
        day = clock.stamp(clock.begin(date.fromisoformat(wish.effective)))
        work.later("organisation.change", {"change": change_id}, run_at=day)
    else:
        _carry_out(work, lineage.change(work.connection, change_id))
    return change_id


def cancel(work: Work, change_id: str) -> None:
    """Take back a change whose day has not come, or that could not be done. Raises ChangeState."""
    work.require("organisation.change")
    change = lineage.change(work.connection, change_id, hold=True)
    if change.state not in (lineage.WAITING, lineage.FAILED):
        raise ChangeState(state=change.state)
    _end(work, change_id, lineage.CANCELLED)


def _end(work: Work, change_id: str, state: str) -> None:
    lineage.save(
        work.connection, change_id, state=state, ended_at=work.at, ended_name=work.actor.name
    )
    work.note(f"organisation.change-{state}", change_id)


@JOBS.job("organisation.change")
def on_its_day(work: Work, payload: Mapping[str, Any]) -> str:
    """A change whose day has come. What stands in its way now is kept beside it for whoever asked."""
    change = lineage.change(work.connection, payload["change"], hold=True)
    if change.state != lineage.WAITING:
        return change.state
    try:
        with work.attempt():
            _carry_out(work, change)
    except Problem as problem:
        told = {"code": problem.code, **problem.details()}
        lineage.save(work.connection, change.id, state=lineage.FAILED, problem=told)
        work.note("organisation.change-failed", change.id, code=problem.code)
        return lineage.FAILED
    return lineage.DONE


def _carry_out(work: Work, change: Change) -> None:
    wish, connection = change.wish, work.connection
    found, follow = _planned(work, wish)
    effects = gathered(work, follow, because=_because(wish))
    lineage.write(connection, found, wish.effective)
    apply(work, effects)
    known, origin = dictionary(connection), _origin(work, wish)
    effects += relocating.follow(work, known, found.steps, found.begun, origin)
    lineage.add_effects(connection, change.id, effects)
    steps = [one.to_json() for one in found.steps]
    lineage.save(connection, change.id, state=lineage.DONE, done_at=work.at, steps=steps)
    lineage.remember(connection)
    for step in found.steps:
        code = step.before.code if step.before else step.after[0].code
        kept = step.to_json()
        work.record("organisation", code, before=kept["before"], after=kept, reason=wish.number)
    work.note(
        "organisation.changed", change.id, kind=wish.kind, number=wish.number,
        units=len(found.steps), effects=len(effects),
    )  # fmt: skip
    _carry(work, change.id, origin)


def _origin(work: Work, wish: Wish) -> Origin:
    told = Origin(
        "steward", _because(wish), work.at, actor_id=work.actor.id, actor_name=work.actor.name
    )
    return add_origin(work, told)


def _carry(work: Work, change_id: str, origin: Origin) -> bool:
    """Some values of registers go over; gives whether that was the last of them."""
    change = lineage.change(work.connection, change_id, hold=True)
    if change.state != lineage.DONE:
        return True
    asked = relocating.ways(change.steps, change.wish)
    known, because = dictionary(work.connection), _because(change.wish)
    done, last = relocating.carry(work, known, asked, origin, most=AT_ONCE, reason=because)
    lineage.add_effects(work.connection, change_id, done)
    lineage.save(work.connection, change_id, carrying=not last)
    if not last:
        work.later("organisation.carry", {"change": change_id, "origin": origin.id})
    return last


@JOBS.job("organisation.carry")
def carry_on(work: Work, payload: Mapping[str, Any]) -> bool:
    """The next values of a change with more than one transaction should hold."""
    return _carry(work, payload["change"], Origin("", "", "", id=payload["origin"]))


def apply(work: Work, effects: Sequence[Effect]) -> None:
    """Write effects: rows that are added, cells that change, cases that end."""
    by_cell: dict[tuple[str, str], list[Effect]] = {}
    for one in effects:
        by_cell.setdefault((one.what, one.cell), []).append(one)
    for (what, cell), found in by_cell.items():
        if cell == ENDED:
            for one in found:
                _perform(work, one.row, Terminated, outcome="terminated", comment=one.after)
        elif cell == ADDED:
            work.connection.execute(insert(TABLES[what]), [one.after for one in found])
        else:
            _set(work, what, cell, {one.row: one.after for one in found})


def _set(work: Work, what: str, cell: str, values: Mapping[str, Any]) -> None:
    table = TABLES[what]
    for row, value in values.items():
        work.connection.execute(update(table).where(table.c.id == row).values({cell: value}))


def _perform(work: Work, case_id: str, event: Any, **told: Any) -> None:
    case = store.get_case(work.connection, case_id)
    record = documents.get(work.connection, case.document_id)
    perform.perform(work, case, record, event(at=work.now, by=work.actor.id, **told))


def undo(work: Work, change_id: str) -> int:
    """Let everything be as it was before a change; gives how many values of registers stay, because
    somebody changed them since. Raises ChangeState, ChangeUsed.
    """
    work.require("organisation.change")
    change = lineage.change(work.connection, change_id, hold=True)
    if change.state != lineage.DONE or change.carrying:
        raise ChangeState(state="carrying" if change.carrying else change.state)
    for what, count in standing(work, change).items():
        raise ChangeUsed(what=what, count=count)
    effects, connection = lineage.effects(work.connection, change_id), work.connection
    values = [one for one in effects if one.what.startswith(relocating.PREFIX)]
    left = relocating.restore(work, dictionary(connection), values, reason=_because(change.wish))
    rest = [one for one in effects if not one.what.startswith(relocating.PREFIX)]
    _revert(work, [one for one in rest if one.cell != ENDED])
    lineage.unwrite(connection, change.steps, change.begun)
    _end(work, change_id, lineage.UNDONE)
    lineage.remember(connection)
    for one in rest:
        if one.cell == ENDED:
            _perform(work, one.row, Restarted, comment=_because(change.wish))
    return left


def _revert(work: Work, effects: Sequence[Effect]) -> None:
    by_cell: dict[tuple[str, str], dict[str, Any]] = {}
    for one in effects:
        if one.cell == ADDED:
            table = TABLES[one.what]
            work.connection.execute(delete(table).where(table.c.id == one.row))
        else:
            by_cell.setdefault((one.what, one.cell), {})[one.row] = one.before
    for (what, cell), values in by_cell.items():
        _set(work, what, cell, values)


def standing(work: Work, change: Change) -> dict[str, int]:
    """What was done since and rests on a change, by what it is; nothing: it can be undone."""
    connection, begun = work.connection, list(change.begun)
    effects = lineage.effects(connection, change.id)
    mine = {one.row for one in effects}
    rows = {what: {one.row for one in effects if one.what == what} for what in TABLES}
    carried = {(one.what, one.row) for one in effects}
    found = {
        "change": _later(work, change),
        "task": _closed(work, TASK, rows["task"], ("open",)),
        "document": _closed(work, DOCUMENT, rows["document"], UNFINISHED)
        + _new(work, DOCUMENT, begun, mine),
        "position": _new(work, POSITION, begun, mine),
        "register": relocating.newcomers(work, dictionary(connection), begun, carried),
    }
    return {what: count for what, count in found.items() if count}


def _later(work: Work, change: Change) -> int:
    mine = _codes(change)
    after = (
        one
        for one in lineage.changes(work.connection, state=lineage.DONE, limit=10_000)
        if (one.done_at or "", one.id) > (change.done_at or "", change.id)
    )
    return sum(1 for one in after if mine & _codes(one))


def _codes(change: Change) -> set[str]:
    befores = {one.before.code for one in change.steps if one.before}
    return befores | {unit.code for one in change.steps for unit in one.after}


def _closed(work: Work, table: Any, ids: set[str], states: Sequence[str]) -> int:
    return _count(work, table, table.c.id, sorted(ids), table.c.status.not_in(states))


def _new(work: Work, table: Any, codes: Sequence[str], mine: set[str]) -> int:
    found = 0
    for start in range(0, len(codes), 500):
        query = select(table.c.id).where(table.c.organisation_code.in_(codes[start : start + 500]))
        found += sum(1 for one in work.connection.execute(query).scalars() if one not in mine)
    return found
