"""Files of programs as sheets: what is no file of records is told why, and costs nothing."""

import sqlite3

import pytest

from engine.absence import absent
from engine.json_text import Json
from forms.importers import records
from forms.importers.records import RecordsUnread


def database(*statements: str) -> bytes:
    made = sqlite3.connect(":memory:")
    for one in statements:
        made.execute(one)
    made.commit()
    return bytes(made.serialize())


def cells(content: bytes) -> list[list[object]]:
    grid = records.from_database(content)
    return [[cell.text for cell in grid.row(number)] for number in range(1, grid.rows + 1)]


def test_a_table_is_read_as_it_stands() -> None:
    """Numbers exactly, an absence as its word, what only looks like one as the text it is."""
    content = database(
        "CREATE TABLE ledger (name, amount, more)",
        """INSERT INTO ledger VALUES ('安', 0.1, '{"absent":"unknown"}'), ('{"absent":1}', 0, '["a","b"]')""",
    )
    assert cells(content) == [
        ["name", "amount", "more"],
        ["安", "0.1", "不详"],
        ['{"absent":1}', "0", "a、b"],
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SQLite format 3\x00" + b"\xff" * 200, "damaged"),
        (database("CREATE TABLE other (a)"), "no-table"),
        (database("CREATE VIEW ledger AS SELECT 1 AS a"), "no-table"),
        (database("CREATE TABLE ledger (a)"), "empty"),
        (
            database(
                "CREATE TABLE ledger (a, b AS (length(replace(hex(zeroblob(400000)), '0', a))))",
                "INSERT INTO ledger WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                " WHERE i < 2000) SELECT i FROM n",
            ),
            "damaged",
        ),
    ],
)
def test_what_is_none_is_told(content: bytes, reason: str) -> None:
    """Cut off, another table, a view, nothing in it, and a column that computes without end."""
    with pytest.raises(RecordsUnread) as told:
        records.from_database(content)
    assert told.value.reason == reason


@pytest.mark.parametrize("found", [{}, {"rows": {}}, {"rows": [1]}, {"features": []}])
def test_other_json_is_left_to_others(found: Json) -> None:
    """GeoJSON has no rows."""
    assert records.grid(found) is None


def test_records_need_not_have_the_same_names() -> None:
    """A value that one has and another lacks is a blank."""
    grid = records.grid({"rows": [{"a": True}, {"b": absent("refused")}]})
    assert grid is not None
    assert [[cell.text for cell in grid.row(n)] for n in (1, 2, 3)] == [
        ["a", "b"],
        ["true", ""],
        ["", "拒答"],
    ]
