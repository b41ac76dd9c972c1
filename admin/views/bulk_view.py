"""What could not be approved among many: which ones, and why, each reason once with those it is about."""

from collections.abc import Sequence

from admin.views import words
from admin.views.task_view import names, records_of, title
from admin.web.html import text
from engine.access import policy
from engine.errors import NotFound
from engine.work import Work
from workflows import store
from workflows.bulk import Result

NAMED, REASONS = 3, 5
"""So many reports are named of a reason, so many reasons told."""


def refused(work: Work, results: Sequence[Result], language: str) -> list[str]:
    """A line for how many were not approved, and one for each reason with the reports it holds back."""
    left = [(task, problem) for task, problem in results if problem is not None]
    if not left:
        return []
    called = _called(work, [task for task, _ in left], language)
    reasons: dict[str, list[str]] = {}
    for task, problem in left:
        why = text(language, "approve.gone") if problem.status == 404 else problem.text(language)
        reasons.setdefault(why, []).append(called.get(task, ""))
    told = [text(language, "approve.refused", n=len(left))]
    for why, of in list(reasons.items())[:REASONS]:
        which = text(language, "approve.between").join([one for one in of if one][:NAMED])
        key = "approve.why" if len(of) <= NAMED else "approve.why_more"
        told.append(text(language, key, which=which, n=len(of), why=why) if which else why)
    return told


def _called(work: Work, ids: Sequence[str], language: str) -> dict[str, str]:
    """What the reports of tasks are called; only those that the reader may look at are."""
    found = []
    for one in ids[: NAMED * REASONS * 2]:
        try:
            found.append(store.task_by_id(work.connection, one))
        except NotFound:
            continue
    records = records_of(work, found)
    known = names(work, [one.subject_code for one in found])
    return {
        one.id: " ".join(
            (
                known.of(one.subject_code),
                title(work, record, language),
                words.period(record.period, language),
            )
        )
        for one in found
        if (record := records.get(one.document_id))
        and policy.covers(
            work.actor, "document.read", path=record.organisation_path, owner=record.owner
        )
    }
