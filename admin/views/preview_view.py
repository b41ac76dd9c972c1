"""A draft with real data as a role would see it: the page in the designer's frame."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from admin.views import cell_view, document_view, words
from admin.views.cell_view import EMPTY
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.work import Work
from forms import document
from forms.compiled import CompiledForm
from forms.conditions import Applied
from forms.filing import Opened
from workflows import filling_in, previews
from workflows.previews import Look

FILLED = ("known", "computed", *cell_view.TO_CONFIRM)
"""States of a cell that came without anybody typing."""


def page(work: Work, seen: Look, language: str, *, plain: int) -> dict[str, Any]:
    """The context of fill.html for a filler, of design_look.html for everybody else."""
    opened = seen.opened
    fills = seen.role == "staff"
    known = dictionary(work.connection)
    only = filling_in.Open(seen.step) if seen.step and (not fills or seen.step.rights) else None
    shown = document_view.sections(
        opened,
        known,
        language=language,
        problems=seen.problems,
        editable=fills,
        only=only if fills else None,
        hides=seen.hides,
        now=work.now,
        told=seen.told,
        sheets=True,
        plain=plain,
    )
    edits: list[dict[str, Any]] = []
    if not fills and seen.step is not None and seen.step.editable:
        edits = _edits(work, seen, language)
    for cell in _cells([*shown, *edits]):
        if cell["path"] in seen.masked:
            cell.update(readonly=True, options=[], absences=[], alternatives=[], value="")
    return {
        "task": _heading(work, seen, language),
        "document": {
            "id": "",
            "revision": 0,
            "confirm_only": False,
            "notes": opened.form.notes or None,
        },
        "sections": shown,
        "edits": edits,
        "counts": document_view.counts(opened, told=seen.told),
        "look": {
            "role": seen.role,
            "masked": len(seen.masked),
            "query": _query(seen),
            **figures(opened, seen.told),
        },
        "problems": [],
        "show": "all",
        "more": None,
        "saved_at": None,
        "workbook": False,
    }


def figures(opened: Opened, told: Applied) -> dict[str, int]:
    """How many cells there are, and how many came filled, must be confirmed or typed."""
    states: Counter[str] = Counter()
    for item in opened.form.items:
        paths = [one for one in document.expand(opened.contents, item.path) if not told.hides(one)]
        values = document.get_all(opened.contents, paths)
        for path in paths:
            value = values[path]
            known = opened.cells.get(path, EMPTY)
            required = item.required or told.requires(path)
            found, _ = cell_view.state(known, item, value, required=required)
            states["blank" if found in FILLED and document.blank(value) else found] += 1
    return {
        "cells": states.total(),
        "filled": sum(states[one] for one in FILLED),
        "confirm": sum(states[one] for one in cell_view.TO_CONFIRM),
        "todo": states["todo"],
        "blank": states["blank"],
    }


def choices(work: Work, form: CompiledForm, language: str) -> dict[str, Any]:
    """What can be chosen for a look: roles, periods, the one that stands first."""
    return {
        "roles": [
            {"code": role, "text": text(language, f"role.{role}")} for role in previews.ROLES
        ],
        "periods": [
            {"code": str(one), "text": one.label(language)}
            for one in previews.periods(form, work.today)
        ],
    }


def _query(seen: Look) -> str:
    """The look as the query of its address, for the next page of a long table."""
    record = seen.opened.record
    asked = {"organisation": seen.place.code, "period": record.period, "role": seen.role}
    return urlencode(asked)


def _edits(work: Work, seen: Look, language: str) -> list[dict[str, Any]]:
    """The cells that a later step opens, as whoever works there gets them."""
    found = document_view.sections(
        seen.opened,
        dictionary(work.connection),
        language=language,
        editable=True,
        only=filling_in.Open(seen.step) if seen.step else (),
        hides=seen.hides,
        now=work.now,
        told=seen.told,
        sheets=True,
        plain=1,
    )
    kept = [
        {
            **one,
            "items": [
                item
                for item in one["items"]
                if any(not cell.get("readonly", True) for cell in _of_item(item))
            ],
        }
        for one in found
    ]
    return [one for one in kept if one["items"]]


def _cells(sections: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for section in sections:
        for item in section["items"]:
            yield from _of_item(item)


def _of_item(item: dict[str, Any]) -> list[dict[str, Any]]:
    if item["kind"] == "cell":
        return [item["cell"]]
    return [cell for row in item.get("rows", ()) for cell in row["cells"] if not cell["closed"]]


def _heading(work: Work, seen: Look, language: str) -> dict[str, Any]:
    form = seen.opened.form
    owner = identity.organisation_names(work.connection, [form.owner]).get(form.owner, "")
    kind = previews.KINDS.get(seen.role)
    return {
        "id": "",
        "kind": kind or "read",
        "title": form.title(language),
        "subtitle": None,
        "organisation": seen.place.name,
        "period": words.period(seen.opened.record.period, language)
        if form.period != "once"
        else "",
        "owner": owner,
        "legal": words.legal(form, language),
        "due": None,
        "number": "",
        "returned": None,
    }
