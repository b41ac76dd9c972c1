"""Dispatches as their pages show them: the list, the progress of one, admission before sending."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from admin.views import words
from admin.web.html import text
from engine.periods import Period
from engine.work import Work
from forms import store as forms
from forms.admission import Admission, ItemAdmission
from forms.compiled import CompiledForm
from workflows import dispatches
from workflows.dispatch import DispatchRecord
from workflows.dispatching import reach

PERIODS_BEFORE = 2
DAYS_TO_FILL = 7


ENDED = ("withdrawn", "frozen", "archived")
"""Nothing more is taken: it is under way no longer, however much of it came."""


def rows(work: Work, found: Sequence[DispatchRecord], language: str) -> list[dict[str, Any]]:
    """The list of dispatches."""
    ids = [one.id for one in found]
    arrived = dispatches.arrived_counts(work, ids) if found else {}
    exempt = dispatches.arrived_counts(work, ids, "exempt") if found else {}
    part = reach.counts(work, found)
    return [
        row(work, one, arrived.get(one.id, 0), language, exempt=exempt.get(one.id, 0))
        if one.id not in part
        else in_part(work, one, part[one.id], language)
        for one in found
    ]


def in_part(
    work: Work, one: DispatchRecord, counted: tuple[int, int, int], language: str
) -> dict[str, Any]:
    """One dispatch of which somebody sees the units of their area: as many as there are of these."""
    total, done, exempt = counted
    return row(work, replace(one, targets=total), done, language, exempt=exempt)


def row(
    work: Work, one: DispatchRecord, done: int, language: str, *, exempt: int = 0
) -> dict[str, Any]:
    """One dispatch of the list, with how many have arrived; who need not report is not waited for."""
    awaited = max(one.targets - exempt - done, 0)
    due = words.due(one.due_at, work.now)
    over = one.due_at < work.at
    ended = one.status in ENDED
    return {
        "id": one.id,
        "title": title(work, one, language),
        "period": words.period(one.period, language),
        "due": due,
        "sent_at": words.moment(one.created_at),
        "total": one.targets,
        "done": done,
        "exempt": exempt,
        "late": awaited if over and not ended else 0,
        "state": "closed" if ended or not awaited else "open",
        "ended": one.status if ended else "",
    }


def title(work: Work, one: DispatchRecord, language: str) -> str:
    """The report's title in the reader's language; its period is told beside it."""
    return forms.published(work.connection, one.form_code, one.form_version).title(language)


def admitted(
    found: Admission, form: CompiledForm, owners: Mapping[str, str], language: str
) -> dict[str, Any]:
    """The admission part of dispatch_new.html."""
    cells, filled = found.cells, found.filled
    rate = f"{filled * 100 // cells} %" if cells else "—"
    return {
        "figures": {
            "items": len(found.items),
            "known": found.known,
            "generated": found.generated,
            "cells": words.number(cells),
            "filled": words.number(filled),
            "rate": rate,
            "formula": text(
                language,
                "admission.formula",
                filled=words.number(filled),
                cells=words.number(cells),
            ),
        },
        "items": [_item(one, form, language) for one in found.items],
        "repeats": [
            {
                "title": one.title(language),
                "owner": owners.get(one.owner, one.owner),
                "shared": one.shared,
                "of": one.items,
                "percent": 100 * one.shared // max(one.items, 1),
            }
            for one in found.repeats[:5]
        ],
    }


def _item(one: ItemAdmission, form: CompiledForm, language: str) -> dict[str, Any]:
    table = form.table_by_path.get(one.item.table or "")
    told = words.source_text(one.source, language) if one.source else "—"
    return {
        "label": one.item.full_label(language),
        "table": table.label(language) if table else None,
        "field": one.item.field,
        "known": one.known,
        "source": told,
        "cells": words.number(one.cells),
        "filled": words.number(one.filled),
        "also_in": [
            {"title": other.title(language), "href": f"/forms/{other.code}"}
            for other in one.also_in[:4]
        ],
    }


def periods(form: CompiledForm, work: Work, language: str) -> list[dict[str, str]]:
    """The periods a report may be sent for: the two before, the present one, the next."""
    today = work.today
    if form.period == "once":
        return [{"value": str(today.year), "text": words.period(str(today.year), language)}]
    here = Period.of(form.period, today)
    found = [here.following(), here]
    for _ in range(PERIODS_BEFORE):
        found.append(found[-1].previous())
    return [{"value": str(one), "text": one.label(language)} for one in found]


def suggested_due(work: Work) -> str:
    """A week from today."""
    return (work.today + timedelta(days=DAYS_TO_FILL)).isoformat()
