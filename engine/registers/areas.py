"""What lies in the areas of organisations, added up: `count(person where … residence within this)`.

Whoever lies in an area is read once by the index on the place, whatever the number of questions. The
two databases are asked differently, for what their planners know. SQLite walks the organisations and
looks each area up in the index. PostgreSQL takes a range whose ends come from another table for a
ninth of all rows and reads the whole register; so it is told the ranges themselves, adds up by place,
and then adds the places up by organisation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    or_,
    select,
)

from engine.formula import sql
from engine.formula.divisions import code_range
from engine.formula.sql_elements import bytewise
from engine.formula.sql_parts import SqlScope
from engine.formula.tree import Aggregate, Expr, Logic, Name, Within, walk
from engine.identity.store import ORGANISATION

MOST_RANGES = 16
"""Ranges of codes that one statement names; more places than that share ranges."""

Question = tuple[Aggregate, Expr | None]
"""What is asked, and what a row must satisfy beside lying in the area."""


def question(asked: Aggregate) -> tuple[str, Question] | None:
    """The column by which rows lie within the organisation, and the question; None if it is put in
    any other way.
    """
    match asked.where:
        case None:
            return None
        case Logic(operator="and", operands=parts):
            pass
        case one:
            parts = (one,)
    this = Name("this")
    places = [part for part in parts if isinstance(part, Within) and part.place == this]
    rest = tuple(part for part in parts if part not in places)
    if len(places) != 1 or any(node == this for part in rest for node in walk(part)):
        return None
    (place,) = places
    if not isinstance(place.operand, Name):
        return None
    if len(rest) < 2:
        return place.operand.path, (asked, rest[0] if rest else None)
    return place.operand.path, (asked, Logic("and", rest))


@dataclass(frozen=True)
class AreaQuestions:
    """Questions about one register that are answered for many organisations at once."""

    scope: SqlScope
    source: str
    column: str
    questions: Sequence[Question]
    places: ColumnElement[bool]

    def answers(
        self, connection: Connection, areas: Mapping[str, str]
    ) -> Iterator[tuple[str, dict[Aggregate, Any]]]:
        """The answers of organisations, given with their division codes; where nobody lies, none."""
        asked = [one for one, _ in self.questions]
        for row in self._rows(connection, areas):
            yield row[0], dict(zip(asked, row[1:], strict=True))

    def _rows(self, connection: Connection, areas: Mapping[str, str]) -> Sequence[Row[Any]]:
        named = {"places": list(areas)}
        if connection.dialect.name == "sqlite":
            return connection.execute(self._by_organisation, named).all()
        ranges = covering([code_range(code) for code in areas.values()], MOST_RANGES)
        if len(ranges) == 1:
            return connection.execute(self._by_one_range, named | _ends(ranges)).all()
        ranges += [ranges[-1]] * (MOST_RANGES - len(ranges))
        return connection.execute(self._by_ranges, named | _ends(ranges)).all()

    @cached_property
    def _home(self) -> ColumnElement[Any]:
        return self.scope.column(self.source, self.column)

    @cached_property
    def _by_organisation(self) -> Select[Any]:
        columns = [
            sql.aggregated_where(one, rest, self.scope).label(f"a{n}")
            for n, (one, rest) in enumerate(self.questions)
        ]
        return self._within(self.scope.table(self.source), self._home, columns)

    @cached_property
    def _by_one_range(self) -> Select[Any]:
        return self._in_two_steps(1)

    @cached_property
    def _by_ranges(self) -> Select[Any]:
        return self._in_two_steps(MOST_RANGES)

    def _in_two_steps(self, ranges: int) -> Select[Any]:
        parts, wholes = [], []
        for n, (one, rest) in enumerate(self.questions):
            for m, part in enumerate(sql.aggregated_parts(one, rest, self.scope)):
                parts.append(part.label(f"a{n}_{m}"))
        home = bytewise(self._home).label("home")
        inside = or_(
            *(
                and_(home.element >= bindparam(f"low{n}"), home.element < bindparam(f"high{n}"))
                for n in range(ranges)
            )
        )
        steps = select(home, *parts).where(inside).group_by(home.element).subquery("places")
        for n, (one, _) in enumerate(self.questions):
            mine = [column for column in steps.c if column.name.startswith(f"a{n}_")]
            wholes.append(sql.aggregated_whole(one, mine, self.scope).label(f"a{n}"))
        return self._within(steps, steps.c.home, wholes)

    def _within(
        self, rows: FromClause, home: ColumnElement[Any], columns: Sequence[ColumnElement[Any]]
    ) -> Select[Any]:
        inside = self.scope.within(home, ORGANISATION.c.division_code)
        return (
            select(ORGANISATION.c.code, *columns)
            .select_from(ORGANISATION.join(rows, inside))
            .where(self.places)
            .group_by(ORGANISATION.c.code)
        )


def covering(ranges: Sequence[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """At most so many ranges that together hold all of these: those that touch are joined, then
    neighbours by order, so that what is read too much lies between places that were asked for.
    """
    joined: list[tuple[str, str]] = []
    for low, high in sorted(set(ranges)):
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    if len(joined) <= most:
        return joined
    size = -(-len(joined) // most)
    return [
        (some[0][0], some[-1][1])
        for start in range(0, len(joined), size)
        if (some := joined[start : start + size])
    ]


def _ends(ranges: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {f"low{n}": low for n, (low, _) in enumerate(ranges)} | {
        f"high{n}": high for n, (_, high) in enumerate(ranges)
    }
