"""Other subjects that name one by its key: a person's household, a house's owner, a firm's head.

A field refers to a kind of subject if it is called after it and its key (`household_number`), or if it
holds a number of the same format (a resident ID is always a person's).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.registers import former
from engine.registers.joins import STANDING, Kept
from engine.registers.schema import blind_name, column_name, table
from engine.registers.whole import Register, Whole
from engine.work import Work

IDENTITY_FORMATS = ("resident-id", "uscc")


def referring(known: Dictionary, subject: str) -> Iterator[tuple[Field, Field]]:
    """Fields that hold a key of this kind of subject, each with the key's own field."""
    for name in known.subjects[subject].keys:
        key = known.fields.get(f"{subject}.{name}")
        if key is None:
            continue
        shared = key.schema.get("format")
        for field in known.fields.values():
            if field.code == key.code or field.periodic or field.compute:
                continue
            named = field.name == f"{subject}_{name}" and field.subject != subject
            same = shared in IDENTITY_FORMATS and field.schema.get("format") == shared
            if named or same:
                yield field, key


def repoint(
    register: Register, keys: Mapping[str, tuple[Json, Json]], origin: int, *, reason: str
) -> list[Json]:
    """Whoever names a subject by an old key names it by the new one; gives what to put back.

    `keys` has by the key's name the old value and the new.
    """
    moved: list[Json] = []
    work, known = register.work, register.known
    for field, key in list(referring(known, register.subject)):
        old, new = keys.get(key.name, (None, None))
        if not isinstance(old, str) or not isinstance(new, str) or old == new:
            continue
        for own in _naming(work, known, field, old):
            there = Register(work, known, field.subject)
            was = there.read([own], hold=True)[own]
            before = was.state[STANDING][field.name]
            now = _with(was, field.name, Kept(new, origin))
            there.write(own, was, now, reason=reason)
            moved.append([field.code, own, new, before.value, before.origin])
    return moved


def point_back(work: Work, known: Dictionary, moved: Sequence[Any], reason: str) -> int:
    """The same undone, where it still says what it was made to say; gives how many others there are."""
    changed = 0
    for code, own, new, value, origin in moved:
        field = known.fields.get(code)
        if field is None:
            changed += 1
            continue
        there = Register(work, known, field.subject)
        was = there.read([own], hold=True).get(own)
        held = was.state[STANDING].get(field.name) if was else None
        if was is None or held is None or held.value != new:
            changed += 1
            continue
        now = _with(was, field.name, Kept(value, origin))
        there.write(own, was, now, reason=reason)
    return changed


def count(work: Work, known: Dictionary, subject: str, keys: Mapping[str, Json]) -> dict[str, int]:
    """How many name a subject by these keys, by field."""
    found = {}
    for field, key in referring(known, subject):
        value = keys.get(key.name)
        if isinstance(value, str) and (some := _naming(work, known, field, value)):
            found[field.code] = len(some)
    return found


def _naming(work: Work, known: Dictionary, field: Field, value: str) -> list[str]:
    target = table(known, field.subject)
    column = target.c[blind_name(field) if field.secret else column_name(field)]
    query = select(target.c.id).where(column == former.sought(work, field, value))
    return list(work.connection.execute(query.order_by(target.c.id)).scalars())


def _with(was: Whole, name: str, one: Kept) -> Whole:
    return Whole({**was.state, STANDING: {**was.state[STANDING], name: one}}, was.made)
