"""PostgreSQL: brief commands of those who wait are run one after the other by whoever leads.

Threads of one process take turns at the interpreter: sixteen that each talk to the server wake each
other at every answer and together get less done than one alone. So only `LANES` of them talk; who
comes meanwhile sleeps, and is woken with the outcome. A leader runs the commands of others as it runs
its own: in the order in which they came, in its own thread, each in a transaction of its own. After a
few it hands over, so that its own caller is not kept; one wait for the disk serves all that it ran, and
then their callers are told.

A command that is held up (by a lock of somebody else's, by a server that does not answer) holds up
nobody but itself: where nothing has moved for `PATIENCE` seconds, one of those who wait leads too, and
whose command is through waits for the disk by itself.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.storage import postgresql
from engine.storage.failures import StorageUnavailable, told

T = TypeVar("T")
LANES = 2
MOST = 16
"""How many commands one leads through, its own among them."""
PATIENCE = 0.05
CLOSING_SECONDS = 30


class _Place:
    """One caller, and what became of its command."""

    __slots__ = (
        "command", "context", "error", "flushed", "last", "leads", "result", "served_by",
        "woken", "written",
    )  # fmt: skip

    def __init__(
        self, command: Callable[[Connection], Any], last: Callable[[Connection], object]
    ) -> None:
        self.command = command
        self.last = last
        self.context = copy_context()
        """What the caller's code may have put beside its arguments; the command is to find it there."""
        self.result: Any = None
        self.error: BaseException | None = None
        self.leads = False
        self.served_by = 0
        """Which process of the server took it."""
        self.written = 0.0
        """When it was committed."""
        self.flushed = False
        """Whether the disk was waited for with the commit: for this one, and so for all before it."""
        self.woken = threading.Lock()
        self.woken.acquire()


class Combining:
    """The queue of those who have something brief to write to one PostgreSQL database."""

    def __init__(self, engine: Engine, inside: threading.local) -> None:
        """`inside.a_write` is kept true in whichever thread runs commands."""
        self._engine = engine
        self._inside = inside
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: deque[_Place] = deque()
        self._leading = 0
        """How many lead; whoever waits does so because these are `LANES`."""
        self._moved = 0.0
        """When a command was last begun or ended."""
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @property
    def leading(self) -> int:
        """How many lead now, those who are held up among them."""
        return self._leading

    def write(self, command: Callable[[Connection], T], last: Callable[[Connection], object]) -> T:
        """Run a command in a transaction of its own; on return it is on the disk."""
        mine = _Place(command, last)
        with self._lock:
            if self._closed:
                raise StorageUnavailable(reason="closed")
            mine.leads = self._leading < LANES or self._held_up()
            if mine.leads:
                self._leading += 1
                self._moved = time.monotonic()
            else:
                self._waiting.append(mine)
        if not mine.leads:
            self._wait(mine)
        if mine.leads:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        result: T = mine.result
        return result

    def close(self) -> None:
        """Take nobody any more, and wait until those who came before are through."""
        with self._idle:
            self._closed = True
            self._idle.wait_for(lambda: not self._leading, CLOSING_SECONDS)

    def _held_up(self) -> bool:
        return time.monotonic() - self._moved > PATIENCE

    def _wait(self, mine: _Place) -> None:
        """Until the command is done, or its caller is to lead."""
        try:
            while not mine.woken.acquire(timeout=PATIENCE):
                if mine.written and self._on_disk(mine):
                    return
                with self._lock:
                    if self._waiting and self._held_up():
                        self._leading += 1
                        self._appoint()
        except BaseException:  # the caller was told to stop (Ctrl-C): nobody may wait for it
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
            if mine.leads:
                self._hand_over(late=False)
            raise

    def _appoint(self) -> None:
        """Let the first of those who wait lead."""
        self._moved = time.monotonic()
        first = self._waiting.popleft()
        first.leads = True
        first.woken.release()

    def _lead(self, mine: _Place) -> None:
        """Run one's own command, then those of others; the disk is waited for when others lead already."""
        until = time.monotonic() + PATIENCE
        led = [mine]
        try:
            connection = self._engine.connect()
        except BaseException as error:
            self._hand_over(late=False)
            if not isinstance(error, SQLAlchemyError):
                raise
            mine.error = told(error)
            return
        with connection:
            self._inside.a_write = True
            try:
                self._serve(connection, led, until)
            finally:
                self._inside.a_write = False
                self._hand_over(late=time.monotonic() > until)
                self._settle(connection, led)

    def _serve(self, connection: Connection, led: list[_Place], until: float) -> None:
        """As long as all goes well: after a failure the connection may be worth nothing."""
        while True:
            one = led[-1]
            _run(connection, one, lambda: len(led) < MOST and self._more(until))
            if one.error is not None or one.flushed:
                return
            following = self._following()
            if following is None:
                return
            led.append(following)

    def _more(self, until: float) -> bool:
        return bool(self._waiting) and time.monotonic() < until

    def _settle(self, connection: Connection, led: list[_Place]) -> None:
        """Tell those whose commands were run, when they are on the disk."""
        kept = [one for one in led if one.error is None]
        try:
            if kept and not kept[-1].flushed and not _flushed(connection, kept[0]):
                for one in kept:
                    one.error = StorageUnavailable(reason="not known to be on the disk")
        finally:
            for one in led:
                one.woken.release()

    def _on_disk(self, one: _Place) -> bool:
        """Whoever ran the command is held up by another one: wait for the disk without them. While the
        process that took the commit lives, the server has not fallen, and the commit with it.
        """
        try:
            with self._engine.connect() as connection:
                postgresql.flush(connection)
                passed = time.monotonic() - one.written
                return postgresql.lives(connection, one.served_by, passed)
        except SQLAlchemyError:
            return False

    def _following(self) -> _Place | None:
        """Whose command a leader runs next."""
        with self._lock:
            if not self._waiting:
                return None
            self._moved = time.monotonic()
            return self._waiting.popleft()

    def _hand_over(self, *, late: bool) -> None:
        """Lead no more; the next one does, unless somebody already leads in place of a late one."""
        with self._idle:
            replaced = late and self._leading > LANES
            if self._waiting and not replaced:
                self._appoint()
                return
            self._leading -= 1
            if self._leading >= LANES and not late:
                self._moved = 0.0  # the others are held up: nobody need wait to see that
            if not self._leading:
                self._idle.notify_all()


def _run(connection: Connection, one: _Place, more: Callable[[], bool]) -> None:
    """Run and commit one command; where no more follow, wait for the disk in the same message."""

    def whole() -> Any:
        result = one.command(connection)
        one.flushed = not more()
        commit = postgresql.commit_to_the_log if one.flushed else postgresql.commit_only
        commit(connection, one.last)
        return result

    try:
        with connection.begin():
            one.served_by = postgresql.backend(connection)
            one.result = one.context.run(whole)
        one.written = time.monotonic()
    except KeyboardInterrupt:  # meant for whoever leads, not for whose command this is
        one.error = StorageUnavailable(reason="stopped")
        raise
    except BaseException as error:  # noqa: BLE001 - told by whoever asked
        one.error = told(error)


def _flushed(connection: Connection, one: _Place) -> bool:
    """Wait on the connection that committed it until a command is on the disk; not on one made anew."""
    try:
        if postgresql.backend(connection) != one.served_by:
            return False
        postgresql.flush(connection)
    except SQLAlchemyError:
        return False
    return True
