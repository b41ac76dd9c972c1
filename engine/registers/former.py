"""Ids and natural keys of subjects that went into others: whoever asks by the old finds the survivor."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, delete, insert, select, update

from engine.dictionary.field import Field
from engine.registers.tables import FormerRow
from engine.registers.variants import canonical_key
from engine.storage.prepared import Prepared
from engine.work import Work

FORMER = FormerRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
T = TypeVar("T")
ID = ""
CHUNK = 500
_ONE = Prepared(
    select(FORMER.c.now_id).where(
        FORMER.c.subject == bindparam("subject"),
        FORMER.c.name == bindparam("name"),
        FORMER.c.sought == bindparam("sought"),
    )
)


def sought(work: Work, field: Field, value: str) -> str:
    """A key's value as it is looked for."""
    return work.vault.blind(value, field.code) if field.secret else value


def survivor(work: Work, field: Field, sought_: str) -> str | None:
    """Who has the facts of whoever had this key once."""
    found = _ONE.scalar(work.connection, subject=field.subject, name=field.name, sought=sought_)
    return None if found is None else str(found)


def survivors(work: Work, subject: str, name: str, wanted: Iterable[str]) -> dict[str, str]:
    """Of former ids (ID) or keys, as they are looked for: who has their facts now."""
    asked = sorted(set(wanted))
    found: dict[str, str] = {}
    for start in range(0, len(asked), CHUNK):
        query = select(FORMER.c.sought, FORMER.c.now_id).where(
            FORMER.c.subject == subject,
            FORMER.c.name == name,
            FORMER.c.sought.in_(asked[start : start + CHUNK]),
        )
        found.update({row.sought: row.now_id for row in work.connection.execute(query)})
    return found


def by_other_keys(
    work: Work,
    field: Field,
    values: Sequence[str],
    found: Callable[[Sequence[str]], Mapping[str, str]],
) -> dict[str, str]:
    """Whoever is not found by a key as it is, by value: by one had before a merge, or by an old way
    of writing it; `found` finds those who are there.
    """
    wanted = {sought(work, field, value): value for value in values}
    gone = survivors(work, field.subject, field.name, wanted)
    shape = field.schema.get("format")
    anew = {one: new for one in values if (new := canonical_key(shape, one)) and new != one}
    there = found(sorted(set(anew.values())))
    led_by_old = {old: there[new] for old, new in anew.items() if new in there}
    return {**led_by_old, **{wanted[one]: own for one, own in gone.items()}}


def led(
    by_subject: Mapping[str, Mapping[str, T]], gone: Mapping[str, str]
) -> dict[str, dict[str, T]]:
    """What was meant for subjects that went into others, for those."""
    found: dict[str, dict[str, T]] = {}
    for subject_id, one in by_subject.items():
        found.setdefault(gone.get(subject_id, subject_id), {}).update(one)
    return found


def ids(work: Work, subject: str, now_id: str) -> list[str]:
    """Under which other ids the facts of a subject were kept before."""
    query = select(FORMER.c.sought).where(
        FORMER.c.subject == subject, FORMER.c.now_id == now_id, FORMER.c.name == ID
    )
    return list(work.connection.execute(query.order_by(FORMER.c.id)).scalars())


def add(
    work: Work, join_id: str, subject: str, now_id: str, known: Sequence[tuple[str, str]]
) -> None:
    """Remember what somebody was found by: pairs of a key's name (or ID) and what is looked for."""
    rows = [
        {"join_id": join_id, "subject": subject, "name": name, "sought": one, "now_id": now_id}
        for name, one in known
    ]
    work.connection.execute(insert(FORMER), rows)


def forget(work: Work, join_id: str) -> None:
    """The subject is there again by itself."""
    work.connection.execute(delete(FORMER).where(FORMER.c.join_id == join_id))


def lead(work: Work, subject: str, old: str, new: str) -> list[int]:
    """Whoever was found at one is found at another from now on; gives what to lead back."""
    mine = (FORMER.c.subject == subject, FORMER.c.now_id == old)
    moved = list(work.connection.execute(select(FORMER.c.id).where(*mine)).scalars())
    work.connection.execute(update(FORMER).where(*mine).values(now_id=new))
    return moved


def lead_back(work: Work, moved: Sequence[int], old: str) -> None:
    """The same undone."""
    work.connection.execute(update(FORMER).where(FORMER.c.id.in_(moved)).values(now_id=old))
