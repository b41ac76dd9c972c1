"""A task in hand with its document and its case, read in one statement: everything that is done begins so."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, bindparam, select

from engine.errors import NotFound
from engine.storage.prepared import Prepared
from engine.work import Work
from forms import documents
from forms.documents import DOCUMENT, DocumentRecord
from workflows import sealing, standing, store
from workflows.store import CASE, TASK, CaseRecord, TaskRecord

RECORDS = ((TASK, TaskRecord), (DOCUMENT, DocumentRecord), (CASE, CaseRecord))
_COLUMNS = [[table.c[name] for name in kind._fields if name in table.c] for table, kind in RECORDS]
"""Of each table, in the order in which its record has them."""
_ENDS = accumulate(map(len, _COLUMNS), initial=0)
_OF_TASK, _OF_DOCUMENT, _OF_CASE = (slice(*ends) for ends in pairwise(_ENDS))


class Held(Struct, frozen=True):
    """A task in hand with its document and its case."""

    task: TaskRecord
    record: DocumentRecord
    case: CaseRecord


class Found(NamedTuple):
    """A task that may be acted on, with the records around it as their rows have them, still sealed."""

    task: TaskRecord
    document: DocumentRecord
    case: CaseRecord

    def opened(self, work: Work) -> Held:
        """With what is sealed opened."""
        record = documents.opened(work.connection, self.document)
        return Held(self.task, record, store.opened_case(work.connection, self.case))


def find(work: Work, task_id: str) -> Found:
    """A task that the actor may act on, or did. Raises NotFound for anybody else's."""
    row = _HELD.row(work.connection, task=task_id)
    if row is None:
        raise NotFound
    found = _found(work, row)
    if standing.in_the_name_of(work, found.task) is None:
        raise NotFound
    return found


def several(work: Work, task_ids: Sequence[str]) -> dict[str, Held]:
    """Many tasks by their id, whoever asks, in one statement: who may act is for the caller to ask."""
    rows = work.connection.execute(_ALL.where(TASK.c.id.in_(task_ids)))
    found = (_found(work, row).opened(work) for row in rows.all())
    return {one.task.id: one for one in found}


def _found(work: Work, row: Sequence[Any]) -> Found:
    task = TaskRecord(*row[_OF_TASK])
    if task.cells is not None:
        cells = sealing.opened_cells(work.connection, task.id, task.cells)
        task = task._replace(cells=cells)
    return Found(task, DocumentRecord(*row[_OF_DOCUMENT]), CaseRecord(*row[_OF_CASE]))


def _columns() -> Iterator[ColumnElement[Any]]:
    for columns in _COLUMNS:
        for column in columns:
            yield column.label(f"{column.table.name}_{column.name}")


_ALL = (
    select(*_columns())
    .join(DOCUMENT, DOCUMENT.c.id == TASK.c.document_id)
    .join(CASE, CASE.c.id == TASK.c.case_id)
)
_HELD = Prepared(_ALL.where(TASK.c.id == bindparam("task")))
