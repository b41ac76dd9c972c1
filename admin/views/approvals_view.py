"""The leader's page: what waits for approval, exceptions set apart, and who is late."""

from collections.abc import Iterable, Sequence
from typing import Any

from admin.views import acting_view, allow_view, document_view, signing_view, words
from admin.views.task_view import Reader, names, records_of, title
from admin.views.verify_view import signoffs
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.work import Work
from forms import document, filing, nil, surroundings
from workflows import handwriting, numbers
from workflows import store as tasks
from workflows.store import TaskRecord

_MUCH = 5
"""One in so many of the cells: a remark that stays blank is no exception."""


def approvals_page(work: Work, found: Sequence[TaskRecord], language: str) -> dict[str, Any]:
    """The context of approvals.html: those with an exception set apart."""
    records = records_of(work, found)
    known = names(work, [task.subject_code for task in found])
    known_fields = dictionary(work.connection)
    numbered = numbers.of_documents(work.connection, records)
    instead = acting_view.marks(work, found, language)
    asking = handwriting.asking(work.connection, found)
    groups: dict[str, list[dict[str, Any]]] = {"exceptions": [], "plain": []}
    for task in found:
        opened = filing.opened(work, records[task.document_id])
        exceptions = _exceptions(work, Reader(opened, known_fields, language))
        signed = signoffs(work, opened.record.id, language)
        total = len(document.flatten(opened.contents, opened.form))
        groups["exceptions" if exceptions else "plain"].append(
            {
                "id": task.id,
                "title": opened.form.title(language),
                "organisation": known.of(task.subject_code),
                "number": numbered.get(task.document_id),
                "acting": instead.get(task.id),
                "period": words.period(opened.record.period, language),
                "due": words.due(task.due_at, work.now),
                "verified_by": signed[-1]["by"] if signed else "",
                "verified_at": signed[-1]["at"] if signed else None,
                "exceptions": exceptions,
                "signs": bool(asking.get(task.case_id)),
                "changed": sum(1 for cell in opened.cells.values() if cell.deviates),
                "total": total,
            }
        )
    return {
        "groups": [{"code": code, "tasks": rows} for code, rows in groups.items() if rows],
        "signs": signing_view.asked(_mode(asking.values()), work.actor.name),
        "late": _late(work, language),
    }


def _mode(asked: Iterable[str]) -> str:
    """How one signature for all must be made: by hand where one of them says so."""
    modes = set(asked)
    return next((one for one in ("drawn", "drawn_or_typed") if one in modes), "")


def _exceptions(work: Work, reader: "Reader") -> list[str]:
    """Why a leader should look: a soft check broken, a known value overwritten, sources that differ."""
    if nil.is_nil(reader.opened.record):
        return [text(reader.language, "nil.told")]
    record = reader.opened.record
    failed = surroundings.problems(
        work, reader.opened.form, record, language=reader.language, draft=False
    )
    told = [*_left_blank(work, reader), *allow_view.texts(work, record, failed, reader.language)]
    for path, cell in reader.opened.cells.items():
        if cell.deviates:
            told.append(
                text(
                    reader.language,
                    "approve.exception.changed",
                    label=reader.opened.form.name_of(path, reader.language),
                    before=reader.shown(path, cell.known),
                    now=reader.shown(path, cell.value),
                )
            )
    return told[:5]


def _left_blank(work: Work, reader: "Reader") -> list[str]:
    """That much of what was asked stayed blank, where nobody had to fill it in."""
    opened = reader.opened
    conditioned = surroundings.conditioned(work, opened.form, opened.record)[0]
    blank = len(document_view.blanks(opened, reader.language, conditioned))
    filled = len(document.flatten(opened.contents, opened.form))
    if blank == 0 or blank * _MUCH < blank + filled:
        return []
    return [text(reader.language, "verify.blank", n=blank)]


def _late(work: Work, language: str) -> list[dict[str, Any]]:
    """Who is late below the leader's organisations."""
    found = tasks.late_below(work, limit=50)
    known = names(work, [task.subject_code for task in found])
    records = records_of(work, found)
    return [
        {
            "title": title(work, records[task.document_id], language),
            "organisation": known.of(task.subject_code),
            "period": "",
            "due": words.due(task.due_at, work.now),
            "holder": text(language, f"task.kind.{task.kind}"),
        }
        for task in found
    ]
