"""What programs write as a sheet: a row a record, a column a name. What `ledger_export` gives to programs,
JSON and SQLite, comes back this way.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from engine import json_text
from engine.absence import KEY, kind_of, shown
from engine.errors import Problem
from engine.json_text import Json
from forms.importers.excel.files.grid import Cell, Grid, Value, make_grid
from forms.importers.excel.files.guard import MAX_FILE

TABLE = "ledger"
MOST_RECORDS, MOST_NAMES, LONGEST = 200_000, 500, 1_000_000
_DATABASE = b"SQLite format 3\x00"
_STEPS = 1_000_000
"""So many steps of the database between two looks at the clock of patience: it is stopped at the second."""


class RecordsUnread(Problem):
    """It is no file of records that a ledger can take; `reason` says why."""

    code, status = "import.records-unread", 422
    reason: str


def is_json(content: bytes) -> bool:
    """Whether a file is JSON rather than any kind of sheet."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def is_database(content: bytes) -> bool:
    """Whether a file is an SQLite database."""
    return content.startswith(_DATABASE)


def grid(found: Any) -> Grid | None:
    """The `rows` of a JSON file as a grid; None if it has none. Raises RecordsUnread."""
    rows = found.get("rows") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        return None
    names = list(dict.fromkeys(name for one in rows for name in one))
    return laid_out("JSON", names, ([one.get(name) for name in names] for one in rows))


def from_database(content: bytes) -> Grid:
    """The table `ledger` of an SQLite file, read in memory. Raises RecordsUnread."""
    if len(content) > MAX_FILE:
        raise RecordsUnread(reason="too-large")
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(content)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        database.execute("PRAGMA trusted_schema = OFF")
        patience = iter(range(200))
        database.set_progress_handler(lambda: next(patience, None) is None, _STEPS)
        stored = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0"
        if database.execute(stored, [TABLE]).fetchone() is None:
            raise RecordsUnread(reason="no-table")
        rows = database.execute(f"SELECT * FROM {TABLE} LIMIT {MOST_RECORDS + 1}")  # noqa: S608 - two constants
        names = [str(one[0]) for one in rows.description]
        return laid_out("SQLite", names, ([_plain(one) for one in row] for row in rows))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise RecordsUnread(reason="damaged") from error
    finally:
        database.close()


def _plain(value: Any) -> Json:
    """A value of the file as JSON has it: a list or an absence is kept as its text."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, bytes):
        return "?"
    if isinstance(value, str) and value[:1] in "[{" and (value[:1] == "[" or KEY in value):
        try:
            found = json_text.loads(value.encode())
        except (Problem, ValueError, RecursionError):
            return value
        return found if isinstance(found, list) or kind_of(found) else value
    return value


def laid_out(title: str, names: Sequence[str], rows: Iterable[Sequence[Json]]) -> Grid:
    """Records below the names of their values. Raises RecordsUnread."""
    if len(names) > MOST_NAMES:
        raise RecordsUnread(reason="too-many-names")
    cells = [Cell(1, col, name, name, "text") for col, name in enumerate(names, 1)]
    number = 1
    for number, row in enumerate(rows, 2):
        if number > MOST_RECORDS + 1:
            raise RecordsUnread(reason="too-many")
        told = (_cell(number, col, value) for col, value in enumerate(row, 1))
        cells += [one for one in told if one is not None]
    if number == 1:
        raise RecordsUnread(reason="empty")
    return make_grid(title, cells)


def _cell(row: int, col: int, value: Json) -> Cell | None:
    if value is None or value == "":
        return None
    if kind_of(value):
        return Cell(row, col, shown(value, "zh") or "", None, "text")
    if isinstance(value, bool):
        return Cell(row, col, "true" if value else "false", value, "bool")
    if isinstance(value, int | Decimal):
        number: Value = value
        return Cell(
            row, col, format(value, "f" if isinstance(value, Decimal) else "d"), number, "number"
        )
    if isinstance(value, list):
        text = "、".join(str(one) for one in value)
        return Cell(row, col, text, text, "text")
    return Cell(row, col, str(value), str(value), "text")
