"""How good the registers are, field by field and place by place: counted in one pass, kept by month.

A value is filled, or blank (nobody has said anything), or answered with unknown, not applicable or
refused. Of those filled: stale where the origin is older than the field stays good; unverified where
somebody entered it and nobody verified it; failing where the field's own rules would not take it now.
Values by period belong to the reports that brought them and are not counted here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, literal, select

from engine.absence import KINDS
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.formats.validator import build_validator
from engine.formula import divisions
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily
from engine.json_text import Json
from engine.registers import rows, schema, store
from engine.registers.plans import good_since
from engine.registers.store import Origin
from engine.registers.tables import QualityRow
from engine.work import Work

QUALITY: Table = QualityRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
KIND = "register.quality"
COUNTS = ("rows", "filled", *KINDS, "stale", "unverified", "failing")
"""What is counted, as the columns of the table are called."""
ROWS, FILLED = 0, 1
STALE, UNVERIFIED, FAILING = (COUNTS.index(name) for name in ("stale", "unverified", "failing"))
BEHIND = 5_000
"""Rows that are fetched at once."""
CHUNK = 2_000
LEVELS = (2, 4, 6, 9, 12)
"""How long the codes of divisions are, level by level."""
REMEMBERED = 20_000
"""Values of a field whose judgement is remembered during a pass."""
Counted = Mapping[str, Mapping[str, Sequence[int]]]
"""By place and field."""


@dataclass(frozen=True)
class Reading:
    """One register as it is counted: its fields, in the order of the columns."""

    work: Work
    known: Dictionary
    subject: str
    fields: tuple[Field, ...]

    @cached_property
    def target(self) -> Table:
        """The register."""
        return schema.table(self.known, self.subject)

    @cached_property
    def home(self) -> ColumnElement[Any]:
        """Where a subject belongs to; nowhere in a register without places."""
        kind = self.known.subjects[self.subject]
        field = self.known.fields.get(f"{self.subject}.{kind.home}")
        if field is None or field.secret:
            return literal("")
        return self.target.c[schema.column_name(field)]

    @cached_property
    def judges(self) -> Sequence[Any]:
        """What judges a value, field by field."""
        codes = self.known.codes()
        return [build_validator(rows.value_schema(one, codes)) for one in self.fields]

    def read(
        self, *where: ColumnElement[bool]
    ) -> Iterator[tuple[str, str, Mapping[str, str] | None, list[Json], list[Origin | None]]]:
        """Each subject: id, place, absences, values as they are, and where each value came from."""
        columns = [self.target.c[schema.column_name(one)] for one in self.fields]
        query = select(self.target.c.id, self.home, self.target.c.sources, self.target.c.absent, *columns)  # fmt: skip
        found = self.work.connection.execute(
            query.where(*where).execution_options(yield_per=BEHIND)
        )
        origins: dict[int, Origin] = {}
        names = [one.name for one in self.fields]
        secret = [(at, one) for at, one in enumerate(self.fields) if one.secret]
        for part in found.partitions():
            wanted = {number for row in part for number in row.sources.values()} - origins.keys()
            origins |= store.origins_by_id(self.work.connection, wanted)
            for row in part:
                values = list(row[4:])
                for at, one in secret:
                    if values[at] is not None:
                        values[at] = store.opened(self.work, one, row[0], values[at])
                common = origins.get(row[2].get("*", 0))
                came: list[Origin | None] = [common] * len(names)
                if len(row[2]) > 1 or common is None:
                    came = [origins.get(row[2].get(name, 0), common) for name in names]
                yield row[0], row[1] or "", row[3], values, came


def counted(known: Dictionary, subject: str) -> tuple[Field, ...]:
    """The fields whose quality is told: those that hold until changed and that somebody sets."""
    return tuple(one for one in known.of(subject) if not (one.periodic or one.compute))


def count(work: Work, known: Dictionary, subject: str) -> Counted:
    """One pass over a register: by place and field how many are what. Costs in proportion to its rows."""
    reading = Reading(work, known, subject, counted(known, subject))
    fields = reading.fields
    since = [good_since(one.freshness_days, work.now) for one in fields]
    kinds = {kind: COUNTS.index(kind) for kind in KINDS}
    places: dict[str, list[list[int]]] = defaultdict(lambda: [[0] * len(COUNTS) for _ in fields])
    sizes: dict[str, int] = defaultdict(int)
    each = [
        (at, one.name, since[at], _judge(reading.judges[at], remember=not one.secret))
        for at, one in enumerate(fields)
    ]
    for _, place, gone, values, came in reading.read():
        sizes[place] += 1
        tally = places[place]
        for at, name, good, valid in each:
            value = values[at]
            if value is None:
                if gone and (kind := kinds.get(gone.get(name, ""))):
                    tally[at][kind] += 1
                continue
            mine, origin = tally[at], came[at]
            mine[FILLED] += 1
            if origin is not None:
                if origin.at < good:
                    mine[STALE] += 1
                if unverified(origin):
                    mine[UNVERIFIED] += 1
            if not valid(value):
                mine[FAILING] += 1
    for place, tally in places.items():
        for one in tally:
            one[ROWS] = sizes[place]
    return {
        place: {field.code: tally[at] for at, field in enumerate(fields)}
        for place, tally in places.items()
    }


def _judge(judge: Any, *, remember: bool) -> Callable[[Json], bool]:
    """Whether a value may stand; what stands often is judged once. Nothing sealed is remembered."""
    seen: dict[Json, bool] = {}

    def valid(value: Json) -> bool:
        if not remember or isinstance(value, list | dict):
            return bool(judge.is_valid(value))
        if (known := seen.get(value)) is None:
            known = bool(judge.is_valid(value))
            if len(seen) < REMEMBERED:
                seen[value] = known
        return known

    return valid


def unverified(origin: Origin) -> bool:
    """Whether somebody entered it and nobody has verified it."""
    return origin.source == "entered" and not origin.verified_by


def keep(work: Work, subject: str, found: Counted) -> int:
    """Keep what was counted as this month's; gives how many lines that is."""
    month = work.today.isoformat()[:7]
    of_month = (QUALITY.c.subject == subject, QUALITY.c.month == month)
    work.connection.execute(delete(QUALITY).where(*of_month))
    head = {"subject": subject, "month": month, "counted_at": work.at}
    lines = [
        {**head, "place": place, "field": code, **dict(zip(COUNTS, numbers, strict=True))}
        for place, by_field in summed(found).items()
        for code, numbers in by_field.items()
    ]
    for start in range(0, len(lines), CHUNK):
        work.connection.execute(insert(QUALITY), lines[start : start + CHUNK])
    work.note("register.quality-counted", subject, lines=len(lines))
    return len(lines)


