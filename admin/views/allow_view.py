"""准予通过 as pages show it: beside a check who allowed it and why, or a field to do so."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin.views import words
from admin.views.acting_view import in_the_name_of
from admin.web.html import text
from engine.work import Work
from forms import document, explaining, nil, surroundings
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.filing import Opened
from forms.validate import CellProblem
from renderers.contract import Remark
from workflows import allowing, store
from workflows.allowing import Allowance
from workflows.store import TaskRecord


def problem(opened: Opened, one: CellProblem, language: str) -> dict[str, Any]:
    """A check that does not hold, with what the filler says of it."""
    return {
        "path": one.path,
        "label": opened.form.name_of(one.path, language)
        if one.path
        else opened.form.title(language),
        "severity": one.severity,
        "text": one.text,
        "explanation": opened.record.explanations.get(allowing.key_of(one)) or None,
    }


def problems(
    work: Work, task: TaskRecord, opened: Opened, found: Sequence[CellProblem], language: str
) -> list[dict[str, Any]]:
    """The same for who decides: what was allowed already, and what they must allow to pass it."""
    known = allowing.standing(work, opened.record, found)
    asked = allowing.missing(work, task, opened.record) if allowing.gated(found) else []
    told = []
    for one in found:
        key = allowing.key_of(one)
        more = {
            "allowed": said(work, known[key], language) if key in known else None,
            "allow": key if key in asked else None,
        }
        told.append({**problem(opened, one, language), **more})
    return told


def said(work: Work, one: Allowance, language: str) -> str:
    """Why it was allowed, by whom and when."""
    by = store.name_of(work, one.by)
    if one.acting_for:
        by = in_the_name_of(by, store.name_of(work, one.acting_for), language)
    return text(
        language,
        "verify.allowed",
        text=one.reason,
        by=by,
        at=(words.moment(one.at) or "").replace("T", " "),
    )


def texts(
    work: Work, record: DocumentRecord, found: Sequence[CellProblem], language: str
) -> list[str]:
    """What does not hold in one line each, with the allowance behind it."""
    known = allowing.standing(work, record, found)
    told = []
    for one in found:
        allowed = known.get(allowing.key_of(one))
        told.append(f"{one.text} {said(work, allowed, language)}" if allowed else one.text)
    return told


def remarks(
    work: Work, form: CompiledForm, record: DocumentRecord, seen: DocumentRecord, language: str
) -> tuple[Remark, ...]:
    """What does not hold and was explained or allowed, as paper carries it into the archive.

    `seen` is the record as the reader sees it: a check of cells that are masked there is left out.
    """
    if nil.is_nil(record) or not form.relations:
        return ()
    every = surroundings.problems(work, form, record, language=language, draft=True)
    found = [
        one
        for one in every
        if document.get_all(seen.contents, one.paths)
        == document.get_all(record.contents, one.paths)
    ]
    known = allowing.standing(work, record, found)
    told = []
    for one in found:
        key = allowing.key_of(one)
        reason = record.explanations.get(key, "") if explaining.explained(record.explanations, one) else ""  # fmt: skip
        if one.severity in explaining.EXPLAINED and (reason or key in known):
            kind = text(language, f"severity.{one.severity}")
            allowed = said(work, known[key], language) if key in known else ""
            told.append(Remark(kind, one.text, str(reason), allowed))
    return tuple(told)


def of_event(form: CompiledForm, event: Mapping[str, Any], language: str) -> list[str]:
    """What was allowed by an event of the history."""
    return [
        text(
            language,
            "verify.allowed_check",
            check=allowing.words(form, key, language),
            text=given["reason"],
        )
        for key, given in (event["document"].get("allowed") or {}).items()
    ]
