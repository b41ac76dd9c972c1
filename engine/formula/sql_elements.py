"""SQL that the two databases write differently, and the number type that both give back exactly.

SQLite has no decimals: a fraction is a double, good for 15 significant digits. So what was computed
there is settled to six decimals before it is compared, rounded half up the way the language says,
and summed as whole numbers; PostgreSQL's numeric needs none of that.
"""

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    String,
    TypeDecorator,
    literal,
    literal_column,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SQLITE_DECIMALS = 6
_SIGNIFICANT = 15
_LARGEST = 2**63
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Exact(TypeDecorator[Decimal]):
    """A number as a Decimal: NUMERIC of any size on PostgreSQL; an integer or a double on SQLite."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        whole = value == value.to_integral_value() and abs(value) < _LARGEST
        return int(value) if whole else float(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        if isinstance(value, float):
            return Decimal(f"{value:.{_SIGNIFICANT}g}")
        return None if value is None else Decimal(value)


def exact_number(value: Decimal) -> ColumnElement[Any]:
    """A number from a formula as a bound value."""
    return literal(value, Exact())


class _Element(FunctionElement[Any]):
    """An expression written by dialect; `parts` are its operands."""

    inherit_cache = True

    def parts(self, compiler: SQLCompiler, **options: Any) -> list[str]:
        return [compiler.process(clause, **options) for clause in self.clauses]


class numeric_element(_Element):  # noqa: N801 - SQL functions are written small
    """An expression whose value is a number."""

    inherit_cache = True
    type = Exact()


class settled(numeric_element):  # noqa: N801 - SQL functions are written small
    """A computed number fit to be compared."""

    inherit_cache = True


class rounded(numeric_element):  # noqa: N801 - SQL functions are written small
    """ROUND half up; the second operand is a literal number of decimals."""

    inherit_cache = True


class floored(numeric_element):  # noqa: N801 - SQL functions are written small
    """INT: the greatest whole number not above."""

    inherit_cache = True


class days_between(numeric_element):  # noqa: N801 - SQL functions are written small
    """Days from the second date to the first, both ISO texts."""

    inherit_cache = True


class exact_sum(numeric_element):  # noqa: N801 - SQL functions are written small
    """SUM that loses no cent, 0 for no rows."""

    inherit_cache = True


class least_number(numeric_element):  # noqa: N801 - SQL functions are written small
    """The least of several numbers, blanks skipped."""

    inherit_cache = True


class greatest_number(numeric_element):  # noqa: N801 - SQL functions are written small
    """The greatest of several numbers, blanks skipped."""

    inherit_cache = True


class bytewise(_Element):  # noqa: N801 - SQL functions are written small
    """A text compared by code point, whatever the database's collation."""

    inherit_cache = True


class age_at(numeric_element):  # noqa: N801 - SQL functions are written small
    """Completed years from an ISO date text (first operand) to another."""

    inherit_cache = True


class absence_in(_Element):  # noqa: N801 - SQL functions are written small
    """Which absence a register's `absent` column (first operand) keeps of a field (second, a literal name)."""

    inherit_cache = True
    type = String()


