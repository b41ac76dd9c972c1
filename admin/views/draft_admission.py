"""Admission of a draft: what the designer of a new report is told of each item before it is published."""

from typing import Any

from admin.views import dispatch_view
from admin.web.html import text
from engine.errors import Forbidden
from engine.identity.store import OrganisationValue
from engine.work import Work
from forms.admission import admission
from forms.compiled import CompiledForm
from workflows import previews
from workflows.dispatching import targets

TRIED = 5
"""Organisations that stand for all; only how many cells fill themselves is told, never a value."""


def items(work: Work, form: CompiledForm, language: str) -> list[dict[str, Any]]:
    """Item by item: held already, computed, or new; and where else it stands."""
    if form.kind != "report":
        return []
    period = str(previews.periods(form, work.today)[0])
    found = admission(work, form, _sample(work), period)
    told = dispatch_view.admitted(found, form, {}, language)["items"]
    return [
        {
            **one,
            "state": text(language, f"admission.known.{one['known']}"),
            "also_in": [other["title"] for other in one["also_in"]],
        }
        for one in told
    ]


def _sample(work: Work) -> list[OrganisationValue]:
    """Some of where the designer may look anyway, evenly over the tree."""
    try:
        areas = previews.areas(work)
    except Forbidden:
        return []
    able = {one.code: one for area in areas for one in targets.able(work, area)}
    found = [able[code] for code in sorted(able)]
    step = max(len(found) / TRIED, 1.0)
    return [found[int(number * step)] for number in range(min(len(found), TRIED))]
