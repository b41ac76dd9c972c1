"""One request's visitor: who they are, in which language, and the token their forms must carry."""

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import anyio.to_thread
import structlog
from litestar import Request
from litestar.datastructures import Cookie, FormMultiDict, UploadFile
from litestar.di import NamedDependency

from admin.web import limits
from admin.web.body import read_ahead
from admin.web.limits import Limits
from admin.web.posted_fields import posted_fields
from engine.errors import Forbidden, LoginRequired, NotFound, Problem
from engine.identity import sessions, tokens
from engine.identity.actor import Actor, system_actor
from engine.identity.factors.rules import FactorDue, FactorNeeded
from engine.identity.password import PasswordDue
from engine.identity.sessions import OpenSession
from engine.identity.tokens import Bearer
from engine.json_text import JsonTooLarge
from engine.residents import store as residents
from engine.work import System, Work

T = TypeVar("T")
log = structlog.get_logger("yibiao.visit")
MOST_FLASH = 3800
"""Browsers drop a cookie of more than 4096 bytes, and with it all that was to be told."""
SESSION, DEVICE, FLASH, LANGUAGE, TYPE, FIRST = (
    "yibiao_session",
    "yibiao_device",
    "yibiao_flash",
    "lang",
    "type",
    "yibiao_first",
)
RESIDENT = "yibiao_resident"
"""Of a resident's visit: another cookie than that of a log-in, sent to the addresses below `/mine` only."""
NOBODY = system_actor("door")
LITTLE = 64 * 1024
"""Bytes of content that the API reads before it knows whose they are."""
STAGES: dict[str, tuple[type[Problem], str]] = {
    "factor": (FactorNeeded, "/login/factor"),
    "password": (PasswordDue, "/account/password"),
    "enrol": (FactorDue, "/account/factors"),
}
"""What may stand before everything else: as a refusal, and where it is done."""
EVERY = tuple(STAGES)
"""For addresses that are open at every stage: `half=EVERY`."""


class CsrfFailed(Problem):
    """The form was not opened from this log-in: sent twice over a new log-in, or by another site."""

    code, status = "csrf.failed", 403


class NulCharacter(Problem):
    """A text holds U+0000: no database takes it, and no person ever typed it."""

    code, status = "api.nul", 400


