"""迎检材料: final reports chosen by form, period and unit, put into one file for inspectors."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post

from admin.views import words
from admin.web import html
from admin.web.html import leave
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting, require_role
from engine.errors import Problem
from engine.identity.accounts import find_organisation
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import documents, masking
from forms import store as forms
from forms.documents import DOCUMENT, DocumentRecord
from workflows.dispatching import exports

ROLES = ("staff", "verifier", "leader", "department", "auditor")
MOST = 2_000
"""So many of the newest final reports are offered to choose from."""


@get("/inspections")
@threaded
def choose(visit: Visiting) -> Response[str]:
    """What there is to choose from."""
    require_role(visit, *ROLES)
    return _page(visit)


@post("/inspections")
@threaded
def put_together(visit: Visiting, form: Posted) -> Response[Any]:
    """Begin to pack; on to the page that tells how far it is."""
    require_role(visit, *ROLES)
    purpose = Purpose.given(form.get("purpose"), form.get("for")) if form.get("whole") else None

    def inside(work: Work) -> str:
        units = [line for line in form.get("units").splitlines() if line.strip()]
        found = chosen(work, form.all("form"), form.all("period"), units)
        return exports.ask_chosen(work, found, purpose, language=visit.language)

    try:
        own = visit.write(inside)
    except Problem as problem:
        if problem.status != 422:
            raise
        return _page(visit, form, problem)
    return leave(visit, f"/exports/{own}")


def chosen(
    work: Work, codes: Sequence[str], periods: Sequence[str], units: Sequence[str]
) -> list[DocumentRecord]:
    """Final reports that the actor may read, form by form, period by period, in the order of units.

    Raises OrganisationUnclear, TooManyChosen.
    """
    wanted = [DOCUMENT.c.status == "final", DOCUMENT.c.form_code.in_(list(codes))]
    wanted.append(DOCUMENT.c.period.in_(list(periods)))
    if units:
        named = [find_organisation(work.connection, one.strip()).code for one in units]
        wanted.append(DOCUMENT.c.organisation_code.in_(named))
    found = documents.listed(work, *wanted, limit=MOST)
    return sorted(found, key=lambda one: (one.form_code, one.period, one.organisation_code))


def _page(visit: Visit, form: Form | None = None, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        there = documents.listed(work, DOCUMENT.c.status == "final", limit=MOST)
        newest = {one.form_code: one.form_version for one in reversed(there)}
        known = {
            code: forms.published(work.connection, code, version)
            for code, version in newest.items()
        }
        by_form = Counter(one.form_code for one in there)
        by_period = Counter(one.period for one in there)
        masked = any(masking.veil(work, one).masked for one in known.values())
    given = form.all if form else lambda _name: []
    return html.page(
        visit,
        "inspections.html",
        http_status=200 if problem is None else problem.status,
        forms=[
            {"code": code, "title": one.title(visit.language), "count": by_form[code]}
            for code, one in sorted(known.items())
        ],
        periods=[
            {"value": one, "text": words.period(one, visit.language), "count": by_period[one]}
            for one in sorted(by_period, reverse=True)
        ],
        masked=masked,
        most=exports.MOST_CHOSEN,
        given={
            "forms": given("form"),
            "periods": given("period"),
            "units": form.get("units") if form else "",
            "whole": bool(form and form.get("whole")),
        },
        error=problem.text(visit.language) if problem else None,
    )
