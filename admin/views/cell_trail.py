"""One cell from the hand that wrote it to what became of it: changes, signatures, later uses."""

from typing import Any

from admin.views import record_view, veils, words
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.work import Work
from forms import documents, uses
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.uses import Uses


def shown(
    work: Work, record: DocumentRecord, form: CompiledForm, path: str, language: str
) -> dict[str, Any]:
    """The three parts, for the page about one cell. Who may not see the cell does not come here."""
    read = record_view.reading(work, record)
    known, veil = dictionary(work.connection), veils.over(work, form, record)
    item = form.item(path)
    changes = [
        {
            "at": words.moment(one.at),
            "by": one.actor_name,
            "before": words.shown(item, veil.value(path, one.before), known, language),
            "after": words.shown(item, veil.value(path, one.after), known, language),
        }
        for one in documents.changes_since(work.connection, record.id, 0)
        if one.path == path and item is not None
    ]
    return {
        "changes": changes,
        "signed": record_view.signoffs(read, language),
        "final": record.final_at is not None,
        "uses": _uses(work, record, uses.of(work, record, form, path), language),
    }


def _uses(work: Work, record: DocumentRecord, found: Uses, language: str) -> list[dict[str, Any]]:
    told = []
    if found.registered_at:
        told.append(_use(text(language, "why.use.register"), found.registered_at))
    if found.collected:
        owner = identity.organisation(work.connection, record.owner).name
        told.append(_use(text(language, "why.use.rollup", owner=owner), record.final_at or ""))
    names = identity.organisation_names(
        work.connection, sorted({one.record.organisation_code for one in found.reports})
    )
    for one in found.reports:
        code = one.record.organisation_code
        said = text(
            language,
            "why.use.carried" if one.carried else "why.use.report",
            title=one.form.title(language),
            organisation=names.get(code, code),
            period=words.period(one.record.period, language),
            label=one.item.full_label(language),
        )
        told.append(_use(said, one.record.opened_at or "", f"/records/{one.record.id}"))
    if found.files:
        told.append(_use(text(language, "why.use.files", n=found.files), found.last_file_at))
    return told


def _use(said: str, at: str, href: str = "") -> dict[str, Any]:
    return {"text": said, "at": words.moment(at), "href": href}
