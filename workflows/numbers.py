"""Numbers of cases: given once, without gaps or doubles, however many ask at once.

Whoever takes a number holds the counters until the transaction ends: one that is rolled back gives its
number back, and the next gets it.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from engine.identity import store as identity
from engine.storage.database import advisory_lock
from engine.work import Work
from forms import store as forms
from forms.documents import DOCUMENT
from workflows import numbering
from workflows.core import decision
from workflows.course import Course
from workflows.events import SYSTEM, Numbered
from workflows.numbering import Counted, Given
from workflows.store import CASE
from workflows.tables import CounterRow

COUNTER = CounterRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
CHUNK = 500


def give(course: Course, effect: decision.GiveNumber) -> None:
    """The case gets the next number of its counter."""
    work, record = course.work, course.record
    form = forms.published(work.connection, record.form_code, record.form_version)
    codes = [record.organisation_code, record.owner]
    names = identity.organisation_names(work.connection, codes)
    given = Given(
        work.today,
        record.period,
        record.organisation_code,
        names.get(record.organisation_code, ""),
        record.owner,
        names.get(record.owner, ""),
        record.form_code,
        form.title("zh"),
    )
    number = _next(work, numbering.counted(effect.number.template, given), effect.number.first)
    course.waiting.appendleft(Numbered(at=work.now, by=SYSTEM, number=number))
    work.note("flow.numbered", record.id, case=course.case_id, number=number)


def _next(work: Work, counted: Counted, first: int) -> str:
    """The next number that no case has; other templates may make the same text of other parts."""
    advisory_lock(work.connection, "numbers of cases")
    where = COUNTER.c.counter == counted.counter
    raised = update(COUNTER).where(where).values(last=COUNTER.c.last + 1)
    while True:
        if work.connection.execute(raised).rowcount:
            running = int(work.connection.execute(select(COUNTER.c.last).where(where)).scalar_one())
        else:
            running = first
            row = {"counter": counted.counter, "last": running}
            work.connection.execute(insert(COUNTER), row)
        number = counted.text(running)
        taken = select(CASE.c.id).where(CASE.c.number == number)
        if work.connection.execute(taken).first() is None:
            return number


def of_documents(connection: Connection, document_ids: Collection[str]) -> dict[str, str]:
    """The numbers of some documents' cases; those without are left out."""
    found: dict[str, str] = {}
    asked: Sequence[str] = list(document_ids)
    for start in range(0, len(asked), CHUNK):
        query = (
            select(DOCUMENT.c.id, CASE.c.number)
            .join(CASE, CASE.c.id == DOCUMENT.c.case_id)
            .where(DOCUMENT.c.id.in_(asked[start : start + CHUNK]), CASE.c.number.is_not(None))
        )
        found |= {str(document): str(number) for document, number in connection.execute(query)}
    return found


def like(case_id: ColumnElement[Any], pattern: Any) -> ColumnElement[bool]:
    """Whether a case's number is like a pattern, with `\\` before what is meant as it stands."""
    return exists().where(CASE.c.id == case_id, CASE.c.number.like(pattern, escape="\\"))


def literally(words: str) -> str:
    """Words for a pattern, meant as they stand."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
