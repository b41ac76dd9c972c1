"""Notices as the to-do page shows them."""

from typing import Any

from admin.views import words
from admin.views.task_view import Names, names
from admin.web.html import text
from engine import messages
from engine.notices.store import Told
from engine.work import Work
from forms import documents, store
from forms.documents import DocumentRecord
from workflows import reminders

SHOWN = 5
ALERT = "audit.notice.alert"
STUCK = "flow.notice.incident"
PAGES = {
    "factors.notice.asked": ("factors.resets", "/accounts/resets"),
    "review.notice.begun": ("review.title", "/access-review"),
    "privacy.notice.lifted": ("nav.lifts", "/lifts"),
    "cadence.notice.missed": ("cadence.title", "/cadences"),
    "cadence.notice.waits": ("cadence.title", "/cadences"),
}
"""What is not about a task or a report: the title of its page, and where that is."""
OF_CASES = frozenset(
    (
        "flow.notice.copied",
        "flow.notice.commented",
        "flow.notice.handed",
        "flow.notice.removed",
    )
)
"""Who is told these may look at the case and perhaps not at the record."""


def rows(work: Work, language: str) -> list[dict[str, Any]]:
    """The latest that the visitor has not read."""
    found = reminders.unread(work, limit=SHOWN)
    wanted = sorted({told.notice.document_id for told in found} - {""})
    records = {one.id: one for one in documents.several(work.connection, wanted)}
    known = names(work, [one.organisation_code for one in records.values()])
    return [
        _row(work, told, records.get(told.notice.document_id), known, language) for told in found
    ]


def _row(
    work: Work, told: Told, record: DocumentRecord | None, known: Names, language: str
) -> dict[str, Any]:
    detail = told.notice.detail
    row = {
        "id": told.id,
        "text": messages.text(told.notice.about, language, detail),
        "remark": detail.get("text", ""),
        "by": detail.get("by", ""),
        "at": words.moment(told.at),
        "title": "",
        "organisation": "",
        "period": "",
        "href": f"/alerts/{detail['alert']}" if told.notice.about == ALERT else None,
    }
    if run := detail.get("retention"):
        row |= {"title": text(language, "retention.title"), "href": f"/retention/runs/{run}"}
    if request := detail.get("erasure"):
        row |= {"title": text(language, "erasure.title"), "href": f"/erasures/{request}"}
    if page := PAGES.get(told.notice.about):
        row |= {"title": text(language, page[0]), "href": page[1]}
    if public := detail.get("list"):
        row |= {"title": detail.get("title", ""), "href": f"/public-lists/{public}"}
    if act := detail.get("act"):
        row |= {"title": text(language, "joins.look"), "href": f"/registers/acts/{act}"}
    if record is not None:
        task = told.notice.task_id
        own = {post.organisation for post in work.actor.posts}
        where = record.organisation_code
        form = store.published(work.connection, record.form_code, record.form_version)
        row |= {
            "title": form.title(language),
            "organisation": "" if where in own else known.of(where),
            "period": words.period(record.period, language),
            "href": f"/tasks/{task}" if task else _elsewhere(told, record),
        }
    return row


def _elsewhere(told: Told, record: DocumentRecord) -> str:
    """Where a notice without a task leads: to the case where it names one, else to the record."""
    if told.notice.about == STUCK:
        return "/incidents"
    case = told.notice.detail.get("case")
    return f"/cases/{case}" if case and told.notice.about in OF_CASES else f"/records/{record.id}"
