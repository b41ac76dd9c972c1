"""A ledger as a file: workbook, CSV, JSON or SQLite; protected values masked unless a purpose is stated."""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from admin.views import ledger_showing, ledger_zip, words
from admin.views.ledger_showing import Showing, files_called
from engine import absence, json_text
from engine.errors import NotFound, Problem
from engine.json_text import Json
from engine.ledgers import page
from engine.ledgers.filters import Ask
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import Column, Lens
from engine.ledgers.rows import Row
from engine.privacy import lifts, masks
from engine.privacy.lifts import Lift, Purpose, PurposeMissing
from engine.work import Work
from forms import positions
from forms.compiled import CompiledForm
from renderers import csv_table, presentations, roster
from renderers.contract import Cell, Table
from renderers.contract import Column as Shown
from renderers.contract import Row as Line

KINDS = {
    "xlsx": roster.MEDIA_TYPE,
    "csv": csv_table.MEDIA_TYPE,
    "json": "application/json",
    "sqlite": "application/vnd.sqlite3",
    "geojson": "application/geo+json",
}
PRESENTATIONS = ("masked", "plain", "spaced", "upper")
MOST_ROWS = 50_000
NUMBERS = ("resident-id", "uscc", "phone-cn")


class ExportTooLarge(Problem):
    """More rows than one file takes while somebody waits."""

    code, status = "ledger.export-too-large", 413
    rows: int
    limit: int


class ExportUnknown(Problem):
    """No such format or presentation."""

    code, status = "ledger.export-unknown", 422
    given: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of file, how protected numbers are written in it, and what for."""

    kind: str = "xlsx"
    present: str = "masked"
    purpose: Purpose = lifts.NOTHING
    files: bool = False
    """Whether photos and files come along, in a ZIP with the table."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes


def export(
    work: Work, form: CompiledForm, here: Ground, ask: Ask, wanted: Wanted, *, language: str
) -> File:
    """The rows of an ask as a file; the export is on the trail.

    Raises ExportUnknown, ExportTooLarge, ledger_zip.ExportTooHeavy, FilterInvalid; PurposeMissing where protected values are
    asked for whole, PurposeRefused where a rule forbids it, and Forbidden for whoever may not.
    """
    if wanted.kind not in KINDS or wanted.present not in PRESENTATIONS:
        raise ExportUnknown(given=f"{wanted.kind} {wanted.present}"[:40])
    if wanted.kind == "geojson":
        _position(here.lens, wanted)
    if ask.on is not None:
        raise NotFound
    whole = wanted.present != "masked"
    if whole:
        if not wanted.purpose.stated:
            raise PurposeMissing
        here = ground(work, here.lens, verb="ledger.reveal")
    number = page.count(work, here, ask, most=MOST_ROWS + 1)
    if number > MOST_ROWS:
        raise ExportTooLarge(rows=number, limit=MOST_ROWS)
    rows = list(page.every(work, here, ask))
    shown = ledger_showing.showing(work, form, here, rows, language)
    beside = ledger_zip.wanted(work, shown, rows, whole=whole) if wanted.files else []
    masked = [one.field for one in here.lens.columns if one.masked]
    if whole and masked:
        where = Lift(here.lens.scope, owner=here.lens.owner)
        lifts.lift(work, where, masked, wanted.purpose, rows=len(rows))
    work.note(
        "ledger.exported",
        here.lens.code,
        rows=len(rows),
        columns=len(here.lens.columns),
        kind=wanted.kind,
        whole=whole and bool(masked),
        purpose=wanted.purpose.words,
        files=len(beside),
    )
    name = f"{here.lens.title(language)}-{work.today.isoformat()}"
    content = _content(shown, rows, wanted)
    if wanted.files:
        content = ledger_zip.packed(work, f"{name}.{wanted.kind}", content, beside)
        return File(f"{name}.zip", "application/zip", content)
    return File(f"{name}.{wanted.kind}", KINDS[wanted.kind], content)


def _content(shown: Showing, rows: Sequence[Row], wanted: Wanted) -> bytes:
    if wanted.kind == "xlsx":
        return roster.render(_table(shown, rows, wanted))
    if wanted.kind == "csv":
        return csv_table.render(_table(shown, rows, wanted))
    if wanted.kind == "json":
        found: list[Json] = [dict(_values(shown, row, wanted)) for row in rows]
        body: dict[str, Json] = {
            "ledger": shown.lens.code,
            "title": shown.lens.title(),
            "rows": found,
        }
        return json_text.dumps(body, indent=1).encode()
    if wanted.kind == "geojson":
        return json_text.dumps(_geojson(shown, rows, wanted), indent=1).encode()
    return _sqlite(shown, rows, wanted)


