"""A sheet as lines of a ledger: which column is which, and each cell as a value of its column."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from engine import absence, messages
from engine.dictionary.match import SURE, Asked, Matcher, plain
from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.formats import numbers
from engine.formats import registry as formats
from engine.json_text import Json
from engine.ledgers.imports import Line
from engine.ledgers.lens import Column, Lens
from forms.compiled import CompiledForm
from forms.importers import geojson, records
from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.files.read import open_sheet
from forms.kinds import ledger

HEADS = 20
"""The row of labels is looked for in so many first rows."""
MOST_DIGITS = 15
"""A spreadsheet keeps no more digits of a number than this: what is longer was lost before it came."""
_TOTAL = re.compile(r"^(?:合\s*计|总\s*计|小\s*计|total)$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?")
_FLAT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YES = {"是": True, "有": True, "√": True, "yes": True, "true": True, "1": True}
_NO = {"否": False, "无": False, "×": False, "no": False, "false": False, "0": False}


class SheetUnread(Problem):
    """No row of the sheet holds the names of this ledger's columns."""

    code, status = "ledger.sheet-unread", 422


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the sheet, its label, and the column of the ledger it is taken for."""

    number: int
    label: str
    column: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read: the row of labels, the columns, and the lines below."""

    row: int
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Reading:
    """A ledger whose sheet is read; `places` are codes of places by what people call them."""

    form: CompiledForm
    lens: Lens
    dictionary: Dictionary
    places: Mapping[str, str]
    language: str = "zh"


def opened(reading: Reading, content: bytes) -> Grid:
    """The rows of a sheet, the features of GeoJSON with their points in the ledger's position, or the
    records of JSON and SQLite, as a ledger's export writes them.

    Raises what `open_sheet` raises, GeoJsonUnread, RecordsUnread.
    """
    if records.is_database(content):
        return records.from_database(content)
    if not records.is_json(content):
        return _as_written(open_sheet(content))
    found = geojson.read(content)
    rows = records.grid(found)
    if rows is not None:
        return rows
    column = next((one.name for one in reading.lens.columns if one.position), "")
    return geojson.grid(found, column)


def _as_written(grid: Grid) -> Grid:
    """Delimited text says of no cell whether it is a number: `0.10` may be the name of something."""
    if grid.sheets != ("",):
        return grid
    return grid.with_cells([replace(one, value=one.text, kind="text") for one in grid.cells])


def read(reading: Reading, grid: Grid, chosen: Mapping[int, str] | None = None) -> Sheet:
    """The lines of a sheet; `chosen` says which column of the sheet is which, where people know better.

    Raises SheetUnread.
    """
    row, heads = _heads(reading, grid)
    if chosen is not None:
        heads = tuple(Head(one.number, one.label, chosen.get(one.number, "")) for one in heads)
    return Sheet(row, heads, tuple(_lines(reading, grid, row, heads)))


def value(reading: Reading, column: Column, cell: Cell) -> Json:
    """A cell as a value of a column; what cannot be read stays as text, for the check to tell why."""
    text = cell.text.strip()
    if cell.blank or not text or absence.says_blank(text):
        return None
    gone = absence.read(text, ledger.item(reading.form, column.name).absences)
    if gone is not None and not _is_code(reading, column, text):
        return gone
    field = column.field
    kind = field.schema.get("type")
    if kind in ("integer", "number"):
        return _number(cell)
    if kind == "boolean":
        return {**_YES, **_NO}.get(text.lower(), text)
    if field.codelist:
        return _code(reading, field.codelist, text)
    format_ = str(field.schema.get("format", ""))
    if format_ == "date":
        return _date(cell, text)
    if format_ == "division-code":
        return reading.places.get(text, text)
    for option in ledger.item(reading.form, column.name).options:
        if text in (str(option.value), option.label(reading.language)):
            return option.value
    if isinstance(cell.value, Decimal) and cell.kind == "number":
        text = format(cell.value.normalize(), "f")
    return formats.normalised(format_, text)


def _heads(reading: Reading, grid: Grid) -> tuple[int, tuple[Head, ...]]:
    """The row in which the most cells are named like columns of the ledger."""
    known = dict(_names(reading))
    best, found = 0, 0
    for row in range(1, min(HEADS, grid.rows) + 1):
        hits = {known[name] for cell in grid.row(row) if (name := plain(cell.text)) in known}
        if len(hits) > found:
            best, found = row, len(hits)
    if not best:
        raise SheetUnread
    cells = [(col, grid.at(best, col)) for col in range(1, grid.cols + 1)]
    labels = {col: cell.text.strip() for col, cell in cells if cell.text.strip() and cell.cols == 1}
    return best, tuple(_matched(reading, known, labels))


