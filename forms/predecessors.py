"""The final report of a unit for a period, also where others made it before they went into the unit.

Of two units that became one the numbers that add up are added and rates are reckoned anew; texts are
those of the unit itself; what can neither be added nor reckoned is blank. What a unit reported that
was parted since belongs to none of its parts alone.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from engine.identity import lineage
from engine.periods import Period
from forms import document, documents, rollup
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord


def newest(
    connection: Connection, form: CompiledForm, codes: Sequence[str], period: Period
) -> dict[str, DocumentRecord]:
    """The final documents of a form for a period, by the unit of today: two queries, four where units
    changed.
    """
    came_before = lineage.before(connection, codes)
    former = {one for was in came_before.values() for one in was}
    every = documents.newest_of(connection, form.code, sorted({*codes, *former}), str(period))
    found = {code: every[code] for code in codes if code in every}
    last = period.bounds()[1].isoformat()
    for code, was in came_before.items():
        own = every.get(code)
        whole = [
            every[one]
            for one, until in was.items()
            if one in every and (own is None or until > last)
        ]
        if whole:
            found[code] = _one(form, own, whole)
    return found


def _one(
    form: CompiledForm, own: DocumentRecord | None, others: Sequence[DocumentRecord]
) -> DocumentRecord:
    """The documents of several units as that of one."""
    first = own or others[0]
    if own is None and len(others) == 1:
        return first
    added = rollup.totals_document(form, [*([own] if own else ()), *others])
    if own is not None:
        for item in form.items:
            if "*" not in item.path and not item.numeric:
                added = document.put(form, added, item.path, document.get(own.contents, item.path))
    return replace(first, contents=added, cells={})