def absence_of(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """Which absence stands in a column of absences for a field, as a text; NULL where none does."""
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return absence_in(column, literal_column(f"'{name}'"))


@compiles(absence_in)
def _absence(element: absence_in, compiler: SQLCompiler, **options: Any) -> str:
    column, name = element.parts(compiler, **options)
    return f"(CAST({column} AS json) ->> {name})"


@compiles(absence_in, "sqlite")
def _absence_sqlite(element: absence_in, compiler: SQLCompiler, **options: Any) -> str:
    column, name = element.parts(compiler, **options)
    return f"json_extract({column}, '$.' || {name})"


@compiles(settled)
def _settled(element: settled, compiler: SQLCompiler, **options: Any) -> str:
    return element.parts(compiler, **options)[0]


@compiles(settled, "sqlite")
def _settled_sqlite(element: settled, compiler: SQLCompiler, **options: Any) -> str:
    return f"ROUND({element.parts(compiler, **options)[0]}, {SQLITE_DECIMALS})"


@compiles(rounded)
def _rounded(element: rounded, compiler: SQLCompiler, **options: Any) -> str:
    value, decimals = element.parts(compiler, **options)
    return f"ROUND({value}, {decimals})"


@compiles(rounded, "sqlite")
def _rounded_sqlite(element: rounded, compiler: SQLCompiler, **options: Any) -> str:
    value, decimals = element.parts(compiler, **options)
    places = int(decimals)
    scale = 10 ** abs(places)
    up, down = ("*", "/") if places >= 0 else ("/", "*")
    return f"(ROUND(ROUND(({value}) {up} {scale}.0, {SQLITE_DECIMALS})) {down} {scale}.0)"


@compiles(floored)
def _floored(element: floored, compiler: SQLCompiler, **options: Any) -> str:
    # the FLOOR of an integer would be a double on PostgreSQL
    return f"FLOOR(CAST({element.parts(compiler, **options)[0]} AS NUMERIC))"


@compiles(floored, "sqlite")
def _floored_sqlite(element: floored, compiler: SQLCompiler, **options: Any) -> str:
    # after six decimals no fraction lies between 0 and 0.000001, so this half-step finds the floor
    return f"ROUND(ROUND({element.parts(compiler, **options)[0]}, {SQLITE_DECIMALS}) - 0.4999995)"


@compiles(days_between)
def _days(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    end, start = element.parts(compiler, **options)
    return f"({_if_day(end, f'CAST({end} AS DATE)')} - {_if_day(start, f'CAST({start} AS DATE)')})"


@compiles(days_between, "sqlite")
def _days_sqlite(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    end, start = element.parts(compiler, **options)
    return f"CAST(JULIANDAY({end}) - JULIANDAY({start}) AS INTEGER)"


@compiles(exact_sum)
def _sum(element: exact_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"COALESCE(SUM({element.parts(compiler, **options)[0]}), 0)"


@compiles(exact_sum, "sqlite")
def _sum_sqlite(element: exact_sum, compiler: SQLCompiler, **options: Any) -> str:
    value = element.parts(compiler, **options)[0]
    whole, scale = f"CAST({value} AS INTEGER)", 10**SQLITE_DECIMALS
    fraction = f"CAST(ROUND(({value} - {whole}) * {scale}) AS INTEGER)"
    return f"(COALESCE(SUM({whole}), 0) + COALESCE(SUM({fraction}), 0) / {scale}.0)"


@compiles(least_number)
def _least(element: least_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"LEAST({', '.join(element.parts(compiler, **options))})"


@compiles(least_number, "sqlite")
def _least_sqlite(element: least_number, compiler: SQLCompiler, **options: Any) -> str:
    return _extreme_sqlite("MIN", "9e999", element.parts(compiler, **options))


@compiles(greatest_number)
def _greatest(element: greatest_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"GREATEST({', '.join(element.parts(compiler, **options))})"


@compiles(greatest_number, "sqlite")
def _greatest_sqlite(element: greatest_number, compiler: SQLCompiler, **options: Any) -> str:
    return _extreme_sqlite("MAX", "-9e999", element.parts(compiler, **options))


def _extreme_sqlite(function: str, beyond: str, parts: list[str]) -> str:
    # SQLite's MIN and MAX of several are NULL when one is; an infinity stands in for a blank
    filled = ", ".join(f"COALESCE({part}, {beyond})" for part in parts)
    return f"NULLIF({function}({filled}), {beyond})"


@compiles(bytewise)
def _bytewise(element: bytewise, compiler: SQLCompiler, **options: Any) -> str:
    return element.parts(compiler, **options)[0]


@compiles(bytewise, "postgresql")
def _bytewise_postgresql(element: bytewise, compiler: SQLCompiler, **options: Any) -> str:
    return f'({element.parts(compiler, **options)[0]}) COLLATE "C"'


@compiles(age_at)
def _age(element: age_at, compiler: SQLCompiler, **options: Any) -> str:
    birth, at = (
        _if_day(part, f"CAST(REPLACE({part}, '-', '') AS INTEGER)")
        for part in element.parts(compiler, **options)
    )
    # moved up by 10,000 years, so that the whole division floors before birth too
    return f"(({at} - {birth} + 100000000) / 10000 - 10000)"


def _if_day(part: str, then: str) -> str:
    """A text that is no ISO date has no age: a cast would fail on PostgreSQL."""
    return f"CASE WHEN {part} LIKE '____-__-__' THEN {then} END"
