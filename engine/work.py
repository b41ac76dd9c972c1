"""The unit of work: one command by one actor in one transaction, with its history and audit.

`System` is what a process opens once; `system.write(actor, command)` runs `command(work)` and
commits, `system.read(actor)` looks only. A command gets everything it needs from its Work: the
connection, who acts, when, fresh ids, and where to note what it did.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from engine import absence, clock
from engine.access import policy, rules
from engine.audit import trail
from engine.crypto import keys
from engine.crypto.vault import Vault
from engine.errors import Conflict, Forbidden
from engine.identity.actor import Actor
from engine.jobs.tables import JobRow
from engine.settings import Settings
from engine.storage import sealed
from engine.storage.database import Database, advisory_lock
from engine.storage.failures import is_overtaken
from engine.storage.prepared import Prepared
from engine.storage.tables import HistoryRow

T = TypeVar("T")
HISTORY = HistoryRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
JOB = JobRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
_ADD_HISTORY = Prepared(insert(HISTORY).inline())
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: no i l o u to misread
_PLACES = range(90, -1, -10)
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)


def new_id() -> str:
    """A fresh id of 20 letters and digits: sorted by time to the millisecond, then 52 random bits."""
    moment = int(clock.now().timestamp() * 1000)
    number = (moment << 52) | int.from_bytes(os.urandom(7), "big") >> 4
    return "".join([_PAIRS[number >> place & 1023] for place in _PLACES])


class Work:
    """What a command works with. Notes are written to the trail when the command is through."""

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        now: datetime,
        *,
        vault: Vault,
        settings: Settings,
        request_id: str = "",
        only_looks: bool = False,
    ) -> None:
        self.connection = connection
        self.only_looks = only_looks
        self.actor = actor
        self.now = now
        self.at = now.isoformat(timespec="microseconds")
        self.vault = vault
        self.settings = settings
        self.request_id = request_id
        self.task_id = ""
        self._notes: list[trail.Entry] = []

    @property
    def today(self) -> date:
        """The day by the office's wall clock."""
        return clock.day(self.now)

    @cached_property
    def rules(self) -> rules.Rules:
        """What beside the posts narrows or widens what the actor sees, read once."""
        return rules.in_force(self.connection, self.actor, self.today)

    def new_id(self) -> str:
        """A fresh id."""
        return new_id()

    def require(self, verb: str, *, path: str = "", owner: str = "") -> None:
        """Go on only if the actor's posts allow the verb here. Raises Forbidden, NotFound."""
        policy.require(self.actor, verb, path=path, owner=owner)

    def require_any(self, verb: str) -> None:
        """Go on only if one of the actor's posts knows the verb, wherever. Raises Forbidden."""
        if not policy.reaches(self.actor, verb):
            raise Forbidden(reason="")

    def note(self, action: str, target: str, **detail: Any) -> None:
        """Put an act on the audit trail; `detail` must hold no personal data.

        Raises RuntimeError in a Work that only looks: a look worth noting is a write.
        """
        if self.only_looks:
            raise RuntimeError(f"{action} would not be on the trail: note it in a write")
        self._notes.append(trail.Entry(action, target, detail or None))

    def record(
        self,
        kind: str,
        target: str,
        *,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        reason: str = "",
        origins: Mapping[str, int] | None = None,
    ) -> None:
        """Keep what a thing was and what it became, both sealed; of a register, the origins of what was."""
        place = f"history:{kind}:{target}:{self.at}"
        _ADD_HISTORY.write(
            self.connection,
            kind=kind,
            target=target,
            at=self.at,
            actor_id=self.actor.id,
            task_id=self.task_id,
            reason=reason,
            before=sealed.seal(self.connection, before, place, "history"),
            after=sealed.seal(self.connection, after, place, "history"),
            origins=origins or None,
        )

    def later(
        self, kind: str, payload: Mapping[str, Any], *, key: str | None = None, run_at: str = ""
    ) -> str:
        """Have a job done after this transaction, if it commits. Gives the job's id.

        A second job with the same `key` is not written; the id is then the first one's.
        """
        if key is not None:
            # one at a time: on PostgreSQL another transaction may be writing the same key just now
            advisory_lock(self.connection, f"job {key}")
            known = self.connection.execute(select(JOB.c.id).where(JOB.c.key == key)).scalar()
            if known is not None:
                return str(known)
        row = self._job(kind, payload, key, run_at)
        self.connection.execute(insert(JOB), row)
        return str(row["id"])

    def later_all(self, kind: str, asked: Mapping[str, Mapping[str, Any]]) -> int:
        """Have many jobs of a kind done, by their keys, which nobody else asks for; gives how many are new."""
        advisory_lock(self.connection, f"jobs {kind}")
        keys = select(JOB.c.key).where(JOB.c.key.in_(list(asked)))
        known = set(self.connection.execute(keys).scalars())
        rows = [self._job(kind, one, key, "") for key, one in asked.items() if key not in known]
        if rows:
            self.connection.execute(insert(JOB), rows)
        return len(rows)

    def _job(
        self, kind: str, payload: Mapping[str, Any], key: str | None, run_at: str
    ) -> dict[str, Any]:
        own = new_id()
        return {
            "id": own,
            "kind": kind,
            "payload": sealed.seal(self.connection, dict(payload), f"job:{own}", "job"),
            "state": "waiting",
            "attempts": 0,
            "run_at": run_at or self.at,
            "key": key,
            "created_at": self.at,
            "created_by": self.actor.id,
        }

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Something that may fail by itself: what it wrote and noted is undone, the rest stands."""
        noted = len(self._notes)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self._notes[noted:]
            raise

    def finish(self) -> None:
        """Write the notes to the trail. `System.write` calls it; a command does not."""
        if self._notes:
            trail.append(
                self.connection,
                self._notes,
                at=self.at,
                actor_id=self.actor.id,
                actor_name=self.actor.name,
                request_id=self.request_id,
            )
            self._notes = []


class System:
    """The opened installation: its database, its keys, its settings, its clock."""

    def __init__(
        self, settings: Settings, *, now: Callable[[], datetime] = clock.now, pool_size: int = 12
    ) -> None:
        self.settings = settings
        clock.keep_zone(settings.time_zone)
        absence.keep_words(settings.words_of_absence)
        self.vault = Vault(keys.ring(settings), reload=partial(keys.ring, settings))
        self.database = Database(
            settings.url, pool_size=pool_size, carrying={sealed.OPTION: self.vault}
        )
        self.now = now

    def write(
        self,
        actor: Actor,
        command: Callable[[Work], T],
        *,
        request_id: str = "",
        brief: bool = False,
    ) -> T:
        """Run a command in one transaction; `brief` as of `Database.write`.

        Any exception undoes all of it. A brief command that somebody was faster than is run once more:
        it finds what they did, and goes on beside it or says no in words about that.
        """

        def once() -> T:
            begun: list[Work] = []

            def inside(connection: Connection) -> T:
                begun.append(self._work(connection, actor, request_id))
                return command(begun[0])

            return self.database.write(inside, lambda _connection: begun[0].finish(), brief=brief)

        try:
            return once()
        except (Conflict, IntegrityError) as error:
            if not brief or not is_overtaken(error):
                raise
        return once()

    @contextmanager
    def read(self, actor: Actor, *, request_id: str = "") -> Iterator[Work]:
        """A Work that only looks."""
        with self.database.read() as connection:
            yield self._work(connection, actor, request_id, only_looks=True)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _work(
        self, connection: Connection, actor: Actor, request_id: str, *, only_looks: bool = False
    ) -> Work:
        return Work(
            connection,
            actor,
            self.now(),
            vault=self.vault,
            settings=self.settings,
            request_id=request_id,
            only_looks=only_looks,
        )
