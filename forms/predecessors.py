"""The final report of a unit for a period, also where others made it before they went into the unit.

Of two units that became one the numbers that add up are added and rates are reckoned anew; texts are
those of the unit itself; what can neither be added nor reckoned is blank. What a unit reported that
was parted since belongs to none of its parts alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.identity import lineage
from engine.identity import store as identity
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


@dataclass(frozen=True, slots=True)
class Gone:
    """Why the last period says nothing of a cell: units were parted, or went into one, since."""

    kind: str
    """parted | merged"""
    names: tuple[str, ...]
    """What they were called."""


def gone(
    connection: Connection, form: CompiledForm, code: str, period: Period, path: str
) -> Gone | None:
    """Whether a value of the period before is blank only because units changed since; None if not."""
    last = period.bounds()[1].isoformat()
    was = {one: until for one, until in lineage.shared(connection, code).items() if until > last}
    if told := _told(connection, form, was, period, path):
        return Gone("parted", told)
    was = {
        one: until
        for one, until in lineage.before(connection, [code]).get(code, {}).items()
        if until > last
    }
    if told := _told(connection, form, was, period, path):
        return Gone("merged", told)
    return None


def _told(
    connection: Connection, form: CompiledForm, was: Mapping[str, str], period: Period, path: str
) -> tuple[str, ...]:
    """The names of those of some former units that said something in a cell of that period."""
    if not was:
        return ()
    every = documents.newest_of(connection, form.code, sorted(was), str(period))
    said = [
        one for one in sorted(was)
        if one in every and not document.blank(document.get(every[one].contents, path))
    ]  # fmt: skip
    last = period.bounds()[1].isoformat()
    then = lineage.names_on(connection, dict.fromkeys(said, last))
    now = identity.organisation_names(connection, said)
    return tuple(then.get(one) or now.get(one, one) for one in said)


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
    return first._replace(contents=added, cells={})
