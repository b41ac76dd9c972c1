"""A sheet into a register: looked through first, so that a preview tells just what a load then does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine import absence
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.json_text import Json
from engine.privacy import masks
from engine.registers import bulk, store
from engine.registers.rows import Checked, Fault
from engine.registers.store import Change, Origin
from engine.registers.variants import canonical_key
from engine.work import System, Work, new_id
from forms.importers.excel.files.read import open_sheet
from forms.kinds import register_sheet

CHUNK = 2_000
MOST_SHOWN = 200
"""Changes that are told one by one; all are counted by field."""
KEY, SEVERAL = "key", "several"
"""Why a row about somebody who is there is refused: another number than theirs; two people's numbers."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that is changed, as it may be told."""

    subject: str
    field: str
    before: Json
    after: Json


@dataclass
class Found:
    """What a sheet comes to: rows that are new, that are there already, that may not stand."""

    new: int = 0
    there: int = 0
    """Of those the register knows: left alone, unless changes were asked for."""
    changed: int = 0
    same: int = 0
    rejected: int = 0
    absences: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often which field has which absence, among the new rows."""
    fields: Counter[str] = field(default_factory=Counter)
    """In how many rows which field is changed."""
    shown: list[Shown] = field(default_factory=list)
    faults: Sequence[Fault] = ()
    refused: Counter[str] = field(default_factory=Counter)
    """Rows about somebody who is there that may not change them, by reason."""
    number: int = 0
    """By which the load is undone; 0 where nothing was written."""


def load_sheet(
    system: System,
    actor: Actor,
    subject: str,
    file: Path,
    *,
    source: str,
    preview: bool,
    update: bool = False,
) -> Found:
    """Add the new subjects of a sheet, ten thousand a transaction, and with `update` change those
    that are there; with `preview` only say what it would do.

    An empty cell says nothing and changes nothing. Raises NotFound, HeadUnknown, and what reading a
    sheet raises.
    """
    with system.read(actor) as work:
        known = dictionary(work.connection)
        if subject not in known.subjects:
            raise NotFound
        found = Found()
        changes: list[Change] = []
        fresh = list(
            _fresh(
                _Sheet(work, known, subject, found, changes if update else None),
                _lines(known, subject, file),
            )
        )
    if preview or not (fresh or changes):
        return found
    came = Origin("steward", source, system.now().isoformat(timespec="microseconds"))
    origin = system.write(actor, lambda work: store.add_origin(work, came))
    found.number = origin.id
    if fresh:
        bulk.stream(system, actor, subject, fresh, origin)
    for start in range(0, len(changes), CHUNK):
        part = changes[start : start + CHUNK]
        system.write(actor, lambda work, part=part: _change(work, known, part, origin))  # type: ignore[misc]  # a lambda's default has its argument's type
    system.write(
        actor,
        lambda work: work.note(
            "register.updated", subject, rows=found.changed, values=len(changes), origin=origin.id
        ),
    )
    return found


def mark(origin: Origin) -> str:
    """What stands in the history as the reason of a load's changes."""
    return f"{origin.title}（载入 {origin.id}）"


def _change(work: Work, known: Dictionary, changes: Sequence[Change], origin: Origin) -> int:
    return store.set_values(work, known, changes, origin, reason=mark(origin))


@dataclass(frozen=True)
class _Sheet:
    """A sheet that is looked through, and what it comes to."""

    work: Work
    known: Dictionary
    subject: str
    found: Found
    changes: list[Change] | None
    """None: who is there is left alone."""


def _lines(known: Dictionary, subject: str, file: Path) -> Iterator[Mapping[str, Json]]:
    grid = open_sheet(file)
    labels = [cell.text for cell in grid.row(1)]
    fields = register_sheet.heads(known, subject, labels)
    lines = ([cell.text for cell in grid.row(row)] for row in range(2, grid.rows + 1))
    return register_sheet.rows(known, fields, lines)


