"""What went wrong, as an answer: a page for people, one JSON shape for programs."""

import re
from errno import ENAMETOOLONG
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.response import Redirect
from sqlalchemy.exc import IntegrityError

from admin.web import expected, html
from admin.web.body import BodyMissing
from admin.web.limits import TooOften
from admin.web.visit import (
    STAGES,
    CsrfFailed,
    Visit,
    login_url,
    own_path,
)
from engine import messages
from engine.errors import Conflict, LoginRequired, Problem
from engine.storage.failures import is_taken

log = structlog.get_logger("yibiao.problem")
_MISSING = re.compile(r"Missing required \w+ parameter '(?P<name>[^']+)'")
KNOWN = {400: "http.400", 404: "not-found", 405: "http.405", 413: "http.413", 429: "http.429"}


class ParameterInvalid(Problem):
    """Something in the address is of another kind or out of its bounds: `names` says what, `reason` what is
    wrong with the first.
    """

    code, status = "api.parameter-invalid", 400
    names: str
    reason: str = "form"
    wanted: str = ""


def answer_problem(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """A Problem in the visitor's language; who is not logged in is sent to do so."""
    visit = _visit(request)
    if isinstance(problem, LoginRequired) and not _is_api(request) and request.method == "GET":
        return Redirect(login_url(visit.path))
    if (
        visit.actor is None
        and isinstance(problem, CsrfFailed | LoginRequired)
        and not _is_api(request)
        and not request.route_handler.opt.get("resident")  # residents have no log-in to go back to
    ):
        return _log_in_again(request, visit)
    door = next((path for kind, path in STAGES.values() if isinstance(problem, kind)), None)
    if door is not None and not _is_api(request):
        back = f"?next={quote(visit.path)}" if request.method == "GET" and visit.path != "/" else ""
        return Redirect(door + back, status_code=303)
    if problem.status >= 500:
        log.error("problem", code=problem.code, id=visit.request_id)
    told = _told(
        request,
        visit,
        problem.status,
        code=problem.code,
        text=problem.text(visit.language),
        details=problem.details(),
        back=_came_from(request) if isinstance(problem, CsrfFailed) else "",
    )
    if isinstance(problem, TooOften):
        told.set_header("retry-after", str(problem.seconds))
    return told


def answer_no_file(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A name that no file can have, with a nought in it or too long: it is not there."""
    cause = error.__cause__
    if isinstance(error, ValueError) or (
        isinstance(cause, OSError) and cause.errno == ENAMETOOLONG
    ):
        return answer_http(request, NotFoundException())
    return answer_defect(request, error)


def answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework itself refuses: no such page, a malformed request."""
    if isinstance(error, ValidationException) and _is_api(request):
        return answer_problem(request, _malformed(error))
    visit = _visit(request)
    code = KNOWN.get(error.status_code, "http.400" if error.status_code < 500 else "http.500")
    headers = dict(error.headers or {})
    response = _told(
        request, visit, error.status_code, code=code, text=messages.text(code, visit.language)
    )
    for name, value in headers.items():
        response.set_header(name, value)
    return response


def answer_defect(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours: logged with its trace, told without it."""
    visit = _visit(request)
    log.error("defect", id=visit.request_id, exc_info=error)
    return _told(
        request, visit, 500, code="http.500", text=messages.text("http.500", visit.language)
    )


def answer_clash(request: Request[Any, Any, Any], error: IntegrityError) -> Response[Any]:
    """Two who added the same at the same moment: the second is told so, as if it had come a little later."""
    if not is_taken(error):
        return answer_defect(request, error)
    log.warning("clash", id=_visit(request).request_id, exc_info=error)
    return answer_problem(request, Conflict(what=html.text(_visit(request).language, "clash.same")))


def _log_in_again(request: Request[Any, Any, Any], visit: Visit) -> Response[Any]:
    """Somebody whose log-in ended pressed a button: to the door, told so, and back to their page afterwards."""
    back = _came_from(request)
    if request.url.path == "/logout":
        return Redirect("/login", status_code=303)
    visit.tell("soon", html.text(visit.language, "login.ended"))
    return html.leave(visit, back if back.startswith("/login") else login_url(back))


def _came_from(request: Request[Any, Any, Any]) -> str:
    """The page of ours that a form was sent from."""
    page = urlsplit(request.headers.get("referer", ""))
    if page.netloc != request.headers.get("host"):
        return "/"
    return own_path(page.path + (f"?{page.query}" if page.query else "")) if page.path else "/"


def _malformed(error: ValidationException) -> Problem:
    faults = error.extra if isinstance(error.extra, list) else []
    names = [str(one.get("key", "")) for one in faults if isinstance(one, dict)]
    if "data" in names:
        return BodyMissing()
    messages = [str(one.get("message", "")) for one in faults if isinstance(one, dict)]
    if missing := _MISSING.match(error.detail):
        return ParameterInvalid(names=missing["name"], reason="missing")
    reason, wanted = expected.told(messages[0] if messages else "")
    told = "、".join(dict.fromkeys(name for name in names if name))
    return ParameterInvalid(names=told, reason=reason, wanted=wanted)


def _told(
    request: Request[Any, Any, Any],
    visit: Visit,
    status: int,
    *,
    code: str,
    text: str,
    details: dict[str, Any] | None = None,
    back: str = "",
) -> Response[Any]:
    if _is_api(request):
        body = {
            "code": code,
            "text": text,
            "details": {key: _plain(value) for key, value in (details or {}).items()},
            "request_id": visit.request_id,
        }
        return Response(body, status_code=status, media_type="application/json")
    return html.page(
        visit,
        "error.html",
        http_status=status,
        status=status,
        text=text,
        back=back,
        request_id=visit.request_id,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _is_api(request: Request[Any, Any, Any]) -> bool:
    return request.url.path.startswith("/api/")


def _visit(request: Request[Any, Any, Any]) -> Visit:
    found = request.scope.get("visit")
    if isinstance(found, Visit):
        return found
    language = request.cookies.get("lang", "")
    system = request.app.state.system
    return Visit(
        system=system,
        actor=None,
        csrf="",
        language=language if language in ("zh", "en") else system.settings.language,
        large=request.cookies.get("type") == "large",
        path=request.url.path,
        request_id=str(request.scope["state"].get("request_id", "")),
    )
