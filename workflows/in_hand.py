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

TABLES = (TASK, DOCUMENT, CASE)
_NAMES = [tuple(table.c.keys()) for table in TABLES]
_ENDS = list(accumulate(map(len, _NAMES), initial=0))
_PARTS = [(names, slice(*ends)) for names, ends in zip(_NAMES, pairwise(_ENDS), strict=True)]
"""Which columns of a row are of which table."""


class Held(Struct, frozen=True):
    """A task in hand with its document and its case."""

    task: TaskRecord
    record: DocumentRecord
    case: CaseRecord


class Found(NamedTuple):
    """A task that may be acted on, with the rows around it, still closed."""

    task: TaskRecord
    document: dict[str, Any]
    case: dict[str, Any]

    def opened(self, work: Work) -> Held:
        """With what is sealed opened."""
        record = documents.record_of(work.connection, self.document)
        return Held(self.task, record, store.case_of(work.connection, self.case))


def find(work: Work, task_id: str) -> Found:
    """A task that the actor may act on, or did. Raises NotFound for anybody else's."""
    row = _HELD.row(work.connection, task=task_id)
    if row is None:
        raise NotFound
    task, document, case = _parted(row)
    found = TaskRecord(**sealing.opened_task(work.connection, task))
    if standing.in_the_name_of(work, found) is None:
        raise NotFound
    return Found(found, document, case)


def several(work: Work, task_ids: Sequence[str]) -> dict[str, Held]:
    """Many tasks by their id, whoever asks, in one statement: who may act is for the caller to ask."""
    connection, found = work.connection, {}
    for row in connection.execute(_ALL.where(TASK.c.id.in_(task_ids))):
        task, document, case = _parted(list(row))
        record = TaskRecord(**sealing.opened_task(connection, task))
        found[record.id] = Found(record, document, case).opened(work)
    return found


def _parted(row: list[Any]) -> Iterator[dict[str, Any]]:
    for names, part in _PARTS:
        yield dict(zip(names, row[part], strict=True))


def _columns() -> Iterator[ColumnElement[Any]]:
    for table in TABLES:
        for column in table.c:
            yield column.label(f"{table.name}_{column.name}")


_ALL = (
    select(*_columns())
    .join(DOCUMENT, DOCUMENT.c.id == TASK.c.document_id)
    .join(CASE, CASE.c.id == TASK.c.case_id)
)
_HELD = Prepared(_ALL.where(TASK.c.id == bindparam("task")))