def _fresh(sheet: _Sheet, rows: Iterator[Mapping[str, Json]]) -> Iterator[Mapping[str, Json]]:
    """The rows that are new and may stand; everything is counted on the way."""
    checked = Checked(sheet.known, sheet.subject)
    waiting: list[Mapping[str, Json]] = []
    seen: set[tuple[str, str]] = set()
    for row in checked.passed({"id": new_id(), **one} for one in rows):
        waiting.append(row)
        if len(waiting) == CHUNK:
            yield from _sorted(sheet, waiting, seen)
            waiting = []
    yield from _sorted(sheet, waiting, seen)
    found = sheet.found
    found.rejected, found.faults = checked.rejected + found.refused.total(), checked.faults


def _sorted(
    sheet: _Sheet, rows: Sequence[Mapping[str, Json]], seen: set[tuple[str, str]]
) -> Iterator[Mapping[str, Json]]:
    """New rows; those about somebody who is there are counted, or planned as changes."""
    found, there = sheet.found, _there(sheet, rows)
    known: list[tuple[str, Mapping[str, Json]]] = []
    for row in rows:
        mine = _keys(sheet, row)
        owners = {there[one] for one in mine if one in there}
        if mine & seen or (owners and sheet.changes is None):
            found.there += 1  # said before in this sheet, or not to be changed
            continue
        seen |= mine
        if len(owners) > 1:
            found.refused[SEVERAL] += 1
        elif owners:
            known.append((owners.pop(), row))
        else:
            found.new += 1
            found.absences.update(
                (name, kind) for name, value in row.items() if (kind := absence.kind_of(value))
            )
            yield row
    if known and sheet.changes is not None:
        sheet.changes.extend(_planned(sheet, known))


def _there(sheet: _Sheet, rows: Sequence[Mapping[str, Json]]) -> dict[tuple[str, str], str]:
    """Who has these keys: by key and value."""
    found: dict[tuple[str, str], str] = {}
    for key in sheet.known.subjects[sheet.subject].keys:
        given = [str(row[key]) for row in rows if row.get(key)]
        hits = store.find(
            sheet.work, sheet.known, sheet.known.field(f"{sheet.subject}.{key}"), given
        )
        found |= {(key, value): own for value, own in hits.items()}
    return found


def _keys(sheet: _Sheet, row: Mapping[str, Json]) -> set[tuple[str, str]]:
    keys = sheet.known.subjects[sheet.subject].keys
    return {(key, str(row[key])) for key in keys if row.get(key)}


def _same(field: Field, known: Json, told: Json) -> bool:
    """Whether a sheet says what the register has; a number may be written the old way."""
    if known == told or not (isinstance(known, str) and isinstance(told, str)):
        return bool(known == told)
    return bool(canonical_key(field.schema.get("format"), told) == known)


def _planned(sheet: _Sheet, rows: Sequence[tuple[str, Mapping[str, Json]]]) -> Iterator[Change]:
    """What rows say otherwise than the register does of somebody who is there."""
    found, keys = sheet.found, sheet.known.subjects[sheet.subject].keys
    names = {name for _, row in rows for name in row} - {"id"}
    fields = {name: sheet.known.field(f"{sheet.subject}.{name}") for name in sorted(names)}
    ids = sorted({own for own, _ in rows})
    held = store.fetch(sheet.work, sheet.known, sheet.subject, ids, list(fields.values()))
    for own, row in rows:
        before = {code: one.value for code, one in held.get(own, {}).items()}
        told = {
            name: value
            for name, value in row.items()
            if name != "id" and not _same(fields[name], before.get(fields[name].code), value)
        }
        if any(name in keys and before.get(fields[name].code) is not None for name in told):
            found.refused[KEY] += 1
            continue
        if not told:
            found.same += 1
            continue
        found.changed += 1
        found.fields.update(told.keys())
        for name, value in told.items():
            one = fields[name]
            if len(found.shown) < MOST_SHOWN:
                old = before.get(one.code)
                pair = [masks.masked(one, v) if masks.is_masked(one) else v for v in (old, value)]
                found.shown.append(Shown(own, name, *pair))
            yield Change(one.code, own, value)
