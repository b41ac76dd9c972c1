"""Moving running reports to a newer version of their form, as pages and the API show it; and as whoever fills in is told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from admin.views import dispatch_view, words
from admin.web.html import text
from engine import messages
from engine.identity import store as identity
from engine.work import Work
from forms import diff, store
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from workflows.dispatch import DispatchRecord
from workflows.versions import moving, told
from workflows.versions import store as moves
from workflows.versions.batch import sentence
from workflows.versions.fate import FAILS, FINDINGS, GONE, HANDED_IN, WHY
from workflows.versions.store import Move, Unit

PAGE = 100
NAMED = 3
"""So many items are named of one unit; the sums above name all."""
ORDER = ("back", "moved", "stays", "final")


def of_form(work: Work, code: str, language: str) -> dict[str, Any]:
    """The running dispatches of a form, and how many reports of each are on an older version."""
    form = store.published(work.connection, code)
    found = moves.running_of(work, code)
    behind = moves.behind(work, [one.id for one in found], form.version)
    rows = []
    for one in found:
        move = moves.latest(work, one.id)
        rows.append(
            {
                "id": one.id,
                "period": words.period(one.period, language),
                "sent_at": words.moment(one.created_at),
                "version": one.form_version,
                "total": one.targets,
                "behind": behind.get(one.id, 0),
                "state": _state(work, move) if move else "",
            }
        )
    return {
        "form": {"code": code, "title": form.title(language), "version": form.version},
        "dispatches": rows,
    }


def page(
    work: Work, dispatch: DispatchRecord, language: str, *, show: str = "", after: str = ""
) -> dict[str, Any]:
    """The context of form_move.html and its part that refreshes itself."""
    newest = store.published(work.connection, dispatch.form_code)
    move = moves.latest(work, dispatch.id)
    behind = moves.behind(work, [dispatch.id], newest.version).get(dispatch.id, 0)
    current = move is not None and (move.status in moving.OPEN or not behind)
    return {
        "dispatch": {
            "id": dispatch.id,
            "title": dispatch_view.title(work, dispatch, language),
            "period": words.period(dispatch.period, language),
            "status": dispatch.status,
            "form": dispatch.form_code,
            "version": dispatch.form_version,
        },
        "newest": newest.version,
        "behind": behind,
        "changes": _changes(work, dispatch, newest, move, language),
        "choices": HANDED_IN,
        "move": _move(work, move, language) if move and (current or move.ended_at) else None,
        "asks": behind > 0 and (move is None or move.status in ("tried", "done")),
        "units": _units(work, move, show, after, language) if move else None,
    }


def state(work: Work, dispatch: DispatchRecord, language: str) -> dict[str, Any]:
    """A move over the API: where it is, what came of it in sum."""
    newest = store.published(work.connection, dispatch.form_code)
    behind = moves.behind(work, [dispatch.id], newest.version).get(dispatch.id, 0)
    move = moves.latest(work, dispatch.id)
    return {
        "dispatch": dispatch.id,
        "form_version": dispatch.form_version,
        "newest": newest.version,
        "behind": behind,
        "move": _move(work, move, language) if move else None,
    }


def units(work: Work, dispatch_id: str, language: str, *, show: str, after: str) -> dict[str, Any]:
    """What would happen to each report, or did, a part at a time."""
    move = moves.latest(work, dispatch_id)
    if move is None:
        return {"units": [], "next": ""}
    found = _units(work, move, show, after, language)
    return {"units": found["rows"], "next": found["next"]}


def on_task(
    work: Work, record: DocumentRecord, form: CompiledForm, language: str
) -> dict[str, Any] | None:
    """What whoever fills a report in is told of a form that changed under it; None if it did not."""
    found = told.changed(work, record)
    if found is None:
        return None
    old = store.published(work.connection, record.form_code, found.was)
    return {
        "version": found.version,
        "by": found.by,
        "at": (words.moment(found.at) or "").replace("T", " "),
        "new": _links(form, found.new, language),
        "to_do": _links(form, [one for one in found.to_do if one not in found.new], language),
        "gone": [old.name_of(path, language) for path in found.gone],
        "record": f"/records/{record.id}",
    }


def spoken(
    returned: dict[str, Any] | None, form: CompiledForm, version: int, language: str
) -> None:
    """What the program itself gave as reasons, in the reader's language; people's own words stay."""
    if not returned or language == "zh":
        return
    said = {text_: kind for kind, text_ in WHY.items()}
    for cell in returned["cells"]:
        if kind := said.get(cell["reason"]):
            cell["reason"] = messages.text(f"form-move.why.{kind}", language)
    paths = [cell["path"] for cell in returned["cells"]]
    if returned["reason"] == sentence(form.name_of, version, paths):
        returned["reason"] = sentence(form.name_of, version, paths, language)


def mark(sections: Sequence[Mapping[str, Any]], new: Sequence[str]) -> None:
    """Mark the cells of new items, so that they are found at a glance."""
    for cell in _cells(sections):
        cell["fresh"] = cell["path"] in new


def _cells(sections: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for section in sections:
        for item in section["items"]:
            if item["kind"] == "cell":
                yield item["cell"]


def _links(form: CompiledForm, paths: Sequence[str], language: str) -> list[dict[str, str]]:
    """Items by name; one of a single cell leads to it."""
    return [
        {"label": form.name_of(path, language), "path": "" if "*" in path else path}
        for path in paths
    ]


def _state(work: Work, move: Move) -> str:
    return "failed" if moves.failed(work, move) else move.status


def _changes(
    work: Work,
    dispatch: DispatchRecord,
    newest: CompiledForm,
    move: Move | None,
    language: str,
) -> list[dict[str, str]]:
    """What the newer version changes, in words, against the one that the reports are on."""
    was = dispatch.form_version
    if move is not None and was == newest.version:
        before = (one.version for one in moves.units(work, move.id, limit=1))
        was = next(before, was)
    if was == newest.version:
        return []
    old = store.published(work.connection, dispatch.form_code, was)
    found = diff.diff(old, newest)
    return [
        {"label": one.label.get(language) or newest.title(language), "text": one.text(language)}
        for one in sorted(found, key=lambda one: not one.breaking)
    ]


def _move(work: Work, move: Move, language: str) -> dict[str, Any]:
    counted = moves.counted(work, move.id)
    form = store.published(work.connection, move.form_code, move.version)
    sums = {name: sum(n for (one, _), n in counted.items() if one == name) for name in ORDER}
    return {
        "id": move.id,
        "version": move.version,
        "handed_in": move.handed_in,
        "state": _state(work, move),
        "total": move.total,
        "looked_at": move.looked_at,
        "by": move.begun_name or move.created_name,
        "at": words.moment(move.begun_at or move.created_at),
        "ended_at": words.moment(move.ended_at),
        "outcomes": sums,
        "reasons": [
            {"text": reason(why, language), "n": n}
            for (outcome, why), n in sorted(counted.items())
            if outcome == "stays"
        ],
        "findings": _findings(work, move, form, language),
    }


def reason(code: str, language: str) -> str:
    """Why a report stays, in words."""
    key = f"formmove.why.{code}"
    said = text(language, key)
    return text(language, "formmove.why.other") if said == key else said


def _findings(work: Work, move: Move, form: CompiledForm, language: str) -> list[dict[str, Any]]:
    """By kind, which items and in how many reports: what asks for something first."""
    summed = moves.summed(work, move.id)
    older = _older(work, move)
    return [
        {
            "kind": kind,
            "title": text(language, f"formmove.found.{kind}"),
            "hint": text(language, f"formmove.found.{kind}.hint"),
            "items": [
                {
                    "label": _label(form, older, kind, item, language),
                    "reports": reports,
                    "cells": cells,
                }
                for item, (reports, cells) in summed[kind].items()
            ],
        }
        for kind in FINDINGS
        if kind in summed
    ]


def _older(work: Work, move: Move) -> CompiledForm | None:
    was = next((one.version for one in moves.units(work, move.id, limit=1)), move.version)
    return None if was == move.version else store.published(work.connection, move.form_code, was)


def _label(
    form: CompiledForm, older: CompiledForm | None, kind: str, item: str, language: str
) -> str:
    if kind == FAILS:
        check = next((one for one in form.checks if one.code == item), None)
        return check.text(language) if check else item
    return (older if kind == GONE and older else form).name_of(item, language)


def _units(work: Work, move: Move, show: str, after: str, language: str) -> dict[str, Any]:
    asked = show if show in ORDER else ""
    found = moves.units(work, move.id, outcome=asked, after=after, limit=PAGE + 1)
    part = found[:PAGE]
    names = identity.organisation_names(work.connection, [one.organisation_code for one in part])
    form, older = store.published(work.connection, move.form_code, move.version), _older(work, move)
    return {
        "show": asked,
        "rows": [
            {
                "organisation": one.organisation_code,
                "name": names.get(one.organisation_code, one.organisation_code),
                "document": one.document_id,
                "version": one.version,
                "outcome": one.outcome,
                "reason": reason(one.reason, language) if one.outcome == "stays" else "",
                "found": _told(form, older, one, language),
                "moved_at": one.at,
            }
            for one in part
        ],
        "next": part[-1].path if len(found) > PAGE else "",
    }


def _told(
    form: CompiledForm, older: CompiledForm | None, unit: Unit, language: str
) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "title": text(language, f"formmove.found.{kind}"),
            "items": [
                _label(form, older, kind, item, language) for item in list(unit.found[kind])[:NAMED]
            ],
            "n": len(unit.found[kind]),
        }
        for kind in FINDINGS
        if kind in unit.found
    ]