def _geojson(shown: Showing, rows: Sequence[Row], wanted: Wanted) -> Json:
    """Rows as features (RFC 7946), longitude first; one without a position has no geometry."""
    column = _position(shown.lens, wanted)
    return {
        "type": "FeatureCollection",
        "title": shown.lens.title(shown.language),
        "features": [
            {
                "type": "Feature",
                "id": row.id,
                "geometry": positions.point(row.cell(column.name).value),
                "properties": {
                    name: value
                    for name, value in _values(shown, row, wanted)
                    if name not in ("_id", column.name)
                },
            }
            for row in rows
        ],
    }


def _position(lens: Lens, wanted: Wanted) -> Column:
    """The column that places rows. Raises ExportUnknown for a ledger without one that may be seen."""
    whole = wanted.present != "masked"
    for one in lens.columns:
        if one.position and (whole or not one.masked):
            return one
    raise ExportUnknown(given="geojson")


def _table(shown: Showing, rows: Iterable[Row], wanted: Wanted) -> Table:
    columns = tuple(
        Shown(
            (shown.label(one),),
            unit=one.field.unit or "",
            align="right" if one.numeric else "left",
        )
        for one in shown.lens.columns
    )
    lines = tuple(
        Line(tuple(_cell(shown, one, row, wanted) for one in shown.lens.columns)) for row in rows
    )
    return Table(columns, lines, title=shown.lens.title(shown.language))


def _cell(shown: Showing, column: Column, row: Row, wanted: Wanted) -> Cell:
    value = row.cell(column.name).value
    told = _told(shown, column, value, wanted)
    number = (
        value if column.numeric and isinstance(value, int | Decimal) and not column.masked else None
    )
    return Cell(told, number if number is not None else told or None)


def _told(shown: Showing, column: Column, value: Json, wanted: Wanted) -> str:
    """A value as the file says it: masked, or as the asked-for presentation writes it."""
    if value is None:
        return ""
    if (gone := absence.written(value, shown.language)) is not None:
        return gone
    if column.masked and wanted.present == "masked":
        hidden = masks.masked(column.field, value)
        return str(hidden) if hidden is not None else "***"
    if column.field.schema.get("format") in NUMBERS and isinstance(value, str):
        return presentations.present(value, wanted.present)
    if column.numeric:
        return words.typed(value) if not isinstance(value, list) else ""  # type: ignore[return-value]  # one number is one text
    return shown.display(column, value, whole=True)


def _values(shown: Showing, row: Row, wanted: Wanted) -> Iterator[tuple[str, Json]]:
    """For programs: codes and numbers as they are; what is masked stays masked."""
    yield "_id", row.id
    for one in shown.lens.columns:
        value = row.cell(one.name).value
        if one.files and value is not None and not (one.masked and wanted.present == "masked"):
            told: list[Json] = [*files_called(value, shown.files)]
            yield one.name, told
            continue
        number = one.field.schema.get("format") in NUMBERS
        if (
            value is not None
            and not absence.kind_of(value)
            and (number or (one.masked and wanted.present == "masked"))
        ):
            value = _told(shown, one, value, wanted)
        yield one.name, value


def _sqlite(shown: Showing, rows: Sequence[Row], wanted: Wanted) -> bytes:
    """One table `ledger` with a column a column, and one that says what the columns mean."""
    names = ["_id", *(one.name for one in shown.lens.columns)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        database = sqlite3.connect(path)
        quoted = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        database.execute(f"CREATE TABLE ledger ({quoted})")
        database.executemany(
            f"INSERT INTO ledger VALUES ({marks})",  # noqa: S608 - question marks only
            ([_plain(value) for _, value in _values(shown, row, wanted)] for row in rows),
        )
        database.execute("CREATE TABLE columns (name, label, field, unit)")
        database.executemany(
            "INSERT INTO columns VALUES (?, ?, ?, ?)",
            [
                (one.name, shown.label(one), one.field.code, one.field.unit)
                for one in shown.lens.columns
            ],
        )
        database.isolation_level = None
        database.close()
        return path.read_bytes()


def _plain(value: Json) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return json_text.dumps(value) if isinstance(value, list | dict) else value
