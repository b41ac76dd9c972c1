"""What is said in disputes goes with what it was said about: with a report, a field, a person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from engine.erasure import sweep
from engine.erasure.redact import blanked, blanked_names
from engine.erasure.sweep import Swept
from engine.json_text import Json
from engine.retention.parts import Held
from engine.storage import sealed
from engine.work import Work
from forms.disputes import DISPUTE

VALUES, WORDS = ("shown", "claimed"), ("words", "reason", "answer")
SAID = frozenset(("reason", "answer"))
Row = Mapping[Any, Any]


def blank(work: Work, row: Row, columns: Sequence[str]) -> bool:
    """Blank some of a dispute; gives whether anything was there."""
    values = dict(_left(work, row, columns))
    if values:
        work.connection.execute(update(DISPUTE).where(DISPUTE.c.id == row["id"]).values(values))
    return bool(values)


def _left(work: Work, row: Row, columns: Sequence[str]) -> Iterator[tuple[str, Json]]:
    for name in columns:
        place = f"dispute:{row['id']}.{name}"
        old = sealed.unseal(work.connection, row[name], place)
        new = blanked_names(old, SAID) if name == "words" else blanked(old)
        if new != old:
            kept = sealed.is_sealed(row[name])
            yield name, sealed.seal(work.connection, new, place, "document") if kept else new


def about_field(work: Work, field: str, before: str) -> list[Row]:
    """Decided disputes about a field by itself, of before a moment, in which something still stands.

    Those in a report go with the report; an open one is needed until it is decided.
    """
    query = select(DISPUTE).where(
        DISPUTE.c.field == field,
        DISPUTE.c.document_id == "",
        DISPUTE.c.status != "open",
        DISPUTE.c.decided_at < before,
    )
    rows = work.connection.execute(query.order_by(DISPUTE.c.id)).mappings().all()
    return [row for row in rows if any(_left(work, row, (*VALUES, *WORDS)))]


def of_field(work: Work, field: str, before: str, held: Held) -> int:
    """Blank those; gives how many. What a legal hold keeps stays."""
    due = [
        row for row in about_field(work, field, before) if row["subject_id"] not in held.subjects
    ]
    return sum(blank(work, row, (*VALUES, *WORDS)) for row in due)


@sweep.beside
def of_person(work: Work, found: Swept) -> int:
    """What somebody who is deleted said of their own, and others of them: it stood in no register."""
    query = select(DISPUTE).where(
        DISPUTE.c.subject == found.subject, DISPUTE.c.subject_id.in_(found.ids)
    )
    rows = work.connection.execute(query).mappings().all()
    return sum(blank(work, row, (*VALUES, *WORDS)) for row in rows)
