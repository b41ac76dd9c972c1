"""Open data that was public before a new table, as far as the two could tell somebody together."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from engine.errors import Problem
from engine.json_text import Json
from engine.privacy.tables import PublicListRow
from engine.privacy.together import Earlier, Key
from engine.storage.database import advisory_lock
from engine.work import Work

LIST = PublicListRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
HANDED = "handed"
"""The state of a table that was given out as a file by a command, and stands under no address."""
SOURCE = "data:"
"""Before the ledger's code: what tells open data from a list of people."""


class ReleasedSince(Problem):
    """Another table of the same came out after this one was made, and nobody held the two together."""

    code, status = "release.since", 409
    titles: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What a table tells of whom: the kind of subjects, and columns by the codes of their fields."""

    subject: str
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]

    def shared(self, other: "Telling") -> tuple[str, ...]:
        """The sensitive columns that both tell."""
        return tuple(one for one in self.sensitive if one in other.sensitive)

    def to_json(self) -> dict[str, Json]:
        """As it is kept with the table."""
        return {
            "subject": self.subject,
            "quasi": list(self.quasi),
            "sensitive": list(self.sensitive),
        }

    def meets(self, other: "Telling") -> bool:
        """Whether one taken from the other may tell somebody: they tell one thing of the same people, or,
        where neither tells anything sensitive, are the same table at another time or another width.
        """
        plain = not self.sensitive and not other.sensitive
        same = plain and set(self.quasi) == set(other.quasi)
        return self.subject == other.subject and (bool(self.shared(other)) or same)


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier table that a new one is held against."""

    title: str
    made_at: str
    earlier: Earlier


def tables(work: Work, telling: Telling) -> list[Before]:
    """What was public and meets a table that tells this, the oldest first. Earlier programs did not keep
    who stands in which row: their tables cannot be held against anything.
    """
    rows = work.connection.execute(select(LIST).where(_was_public()).order_by(LIST.c.made_at))
    found = []
    for row in rows.mappings():
        other = _telling(row["contents"])
        if other is not None and telling.meets(other):
            kept = _kept(row["id"], row["contents"], other, telling.shared(other))
            found.append(Before(row["title"], row["made_at"], kept))
    return found


def take_turn(work: Work) -> None:
    """Of two tables that come out at once the second sees the first."""
    advisory_lock(work.connection, "open data")


def refuse_overtaken(work: Work, own: str) -> None:
    """Whether a table was held against all that came out until now. Raises ReleasedSince."""
    take_turn(work)
    made = select(LIST.c.contents, LIST.c.made_at).where(LIST.c.id == own)
    contents, made_at = work.connection.execute(made).one()
    telling = _telling(contents)
    if telling is None:
        return
    rows = work.connection.execute(
        select(LIST.c.title, LIST.c.contents).where(_was_public(), LIST.c.decided_at > made_at)
    )
    met = ((row.title, _telling(row.contents)) for row in rows)
    titles = [title for title, other in met if other is not None and telling.meets(other)]
    if titles:
        raise ReleasedSince(titles="、".join(titles))


def _was_public() -> ColumnElement[bool]:
    """Withdrawing takes nothing back from who has it."""
    withdrawn = (LIST.c.state == "withdrawn") & LIST.c.decided_at.is_not(None)
    return and_(
        LIST.c.ledger.startswith(SOURCE), or_(LIST.c.state.in_(("approved", HANDED)), withdrawn)
    )


def _telling(contents: Mapping[str, Any]) -> Telling | None:
    told = (contents.get("report") or {}).get("telling")
    if not told or len(contents["ids"]) != len(contents["rows"]):
        return None
    return Telling(told["subject"], tuple(told["quasi"]), tuple(told["sensitive"]))


def _kept(
    own: str, contents: Mapping[str, Any], telling: Telling, shared: Collection[str]
) -> Earlier:
    width = len(telling.quasi)
    at = [width + telling.sensitive.index(one) for one in shared]
    groups: dict[Hashable, Key] = {}
    values: dict[Hashable, Key] = {}
    for number, (who, row) in enumerate(zip(contents["ids"], contents["rows"], strict=True)):
        whose: Hashable = who or (own, number)  # who was deleted since still stands there, unnamed
        groups[whose] = tuple(row[:width])
        values[whose] = tuple(row[one] for one in at)
    return Earlier(groups, values)
