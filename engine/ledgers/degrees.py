"""Positions in SQL: `latitude,longitude` in degrees as two numbers, on both databases alike."""

from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, and_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def within(stored: ColumnElement[Any], corners: tuple[str, str]) -> ColumnElement[bool]:
    """Whether a position lies between two corners. Raises ValueError where one is none."""
    first, second = parsed(corners[0]), parsed(corners[1])
    south, north = sorted((first[0], second[0]))
    west, east = sorted((first[1], second[1]))
    lat, lon = latitude(stored), longitude(stored)
    return and_(lat >= south, lat <= north, lon >= west, lon <= east)


def parsed(text: str) -> tuple[float, float]:
    """A position as degrees. Raises ValueError."""
    lat, lon = (float(one) for one in text.split(","))
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(text)
    return lat, lon


class latitude(FunctionElement[float]):  # noqa: N801 - SQL functions are written small
    """The first half of a position; NULL of what is none."""

    type = Float()
    inherit_cache = True
    part = 1


class longitude(FunctionElement[float]):  # noqa: N801 - SQL functions are written small
    """The second half of a position; NULL of what is none."""

    type = Float()
    inherit_cache = True
    part = 2


class square(FunctionElement[int]):  # noqa: N801 - SQL functions are written small
    """In which square of a side's length from an edge a number of degrees lies, counted from 0."""

    type = Integer()
    inherit_cache = True


@compiles(latitude)
@compiles(longitude)
def _half(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return (
        f"CASE WHEN {text} ~ '^-?[0-9.]{{1,12}},-?[0-9.]{{1,12}}$'"
        f" THEN CAST(split_part({text}, ',', {element.part}) AS double precision) END"
    )


@compiles(latitude, "sqlite")
def _latitude_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"CAST(substr({text}, 1, instr({text}, ',') - 1) AS REAL)"


@compiles(longitude, "sqlite")
def _longitude_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"CAST(substr({text}, instr({text}, ',') + 1) AS REAL)"


@compiles(square)
def _square(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    value, edge, side = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(floor(({value} - {edge}) / {side}) AS INTEGER)"


@compiles(square, "sqlite")
def _square_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    value, edge, side = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(({value} - {edge}) / {side} AS INTEGER)"
