"""Logging in and out for programs, and who is logged in."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import Body

from admin.web.answer import answer
from admin.web.login import device_of, open_session, proven, session_cookie
from admin.web.threads import threaded
from admin.web.visit import EVERY, NOBODY, SESSION, Visit, Visiting
from engine.errors import LoginRequired
from engine.identity import sessions


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """A log-in name and its password."""

    login: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    code: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    """Of the second factor, where the account has one."""


class Position(msgspec.Struct):
    """A role held in an organisation."""

    role: str
    organisation: str
    organisation_name: str


class Session(msgspec.Struct):
    """Who is logged in, and the token to send as x-csrf-token with every change."""

    id: str
    login: str
    name: str
    positions: list[Position]
    language: str
    csrf: str


@post("/api/session", status_code=201, security=[{}], opt={"open": True, "half": EVERY})
@threaded
def log_in(
    visit: Visiting, request: Request[Any, Any, Any], data: Annotated[Credentials, Body()]
) -> Response[Session]:
    """Open a session: sets the cookie and answers with the token for changes."""
    actor = proven(visit.system, data.login.strip(), data.password)
    token = open_session(visit.system, actor, device_of(request), code=data.code)
    with visit.system.read(NOBODY) as work:
        found = sessions.session(
            work.connection, token, now=work.now, settings=visit.system.settings
        )
    if found is None:
        raise LoginRequired
    visit.actor, visit.csrf = found.actor, found.csrf
    response = answer(_session(visit), 201)
    response.set_cookie(session_cookie(visit.system, token))
    return response


@get("/api/session", opt={"half": ("password", "enrol")})
@threaded
def who_am_i(caller: Visiting) -> Response[Session]:
    """Who is logged in, with the positions held today."""
    return answer(_session(caller))


@delete("/api/session", status_code=204, opt={"half": EVERY})
@threaded
def log_out(caller: Visiting) -> Response[None]:
    """End this session."""
    token = caller.session_token
    caller.write(lambda work: sessions.log_out(work.connection, token))
    response = Response(None, status_code=204)
    response.delete_cookie(SESSION)
    return response


def _session(visit: Visit) -> Session:
    actor = visit.who()
    return Session(
        id=actor.id,
        login=actor.login,
        name=actor.name,
        positions=[
            Position(post.role, post.organisation, post.organisation_name) for post in actor.posts
        ],
        language=visit.language,
        csrf=visit.csrf,
    )
