"""Column types that mean the same on both databases."""

from decimal import Decimal

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from engine.storage.columns import CODE, JsonText, Number
from engine.storage.database import Database
from engine.work import System

THING = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("number", Number),
    Column("json", JsonText),
    Column("code", CODE),
)


@pytest.fixture
def database(system: System) -> Database:
    system.database.write(THING.create)
    return system.database


def kept(database: Database, column: str, values: list) -> list:
    """What a reader finds of values that were written."""
    rows = [{"id": number, column: value} for number, value in enumerate(values)]
    database.write(lambda connection: connection.execute(THING.insert(), rows))
    with database.read() as connection:
        return list(connection.execute(select(THING.c[column]).order_by(THING.c.id)).scalars())


def test_numbers_come_back_as_they_went_in(database: Database) -> None:
    """Up to fifteen digits, whole ones as int and others as Decimal."""
    values = [
        None, 0, 7, -3, Decimal("0.1"), Decimal("-0.30"), Decimal("123456789012.345"), Decimal("1E+3"),
        999_999_999_999_999, 2**62, Decimal("0.0000000001"), Decimal("2.50"),
    ]  # fmt: skip
    found = kept(database, "number", values)
    assert found == values
    assert [type(value) for value in found[1:4]] == [int, int, int]
    assert (type(found[7]), type(found[4])) == (int, Decimal)
    assert str(found[5]) == "-0.3"


def test_a_number_beyond_all_figures_is_kept_nearly(database: Database) -> None:
    """Twenty-five digits: an error page would be worse than the last digits lost on SQLite."""
    (found,) = kept(database, "number", [10**24])
    assert abs(found - 10**24) < 10**9


def test_numbers_sort_and_compare_as_numbers(database: Database) -> None:
    """Whole ones and fractions together."""
    kept(database, "number", [10, Decimal("9.5"), 9, Decimal("-0.5"), None])
    query = select(THING.c.number).where(THING.c.number > Decimal("8.75")).order_by(THING.c.number)
    with database.read() as connection:
        assert connection.execute(query).scalars().all() == [9, Decimal("9.5"), 10]


def test_json_comes_back_to_the_last_digit(database: Database) -> None:
    """Decimals, large numbers, characters no database text would hold."""
    value = {"a": [Decimal("0.10"), 10**25, True, None, "\x00", "😀", "\u2028"], "": {"王": "'\""}}
    found, nothing = kept(database, "json", [value, None])
    assert found == value
    assert str(found["a"][0]) == "0.10"
    assert nothing is None


def test_codes_sort_byte_by_byte(database: Database) -> None:
    """So that a prefix is a range, whatever the language of the database."""
    codes = ["b", "B", "a/", "a0", "a", "é", "王", "~", "-"]
    kept(database, "code", codes)
    with database.read() as connection:
        found = connection.execute(select(THING.c.code).order_by(THING.c.code)).scalars().all()
    assert found == sorted(codes, key=str.encode)
