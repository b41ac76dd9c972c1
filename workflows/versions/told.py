"""What is told of a report that was moved: which version it was on when, and to whoever fills it in what is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.work import Work
from forms.documents import DocumentRecord
from workflows.events import FormMoved
from workflows.versions.fate import ANSWERED, ASKED, FAILS, GONE, KNOWN
from workflows.versions.store import MOVE, UNIT

MOVED = FormMoved.kind


@dataclass(frozen=True, slots=True)
class Changed:
    """That the form of a report changed while somebody had it, by items of the form."""

    was: int
    version: int
    at: str
    by: str
    back: bool
    found: Mapping[str, Mapping[str, int]]

    @property
    def new(self) -> tuple[str, ...]:
        """Items that were not asked before."""
        return tuple({**self.found.get(ASKED, {}), **self.found.get(KNOWN, {})})

    @property
    def to_do(self) -> tuple[str, ...]:
        """Items that somebody has to do something about."""
        return tuple(
            dict.fromkeys(
                path for kind in ANSWERED if kind != FAILS for path in self.found.get(kind, {})
            )
        )

    @property
    def gone(self) -> tuple[str, ...]:
        """Items that held values and are not asked any more, by the older version."""
        return tuple(self.found.get(GONE, {}))


def changed(work: Work, record: DocumentRecord) -> Changed | None:
    """How a running report came to its version, if it was moved there; None if it was sent on it."""
    query = (
        select(
            UNIT.c.version, MOVE.c.version.label("now"), UNIT.c.at, MOVE.c.begun_name,
            UNIT.c.outcome, UNIT.c.found,
        )
        .join(MOVE, MOVE.c.id == UNIT.c.move_id)
        .where(UNIT.c.document_id == record.id, UNIT.c.at.is_not(None))
        .order_by(UNIT.c.at.desc())
        .limit(1)
    )  # fmt: skip
    row = work.connection.execute(query).first()
    if row is None or row.now != record.form_version:
        return None
    return Changed(row.version, row.now, row.at, row.begun_name, row.outcome == "back", row.found)


def version_then(
    record: DocumentRecord, events: Sequence[Mapping[str, Any]], at: str | None
) -> int:
    """Which version of its form a report was on at a time; None: now."""
    later = (
        one["document"]["was"]
        for one in events
        if at is not None and one["kind"] == MOVED and str(one["at"]) > at
    )
    return int(next(later, record.form_version))


def former(events: Sequence[Mapping[str, Any]]) -> list[int]:
    """Every version that a report was on or came to, the latest first."""
    steps = [one["document"] for one in reversed(events) if one["kind"] == MOVED]
    return list(dict.fromkeys(int(one[name]) for one in steps for name in ("version", "was")))
