"""零报告: a report that says in so many words that there was nothing to report this time.

It is handed in, verified and approved like any other and counts as such; it differs from 免报, where
nobody need report, and from a blank report, which is a mistake. Own numbers become nought and rows of
tables go; what is known without anybody stays. It sets nothing in the registers.
"""

from collections.abc import Mapping

from engine.errors import Problem
from engine.identity.store import organisation
from engine.json_text import Json
from engine.work import Work
from forms import document, documents, filing, store
from forms.document import Cell
from forms.documents import CellChange, DocumentRecord
from forms.filing import Opened
from forms.prefill.prefill import Prefilled, prefill, with_computed
from forms.surroundings import around

MARK = "zero"
KEPT = ("known", "computed")
"""What is known without anybody saying so holds in a period without anything to report too."""
TYPED = ("typed", "confirmed")


class NilNotAllowed(Problem):
    """The report does not take a nil return, or only named cells of it are open."""

    code, status = "document.nil-not-allowed", 409


class NilWouldClear(Problem):
    """Something was typed that a nil return takes away; it has to be said that this is meant."""

    code, status = "document.nil-would-clear", 409
    count: int


def is_nil(record: DocumentRecord) -> bool:
    """Whether the document is a nil return."""
    return record.mark == MARK


def typed(now: Opened) -> int:
    """How many cells somebody filled in or confirmed, which a nil return would take away."""
    return sum(1 for one in now.cells.values() if one.state in TYPED and one.filled)


def declare(work: Work, record: DocumentRecord, remark: str, *, clear: bool) -> DocumentRecord:
    """Make a document a nil return; what changes is kept in its history. Raises NilWouldClear."""
    now = filing.opened(work, record)
    if typed(now) and not clear:
        raise NilWouldClear(count=typed(now))
    values: dict[str, Json] = {}
    cells: dict[str, Cell] = {}
    for item in now.form.items:
        cell = now.cells.get(item.path)
        if "*" in item.path or item.compute:
            continue
        if cell is not None and cell.state in KEPT:
            values[item.path], cells[item.path] = cell.value, cell
        elif item.numeric and not item.field and not item.readonly:
            values[item.path], cells[item.path] = 0, Cell(value=0, state="typed")
    return _kept(work, now, Prefilled(document.put_all(now.form, {}, values), cells), remark)


def undo(work: Work, record: DocumentRecord) -> DocumentRecord:
    """No nil return after all: the document opens again as it was prefilled."""
    now = filing.opened(work, record)
    place = organisation(work.connection, record.organisation_code)
    return _kept(work, now, prefill(work, now.form, [place], record.period)[place.code], None)


def unmarked(work: Work, record: DocumentRecord) -> DocumentRecord:
    """The document without its mark, as it was filled in since."""
    documents.set_columns(work, record.id, mark="", mark_reason="")
    return record._replace(mark="", mark_reason="")


def allowed(work: Work, record: DocumentRecord, of_dispatch: bool | None) -> bool:
    """Whether a report may be returned nil: the dispatch decides, without one the form."""
    if of_dispatch is not None:
        return of_dispatch
    form = store.published(work.connection, record.form_code, record.form_version)
    return form.nil


def _kept(work: Work, now: Opened, made: Prefilled, remark: str | None) -> DocumentRecord:
    """Keep other contents, with every difference as a change; `remark` is None to take the mark off."""
    record = now.record
    env = around(work, now.form, record._replace(contents=made.contents))
    worked = with_computed(now.form, made, env)
    after = record._replace(
        contents=worked.contents,
        cells=document.dump_cells(worked.cells),
        explanations={},
        mark="" if remark is None else MARK,
        mark_reason=(remark or "").strip()[:500],
    )
    revision = documents.save(
        work,
        record,
        after.contents,
        after.cells,
        _changes(now, worked.contents),
        explanations={},
        mark=after.mark,
        mark_reason=after.mark_reason,
    )
    return after._replace(revision=revision)


def _changes(now: Opened, contents: Mapping[str, Json]) -> list[CellChange]:
    before = document.flatten(now.contents, now.form)
    after = document.flatten(contents, now.form)
    return [
        CellChange(path, before.get(path), after.get(path))
        for path in dict.fromkeys([*before, *after])
        if not document.same(before.get(path), after.get(path))
    ]