def summed(found: Counted) -> Counted:
    """What was counted where subjects are, added up for every division above, and for all (""): so that
    a page reads one line a field, however many villages there are. Places go by their prefix.
    """
    whole: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for place, by_field in found.items():
        own = divisions.area(place)
        for above in dict.fromkeys(("", *(own[:n] for n in LEVELS if n < len(own)), own)):
            sums = whole[above]
            for code, numbers in by_field.items():
                before = sums.get(code)
                sums[code] = list(map(add, before, numbers)) if before else list(numbers)
    return whole


def behind(
    reading: Reading, kind: str, where: Iterable[ColumnElement[bool]], limit: int
) -> list[tuple[str, Json, Origin | None]]:
    """The subjects behind a figure of a reading's one field, the first of them: id, value and where
    it came from.
    """
    (field,) = reading.fields
    since, column = good_since(field.freshness_days, reading.work.now), schema.column_name(field)
    there = reading.target.c[column]
    held = there.is_not(None) if kind in _OF_VALUES else there.is_(None)
    found: list[tuple[str, Json, Origin | None]] = []
    for own, _, gone, (value,), (origin,) in reading.read(held, *where):
        told = (gone or {}).get(field.name, "") if value is None else ""
        if {
            "blank": value is None and not told,
            "stale": origin is not None and origin.at < since,
            "unverified": origin is not None and unverified(origin),
            "failing": value is not None and not reading.judges[0].is_valid(value),
        }.get(kind, told == kind):
            found.append((own, value, origin))
            if len(found) == limit:
                break
    return found


_OF_VALUES = ("stale", "unverified", "failing")


def _count_all(work: Work, payload: Mapping[str, Any]) -> dict[str, Counted]:
    known = dictionary(work.connection)
    wanted = [str(payload["subject"])] if "subject" in payload else sorted(known.subjects)
    return {one: count(work, known, one) for one in wanted if one in known.subjects}


@JOBS.job(KIND, slots=daily(utc_hour=18), look=_count_all)
def keep_all(work: Work, payload: Mapping[str, Any]) -> dict[str, int]:
    """Every night, and when somebody asks: count and keep."""
    seen: Mapping[str, Counted] = payload["seen"]
    return {subject: keep(work, subject, found) for subject, found in seen.items()}
