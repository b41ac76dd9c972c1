"""What of a subject is deleted: which fields, which texts are theirs alone, and their rows in the registers.

Facts that are counted (birth date, sex, residence, coded facts below L3) stay, so that totals stay true;
nobody is found by them any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, delete, or_, select, update

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.erasure.redact import MARK, SHORTEST, Sought, blanked_names
from engine.json_text import canonical
from engine.registers import absent, former, schema
from engine.registers.former import FORMER
from engine.registers.pairs import PAIR
from engine.registers.store import opened, place_of
from engine.storage import sealed
from engine.work import HISTORY, Work

PROTECTED = ("L3", "L4")


def erased(field: Field, known: Dictionary) -> bool:
    """Whether a field's values go: what is protected, and any other text that tells who it is."""
    if field.sensitivity in PROTECTED:
        return True
    kind = known.subjects.get(field.subject)
    if kind is not None and (field.name == kind.home or field.name in _links(known)):
        return False
    return (
        field.sensitivity == "L2"
        and field.schema.get("type") == "string"
        and field.codelist is None
        and field.schema.get("format") != "date"
    )


def _links(known: Dictionary) -> set[str]:
    """Names of fields that lead to another subject by its key: `household_number`."""
    return {f"{kind.code}_{key}" for kind in known.subjects.values() for key in kind.keys}


def everywhere(work: Work, subject: str, subject_id: str) -> list[str]:
    """Under which ids the subject was kept, the present one first."""
    return [subject_id, *former.ids(work, subject, subject_id)]


def sought(work: Work, known: Dictionary, subject: str, ids: Sequence[str]) -> Sought:
    """What is to be looked for, from the register as it is and as it was."""
    fields = {one.name: one for one in known.of(subject) if erased(one, known)}
    keys = set(known.subjects[subject].keys)
    own: dict[str, set[str]] = {}
    for values in (*_now(work, known, subject, ids), *_before(work, subject, ids)):
        for name, value in values.items():
            if name in fields and isinstance(value, str) and len(value.strip()) >= SHORTEST:
                own.setdefault(value.strip(), set()).add(name)
    texts = {
        text
        for text, names in own.items()
        if names & keys
        or (any(fields[n].secret for n in names) and not _shared(work, known, text, ids))
    }
    return Sought(frozenset(texts), frozenset(fields))


def _now(
    work: Work, known: Dictionary, subject: str, ids: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for target, fields, key in _tables(known, subject):
        for row in work.connection.execute(select(target).where(key.in_(ids))).mappings():
            period = row.get("period")
            place = place_of(row[key.name], period)
            yield {
                one.name: opened(work, one, place, row[schema.column_name(one)]) for one in fields
            }


def _before(work: Work, subject: str, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in _history(work, subject, ids):
        for column in ("before", "after"):
            value = sealed.unseal(work.connection, row[column], _place(row))
            if isinstance(value, dict):
                yield value


def _shared(work: Work, known: Dictionary, text: str, ids: Sequence[str]) -> bool:
    """Whether somebody else has this value too: a family's phone, a guardian's number."""
    for field in known.fields.values():
        if not field.secret or field.status == "retired":
            continue
        target = schema.table(known, field.subject, period=field.periodic)
        key = target.c.subject_id if field.periodic else target.c.id
        plain = text if field.schema.get("type") == "string" else canonical(text).decode()
        mark = target.c[schema.blind_name(field)] == work.vault.blind(plain, field.code)
        if work.connection.execute(select(key).where(mark, key.not_in(ids)).limit(1)).first():
            return True
    return False


def blank_rows(work: Work, known: Dictionary, subject: str, ids: Sequence[str]) -> int:
    """Take the values out of the register, the look-up and the history; gives how many rows changed."""
    changed = 0
    for target, fields, key in _tables(known, subject):
        gone: dict[str, None] = {}
        for one in fields:
            gone[schema.column_name(one)] = None
            if one.secret:
                gone[schema.blind_name(one)] = None
        if not gone:
            continue
        names = frozenset(one.name for one in fields)
        for row in work.connection.execute(select(target).where(key.in_(ids))).mappings():
            answers = row[absent.COLUMN]
            kept = {n: a for n, a in answers.items() if n not in names} if answers else answers
            this = [one == row[one.name] for one in target.primary_key]
            change = update(target).where(*this).values(**gone, **{absent.COLUMN: kept or None})
            changed += work.connection.execute(change).rowcount
    work.connection.execute(
        delete(FORMER).where(FORMER.c.subject == subject, FORMER.c.now_id.in_(ids), FORMER.c.name != former.ID)
    )  # fmt: skip
    pair = or_(PAIR.c.first_id.in_(ids), PAIR.c.second_id.in_(ids))
    work.connection.execute(delete(PAIR).where(PAIR.c.subject == subject, pair))
    return changed


def blank_history(
    work: Work, subject: str, ids: Sequence[str], names: frozenset[str], *, only: str = ""
) -> int:
    """The same for what the subject's rows were, in the register and in ledgers, or of `only` one kind."""
    changed = 0
    for row in _history(work, subject, ids):
        if only and row["kind"] != only:
            continue
        changed += blank_entry(work, row, names)
    return changed


def blank_entry(work: Work, row: Mapping[Any, Any], names: frozenset[str]) -> bool:
    """One entry of history without these values; gives whether any stood there."""
    place, values = _place(row), {}
    for column in ("before", "after"):
        old = sealed.unseal(work.connection, row[column], place)
        new = blanked_names(old, names)
        if new != old:
            values[column] = sealed.seal(work.connection, new, place, "history")
    if values:
        work.connection.execute(update(HISTORY).where(HISTORY.c.id == row["id"]).values(values))
    return bool(values)


def entry_holds(work: Work, row: Mapping[Any, Any], name: str) -> bool:
    """Whether an entry of history has a value of this name that was not blanked."""
    found = (sealed.unseal(work.connection, row[one], _place(row)) for one in ("before", "after"))
    return any(isinstance(one, dict) and one.get(name) not in (None, "", MARK) for one in found)


def _history(work: Work, subject: str, ids: Sequence[str]) -> list[Any]:
    mine = [or_(HISTORY.c.target == one, HISTORY.c.target.like(f"{one}@%")) for one in ids]
    kinds = or_(
        HISTORY.c.kind.in_((f"reg_{subject}", f"per_{subject}")), HISTORY.c.kind.like("led~_%", escape="~")
    )  # fmt: skip
    query = select(HISTORY).where(and_(or_(*mine), kinds)).order_by(HISTORY.c.id)
    return list(work.connection.execute(query).mappings())


def _place(row: Any) -> str:
    return f"history:{row['kind']}:{row['target']}:{row['at']}"


def _tables(known: Dictionary, subject: str) -> Iterator[tuple[Table, list[Field], Any]]:
    fields = [one for one in known.of(subject) if erased(one, known)]
    standing = schema.table(known, subject)
    yield standing, [one for one in fields if not one.periodic], standing.c.id
    if schema.has_periods(known, subject):
        periods = schema.table(known, subject, period=True)
        yield periods, [one for one in fields if one.periodic], periods.c.subject_id
