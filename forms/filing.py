"""Filling a document: open it prefilled, save cells as they are typed, merge what two people do.

Who may edit what comes from the open fill task: it names the whole document, or after a return only
the cells that were returned. A cell that was not sent is never touched by a save.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine import messages
from engine.errors import Problem
from engine.identity.store import organisation
from engine.json_text import Json
from engine.work import Work
from forms import (
    attaching,
    choosing,
    conditions,
    defaults,
    document,
    documents,
    explaining,
    meanwhile,
    picking,
    store,
    surroundings,
)
from forms.compiled import CompiledForm
from forms.document import Cell
from forms.documents import CellChange, DocumentRecord
from forms.meanwhile import Collision, Elsewhere
from forms.prefill.prefill import Prefilled, prefill, with_computed
from forms.validate import CellProblem
from forms.versions import Typed, is_older, restated

UNCONFIRMED = frozenset({"carried", "stale", "returned"})
MAX_CHANGES = 20_000


class CellLocked(Problem):
    """The cell is not open for editing: it is computed, or was not among those returned."""

    code, status = "document.cell-locked", 409
    path: str
    label: str


class DocumentClosed(Problem):
    """The document was submitted or ended; it is not open for filling."""

    code, status = "document.closed", 409


class TooManyChanges(Problem):
    """More cells in one save than a document has."""

    code, status = "document.too-many-changes", 413
    limit: int


class DocumentIncomplete(Problem):
    """It cannot be submitted yet: these cells are missing, wrong or unconfirmed."""

    code, status = "document.incomplete", 422
    count: int
    problems: tuple[CellProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person did since the last save."""

    revision: int
    changes: Mapping[str, Json] = field(default_factory=dict)
    confirm: Sequence[str] = ()
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """New rows by table path, each with the identity the page gave it."""
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    """Why a check does not hold, by `<check's code>:<cell path>`."""
    visit: str = ""
    """Which window it comes from: a person who has two open is two, or the older one would win unseen."""
    version: int = 0
    """Which version of the form the page shows; 0: the document's own."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to."""

    revision: int
    cells: Mapping[str, Cell]
    problems: Sequence[CellProblem]
    conflicts: Sequence[Collision] = ()
    elsewhere: Sequence[Elsewhere] = ()
    """What the page does not know yet; it is told, for from now on it counts as having seen it."""
    left: Mapping[str, Json] = field(default_factory=dict)
    """What was typed into cells that the form has no more: kept in the history, and told."""


@dataclass(frozen=True)
class Opened:
    """A document with its form and what is known of every cell."""

    record: DocumentRecord
    form: CompiledForm
    labels: Mapping[str, str] = field(default_factory=dict)
    """What picked organisations and people are called, by value."""

    @cached_property
    def cells(self) -> Mapping[str, Cell]:
        """What is known of every cell, by path; made when somebody asks."""
        return document.load_cells(self.record.cells, self.record.contents)

    @property
    def contents(self) -> Mapping[str, Json]:
        """The values."""
        contents: Mapping[str, Json] = self.record.contents
        return contents


def opened(work: Work, record: DocumentRecord) -> Opened:
    """A document as it stands."""
    form = store.published(work.connection, record.form_code, record.form_version)
    return Opened(record, form, picking.labels(work, form, record.contents))


def fill_in(work: Work, record: DocumentRecord) -> DocumentRecord:
    """Prefill a document that nobody has opened yet; any other is left as it is."""
    if record.opened_at is not None or record.revision:
        return record
    form = store.published(work.connection, record.form_code, record.form_version)
    place = organisation(work.connection, record.organisation_code)
    known = prefill(work, form, [place], record.period)[place.code]
    cells = document.dump_cells(known.cells)
    revision = documents.save(work, record, known.contents, cells, opened_at=work.at)
    work.note("document.opened", record.id, known=len(known.cells))
    return record._replace(
        contents=known.contents, cells=cells, revision=revision, opened_at=work.at
    )


