"""What refers to a subject by its id, above the registers, and goes with it when two are merged.

A stay in a ledger, what is local to a ledger, a proposal, a dispute, the lines of an import: each tells
what it moved, so that undoing puts back exactly that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from engine.json_text import Json
from engine.ledgers.ground import MEMBER
from engine.ledgers.lens import Lens
from engine.ledgers.proposals import PROPOSAL
from engine.ledgers.schema import local_table
from engine.ledgers.tables import ClashRow, ImportLineRow, ImportRow
from engine.registers import absent
from engine.work import Work
from forms.disputes import DISPUTE
from forms.kinds import ledger

CLASH = ClashRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
IMPORT = ImportRow.__table__  # type: ignore[attr-defined]  # as above
LINE = ImportLineRow.__table__  # type: ignore[attr-defined]  # as above
BESIDE = ("subject_id", "created_at", "sources", absent.COLUMN)
PUT_BY = "~"
MERGED = "合并登记 · merged"


def lenses(connection: Connection, subject: str) -> Iterator[Lens]:
    """The ledgers that look at a register."""
    for form in ledger.forms(connection):
        lens = ledger.lens(connection, form)
        if lens.subject == subject:
            yield lens


def stays(work: Work, subject: str, own: str) -> list[tuple[Lens, str]]:
    """The ledgers kept by hand in which a subject stands now, and since when."""
    query = select(MEMBER.c.ledger, MEMBER.c.entered_on).where(
        MEMBER.c.subject_id == own, MEMBER.c.left_on.is_(None)
    )
    since = {row.ledger: row.entered_on for row in work.connection.execute(query)}
    found = lenses(work.connection, subject) if since else ()
    return [(lens, since[lens.code]) for lens in found if lens.code in since]


@dataclass(frozen=True, slots=True)
class Named:
    """A column that holds a subject's id, in rows that are of a kind of subject."""

    name: str
    column: Any
    key: tuple[Any, ...]
    field: Any = None
    """The column with a field's code, by which a row's kind of subject is known."""
    ledger: Any = None
    """The column with a ledger's code, by which it is known otherwise."""

    def move(self, work: Work, subject: str, old: str, new: str) -> Json:
        """Let the rows name another; gives their keys."""
        mine = (self.column == old, self._of(work, subject))
        rows = work.connection.execute(select(*self.key).where(*mine)).all()
        work.connection.execute(update(self.column.table).where(*mine).values({self.column.name: new}))  # fmt: skip
        return [list(row) for row in rows] or None

    def back(self, work: Work, subject: str, old: str, new: str, moved: Any) -> None:  # noqa: ARG002 - a Follower's signature
        """Let them name the first again."""
        for values in moved:
            this = [column == value for column, value in zip(self.key, values, strict=True)]
            work.connection.execute(update(self.column.table).where(*this).values({self.column.name: old}))  # fmt: skip

    def _of(self, work: Work, subject: str) -> ColumnElement[bool]:
        if self.field is not None:
            found: ColumnElement[bool] = self.field.startswith(f"{subject}.", autoescape=True)
            return found
        codes = [lens.code for lens in lenses(work.connection, subject)]
        if self.ledger is not None:
            chosen: ColumnElement[bool] = self.ledger.in_(codes)
            return chosen
        imports = select(IMPORT.c.id).where(IMPORT.c.ledger.in_(codes))
        inside: ColumnElement[bool] = LINE.c.import_id.in_(imports)
        return inside


class Stays:
    """Stays in ledgers kept by hand; who was in one twice is in it once, and from the earlier day."""

    name = "stays"

    def move(self, work: Work, subject: str, old: str, new: str) -> Json:
        """Move them; a second open stay in the same ledger ends."""
        codes = [lens.code for lens in lenses(work.connection, subject)]
        chosen = (MEMBER.c.ledger.in_(codes), MEMBER.c.subject_id == old)
        rows = work.connection.execute(select(MEMBER).where(*chosen)).mappings().all()
        query = select(MEMBER.c.ledger).where(
            MEMBER.c.ledger.in_(codes), MEMBER.c.subject_id == new, MEMBER.c.left_on.is_(None)
        )
        open_there = set(work.connection.execute(query).scalars())
        moved = []
        for row in rows:
            values: dict[str, Any] = {"subject_id": new}
            twice = row["left_on"] is None and row["ledger"] in open_there
            if twice:
                values |= {
                    "left_on": max(work.today.isoformat(), row["entered_on"]),
                    "exit_reason": MERGED, "left_at": work.at, "left_by": work.actor.name,
                }  # fmt: skip
            work.connection.execute(update(MEMBER).where(MEMBER.c.id == row["id"]).values(**values))
            moved.append([row["id"], twice])
        return moved or None

    def back(self, work: Work, subject: str, old: str, new: str, moved: Any) -> None:  # noqa: ARG002 - a Follower's signature
        """Move them back; those that ended by the merge go on."""
        for number, ended in moved:
            values: dict[str, Any] = {"subject_id": old}
            if ended:
                values |= {"left_on": None, "exit_reason": "", "left_at": None, "left_by": ""}
            work.connection.execute(update(MEMBER).where(MEMBER.c.id == number).values(**values))


