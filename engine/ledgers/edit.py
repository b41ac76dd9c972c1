"""Changing cells of a ledger: where each goes, what stood there when it was seen, who may say so alone.

A cell that somebody else changed meanwhile is not overwritten: the edit comes back as a clash, both
are told, and whoever insists has seen what they replace.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, true, update

from engine.absence import kind_of
from engine.errors import NotFound, Problem
from engine.json_text import Json
from engine.ledgers import local, proposals, reach
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import LOCAL, RELATED, Column, Lens
from engine.ledgers.page import by_ids
from engine.ledgers.rows import BLANK, Cell, Row
from engine.ledgers.tables import ClashRow
from engine.registers import store
from engine.registers.schema import table
from engine.registers.store import Change, Origin
from engine.work import Work

CLASH = ClashRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
SAVED, SAME, PROPOSED, CLASHED = "saved", "same", "proposed", "clash"
MOST_EDITS = 5_000


class NotEditable(Problem):
    """The cell is derived, is about nobody, or is the number that its subject is known by."""

    code, status = "ledger.not-editable", 422
    column: str
    reason: str


class TooManyEdits(Problem):
    """More cells at once than one save takes."""

    code, status = "ledger.too-many-edits", 413
    limit: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell to be changed; `seen` is the stamp it had when the person looked at it."""

    row: str
    column: str
    value: Json
    seen: int
    reason: str = ""
    over: bool = False
    """They were shown what somebody else wrote, and want theirs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an edit: saved, the same as it was, proposed to the steward, or a clash."""

    kind: str
    row: str
    column: str
    cell: Cell = BLANK
    """As it stands now; with a clash, what the other one wrote."""
    proposal: str = ""


def save(work: Work, lens: Lens, edits: Sequence[Edit], *, left: bool = False) -> list[Outcome]:
    """Apply edits, each on its own merits. Values must be valid: forms see to that.

    With `left` also rows that are no longer of the ledger, within the actor's area: what put them
    out of it can be taken back.
    Raises Forbidden, NotFound for a row out of reach, NotEditable, KeyTaken.
    """
    if len(edits) > MOST_EDITS:
        raise TooManyEdits(limit=MOST_EDITS)
    here = ground(work, lens, verb="ledger.edit")
    ids = sorted({one.row for one in edits})
    hold(work, here, ids)
    area = reach.within(here.home, here.areas)
    only = (true() if area is None else area) if left else None
    rows = by_ids(work, here, ids, only=only)
    found: list[Outcome] = []
    accepted: list[tuple[Edit, Column, str]] = []
    for one in edits:
        row, column = rows.get(one.row), here.lens.by_name.get(one.column)
        if row is None or column is None:
            raise NotFound
        outcome = _judged(work, here, row, column, one)
        if outcome is None:
            accepted.append((one, column, row.subjects.get(column.name, row.id)))
        else:
            found.append(outcome)
    if accepted:
        write(work, here, accepted)
        rows = by_ids(work, here, ids, only=true())  # what was set may have put them out just now
        for one, column, _ in accepted:
            cell = rows[one.row].cell(column.name) if one.row in rows else BLANK
            found.append(Outcome(SAVED, one.row, column.name, cell))
        work.note("ledger.edited", lens.code, cells=len(accepted), rows=len(ids))
    return found


def write(work: Work, here: Ground, edits: Sequence[tuple[Edit, Column, str]]) -> int:
    """Put values where they belong: into registers and the local table; gives how many changed."""
    origins: dict[str, Origin] = {}
    changed = 0
    changes: dict[tuple[str, str], list[Change]] = defaultdict(list)
    kept: dict[tuple[str, str], dict[str, dict[str, Json]]] = defaultdict(lambda: defaultdict(dict))
    for one, column, about in edits:
        source = "steward" if is_steward(work, column) else "entered"
        reason = told_reason(here.lens, one.reason)
        if source not in origins:
            origins[source] = store.add_origin(work, origin_of(work, here.lens, source))
        if column.kind == LOCAL:
            kept[source, reason][about][column.name] = one.value
        else:
            changes[source, reason].append(Change(column.field.code, about, one.value))
    for (source, reason), group in changes.items():
        changed += store.set_values(work, here.dictionary, group, origins[source], reason=reason)
    for (source, reason), values in kept.items():
        changed += local.set_values(work, here.lens, values, origins[source], reason=reason)
    return changed


