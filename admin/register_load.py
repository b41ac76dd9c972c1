"""A sheet into a register: looked through first, so that a preview tells just what a load then does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine import absence
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.json_text import Json
from engine.registers import bulk, store
from engine.registers.rows import Checked, Fault
from engine.registers.store import Origin
from engine.work import System, Work, new_id
from forms.importers.excel.read import open_sheet
from forms.kinds import register_sheet

CHUNK = 2_000


@dataclass
class Found:
    """What a sheet comes to: rows that are new, that are there already, that may not stand."""

    new: int = 0
    there: int = 0
    rejected: int = 0
    absences: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often which field has which absence, among the new rows."""
    faults: Sequence[Fault] = ()


def load_sheet(
    system: System, actor: Actor, subject: str, file: Path, *, source: str, preview: bool
) -> Found:
    """Add the new subjects of a sheet, ten thousand a transaction; with `preview` only say what it
    would do. Raises NotFound, HeadUnknown, and what reading a sheet raises.
    """
    with system.read(actor) as work:
        known = dictionary(work.connection)
        if subject not in known.subjects:
            raise NotFound
        found = Found()
        fresh = list(_fresh(work, known, subject, _lines(known, subject, file), found))
    if not preview:
        origin = Origin("steward", source, system.now().isoformat(timespec="microseconds"))
        bulk.stream(system, actor, subject, fresh, origin)
    return found


def _lines(known: Dictionary, subject: str, file: Path) -> Iterator[Mapping[str, Json]]:
    grid = open_sheet(file)
    labels = [cell.text for cell in grid.row(1)]
    fields = register_sheet.heads(known, subject, labels)
    lines = ([cell.text for cell in grid.row(row)] for row in range(2, grid.rows + 1))
    return register_sheet.rows(known, fields, lines)


def _fresh(
    work: Work,
    known: Dictionary,
    subject: str,
    rows: Iterator[Mapping[str, Json]],
    found: Found,
) -> Iterator[Mapping[str, Json]]:
    """The rows that are new and may stand; everything is counted on the way."""
    checked = Checked(known, subject)
    waiting: list[Mapping[str, Json]] = []
    for row in checked.passed({"id": new_id(), **one} for one in rows):
        waiting.append(row)
        if len(waiting) == CHUNK:
            yield from _unknown(work, known, subject, waiting, found)
            waiting = []
    yield from _unknown(work, known, subject, waiting, found)
    found.rejected, found.faults = checked.rejected, checked.faults


def _unknown(
    work: Work,
    known: Dictionary,
    subject: str,
    rows: Sequence[Mapping[str, Json]],
    found: Found,
) -> Iterator[Mapping[str, Json]]:
    there: set[tuple[str, str]] = set()
    keys = known.subjects[subject].keys
    for key in keys:
        given = [str(row[key]) for row in rows if row.get(key)]
        there |= {
            (key, one) for one in store.find(work, known, known.field(f"{subject}.{key}"), given)
        }
    for row in rows:
        mine = {(key, str(row[key])) for key in keys if row.get(key)}
        if mine & there:
            found.there += 1
            continue
        there |= mine
        found.new += 1
        found.absences.update(
            (name, kind) for name, value in row.items() if (kind := absence.kind_of(value))
        )
        yield row
