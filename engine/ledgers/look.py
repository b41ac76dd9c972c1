"""Looking at one: whole where it is masked, for a stated purpose; and finding one by its number."""

from datetime import date

from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.formats import registry as formats
from engine.json_text import Json
from engine.ledgers import reach
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Lens
from engine.ledgers.members import DayWrong
from engine.ledgers.rows import Row
from engine.privacy import lifts
from engine.privacy.lifts import Lift, Purpose
from engine.registers import limits, store
from engine.work import Work


def reveal(work: Work, here: Ground, row: Row, column: str, purpose: Purpose) -> Json:
    """A masked value of a row, whole; who looked at what and why is on the trail, and told to the
    field's steward.

    Raises PurposeMissing, PurposeRefused, NotFound for no such column.
    """
    if column not in here.lens.by_name:
        raise NotFound
    known = here.lens.by_name[column]
    if known.masked:
        lifts.lift(
            work, Lift(here.lens.scope, row.id, here.lens.owner), [known.field], purpose, rows=1
        )
    said = {"purpose": purpose.words, "kind": purpose.kind}
    work.note("ledger.revealed", row.id, ledger=here.lens.code, column=column, **said)
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
    limits.require_open(work, known, lens.subject, found, scope=lens.scope)
    work.note("register.looked-up", lens.subject, key=field.name, found=True, id=found)
    return found


def day(given: str, today: date) -> str:
    """A day as it is kept; today where none is given. Raises DayWrong."""
    try:
        return date.fromisoformat(given).isoformat() if given.strip() else today.isoformat()
    except ValueError as error:
        raise DayWrong(day=given[:20]) from error
