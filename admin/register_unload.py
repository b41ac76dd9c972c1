"""A load of a register taken back as a whole: who came in by it goes, what it changed is as it was.

What somebody has said since stays as they said it, and is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, select

from admin.register_load import mark
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.ledgers.ground import MEMBER
from engine.ledgers.schema import local_table
from engine.registers import store
from engine.registers.schema import column_name, table
from engine.registers.store import Change, Origin
from engine.storage import sealed
from engine.work import HISTORY, System, Work
from forms.kinds import ledger

CHUNK = 500


@dataclass
class Undone:
    """What undoing a load comes to: who is removed, which values are restored, what stays."""

    removed: int = 0
    restored: int = 0
    kept: int = 0


def undo(system: System, actor: Actor, subject: str, number: int, *, preview: bool) -> Undone:
    """Take a load back by its number; with `preview` only say what that would do.

    Raises NotFound for a number that is no load of this register.
    """
    found = Undone()
    with system.read(actor) as work:
        known = dictionary(work.connection)
        came = store.origins_by_id(work.connection, [number]).get(number)
        if subject not in known.subjects or came is None or not _is_load(came):
            raise NotFound
        gone = list(_brought(work, known, subject, came, found))
        back = list(_before(work, known, subject, came, found))
    if not (gone or back or found.kept):
        raise NotFound
    found.removed, found.restored = len(gone), len(back)
    if preview:
        return found
    for start in range(0, len(gone), CHUNK):
        part = gone[start : start + CHUNK]
        system.write(actor, _removing(known, subject, came, part))
    again = Origin(
        "steward", f"撤销：{came.title}", system.now().isoformat(timespec="microseconds")
    )
    origin = system.write(actor, lambda work: store.add_origin(work, again)) if back else again
    for start in range(0, len(back), CHUNK):
        values = back[start : start + CHUNK]
        system.write(
            actor,
            lambda work, values=values: store.set_values(  # type: ignore[misc]  # a lambda's default has its argument's type
                work, known, values, origin, reason=origin.title
            ),
        )
    told = {"removed": found.removed, "restored": found.restored, "kept": found.kept}
    system.write(actor, lambda work: work.note("register.unloaded", subject, origin=number, **told))
    return found


def _is_load(came: Origin) -> bool:
    return not (came.form_code or came.document_id or came.task_id)


def _brought(
    work: Work, known: Dictionary, subject: str, came: Origin, found: Undone
) -> Iterator[str]:
    """Who came in by the load and of whom nobody has said anything since, here or in a ledger."""
    register = table(known, subject)
    query = select(register.c.id, register.c.sources).where(register.c.created_at >= came.at)
    mine = [
        row for row in work.connection.execute(query) if (row.sources or {}).get("*") == came.id
    ]
    ids = [row.id for row in mine]
    held = {
        own
        for start in range(0, len(ids), CHUNK)
        for own in _held(work, subject, ids[start : start + CHUNK])
    }
    for row in mine:
        if row.sources == {"*": came.id} and row.id not in held:
            yield row.id
        else:
            found.kept += 1


def _held(work: Work, subject: str, ids: Sequence[str]) -> Iterator[str]:
    """Those of whom a ledger keeps something of its own."""
    stays = select(MEMBER.c.subject_id).where(MEMBER.c.subject_id.in_(ids))
    yield from work.connection.execute(stays).scalars()
    for form in ledger.forms(work.connection):
        lens = ledger.lens(work.connection, form)
        if lens.subject == subject and lens.local():
            kept = local_table(lens).c.subject_id
            yield from work.connection.execute(select(kept).where(kept.in_(ids))).scalars()


def _before(
    work: Work, known: Dictionary, subject: str, came: Origin, found: Undone
) -> Iterator[Change]:
    """What the load changed and nobody has changed since, with what stood there."""
    register = table(known, subject)
    query = select(HISTORY).where(
        HISTORY.c.kind == register.name, HISTORY.c.at >= came.at, HISTORY.c.reason == mark(came)
    )
    rows = work.connection.execute(query.order_by(HISTORY.c.id.desc())).mappings().all()
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        now = _sources(work, register, [row["target"] for row in part])
        for row in part:
            place = f"history:{row['kind']}:{row['target']}:{row['at']}"
            before: Any = sealed.unseal(work.connection, row["before"], place) or {}
            for name, value in before.items():
                if now.get(row["target"], {}).get(name) == came.id:
                    yield Change(f"{subject}.{name}", row["target"], value)
                else:
                    found.kept += 1


def _sources(work: Work, register: Table, ids: Sequence[str]) -> dict[str, Mapping[str, int]]:
    query = select(register.c.id, register.c.sources).where(register.c.id.in_(ids))
    return {row.id: row.sources or {} for row in work.connection.execute(query)}


def _removing(known: Dictionary, subject: str, came: Origin, ids: Sequence[str]) -> Any:
    register = table(known, subject)
    own = [one for one in known.of(subject) if not (one.compute or one.periodic)]

    def command(work: Work) -> None:
        query = select(register).where(register.c.id.in_(ids)).with_for_update()
        for row in work.connection.execute(query).mappings().all():
            if row["sources"] != {"*": came.id}:
                continue  # somebody said something just now
            before = {
                one.name: store.opened(work, one, row["id"], row[column_name(one)]) for one in own
            }
            told = {name: value for name, value in before.items() if value is not None}
            work.connection.execute(delete(register).where(register.c.id == row["id"]))
            work.record(
                register.name, row["id"], before=told, after=None, reason=f"撤销：{mark(came)}"
            )

    return command