def save(
    work: Work,
    record: DocumentRecord,
    edit: Edit,
    *,
    only: Collection[str] | None,
    language: str = "zh",
) -> Saved:
    """Save changed cells. `only` are the cells that may change, or None for all.

    Raises CellLocked, CellUnknown, TooManyChanges, PersonOutOfReach; a conflict is no error but part of the answer.
    """
    if len(edit.changes) > MAX_CHANGES:
        raise TooManyChanges(limit=MAX_CHANGES)
    record = _explain(record, edit.explanations)
    said = Typed(edit.changes, edit.confirm, edit.added, edit.removed)
    if is_older(record, edit.version):
        said = restated(work, record, edit.version, said)
        edit = replace(
            edit, changes=said.changes, confirm=said.confirm, added=said.added, removed=said.removed
        )
    now = opened(work, record)
    for path in edit.changes:  # before a clash with it tells what stands there
        _refuse_locked(now, path, only)
    for path in edit.confirm:
        if not _open(path, only):
            raise CellLocked(path=path, label=now.form.name_of(path, language))
    theirs = meanwhile.changed(work, now.record, edit.revision, edit.visit)
    conflicts = meanwhile.collisions(theirs, edit.changes)
    skipped = {conflict.path for conflict in conflicts}
    contents, proposed = _rows(now, edit, only)
    cells = {**now.cells, **proposed}
    typed = {path: value for path, value in edit.changes.items() if path not in skipped}
    put = {path: one.value for path, one in proposed.items()} | typed
    before = document.get_all(now.contents, put)
    for path, value in typed.items():
        cells[path] = _typed(cells.get(path), value)
    contents = document.put_all(now.form, contents, typed)
    changes = [
        CellChange(path, before[path], value, visit=edit.visit)
        for path, value in put.items()
        if not document.same(before[path], value)
    ]
    for path in edit.confirm:
        cell = cells.get(path)
        if cell is not None and (cell.state in UNCONFIRMED or _disputed(cell)):
            cells[path] = replace(cell, state="confirmed")
    for path in {*typed, *edit.confirm}:
        cell = cells.get(path)
        if cell is not None and (cell.source or {}).get("others"):
            cells[path] = replace(cell, chosen=choosing.choice(work, cell))
    _refuse_held(work, now, contents, typed)
    attaching.refuse_unknown(work, now.form, record.id, typed)
    picking.refuse_out_of_reach(work, now.form, record, typed)
    changes += [*_with_rows(now, edit), *said.kept(edit.visit)]
    saved = _stored(work, now, contents, cells, changes=changes, language=language)
    unseen = [one for one in theirs if one.path not in edit.changes and _open(one.path, only)]
    return replace(saved, conflicts=conflicts, elsewhere=unseen, left=said.left)


def _disputed(cell: Cell) -> bool:
    """Whether sources disagree about a value: choosing one is worth keeping."""
    return cell.state == "known" and bool((cell.source or {}).get("others"))


def _with_rows(now: Opened, edit: Edit) -> list[CellChange]:
    """What stood in the rows that were removed, so that an older version still shows them."""
    gone = tuple(f"{table}/{row}/" for table, rows in edit.removed.items() for row in rows)
    if not gone:
        return []
    filled = document.flatten(now.contents, now.form)
    return [
        CellChange(path, value, None, visit=edit.visit)
        for path, value in filled.items()
        if path.startswith(gone)
    ]


def confirm_all(
    work: Work, record: DocumentRecord, *, only: Collection[str] | None
) -> DocumentRecord:
    """Confirm every carried or stale value that may be confirmed: the one press of a known task."""
    waiting = [
        path
        for path in document.in_state(record.cells, UNCONFIRMED)
        if only is None or path in only
    ]
    if not waiting:
        return record
    cells = document.load_cells(record.cells, record.contents)
    confirmed = {path: replace(cells[path], state="confirmed") for path in waiting}
    stored = document.dump_cells({**cells, **confirmed})
    revision = documents.save(work, record, record.contents, stored)
    return record._replace(cells=stored, revision=revision)


def obstacles(
    work: Work, record: DocumentRecord, *, language: str = "zh"
) -> tuple[Opened, list[CellProblem]]:
    """Everything that stands in the way of submitting: missing, wrong, unexplained, unconfirmed."""
    now = opened(work, record)
    found = [
        lacking
        for one in surroundings.problems(work, now.form, record, language=language, draft=False)
        if (lacking := explaining.wanting(record.explanations, one, language))
    ]
    waiting = document.in_state(record.cells, UNCONFIRMED)
    if waiting:
        told, _ = surroundings.conditioned(work, now.form, record)
        values = document.get_all(record.contents, waiting)
        found += [
            CellProblem(path, "confirm", _ask(now.form, path, language), "unconfirmed")
            for path in waiting
            if not document.blank(values[path]) and not told.hides(path)
        ]
    return now, found


def _ask(form: CompiledForm, path: str, language: str) -> str:
    details = {"label": form.name_of(path, language)}
    return messages.text("document.confirm", language, details)


def _explain(record: DocumentRecord, given: Mapping[str, str]) -> DocumentRecord:
    """The record with more explanations; an empty one takes an earlier one back."""
    if not given:
        return record
    merged = {**record.explanations, **{key: text.strip()[:500] for key, text in given.items()}}
    kept = {key: text for key, text in merged.items() if text}
    return record._replace(explanations=kept)


