"""Recomputing the whole trail at night, and keeping what was found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, insert, select

from engine.audit import checkpoints, trail
from engine.audit.tables import AuditCheckRow
from engine.audit.trail import Verdict
from engine.crypto.vault import Vault
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily

CHECK = AuditCheckRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


class Noting(Protocol):
    """What is needed of a Work, whose class stands above this package."""

    connection: Connection
    at: str
    vault: Vault

    def note(self, action: str, target: str, **detail: Any) -> None:
        """Put an act on the trail."""


@dataclass(frozen=True, slots=True)
class Check:
    """When the chain was recomputed last, and whether it was whole."""

    at: str
    verdict: Verdict


def last_check(connection: Connection) -> Check | None:
    """The latest verification; None where there was none yet."""
    row = connection.execute(select(CHECK).order_by(CHECK.c.id.desc()).limit(1)).first()
    return Check(row.at, Verdict(row.whole, row.entries, row.broken_at)) if row else None


def run_check(work: Noting, found: Verdict | None = None) -> Verdict:
    """Verify the trail and its checkpoints, keep the result, sign a new checkpoint if it is whole.

    A break goes on the trail too. Hand in what `trail.verify` found in a read before: on SQLite
    everybody's writes wait meanwhile.
    """
    chain = trail.verify(work.connection) if found is None else found
    verdict = checkpoints.check(work.connection, work.vault.public_key(), chain)
    work.connection.execute(insert(CHECK), {"at": work.at, **asdict(verdict)})
    if verdict.whole:
        checkpoints.sign(work.connection, work.vault, work.at)
        work.note("audit.checked", "audit", entries=verdict.entries)
    else:
        work.note("audit.broken", "audit", broken_at=verdict.broken_at)
    return verdict


def _look(work: Any, _payload: Mapping[str, Any]) -> Verdict:
    return trail.verify(work.connection)


@JOBS.job("audit.check", slots=daily(utc_hour=18), look=_look)
def check_nightly(work: Any, payload: Mapping[str, Any]) -> dict[str, Any]:
    """At two in the morning."""
    return asdict(run_check(work, payload["seen"]))
