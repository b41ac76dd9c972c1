"""PostgreSQL: brief commands of those who wait are run one after the other by whoever leads.

Threads of one process take turns at the interpreter: sixteen that each talk to the server wake each
other at every answer and together get less done than one alone. So only `LANES` of them talk; who
comes meanwhile sleeps, and is woken with the outcome. A leader runs the commands of others as it runs
its own: in the order in which they came, in its own thread, each in a transaction of its own that is
on the disk before its caller is told. After a few it hands over, so that its own caller is not kept.

A command that is held up (by a lock of somebody else's, by a server that does not answer) holds up
nobody but itself: where nothing has moved for `PATIENCE` seconds, one of those who wait leads too.
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
MOST = 8
"""How many commands one leads through, its own among them."""
PATIENCE = 0.05
CLOSING_SECONDS = 30


class _Place:
    """One caller, and what became of its command."""

    __slots__ = ("command", "context", "error", "last", "leads", "result", "woken")

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
        self.woken = threading.Lock()
        self.woken.acquire()

    def run(self, connection: Connection) -> Any:
        """The command, what is written last, and the commit."""
        result = self.command(connection)
        postgresql.commit_to_the_log(connection, self.last)
        return result


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
        """Run one's own command, then those of others."""
        self._inside.a_write = True
        until = time.monotonic() + PATIENCE
        try:
            try:
                connection = self._engine.connect()
            except SQLAlchemyError as error:
                mine.error = told(error)
                return
            with connection:
                self._serve(connection, mine, until)
        finally:
            self._inside.a_write = False
            self._hand_over(late=time.monotonic() > until)

    def _serve(self, connection: Connection, mine: _Place, until: float) -> None:
        """As long as all goes well: after a failure the connection may be worth nothing."""
        one = mine
        for number in range(1, MOST + 1):
            _run(connection, one)
            if number == MOST or one.error is not None or time.monotonic() > until:
                return
            following = self._following()
            if following is None:
                return
            one = following

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
                self._moved = (
                    0.0  # the others are still held up: whoever comes need not wait for it
                )
            if not self._leading:
                self._idle.notify_all()


def _run(connection: Connection, one: _Place) -> None:
    try:
        with connection.begin():
            one.result = one.context.run(one.run, connection)
    except KeyboardInterrupt:  # meant for whoever leads, not for whose command this is
        one.error = StorageUnavailable(reason="stopped")
        raise
    except BaseException as error:  # noqa: BLE001 - told by whoever asked
        one.error = told(error)
    finally:
        one.woken.release()
