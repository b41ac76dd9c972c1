"""One's own account: who one is, a new password, where one is logged in."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from admin.views import devices, notice_view, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.login import proven
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.identity import own, password, sessions
from engine.identity import store as identity
from engine.identity.door import LoginFailed
from engine.identity.factors import store as factors
from engine.identity.password import (
    PasswordDue,
    PasswordRepeated,
    PasswordUsed,
    PasswordWeak,
    PasswordWrong,
)
from engine.work import Work

BESIDE = {PasswordWrong: "old", PasswordWeak: "new", PasswordUsed: "new", PasswordRepeated: "again"}


@get("/account")
@threaded
def account_page(visit: Visiting) -> Response[str]:
    """Who one is, and the log-ins in force."""
    return _page(visit)


@get("/account/password", half=("password",))
@threaded
def password_page(visit: Visiting) -> Response[str]:
    """Where a new password is chosen, by one's own will or because it must be."""
    return _password(visit)


@post("/account/password", half=("password",))
@threaded
def change_password(visit: Visiting, form: Posted) -> Response[Any]:
    """Take a new password; what is wrong with it is told beside its field."""
    actor = visit.who()
    old, new = form.get("old"), form.get("new")
    try:
        try:
            proven(visit.system, actor.login, old)
        except LoginFailed as wrong:
            raise PasswordWrong from wrong
        password.refuse_weak(new, actor.login, visit.system.settings, old)
        if form.get("again") != new:
            raise PasswordRepeated
        with visit.read() as work:
            password.refuse_used(work.connection, actor.id, new, work.settings)
    except Problem as problem:
        beside = BESIDE.get(type(problem), "old")
        return _password(visit, {beside: problem.text(visit.language)}, problem.status)
    digest, due = identity.hash_password(new), _due(visit)
    visit.write(lambda work: password.keep(work, digest, visit.session_token))
    visit.tell("ok", text(visit.language, "flash.password_changed"))
    return leave(visit, "/" if due else "/account")


@post("/account/sessions/end")
@threaded
def end_session(visit: Visiting, form: Posted) -> Response[Any]:
    """Log oneself out somewhere else."""
    visit.write(lambda work: password.end_session(work, form.get("session")))
    visit.tell("ok", text(visit.language, "flash.session_ended"))
    return leave(visit, "/account")


@post("/account/sessions/end-others")
@threaded
def end_other_sessions(visit: Visiting, form: Posted) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """Log oneself out everywhere but here."""
    ended = visit.write(lambda work: password.end_others(work, visit.session_token))
    visit.tell("ok", text(visit.language, "flash.sessions_ended", n=ended))
    return leave(visit, "/account")


@post("/account/mail")
@threaded
def set_mail(visit: Visiting, form: Posted) -> Redirect:
    """Where the visitor wants notices sent."""
    address = form.get("mail").strip()

    def inside(work: Work) -> None:
        own.set_mail(work.connection, work.actor.id, address)
        own.set_language(work.connection, work.actor.id, visit.language)
        work.note("account.mail-set", work.actor.id, given=bool(address))

    visit.write(inside)
    visit.tell("ok", text(visit.language, "flash.mail_set" if address else "flash.mail_gone"))
    return leave(visit, "/account")


def _page(visit: Visit) -> Response[str]:
    actor = visit.who()
    here = sessions.session_id(visit.session_token)
    with visit.read() as work:
        now, rules = work.now, work.settings
        found = sessions.sessions_of(work.connection, actor.id, now=now, settings=rules)
        mail = own.mail_of(work.connection, actor.id)
        held = len(factors.listed(work.connection, actor.id))
        left = password.days_left(work.connection, actor.id, now=now, settings=rules)
        listed = actor.roles() & {"staff", "verifier", "leader"}  # who have a page of what waits
        told = [] if listed else notice_view.rows(work, visit.language)
    earlier = [one for one in found if one.id != here]
    return html.page(
        visit,
        "account.html",
        login=actor.login,
        mail=mail,
        sessions=devices.rows(found, visit.language, now=now, current=here),
        others=len(earlier),
        factors=held,
        last_login=words.moment(earlier[0].created_at) if earlier else None,
        password_days=left,
        rule=_rule(visit),
        notices=told,
        errors=defaultdict(str),
    )


def _password(
    visit: Visit, errors: Mapping[str, str] | None = None, http_status: int = 200
) -> Response[str]:
    return html.page(
        visit,
        "account_password.html",
        http_status=http_status,
        due=PasswordDue().text(visit.language) if _due(visit) else None,
        rule=_rule(visit),
        errors=defaultdict(str, errors or {}),
    )


def _due(visit: Visit) -> bool:
    """Whether nothing else is open to this log-in before a new password is chosen."""
    with visit.read() as work:
        found = sessions.session(
            work.connection, visit.session_token, now=work.now, settings=work.settings
        )
    return found is not None and found.stage == "password" and found.actor.id == visit.who().id


def _rule(visit: Visit) -> str:
    rules = visit.system.settings
    return text(
        visit.language,
        "account.password.rule",
        length=rules.password_length,
        n=rules.password_kinds,
    )