class Local:
    """What is local to ledgers: a row each. Where both have one, blanks are filled from the other's,
    and that is put by under a name nobody has, so that nothing of it is lost.
    """

    name = "local"

    def move(self, work: Work, subject: str, old: str, new: str) -> Json:
        """Move or join the rows; gives them as they were."""
        moved: dict[str, Json] = {}
        for lens, target in _tables(work, subject):
            query = select(target).where(target.c.subject_id.in_([old, new])).with_for_update()
            found = work.connection.execute(query).mappings()
            rows = {row["subject_id"]: dict(row) for row in found}
            if old not in rows:
                continue
            _rename(work, target, old, f"{PUT_BY}{old}" if new in rows else new)
            joined = rows[old]
            if new in rows:
                joined = _filled(rows[new], rows[old])
                _write(work, target, new, rows[new], joined)
            moved[lens.code] = [rows[old], rows.get(new), joined]
        return moved or None

    def back(self, work: Work, subject: str, old: str, new: str, moved: Any) -> None:
        """Put the rows back; what was changed since stays with the survivor."""
        for lens, target in _tables(work, subject):
            if lens.code not in moved:
                continue
            theirs, mine, joined = moved[lens.code]
            now = work.connection.execute(select(target).where(target.c.subject_id == new)).mappings().first()  # fmt: skip
            if mine is not None:
                _rename(work, target, f"{PUT_BY}{old}", old)
                if now is not None:
                    _write(work, target, new, now, _unfilled(now, joined, mine))
                continue
            _rename(work, target, new, old)
            if now is None or _facts(now) == _facts(joined):
                continue
            was, since = _facts(joined), _facts(now)
            kept = {name: one if one != was[name] else None for name, one in since.items()}
            _write(work, target, old, now, _said(now, _facts(theirs), theirs["sources"]))
            fresh = _said(now, kept, now["sources"])
            work.connection.execute(insert(target), {**fresh, "subject_id": new})


def _tables(work: Work, subject: str) -> Iterator[tuple[Lens, Table]]:
    for lens in lenses(work.connection, subject):
        if lens.local():
            yield lens, local_table(lens)


def _rename(work: Work, target: Table, old: str, new: str) -> None:
    this = target.c.subject_id == old
    work.connection.execute(update(target).where(this).values(subject_id=new))


def _write(
    work: Work, target: Table, own: str, was: Mapping[Any, Any], now: Mapping[Any, Any]
) -> None:
    before, after = _facts(was), _facts(now)
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        return
    values = {f"f_{name}": absent.typed(value) for name, value in changed.items()}
    values |= {"sources": now["sources"], absent.COLUMN: absent.after(None, after)}
    work.connection.execute(update(target).where(target.c.subject_id == own).values(**values))
    old = {name: before[name] for name in changed}
    work.record(target.name, own, before=old, after=changed, reason=MERGED)


def _facts(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What a row says, by the columns' names in the ledger."""
    said = row[absent.COLUMN]
    names = [name for name in row if name not in BESIDE]
    plain = [name.removeprefix("f_") for name in names]
    return {one: absent.whole(row[name], said, one) for name, one in zip(names, plain, strict=True)}


def _said(
    row: Mapping[Any, Any], facts: Mapping[str, Any], sources: Mapping[str, Any]
) -> dict[str, Any]:
    """The row with other facts."""
    typed = {f"f_{name}": absent.typed(value) for name, value in facts.items()}
    return {**row, **typed, absent.COLUMN: absent.after(None, facts), "sources": dict(sources)}


def _filled(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    facts, other = _facts(mine), _facts(theirs)
    taken = [name for name, one in facts.items() if one is None and other.get(name) is not None]
    kept = theirs["sources"]
    sources = {**mine["sources"], **{name: kept.get(name, kept.get("*")) for name in taken}}
    return _said(mine, {**facts, **{name: other[name] for name in taken}}, sources)


def _unfilled(
    now: Mapping[Any, Any], joined: Mapping[str, Any], mine: Mapping[str, Any]
) -> dict[str, Any]:
    facts, became, was = _facts(now), _facts(joined), _facts(mine)
    back = [name for name, value in facts.items() if value == became[name]]
    kept = {name: one for name, one in now["sources"].items() if name not in back}
    known = {name: one for name, one in mine["sources"].items() if name in back or name == "*"}
    return _said(now, {**facts, **{name: was[name] for name in back}}, {**kept, **known})


FOLLOWERS = (
    Stays(),
    Local(),
    Named("proposals", PROPOSAL.c.subject_id, (PROPOSAL.c.id,), field=PROPOSAL.c.field),
    Named("proposed", PROPOSAL.c.row_id, (PROPOSAL.c.id,), ledger=PROPOSAL.c.ledger),
    Named("clashes", CLASH.c.row_id, (CLASH.c.id,), ledger=CLASH.c.ledger),
    Named("imports", LINE.c.subject_id, (LINE.c.import_id, LINE.c.number)),
    Named("disputes", DISPUTE.c.subject_id, (DISPUTE.c.id,), field=DISPUTE.c.field),
)
"""In this order when two become one; the other way round when that is undone."""
