"""Looking at one: whole where it is masked, for a stated purpose; and finding one by its number."""

from datetime import date

from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.formats import registry as formats
from engine.json_text import Json
from engine.ledgers import reach
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Lens
from engine.ledgers.members import DayWrong
from engine.ledgers.page import Row
from engine.registers import store
from engine.work import Work


class PurposeMissing(Problem):
    """A masked value is shown whole only for a purpose."""

    code, status = "ledger.purpose-missing", 422


def reveal(work: Work, here: Ground, row: Row, column: str, purpose: str) -> Json:
    """A masked value of a row, whole; who looked at what and why is on the trail.

    Raises PurposeMissing, NotFound for no such column.
    """
    if column not in here.lens.by_name:
        raise NotFound
    if not purpose:
        raise PurposeMissing
    work.note("ledger.revealed", row.id, ledger=here.lens.code, column=column, purpose=purpose)
    return row.cell(column).value


def by_key(work: Work, lens: Lens, given: str) -> str:
    """The subject that a number means, if it is in the register and in the actor's area.

    Raises NotFound; which of the two it was is not told.
    """
    known = dictionary(work.connection)
    kind = known.subjects[lens.subject]
    areas = reach.areas(work, "ledger.edit", lens)
    field = known.field(f"{kind.code}.{kind.keys[0]}")
    value = formats.normalised(str(field.schema.get("format", "")), given)
    found = store.find(work, known, field, [value]).get(value)
    if found is None or not reach.holds(work, known, lens.subject, found, areas):
        raise NotFound
    work.note("register.looked-up", lens.subject, key=field.name, found=True, id=found)
    return found


def day(given: str, today: date) -> str:
    """A day as it is kept; today where none is given. Raises DayWrong."""
    try:
        return date.fromisoformat(given).isoformat() if given.strip() else today.isoformat()
    except ValueError as error:
        raise DayWrong(day=given[:20]) from error
