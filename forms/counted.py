"""What a document cost its people, in cells: asked, known beforehand, accepted as they were."""

from dataclasses import dataclass

from engine import absence
from engine.dictionary.store import Dictionary
from forms import defaults, document
from forms.filing import Opened

COUNTED = ("computed", "carried", "context", "formula", defaults.SOURCE)
"""What comes from these was not held as a fact: it was worked out, is last period's, or the form's own."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Cells of one document. A cell that the form works out itself is asked of nobody."""

    asked: int = 0
    prefilled: int = 0
    accepted: int = 0
    held: int = 0
    blank: int = 0
    absent: int = 0
    """Answered with unknown, not applicable or refused."""


def of_document(opened: Opened) -> Counts:
    """The counts of a document as it stands."""
    asked = prefilled = accepted = held = blank = absent = 0
    for path, item in document.cells(opened.form, opened.contents):
        if item.compute or item.readonly:
            continue
        asked += 1
        cell = opened.cells.get(path)
        value = document.get(opened.contents, path)
        offered = cell.known if cell is not None else None
        blank += document.blank(value)
        absent += absence.kind_of(value) is not None
        source = (cell.source if cell is not None else None) or {}
        if document.blank(offered) or source.get("source") == defaults.SOURCE:
            continue  # what the form proposes to everybody, nobody knew
        prefilled += 1
        accepted += not document.blank(value) and document.same(value, offered)
        held += source.get("source") not in COUNTED and not source.get("stale")
    return Counts(asked, prefilled, accepted, held, blank, absent)


def reused(opened: Opened, known: Dictionary) -> dict[str, str]:
    """The known values that were prefilled and stand as they were, each once, with their data items.

    A value is that of a data item, of somebody, of a period if it has one; a form's own cells, and
    what was worked out or is last period's, are none.
    """
    found: dict[str, str] = {}
    for path, item in document.cells(opened.form, opened.contents):
        field = known.fields.get(item.field or "")
        cell = opened.cells.get(path)
        if field is None or cell is None or item.compute or item.readonly:
            continue
        value = document.get(opened.contents, path)
        if document.blank(value) or not document.same(value, cell.known):
            continue
        if (cell.source or {}).get("source") in COUNTED:
            continue
        whose = opened.record.organisation_code
        if "*" in item.path:
            whose = path.removeprefix(f"{item.table}/").partition("/")[0]
        period = opened.record.period if field.periodic else ""
        found["|".join((field.code, whose, period))] = field.code
    return found
