"""Who stands in: a person's own absences and phrases, and the hand-over of somebody who leaves."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from admin.views import words
from admin.views.acting_view import last_day
from admin.views.people_view import grouped
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visiting
from engine import clock
from engine.access import policy
from engine.errors import Forbidden, Problem
from engine.identity import presence
from engine.identity import store as identity
from engine.work import Work
from workflows import phrases
from workflows.acting import deputies, hand_over

MOST = 500


@get("/account/away")
@threaded
def away_page(visit: Visiting) -> Response[str]:
    """The visitor's absences with their deputies, whom they stand in for, and their phrases."""
    who = visit.who()
    with visit.read() as work:
        found = presence.absences(work.connection, who.id, now=work.now)
        names = identity.account_names(work.connection, [one.deputy_id or "" for one in found])
        context: dict[str, Any] = {
            "absences": [
                {
                    "id": one.id,
                    "deputy": names.get(one.deputy_id or "", ""),
                    "starts": words.moment(one.starts_at),
                    "ends": last_day(one.ends_at),
                    "reason": one.reason,
                    "now": one.starts_at <= work.at,
                }
                for one in found
            ],
            "standing_in": [
                one.name for one in presence.principals(work.connection, who.id, now=work.now)
            ],
            "phrases": [
                {"id": key, "text": words_} for key, words_ in phrases.of(work.connection, who.id)
            ],
            "people": grouped(
                work, [one for one in _everybody(work) if one[0] != who.id], visit.language
            ),
            "today": clock.day(work.now).isoformat(),
        }
    return html.page(visit, "away.html", **context)


@post("/account/away")
@threaded
def away(visit: Visiting, form: Posted) -> Redirect:
    """Go away, come back, keep or remove a phrase: the button's `action` says what."""
    acts = {"away": _away, "back": _back, "forget": _forget, "keep": _keep}
    action = form.get("action", "away")
    try:
        visit.write(lambda work: acts.get(action, _away)(work, form))
    except Problem as problem:
        if problem.status == 404:
            raise
        visit.tell("late", problem.text(visit.language))
    else:
        visit.tell("ok", text(visit.language, f"away.done.{action if action in acts else 'away'}"))
    return leave(visit, "/account/away")


@get("/handover")
@threaded
def handover_page(visit: Visiting) -> Response[str]:
    """Somebody leaves: to whom does their work go."""
    if not policy.reaches(visit.who(), "account.manage"):
        raise Forbidden(reason="")
    with visit.read() as work:
        people = grouped(work, _everybody(work), visit.language)
    return html.page(visit, "handover.html", people=people)


@post("/handover")
@threaded
def handover(visit: Visiting, form: Posted) -> Redirect:
    """All of it in one act; what could not change hands is told."""
    if not policy.reaches(visit.who(), "account.manage"):
        raise Forbidden(reason="")
    try:
        done = visit.write(
            lambda work: hand_over.hand_over(
                work, form.get("leaver"), form.get("to"), reason=form.get("reason").strip()
            )
        )
    except Problem as problem:
        visit.tell("late", problem.text(visit.language))
        return leave(visit, "/handover")
    visit.tell("ok", text(visit.language, "handover.done", n=done.moved))
    for title, why in done.left[:5]:
        visit.tell("late", f"{title}: {why}")
    return leave(visit, "/handover")


def _everybody(work: Work) -> list[tuple[str, str, str]]:
    """Those the visitor may meet: of the county of their first position."""
    posts = work.actor.posts
    top = posts[0].path.split("/") if posts else [""]
    path = "/".join(top[:2] if top[0] else top[:3]).rstrip("/") + "/"
    return presence.colleagues(work.connection, path, "", now=work.now, limit=MOST)


def _away(work: Work, form: Form) -> None:
    starts, ends = _moment(form.get("starts")), _moment(form.get("ends"))
    if ends is None:
        raise presence.DeputyWrong(reason="period")
    ends += timedelta(days=1)  # the last day counts
    reason = form.get("reason").strip()[:200]
    deputies.away(work, starts or work.now, ends, deputy=form.get("person"), reason=reason)


def _moment(day: str) -> datetime | None:
    """The beginning of a day by the office's clock; nothing for what is no day."""
    try:
        return clock.begin(datetime.fromisoformat(day).date())
    except ValueError:
        return None


def _back(work: Work, form: Form) -> None:
    deputies.back(work, form.get("absence"))


def _forget(work: Work, form: Form) -> None:
    phrases.forget(work, form.get("phrase"))


def _keep(work: Work, form: Form) -> None:
    phrases.keep(work, form.get("text"))