def origin_of(work: Work, lens: Lens, source: str) -> Origin:
    """Where a value that is entered in a ledger comes from."""
    post = work.actor.posts[0] if work.actor.posts else None
    return Origin(
        source=source,
        title=lens.title(),
        at=work.at,
        actor_id=work.actor.id,
        actor_name=work.actor.name,
        organisation=post.organisation if post else "",
        form_code=lens.code,
        form_version=lens.version,
    )


def told_reason(lens: Lens, reason: str) -> str:
    """In the history stands through which ledger, and why if somebody said so."""
    return f"{lens.title()}：{reason.strip()}" if reason.strip() else lens.title()


def is_steward(work: Work, column: Column) -> bool:
    """Whether the actor speaks for the office that answers for a field."""
    steward = column.field.steward
    return bool(steward) and any(
        post.organisation == steward for post in work.actor.posts_as("department")
    )


def may_directly(work: Work, lens: Lens, column: Column) -> bool:
    """Whether the actor's value counts at once, or is a proposal to the steward."""
    if column.computed:
        return False
    return column.kind == LOCAL or column.name in lens.direct or is_steward(work, column)


def clashes(work: Work, lens: Lens, ids: Sequence[str], since: str) -> list[Mapping[str, Json]]:
    """Where others wrote at a cell at the same time as the actor, since a moment."""
    if not ids:
        return []
    query = (
        select(CLASH)
        .where(
            CLASH.c.ledger == lens.code,
            CLASH.c.row_id.in_(list(ids)[:500]),
            CLASH.c.at > since,
            CLASH.c.first_by == work.actor.id,
        )
        .order_by(CLASH.c.id)
    )
    return [dict(row) for row in work.connection.execute(query).mappings()]


def _judged(work: Work, here: Ground, row: Row, column: Column, edit: Edit) -> Outcome | None:
    """What is to be told of an edit that is not simply written."""
    if column.computed:
        raise NotEditable(column=column.field.label(), reason="computed")
    if column.kind == RELATED and column.name not in row.subjects:
        raise NotEditable(column=column.field.label(), reason="nobody")
    keys = here.dictionary.subjects[column.field.subject].keys if column.kind != LOCAL else ()
    if column.field.name in keys and (edit.value is None or kind_of(edit.value)):
        raise NotEditable(column=column.field.label(), reason="key")
    cell = row.cell(column.name)
    if cell.value == edit.value:
        return Outcome(SAME, row.id, column.name, cell)
    if cell.stamp != edit.seen:
        _note_clash(work, here.lens, row.id, column, cell, over=edit.over)
        if not edit.over:
            return Outcome(CLASHED, row.id, column.name, cell)
    if may_directly(work, here.lens, column):
        return None
    about = row.subjects.get(column.name, row.id)
    number = proposals.propose(
        work, here.lens, proposals.Wish(row.id, column, about, cell, edit.value, edit.reason)
    )
    return Outcome(PROPOSED, row.id, column.name, cell, number)


def _note_clash(
    work: Work, lens: Lens, row: str, column: Column, cell: Cell, *, over: bool
) -> None:
    """Told to the first as well as to the second; who insists after a clash is noted on it."""
    if over:
        work.connection.execute(
            update(CLASH)
            .where(
                CLASH.c.ledger == lens.code,
                CLASH.c.row_id == row,
                CLASH.c.column == column.name,
                CLASH.c.second_by == work.actor.id,
            )
            .values(overridden=True, at=work.at)
        )
        return
    first = cell.origin
    work.connection.execute(
        insert(CLASH),
        {
            "ledger": lens.code,
            "row_id": row,
            "column": column.name,
            "first_by": first.actor_id if first else "",
            "first_name": first.actor_name if first else "",
            "second_by": work.actor.id,
            "second_name": work.actor.name,
            "at": work.at,
            "overridden": False,
        },
    )


def hold(work: Work, here: Ground, ids: Sequence[str]) -> None:
    """Keep the rows until the transaction ends, so that nobody writes between our look and our pen."""
    register = table(here.dictionary, here.lens.subject)
    for start in range(0, len(ids), store.CHUNK):
        query = select(register.c.id).where(register.c.id.in_(ids[start : start + store.CHUNK]))
        work.connection.execute(query.order_by(register.c.id).with_for_update()).all()
