"""Files of ledger rows whose values are deleted: they go too, unless something else still names them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from engine.attachments import store as files
from engine.attachments.store import Home, mark_of
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.ledgers.lens import Lens
from engine.ledgers.schema import local_table
from engine.registers.schema import column_name, table
from engine.storage import sealed
from engine.work import HISTORY, Work
from forms import attached
from forms.kinds import ledger
from forms.kinds.ledger_files import PLACE

Named = Mapping[str, set[str]]
"""Ids of files by the subject that they belong to."""


def of_ledger(work: Work, lens: Lens, ids: Sequence[str]) -> Named:
    """What a ledger's own columns name of some subjects, now or before; asked before they are blanked."""
    fields = [one.field for one in lens.local() if one.files]
    if not fields:
        return {}
    found = _now(work, local_table(lens), "subject_id", fields, ids)
    past = select(HISTORY).where(HISTORY.c.kind == lens.table_name, HISTORY.c.target.in_(ids))
    names = {one.name for one in fields}
    for row in work.connection.execute(past).mappings():
        place = f"history:{row['kind']}:{row['target']}:{row['at']}"
        for column in ("before", "after"):
            told: Any = sealed.unseal(work.connection, row[column], place) or {}
            for name in names & set(told):
                found[row["target"]] |= set(map(mark_of, attached.refs(told[name])))
    return found


def of_field(field: Field, rows: Sequence[Mapping[Any, Any]], key: str) -> Named:
    """What a field of a register names in rows that are about to be blanked."""
    if "attachment" not in field.schema:
        return {}
    return {row[key]: set(map(mark_of, attached.refs(row[column_name(field)]))) for row in rows}


def release(work: Work, subject: str, named: Named) -> int:
    """Delete files that nothing names any more; gives how many. Asked once the values are blanked."""
    ids = sorted(own for own, marks in named.items() if marks)
    if not ids:
        return 0
    still: dict[str, set[str]] = defaultdict(set)
    for held in _held(work, subject, ids):
        for own, marks in held.items():
            still[own] |= marks
    return sum(
        files.forget(work, Home(PLACE, own), left)
        for own in ids
        if (left := named[own] - still[own])
    )


def _held(work: Work, subject: str, ids: Sequence[str]) -> Iterator[Named]:
    """What registers and ledgers name of these subjects now."""
    known = dictionary(work.connection)
    own = [
        one for one in known.of(subject)
        if "attachment" in one.schema and not (one.periodic or one.secret)
    ]  # fmt: skip
    if own:
        yield _now(work, table(known, subject), "id", own, ids)
    for form in ledger.forms(work.connection):
        lens = ledger.lens(work.connection, form)
        fields = [one.field for one in lens.local() if one.files]
        if lens.subject == subject and fields:
            yield _now(work, local_table(lens), "subject_id", fields, ids)


def _now(
    work: Work, target: Table, key: str, fields: Sequence[Field], ids: Sequence[str]
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    columns = [target.c[column_name(one)] for one in fields if column_name(one) in target.c]
    query = select(target.c[key], *columns).where(target.c[key].in_(ids))
    for own, *values in work.connection.execute(query):
        for value in values:
            found[own] |= set(map(mark_of, attached.refs(value)))
    return found