@dataclass
class Visit:
    """Who visits, and what they may be told. Handlers get one as `visit`."""

    system: System
    actor: Actor | None
    csrf: str
    language: str
    large: bool
    path: str
    request_id: str
    session_token: str = ""
    flash: list[dict[str, str]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    unsent: Mapping[str, Any] = field(default_factory=dict)
    """What was typed into a form that was refused: it stands there again on the page that says why."""
    bearer: Bearer | None = None
    """Set where a program calls by a token."""
    held: Problem | None = None
    """What must be done before anything else, e.g. a new password."""
    resident: residents.Visit | None = None
    """Set where a resident looks at their own; nobody is logged in then."""

    def who(self) -> Actor:
        """The person logged in. Raises LoginRequired, and what stands before everything else."""
        if self.actor is None:
            raise LoginRequired
        if self.held is not None:
            raise self.held
        return self.actor

    def write(self, command: Callable[[Work], T], *, brief: bool = False) -> T:
        """Run a command as the visitor; `brief` as of `Database.write`."""
        return self.system.write(self.who(), command, request_id=self.request_id, brief=brief)

    def read(self) -> AbstractContextManager[Work]:
        """Look as the visitor."""
        return self.system.read(self.who(), request_id=self.request_id)

    def tell(self, kind: str, text: str) -> None:
        """Say something on the next page: kind is ok, soon or late."""
        self.told.append({"kind": kind, "text": text})

    def check_csrf(self, given: str | None) -> None:
        """Raises CsrfFailed unless the form or script carries this log-in's token."""
        if not self.csrf or not given or not hmac.compare_digest(given, self.csrf):
            raise CsrfFailed


@dataclass(frozen=True)
class Form:
    """A posted form whose token was right."""

    fields: FormMultiDict

    def get(self, name: str, default: str = "") -> str:
        """A field's text, its last one if it stands several times."""
        values = self.all(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        """All texts of a field."""
        return [value for value in self.fields.getall(name, []) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file; None if none was chosen."""
        value = self.fields.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def files(self, name: str) -> list[UploadFile]:
        """All files that were chosen in a field."""
        sent = self.fields.getall(name, [])
        return [one for one in sent if isinstance(one, UploadFile) and one.filename]

    def pressed(self, *buttons: str) -> str:
        """Which button of a page was pressed, by its `action`. Raises NotFound for one it does not have."""
        action = self.get("action")
        if action not in buttons:
            raise NotFound
        return action

    def names(self) -> list[str]:
        """All field names, in order, each once."""
        return list(dict.fromkeys(self.fields))


Visiting: TypeAlias = NamedDependency[Visit]
Posted: TypeAlias = NamedDependency[Form]
"""What a handler takes, by the parameter's name: `visit` (or `caller`, in the API) and `form`."""


def provide_visit(request: Request[Any, Any, Any]) -> Visit:
    """The visitor of a request, by the session cookie. Raises NulCharacter."""
    if "\0" in request.url.path or "%00" in request.url.query:
        raise NulCharacter
    system: System = request.app.state.system
    if request.route_handler.opt.get("resident"):
        return _of_a_resident(request, system)
    bearer = _bearer(request, system)
    token = "" if bearer else request.cookies.get(SESSION, "")
    opened = None
    if token:
        with system.read(NOBODY) as work:
            opened = sessions.session(
                work.connection, token, now=work.now, settings=system.settings
            )
        if opened is not None:
            _touch(system, opened, token)
    visit = _visit(
        request,
        system,
        actor=bearer.actor if bearer else opened.actor if opened else None,
        csrf=opened.csrf if opened else _first_token(request),
        session_token=token,
        bearer=bearer,
        held=_held(opened, request.route_handler.opt.get("half", ())),
    )
    return _counted(request, visit)


def _of_a_resident(request: Request[Any, Any, Any], system: System) -> Visit:
    """The visitor of a resident's page: whoever is logged in as staff is nobody here."""
    token = request.cookies.get(RESIDENT, "")
    found = None
    if token:
        with system.read(NOBODY) as work:
            found = residents.visit(work, token)
    csrf = found.csrf if found else _first_token(request)
    visit = _visit(request, system, actor=None, csrf=csrf, session_token=token, resident=found)
    return _counted(request, visit)


def _visit(
    request: Request[Any, Any, Any], system: System, *, actor: Actor | None, csrf: str, **more: Any
) -> Visit:
    language = request.cookies.get(LANGUAGE, "")
    query = request.url.query
    return Visit(
        system=system,
        actor=actor,
        csrf=csrf,
        language=language if language in ("zh", "en") else system.settings.language,
        large=request.cookies.get(TYPE) == "large",
        path=request.url.path + (f"?{query}" if query else ""),
        request_id=str(request.scope["state"].get("request_id", "")),
        flash=_read_flash(request.cookies.get(FLASH, "")),
        **more,
    )


def _counted(request: Request[Any, Any, Any], visit: Visit) -> Visit:
    """Count what is limited, and keep the visitor for the frame and the error page. Raises TooOften."""
    limits.check(
        request,
        visit.system,
        address=partial(address_of, request),
        account=visit.actor.id if visit.actor else "",
    )
    request.scope["visit"] = visit  # type: ignore[typeddict-unknown-key]  # ours among the server's
    return visit


def _bearer(request: Request[Any, Any, Any], system: System) -> Bearer | None:
    """The program that calls by a token, if the token names the operation.

    Raises TokenWrong, TokenScope, TooOften.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not request.url.path.startswith("/api/"):
        return None
    with system.read(NOBODY) as work:
        found = tokens.bearer(work, token.strip())
        noting = tokens.worth_noting(found, work)
    counted: Limits = request.app.state.limits
    counted.take("token", found.id, system.settings.calls_per_minute)
    if noting:
        address = address_of(request)
        system.write(NOBODY, lambda work: tokens.note_use(work, found.id, address))
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    found.require(request.url.path.split("/")[2], tokens.CHANGE if changes else tokens.READ)
    return found


def address_of(request: Request[Any, Any, Any]) -> str:
    """The network address a request came from, as the server or its trusted proxy tells it; or empty."""
    host = request.client.host if request.client else ""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""


def _touch(system: System, opened: OpenSession, token: str) -> None:
    """Note now and then that a log-in is used; where that cannot be written, the request goes on."""
    if not sessions.worth_touching(opened, now=system.now(), settings=system.settings):
        return
    try:
        system.write(NOBODY, lambda work: sessions.touch(work.connection, token, now=work.now))
    except Problem as problem:
        log.warning("session not touched", code=problem.code)


def _held(opened: OpenSession | None, half: Collection[str]) -> Problem | None:
    """What stands between a log-in and everything but the addresses that are open at its stage."""
    if opened is None or not opened.stage or opened.stage in half:
        return None
    return STAGES[opened.stage][0]()


async def provide_form(request: Request[Any, Any, Any], visit: Visiting) -> Form:
    """A posted form. Raises CsrfFailed, FormTooLarge, NulCharacter."""
    fields = await posted_fields(request)
    if any("\0" in text for pair in fields.multi_items() for text in pair if isinstance(text, str)):
        raise NulCharacter
    visit.check_csrf(str(fields.get("csrf") or request.headers.get("x-csrf-token") or ""))
    return Form(fields)


def provide_caller(request: Request[Any, Any, Any], visit: Visiting) -> Visit:
    """The visitor of an API call: logged in, and with the token in a header where it changes things."""
    visit.who()
    if visit.bearer is not None:  # no browser sends a token by itself, so no other site can either
        return visit
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        visit.check_csrf(request.headers.get("x-csrf-token"))
    return visit


async def logged_in(request: Request[Any, Any, Any]) -> None:
    """Before anything of a request to the API is read: not even a cookie is no caller of ours.

    Raises LoginRequired, unless the handler is the door itself (`opt={"open": True}`), which takes little.
    Much is read only from who is known: reading JSON of some megabytes holds up everybody for a second.
    Litestar's guards would do as well, but copy the handler for each request, and run in a thread unless
    they are async.
    """
    door = request.route_handler.opt.get("open")
    known = request.cookies.get(SESSION) or request.headers.get("authorization")
    if not known and not door:
        raise LoginRequired
    if not _is_little(request):
        if door:
            raise JsonTooLarge(limit=LITTLE)
        visit = await anyio.to_thread.run_sync(provide_visit, request)
        visit.who()
        await read_ahead(request)


def _is_little(request: Request[Any, Any, Any]) -> bool:
    """Whether so little content comes that anybody may send it; what is not told may be any."""
    told = request.headers.get("content-length", "")
    if told:
        return told.isascii() and told.isdecimal() and int(told[:20]) <= LITTLE
    return "transfer-encoding" not in request.headers


def require_role(visit: Visit, *roles: str) -> None:
    """Raises Forbidden unless the visitor holds one of the roles."""
    if not visit.who().roles() & set(roles):
        raise Forbidden


def first_cookie(visit: Visit) -> Cookie:
    """Keeps the token of a visitor who is not logged in yet."""
    secure = visit.system.settings.secure_cookies
    return Cookie(FIRST, value=visit.csrf, httponly=True, samesite="lax", secure=secure, path="/")


def flash_cookie(told: list[dict[str, str]]) -> Cookie:
    """Carries what is to be said on the next page: as much as a browser keeps in a cookie, the first first."""
    for count in range(len(told), -1, -1):
        said = json.dumps(told[:count], ensure_ascii=False)
        packed = base64.urlsafe_b64encode(said.encode()).decode()
        if len(packed) <= MOST_FLASH:
            break
    return Cookie(FLASH, value=packed, httponly=True, samesite="lax", path="/", max_age=60)


def own_path(path: str) -> str:
    """Only a path of ours: a redirect never leaves the house."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if plain and "\\" not in path and not any(ord(c) < 32 for c in path) else "/"


def login_url(path: str) -> str:
    """Where to log in, coming back afterwards."""
    return f"/login?next={quote(path)}" if path not in ("", "/") else "/login"


def _first_token(request: Request[Any, Any, Any]) -> str:
    held = request.cookies.get(FIRST, "")
    if len(held) == 64 and held.isalnum():
        return held
    return hashlib.sha256(secrets.token_bytes(32)).hexdigest()


def _read_flash(packed: str) -> list[dict[str, str]]:
    if not packed:
        return []
    try:
        told = json.loads(base64.urlsafe_b64decode(packed.encode()))
        return [
            {"kind": str(one["kind"]), "text": str(one["text"])[:500]}
            for one in told
            if one["kind"] in ("ok", "soon", "late")
        ]
    except (ValueError, KeyError, TypeError):
        return []
