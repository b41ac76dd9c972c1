"""Changing a dispatch: until when and whom, its end, and reports that are sent again and again."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.pages.dispatches import DueMissing
from admin.views import dispatch_view, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting, require_role
from engine import clock, deadlines
from engine.access import policy
from engine.errors import Forbidden, NotFound, Problem
from engine.identity import store as identity
from engine.identity.accounts import find_organisation
from engine.periods import PER_YEAR, Period
from engine.work import Work
from forms import store as forms
from workflows import dispatches, stamping
from workflows.dispatch import DispatchRecord
from workflows.dispatching import cadence, progress, targets, terms
from workflows.dispatching.targets import LEVELS, Targets

MOST_TICKED = 200
"""So many units are ticked in a list; of more the names are typed."""


class ActionUnknown(Problem):
    """No such change of a dispatch."""

    code, status = "dispatch.action-unknown", 422
    action: str


@get("/dispatches/{dispatch_id:str}/manage")
@threaded
def manage_page(
    visit: Visiting, dispatch_id: FromPath[str], org: FromQuery[str] = ""
) -> Response[str]:
    """What the office can change of what it sent, for one unit or the whole."""
    return _manage(visit, dispatch_id, org.split())


@post("/dispatches/{dispatch_id:str}/manage")
@threaded
def manage(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Response[Any]:
    """One change, with its reason."""
    action = form.get("action")

    def inside(work: Work) -> int:
        codes = [*form.all("org"), *_named(work, dispatch_id, form.get("names"))]
        return change(
            work, dispatch_id, action, codes, due=form.get("due"), reason=form.get("reason")
        )

    try:
        count = visit.write(inside)
    except (Forbidden, NotFound):
        raise
    except Problem as problem:
        return _manage(visit, dispatch_id, form.all("org"), given=form, problem=problem)
    visit.tell("ok", text(visit.language, f"flash.dispatch.{action}", n=count))
    return leave(visit, f"/dispatches/{dispatch_id}")


def change(
    work: Work, dispatch_id: str, action: str, codes: list[str], *, due: str, reason: str
) -> int:
    """One change of a dispatch by its name; gives how many units it was for.

    Raises ActionUnknown, and what the change raises.
    """
    match action:
        case "extend":
            return terms.extend(work, dispatch_id, codes, clock.end(_day(due)), reason)
        case "exempt":
            return terms.exempt(work, dispatch_id, codes, reason)
        case "remove":
            return terms.remove(work, dispatch_id, codes, reason)
        case "send_back":
            return terms.send_back(work, dispatch_id, codes, reason)
        case "add":
            return terms.add(work, dispatch_id, codes)
        case "withdraw":
            return terms.withdraw(work, dispatch_id, reason)
        case "freeze":
            return terms.freeze(work, dispatch_id, reason)
        case "archive":
            return int(terms.archive(work, dispatch_id)["count"])
        case "reopen":
            return terms.reopen(work, dispatch_id, reason)
    raise ActionUnknown(action=action[:40])


@get("/cadences")
@threaded
def cadence_list(visit: Visiting) -> Response[str]:
    """Reports that are sent by themselves."""
    require_role(visit, "department", "leader", "auditor")
    return _cadences(visit)


@post("/cadences")
@threaded
def begin_cadence(visit: Visiting, form: Posted) -> Response[Any]:
    """Send a report for every period from now on, when the period is over."""
    code = form.get("form")

    def inside(work: Work) -> str:
        kind = forms.published(work.connection, code).period
        deadline = deadlines.read(form.get("deadline"), kind)
        chosen = Targets.read(
            {
                "levels": form.all("level"),
                "groups": form.all("group"),
                "rule": form.get("rule"),
                "picked": form.get("picked").split(),
            }
        )
        cadence.begin(work, code, chosen, deadline, form.get("first"), note=form.get("note"))
        return deadline.told(kind, visit.language)

    try:
        told = visit.write(inside)
    except Forbidden:
        raise
    except Problem as problem:
        return _cadences(visit, form=form, problem=problem)
    visit.tell("ok", text(visit.language, "flash.cadence_begun", due=told))
    return leave(visit, "/cadences")


@post("/cadences/{cadence_id:str}/stop")
@threaded
def stop_cadence(visit: Visiting, cadence_id: FromPath[str], form: Posted) -> Redirect:  # noqa: ARG001 - the token is checked in `form`
    """Send no more."""
    visit.write(lambda work: cadence.stop(work, cadence_id))
    visit.tell("ok", text(visit.language, "flash.cadence_stopped"))
    return leave(visit, "/cadences")


def _day(due: str) -> date:
    try:
        return date.fromisoformat(due)
    except ValueError as error:
        raise DueMissing from error


def _named(work: Work, dispatch_id: str, typed: str) -> list[str]:
    """Units by their names or codes, one a line. Raises NotFound, OrganisationUnclear."""
    terms.own(work, dispatch_id)
    lines = typed.replace("、", "\n").replace("，", "\n").replace(",", "\n").splitlines()
    return [find_organisation(work.connection, one).code for one in lines if one.strip()]


def _manage(
    visit: Visit,
    dispatch_id: str,
    ticked: Sequence[str],
    *,
    given: Form | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with visit.read() as work:
        record = terms.own(work, dispatch_id)
        whole = terms.is_whole(work, record) if record.archive else None
        waiting = [one.organisation for one in progress.units(work, record) if one.waiting]
        done = [one.organisation for one in progress.units(work, record) if one.step == "done"]
        shown = [*waiting[:MOST_TICKED], *done[:MOST_TICKED]]
        names = identity.organisation_names(work.connection, shown)
        context = {
            "dispatch": {
                **dispatch_view.row(work, record, 0, visit.language),
                "status": record.status,
            },
            "archive": _archive(work, record),
            "whole": whole,
            "today": work.today.isoformat(),
        }
    few = len(waiting) <= MOST_TICKED
    asked = ("action", "due", "reason", "names")
    typed = {name: given.get(name) if given else "" for name in asked}
    if not few and ticked and given is None:
        typed["names"] = "\n".join(ticked)
    return html.page(
        visit,
        "dispatch_manage.html",
        http_status=200 if problem is None else problem.status,
        units=[
            {"code": code, "name": names.get(code, code), "ticked": code in ticked}
            for code in waiting
        ]
        if few
        else None,
        done=[
            {"code": code, "name": names.get(code, code), "ticked": code in ticked} for code in done
        ]
        if len(done) <= MOST_TICKED
        else None,
        given=typed,
        error=problem.text(visit.language) if problem else None,
        **context,
    )


def _archive(work: Work, record: DispatchRecord) -> dict[str, Any] | None:
    """What was archived, and how many of those reports have a stamped page by now."""
    if not record.archive:
        return None
    asked = urlencode({"state": "stamped", "form": record.form_code, "period": record.period})
    return {
        **record.archive,
        "at": words.moment(str(record.archive["at"])),
        "stamped": stamping.in_dispatch(work.connection, record.id),
        "records": f"/records?{asked}",
    }


def _cadences(
    visit: Visit, *, form: Form | None = None, problem: Problem | None = None
) -> Response[str]:
    with visit.read() as work:
        found = cadence.listed(work)
        rows = [_row(work, one, visit.language) for one in found]
        own = [
            {"code": one.code, "title": one.title(visit.language), "period": one.period}
            for one in forms.published_forms(work.connection)
            if one.kind == "report" and one.period != "once" and _may_send(work, one.owner)
        ]
        offices = [one.code for one in policy.reaches(work.actor, "dispatch.create") if one.code]
        groups = [row for office in offices for row in targets.groups(work, office)]
        firsts = _firsts({one["period"] for one in own}, work, language=visit.language)
        usual = str(Period.of(own[0]["period"], work.today)) if own else ""
        counted = dispatches.urgent_counts(work)
        called = identity.organisation_names(work.connection, [code for code, _ in counted])
        urgent = [{"office": called.get(code, code), "n": n} for code, n in counted]
    names = ("form", "deadline", "first", "rule", "picked", "note")
    given = {name: form.get(name) if form else "" for name in names}
    given["first"] = given["first"] or usual
    return html.page(
        visit,
        "cadences.html",
        http_status=200 if problem is None else problem.status,
        cadences=rows,
        forms=own,
        firsts=firsts,
        levels=LEVELS,
        given=given,
        chosen=form.all("level") if form else ["village"],
        groups=groups,
        groups_chosen=form.all("group") if form else [],
        error=problem.text(visit.language) if problem else None,
        urgent=urgent,
    )


def _coming(one: cadence.Coming, language: str) -> dict[str, Any]:
    """One of the next periods in words: when it is sent and when it is due."""
    return {
        "period": one.period.label(language),
        "sent": one.sent.isoformat(),
        "due": clock.day(one.due).isoformat(),
        "levels": [
            {"level": text(language, f"level.{level}"), "due": clock.day(at).isoformat()}
            for level, at in one.by_level.items()
        ],
        "exempt": one.exempt,
        "planned": one.planned,
    }


def _firsts(kinds: set[str], work: Work, language: str) -> list[dict[str, Any]]:
    """Periods from which a cadence may begin, by their kind: the last one, this one, the next one."""
    found = []
    for kind in sorted(kinds, key=list(PER_YEAR).index, reverse=True):
        now = Period.of(kind, work.today)
        each = [now.previous(), now, now.following()]
        options = [{"value": str(one), "text": one.label(language)} for one in each]
        found.append({"kind": text(language, f"period.{kind}"), "options": options})
    return found


def _may_send(work: Work, owner: str) -> bool:
    return any(
        post.role == "department" and post.organisation == owner for post in work.actor.posts
    )


def _row(work: Work, one: cadence.CadenceRecord, language: str) -> dict[str, Any]:
    form = forms.published(work.connection, one.form_code)
    deadline = deadlines.read(one.deadline)
    return {
        "id": one.id,
        "title": form.title(language),
        "coming": [_coming(each, language) for each in cadence.coming(work, one)]
        if one.status == "running"
        else [],
        "due": deadline.told(form.period, language),
        "levels": [text(language, f"level.{level}") for level in one.targets["levels"]],
        "groups": [
            row["name"]
            for row in targets.groups(work, one.owner)
            if row["id"] in one.targets["groups"]
        ],
        "rule": one.targets["rule"],
        "status": one.status,
        "problem": cadence.told(one, language),
        "by": one.created_name,
        "mine": _may_send(work, one.owner),
    }
