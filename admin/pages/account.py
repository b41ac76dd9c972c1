"""One's own account: who one is, a new password, where one is logged in."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from admin.views import words
from admin.web import html
from admin.web.html import leave, text
from admin.web.login import proven
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.identity import own, password
from engine.identity import store as identity
from engine.identity.password import PasswordRepeated, PasswordWeak, PasswordWrong
from engine.identity.store import LoginFailed
from engine.work import Work

BESIDE = {PasswordWrong: "old", PasswordWeak: "new", PasswordRepeated: "again"}


@get("/account")
@threaded
def account_page(visit: Visiting) -> Response[str]:
    """Who one is, and the log-ins in force."""
    return _page(visit)


@post("/account/password")
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
        password.refuse_weak(new, actor.login, old)
        if form.get("again") != new:
            raise PasswordRepeated
    except Problem as problem:
        beside = BESIDE.get(type(problem), "old")
        return _page(visit, {beside: problem.text(visit.language)}, problem.status)
    digest = identity.hash_password(new)
    visit.write(lambda work: password.keep(work, digest, visit.session_token))
    visit.tell("ok", text(visit.language, "flash.password_changed"))
    return leave(visit, "/account")


@post("/account/sessions/end")
@threaded
def end_session(visit: Visiting, form: Posted) -> Response[Any]:
    """Log oneself out somewhere else."""
    visit.write(lambda work: password.end_session(work, form.get("session")))
    visit.tell("ok", text(visit.language, "flash.session_ended"))
    return leave(visit, "/account")


def _page(
    visit: Visit, errors: Mapping[str, str] | None = None, http_status: int = 200
) -> Response[str]:
    actor = visit.who()
    here = own.session_id(visit.session_token)
    with visit.read() as work:
        found = own.sessions_of(work.connection, actor.id, now=work.now)
        mail = own.mail_of(work.connection, actor.id)
    earlier = [one for one in found if one.id != here]
    return html.page(
        visit,
        "account.html",
        http_status=http_status,
        login=actor.login,
        mail=mail,
        sessions=[
            {
                "id": one.id,
                "at": words.moment(one.created_at),
                "until": words.moment(one.expires_at),
                "current": one.id == here,
            }
            for one in found
        ],
        last_login=words.moment(earlier[0].created_at) if earlier else None,
        errors=defaultdict(str, errors or {}),
    )


@post("/account/mail")
@threaded
def set_mail(visit: Visiting, form: Posted) -> Redirect:
    """Where the visitor wants notices sent."""
    address = form.get("mail").strip()

    def inside(work: Work) -> None:
        own.set_mail(work.connection, work.actor.id, address)
        work.note("account.mail-set", work.actor.id, given=bool(address))

    visit.write(inside)
    visit.tell("ok", text(visit.language, "flash.mail_set" if address else "flash.mail_gone"))
    return leave(visit, "/account")
