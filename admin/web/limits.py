"""How often something may be done: log-ins by address, searches and exports by account, calls by token.

Counted in this process's memory over a sliding minute. Log-ins, residents' slips and searches are counted
in the database besides, for all nodes together; what is open, exports and calls by token each node counts
for itself. An account's own wrong passwords are counted in the database, by engine.identity.door.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import structlog
from litestar import Request

from engine.errors import Problem
from engine.identity import rates
from engine.identity.actor import system_actor
from engine.work import System

log = structlog.get_logger("yibiao.limits")
COUNTER = system_actor("limits")

WINDOW = 60.0
MOST_KEYS = 20_000
"""So many are remembered; who was quiet longest is forgotten first."""
LOGIN = {
    ("POST", "/login"),
    ("POST", "/api/session"),
    ("POST", "/login/passkey/begin"),
    ("POST", "/login/passkey"),
    ("GET", "/login/sso"),
    ("GET", "/login/sso/back"),
    ("GET", "/logout/sso"),
    ("POST", "/mine"),
}
SEARCH = {
    ("GET", "/ledgers/{code:str}"),
    ("GET", "/api/ledgers/{code:str}/rows"),
    ("GET", "/api/registers/{subject:str}"),
    ("POST", "/ledgers/{code:str}/rows/{row_id:str}/reveal"),
    ("POST", "/erasures/copy"),
    ("POST", "/residents"),
    ("POST", "/residents/slips"),
    ("GET", "/designs/{code:str}/preview/real"),
    ("GET", "/api/designs/{code:str}/preview"),
    ("GET", "/api/documents/{document_id:str}/pick"),
    ("GET", "/api/documents/{document_id:str}/picked"),
    ("POST", "/api/documents/{document_id:str}/named"),
}
COUNT = {
    ("GET", "/ledgers/{code:str}/totals"),
    ("GET", "/ledgers/{code:str}/map"),
    ("GET", "/ledgers/{code:str}/bulk"),
    ("POST", "/ledgers/{code:str}/bulk"),
    ("POST", "/api/ledgers/{code:str}/bulk"),
}
"""How many rows answer to a filter: as good a guess at a masked number as the list itself."""
EXPORT = {
    ("POST", "/ledgers/{code:str}/export"),
    ("POST", "/dispatches/{dispatch_id:str}/exports"),
    ("GET", "/exports/{export_id:str}/file"),
}

OPEN = {
    ("GET", "/open/{address:str}"),
    ("GET", "/open/{address:str}/csv"),
    ("GET", "/open/{address:str}/pdf"),
}
"""What is open without log-in."""


class TooOften(Problem):
    """This was done too often in a minute; `seconds` says when it may be done again."""

    code, status = "http.too-often", 429
    seconds: int


class Limits:
    """What was done in the last minute, by kind and key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._turns: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()
        """Turns of a minute that this node has taken and not handed out: minute, how many."""

    def take(self, kind: str, key: str, limit: int, *, now: float | None = None) -> None:
        """Count one more; nought is no limit. Raises TooOften, which does not count itself."""
        if not limit or not key:
            return
        at = time.monotonic() if now is None else now
        with self._lock:
            done = self._done.setdefault((kind, key), deque())
            self._done.move_to_end((kind, key))
            while done and done[0] <= at - WINDOW:
                done.popleft()
            if len(done) >= limit:
                raise TooOften(seconds=int(done[0] + WINDOW - at) + 1)
            done.append(at)
            if len(self._done) > MOST_KEYS:
                self._done.popitem(last=False)

    def take_of_all(self, system: System, kind: str, key: str, limit: int) -> None:
        """The same, counted with every other node too; where that cannot be written, here alone.

        Raises TooOften.
        """
        self.take(kind, key, limit)
        if not limit or not key:
            return
        at = int(system.now().timestamp())
        if self._has_turn((kind, key), at // rates.MINUTE):
            return
        try:
            given = system.write(
                COUNTER, lambda work: rates.take(work, kind, key, limit), brief=True
            )
        except Problem as problem:
            log.warning("not counted for all nodes", code=problem.code, kind=kind)
            return
        if not given:
            raise TooOften(seconds=rates.MINUTE - at % rates.MINUTE)
        self._keep_turns((kind, key), at // rates.MINUTE, rates.turns(limit) - 1)

    def _has_turn(self, whose: tuple[str, str], minute: int) -> bool:
        with self._lock:
            of, left = self._turns.get(whose, (0, 0))
            if of != minute or not left:
                return False
            self._turns[whose] = (minute, left - 1)
            return True

    def _keep_turns(self, whose: tuple[str, str], minute: int, more: int) -> None:
        with self._lock:
            of, left = self._turns.get(whose, (0, 0))
            self._turns[whose] = (minute, more + (left if of == minute else 0))
            self._turns.move_to_end(whose)
            if len(self._turns) > MOST_KEYS:
                self._turns.popitem(last=False)


def check(
    request: Request[Any, Any, Any], system: System, *, address: Callable[[], str], account: str
) -> None:
    """Count what a request does, where that is limited. Raises TooOften."""
    limits: Limits = request.app.state.limits
    settings = system.settings
    handler = request.route_handler
    for path in handler.paths:
        what = (request.method, path)
        if what in LOGIN:
            limits.take_of_all(system, "login", address(), settings.logins_per_minute)
        elif what in SEARCH:
            limits.take_of_all(system, "search", account, settings.searches_per_minute)
        elif what in COUNT:
            limits.take_of_all(system, "count", account, settings.searches_per_minute)
        elif what in OPEN:
            limits.take("open", address(), settings.public_per_minute)
        elif what in EXPORT:
            limits.take("export", account, settings.exports_per_minute)
