"""The values of a document as they stood at a time: what was changed since is undone."""

from collections.abc import Mapping, Sequence

from engine.json_text import Json
from engine.work import Work
from forms import document, documents, newer, surroundings
from forms.checks import compute
from forms.compiled import CompiledForm
from forms.documents import CellChange, DocumentRecord


def as_of(work: Work, form: CompiledForm, record: DocumentRecord, at: str) -> dict[str, Json]:
    """The values as they stood at a time: later changes are undone, computed cells worked out anew."""
    later = [one for one in documents.changes_since(work.connection, record.id, 0) if one.at > at]
    contents = undone(form, record.contents, later)
    if form.version != record.form_version:
        contents = newer.pruned(form, contents)
    env = surroundings.around(work, form, record._replace(contents=contents))
    for path, value in compute.compute(form, env).items():
        contents = document.put(form, contents, path, value)
    return contents


def undone(
    form: CompiledForm, contents: Mapping[str, Json], changes: Sequence[CellChange]
) -> dict[str, Json]:
    """The values before these changes, which come oldest first."""
    found: dict[str, Json] = dict(contents)
    for change in reversed(changes):
        found = _undone(form, found, change)
    return found


def _undone(form: CompiledForm, contents: dict[str, Json], change: CellChange) -> dict[str, Json]:
    item = form.item(change.path)
    if item is None:
        return contents
    if item.table and "*" in item.path:
        row = change.path[len(item.table) + 1 :].partition("/")[0]
        if row not in document.row_ids(contents, item.table):
            contents = document.add_row(contents, item.table, row)
        contents = document.put(form, contents, change.path, change.before)
        kept = document.get(contents, f"{item.table}/{row}")
        empty = not any(not document.blank(value) for key, value in kept.items() if key != "_id")
        return document.remove(contents, f"{item.table}/{row}") if empty else contents
    return document.put(form, contents, change.path, change.before)