def _matched(
    reading: Reading, known: Mapping[str, str], labels: Mapping[int, str]
) -> Iterator[Head]:
    """By the ledger's own words first, then as sheets are recognised elsewhere; each column once."""
    taken: dict[int, str] = {}
    for number, label in labels.items():
        name = known.get(plain(label), "")
        if name and name not in taken.values():
            taken[number] = name
    able = [one for one in reading.lens.columns if not one.files]
    by_field = {one.field.code: one.name for one in able if one.kind != "local"}
    rest = [number for number in labels if number not in taken]
    fields = [
        reading.dictionary.fields[code] for code in by_field if code in reading.dictionary.fields
    ]
    asked = [Asked((labels[number],)) for number in rest]
    for number, matches in zip(rest, Matcher(fields).match(asked), strict=True):
        if (
            matches
            and matches[0].confidence >= SURE
            and by_field[matches[0].field] not in taken.values()
        ):
            taken[number] = by_field[matches[0].field]
    for number, label in labels.items():
        yield Head(number, label, taken.get(number, ""))


def _names(reading: Reading) -> Iterator[tuple[str, str]]:
    for one in reversed(reading.lens.columns):
        if one.files:  # a sheet holds names of files at most
            continue
        item = ledger.item(reading.form, one.name)
        words = [*one.field.synonyms, *one.field.labels.values(), *item.titles.values(), one.name]
        yield from ((plain(word), one.name) for word in words)


def _lines(reading: Reading, grid: Grid, head: int, heads: Sequence[Head]) -> Iterator[Line]:
    taken = [
        (one.number, reading.lens.by_name[one.column])
        for one in heads
        if one.column in reading.lens.by_name and not reading.lens.by_name[one.column].files
    ]
    for row in range(head + 1, grid.rows + 1):
        cells = [(column, grid.at(row, number)) for number, column in taken]
        first = next((cell.text.strip() for cell in grid.row(row) if not cell.blank), "")
        if all(cell.blank for _, cell in cells) or _TOTAL.match(first):
            continue
        yield _line(reading, row, cells)


def _line(reading: Reading, row: int, cells: Sequence[tuple[Column, Cell]]) -> Line:
    values: dict[str, Json] = {}
    problems: list[tuple[str, str]] = []
    for column, cell in cells:
        if column.computed:
            continue
        found = value(reading, column, cell)
        if found is None:
            continue
        if _lost(column, cell):
            problems.append(
                (column.name, messages.text("ledger.sheet.digits-lost", reading.language))
            )
            continue
        faults = ledger.check(reading.form, column.name, found, reading.language)
        problems += [(column.name, fault.text) for fault in faults[:1]]
        if not faults:
            values[column.name] = found
    return Line(row, values, tuple(problems))


def _lost(column: Column, cell: Cell) -> bool:
    """Whether a long number was typed as a number, and has lost its last digits."""
    if column.numeric or cell.kind != "number":
        return False
    return (
        len(re.sub(r"\D", "", format(Decimal(str(cell.value)), "f").partition(".")[0]))
        > MOST_DIGITS
    )


def _number(cell: Cell) -> Json:
    if isinstance(cell.value, int | Decimal) and not isinstance(cell.value, bool):
        number = Decimal(cell.value)
        return int(number) if number == number.to_integral_value() else number
    found = numbers.read(cell.text)
    return cell.text.strip() if found is None else found


def _date(cell: Cell, text: str) -> str:
    if isinstance(cell.value, datetime | date):
        return cell.value.isoformat()[:10]
    found = _DATE.fullmatch(text) or _FLAT.fullmatch(text)
    if found is None:
        return text
    year, month, day = (int(part) for part in found.groups())
    return f"{year:04d}-{month:02d}-{day:02d}"


def _is_code(reading: Reading, column: Column, text: str) -> bool:
    """Whether a code list has the word itself: 未知 may be a sex, and is then that."""
    codelist = column.field.codelist
    return bool(codelist) and _code(reading, str(codelist), text) != text


def _code(reading: Reading, codelist: str, text: str) -> str:
    known = reading.dictionary.codelists.get(codelist)
    for one in known.values if known else ():
        if text == one.code or text in one.labels.values():
            return one.code
    return text
