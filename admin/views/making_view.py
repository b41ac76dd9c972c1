"""One-click reports as their pages and the API show them: what could be made, how far a making is, what came of it."""

from collections.abc import Sequence
from typing import Any

from admin.views import words
from admin.web.html import text
from engine.errors import NotFound
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.periods import Period
from engine.work import Work
from forms import documents, store
from forms.compiled import CompiledForm
from forms.documents import DOCUMENT
from workflows import dispatches
from workflows.dispatching import making, targets
from workflows.dispatching.making import Left, Making

SHOWN = 200
"""Reports and reasons listed on a page."""
NAMED = 3
"""Cells named of one report that cannot be made."""
SCOPES = ("one", "staffed", "village", "town", "county")
REASONS = ("missing", "confirm", "check", "there")


def reports(work: Work) -> list[CompiledForm]:
    """The reports that the visitor's offices may have made."""
    offices = {post.organisation for post in work.actor.posts_as("department")}
    return [
        one
        for one in store.published_forms(work.connection)
        if one.kind == "report" and one.owner in offices
    ]


def page(work: Work, org: str, month: str, language: str) -> dict[str, Any]:
    """Which of the office's reports need nobody, for one organisation and the period of a month."""
    forms = reports(work)
    places = _able(work, forms[0]) if forms else []
    chosen = next((one for one in places if one.code == org), places[0] if places else None)
    here = Period.of("month", work.today)
    months = [here, here.previous(), here.previous().previous()]
    day = next((one for one in months if str(one) == month), here).bounds()[0]
    rows = []
    for form in forms:
        period = str(day.year) if form.period == "once" else str(Period.of(form.period, day))
        lacking, blanks = making.missing(work, form, chosen, period) if chosen else ([], 0)
        rows.append(
            {
                "code": form.code,
                "title": form.title(language),
                "period": period,
                "period_text": words.period(period, language),
                "ready": not lacking,
                "blanks": blanks,
                "there": lacking[:1] == [("", "there")],
                "count": len(lacking),
                "lacking": [reason(form, path, code, language) for path, code in lacking[:NAMED]],
            }
        )
    return {
        "rows": rows,
        "places": [{"code": one.code, "name": one.name} for one in places[:1000]],
        "org": {"code": chosen.code, "name": chosen.name} if chosen else None,
        "months": [{"value": str(one), "text": one.label(language)} for one in months],
        "month": str(Period.of("month", day)),
        "scopes": scopes(work, forms[0], places, language) if forms else [],
        "makings": [_head(work, one, language) for one in making.listed(work)],
    }


def scopes(
    work: Work, form: CompiledForm, places: Sequence[OrganisationValue], language: str
) -> list[dict[str, Any]]:
    """For whom a report may be made at once, with how many they are."""
    area = _area(work, form)
    counts = {kind: len(making.below(work, area, kind)) for kind in SCOPES[2:]}
    found: list[dict[str, Any]] = [
        {"value": kind, "n": n} for kind, n in {"staffed": len(places), **counts}.items()
    ]
    return [
        {**one, "text": text(language, f"making.scope.{one['value']}", n=one["n"])}
        for one in found
        if one["n"]
    ]


def organisations(work: Work, form: CompiledForm, scope: str, org: str) -> list[str]:
    """The organisations that a scope means. Raises NotFound for one that is none."""
    if scope == "one":
        return [identity.organisation(work.connection, org).code]
    if scope == "staffed":
        return [one.code for one in _able(work, form)]
    if scope not in SCOPES:
        raise NotFound
    return making.below(work, _area(work, form), scope)


def progress(work: Work, making_id: str, language: str) -> dict[str, Any]:
    """How far a making is, the reports that were made, and those that were not and why."""
    found = making.get(work, making_id)
    form = store.published(work.connection, found.form_code, found.form_version)
    made = documents.listed(work, DOCUMENT.c.dispatch_id == making_id, limit=SHOWN)
    codes = {one.organisation_code for one in made}
    codes |= {one.organisation for one in found.left[:SHOWN]}
    names = identity.organisation_names(work.connection, sorted(codes))
    return {
        "making": _head(work, found, language),
        "made": [
            {
                "name": names.get(one.organisation_code, one.organisation_code),
                "href": f"/records/{one.id}",
            }
            for one in made
        ],
        "left": [
            {
                "name": names.get(one.organisation, one.organisation),
                "org": one.organisation,
                "reason": reason(form, one.path, one.code, language),
            }
            for one in found.left[:SHOWN]
        ],
        "reasons": _by_reason(found.left, language),
        "shown": SHOWN,
    }


def reason(form: CompiledForm, path: str, code: str, language: str) -> str:
    """Why a report could not be made, in words."""
    label = form.name_of(path, language) if path else form.title(language)
    key = code if code in REASONS else "other"
    return text(language, f"making.reason.{key}", label=label)


def _by_reason(left: Sequence[Left], language: str) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for one in left:
        key = one.code if one.code in REASONS else "other"
        counts[key] = counts.get(key, 0) + 1
    return [{"text": text(language, f"making.because.{key}"), "n": n} for key, n in counts.items()]


def _head(work: Work, found: Making, language: str) -> dict[str, Any]:
    form = store.published(work.connection, found.form_code, found.form_version)
    return {
        "id": found.id,
        "form": found.form_code,
        "title": form.title(language),
        "period": found.period,
        "period_text": words.period(found.period, language),
        "total": found.total,
        "made": found.made,
        "not_made": found.not_made,
        "done": found.done,
        "finished": found.status == "done",
        "at": words.moment(found.created_at),
        "by": found.created_name,
    }


def _able(work: Work, form: CompiledForm) -> list[OrganisationValue]:
    """Where somebody fills in, in the area of the report's office."""
    return targets.able(work, dispatches.area_of(work, form.owner))


def _area(work: Work, form: CompiledForm) -> str:
    office = identity.organisation(work.connection, form.owner)
    return office.parent_code or office.code
