"""Documents and pages on several versions of one form, brought together.

A table over many documents reads them all as one version. A page may still show an older version of the
form than its document has by now.

Nothing typed there is lost: what has a cell goes into it, and what has none any more is kept in the
history and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.json_text import Json
from engine.work import Work
from forms import document, documents, newer, store
from forms.compiled import CompiledForm
from forms.documents import CellChange, DocumentRecord
from forms.meanwhile import MOVED
from forms.newer import Between


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page says of a document, by paths of the document's own version."""

    changes: Mapping[str, Json]
    confirm: Sequence[str]
    added: Mapping[str, Sequence[str]]
    removed: Mapping[str, Sequence[str]]
    left: Mapping[str, Json] = field(default_factory=dict)
    """What was typed into cells that are gone, or are not for typing any more, by the path it had."""

    def kept(self, visit: str) -> list[CellChange]:
        """What is left, for the history."""
        return [CellChange(path, None, value, visit=visit) for path, value in self.left.items()]


def is_older(record: DocumentRecord, version: int) -> bool:
    """Whether a page that shows this version of the form shows an older one. 0: it does not say."""
    return 0 < version < record.form_version


def read_as(
    work: Work, form: CompiledForm, records: Sequence[DocumentRecord]
) -> list[DocumentRecord]:
    """Documents with the items of one version of their form, whichever each is on: for tables over many."""
    done = []
    for one in records:
        if one.form_version != form.version and one.form_code == form.code:
            old = store.published(work.connection, form.code, one.form_version)
            came = newer.carried(newer.between(old, form), one.contents)
            one = one._replace(contents=came.contents)  # noqa: PLW2901 - the same document, read otherwise
        done.append(one)
    return done


def lies(work: Work, record: DocumentRecord, version: int) -> Between:
    """What lies between a page and its document."""
    forms = (version, record.form_version)
    return newer.between(
        *(store.published(work.connection, record.form_code, one) for one in forms)
    )


def restated(work: Work, record: DocumentRecord, version: int, said: Typed) -> Typed:
    """The same for the document as it is now."""
    found = lies(work, record, version)
    changes: dict[str, Json] = {}
    left: dict[str, Json] = {}
    for path, value in said.changes.items():
        there = found.target(path)
        item = None if there is None else found.new.item(there)
        if there is None or item is None or item.readonly:
            left[path] = value
        else:
            changes[there] = value
    gone = {
        one.path: one.before
        for one in documents.changes_since(work.connection, record.id, 0)
        if one.visit == MOVED and one.path in left
    }
    return Typed(
        changes,
        [
            there
            for path in said.confirm
            if (there := found.target(path)) is not None and found.new.item(there)
        ],
        {table: rows for table, rows in said.added.items() if table in found.new.table_by_path},
        {table: rows for table, rows in said.removed.items() if table in found.new.table_by_path},
        {
            path: value
            for path, value in left.items()
            if not document.blank(value) and not document.same(value, gone.get(path))
        },
    )
