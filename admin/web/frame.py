"""Around every request: its id, security headers, one line in the log, its figures.

The log holds route, status and time; never a query, a name or a value.
"""

import asyncio
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from engine.errors import Problem
from engine.work import new_id

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'self'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
}
_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
"""As a server sends them: a look-up by name in a list of headers goes through all of them."""
YEAR = 365 * 24 * 3600
REQUESTS = Counter("yibiao_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("yibiao_request_seconds", "Time to answer", ["route"])
log = structlog.get_logger("yibiao.request")


def frame(app: ASGIApp, seconds: int) -> ASGIApp:
    """The middleware: gives the request its id, and notes what became of it."""

    async def framed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:  # a server gives the plain text, never the member
            await app(scope, receive, send)
            return
        scope["state"]["request_id"] = new_id()
        started = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, in_time(receive, seconds), answer)
        finally:
            _note(scope, status, time.perf_counter() - started)

    return framed


class BodySlow(Problem):
    """The content did not arrive in time; the connection is given up so that others are served."""

    code, status = "http.body-slow", 408
    seconds: int


def in_time(receive: Receive, seconds: int) -> Receive:
    """Let a request's content take so long at most, all of it together. Raises BodySlow."""
    end = time.monotonic() + seconds
    arriving = True

    async def taken() -> Any:
        nonlocal arriving
        if not arriving or not seconds:  # what follows is news of the connection, however late
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(end - time.monotonic(), 0.001))
        except TimeoutError as error:
            raise BodySlow(seconds=seconds) from error
        arriving = bool(message.get("more_body"))
        return message

    return taken


async def dress(message: Message, scope: Scope) -> None:
    """Put the headers on every answer, a refusal's too (Litestar's `before_send`)."""
    if message["type"] != "http.response.start":
        return
    given = list(message.get("headers", ()))
    there = {name.lower() for name, _ in given}
    ours = [*_HEADERS, (b"x-request-id", str(scope["state"].get("request_id", "")).encode())]
    if scope["litestar_app"].state.system.settings.secure_cookies:
        ours.append((b"strict-transport-security", f"max-age={YEAR}; includeSubDomains".encode()))
    if not scope["path"].startswith("/static/"):
        ours.append((b"cache-control", b"no-store"))
    message["headers"] = given + [one for one in ours if one[0] not in there]


def _note(scope: Any, status: int, seconds: float) -> None:
    handler = scope.get("route_handler")
    route = min(handler.paths) if handler is not None and handler.paths else "-"
    REQUESTS.labels(scope["method"], route, status).inc()
    SECONDS.labels(route).observe(seconds)
    visit = scope.get("visit")
    log.info(
        "request",
        id=scope["state"].get("request_id", ""),
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        actor=visit.actor.id if visit is not None and visit.actor else "",
    )