def _open(path: str, only: Collection[str] | None) -> bool:
    return only is None or path in only


def _rows(
    now: Opened, edit: Edit, only: Collection[str] | None
) -> tuple[Mapping[str, Json], dict[str, Cell]]:
    """The document with the rows that came and without those that went; what the form proposes in new ones."""
    contents: Mapping[str, Json] = now.contents
    proposed: dict[str, Cell] = {}
    floating = {table.path for table in now.form.tables if table.kind == "floating"}
    for table in (*edit.added, *edit.removed):
        if table not in floating or (only is not None and table not in only):
            raise CellLocked(path=table, label=now.form.name_of(table))
    for table, rows in edit.added.items():
        known = set(document.row_ids(contents, table))
        fresh = [row for row in dict.fromkeys(rows) if row not in known]
        contents, more = defaults.in_rows(now.form, contents, table, fresh)
        proposed |= more
    for table, rows in edit.removed.items():
        for row in rows:
            contents = document.remove(contents, f"{table}/{row}")
    return contents, proposed


def _refuse_locked(now: Opened, path: str, only: Collection[str] | None) -> None:
    item = now.form.item(path)
    if item is None:
        raise document.CellUnknown(path=path)
    if item.readonly or (only is not None and path not in only):
        raise CellLocked(path=path, label=item.full_label())


def _refuse_held(
    work: Work, now: Opened, contents: Mapping[str, Json], typed: Collection[str]
) -> None:
    """Cells that a condition locks may not change; one that this very save locks still may."""
    if not any(one.kind == "readonly" for one in now.form.conditions):
        return
    after = now.record._replace(contents=contents)
    for record in (now.record, after):
        told, _ = surroundings.conditioned(work, now.form, record)
        typed = [path for path in typed if told.locks(path)]
    for path in typed:
        raise CellLocked(path=path, label=now.form.name_of(path))


def without_hidden(work: Work, record: DocumentRecord) -> DocumentRecord:
    """The document as it is handed in: what its conditions do not show is taken out, and kept as a change."""
    form = store.published(work.connection, record.form_code, record.form_version)
    told, values = surroundings.conditioned(work, form, record)
    if not told.hidden:
        return record
    now = opened(work, record)
    before = document.flatten(record.contents, now.form)
    gone = [
        CellChange(path, value, None)
        for path, value in before.items()
        if document.blank(document.get(values, path))
    ]
    if not gone:
        return record
    cells = {path: cell for path, cell in now.cells.items() if not told.hides(path)}
    stored = document.dump_cells(cells)
    revision = documents.save(work, record, values, stored, gone)
    return record._replace(contents=values, cells=stored, revision=revision)


def _typed(cell: Cell | None, value: Json) -> Cell:
    """The state of a cell after somebody put a value into it."""
    known = cell.known if cell else None
    if document.blank(value):
        return replace(cell or Cell(), value=None, state="empty")
    if cell is not None and not document.blank(known) and document.same(known, value):
        state = "confirmed" if cell.state != "known" else "known"
        return replace(cell, value=value, state=state, reason="")
    return replace(cell or Cell(), value=value, state="typed", reason="")


def _stored(
    work: Work,
    now: Opened,
    contents: Mapping[str, Json],
    cells: Mapping[str, Cell],
    *,
    changes: Sequence[CellChange],
    language: str,
) -> Saved:
    env = surroundings.around(work, now.form, now.record._replace(contents=contents))
    _, env = conditions.apply(now.form, env)
    worked = with_computed(now.form, Prefilled(contents, cells), env)
    kept = {
        path: cell
        for path, cell in worked.cells.items()
        if cell.state != "empty" or cell.known is not None
    }
    revision = documents.save(
        work,
        now.record,
        worked.contents,
        document.dump_cells(kept),
        changes,
        explanations=now.record.explanations,
    )
    record = now.record._replace(contents=worked.contents, revision=revision)
    found = surroundings.problems(work, now.form, record, language=language, draft=True)
    different: dict[str, Any] = {
        path: cell for path, cell in kept.items() if now.cells.get(path) != cell
    }
    return Saved(revision, different, found)


def mark_returned(work: Work, record: DocumentRecord, reasons: Mapping[str, str]) -> None:
    """Put the reason beside each returned cell. Raises CellUnknown for a cell the form has not."""
    now = opened(work, record)
    cells = dict(now.cells)
    for path, reason in reasons.items():
        if now.form.item(path) is None:
            raise document.CellUnknown(path=path)
        cells[path] = replace(cells.get(path, Cell()), state="returned", reason=reason)
    documents.set_columns(work, record.id, cells=document.dump_cells(cells))
