"""Whose rows of a ledger somebody sees: by the place a subject belongs to, never by who entered it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, or_, select

from engine.access import policy
from engine.dictionary.store import Dictionary
from engine.errors import Forbidden, NotFound
from engine.formula import sql
from engine.formula.divisions import lies_within
from engine.identity.store import ORGANISATION
from engine.ledgers.lens import Lens
from engine.registers import limits, store
from engine.work import Work

EVERYWHERE = ""
MOST_PLACES = 10_000
_ENDINGS = ("居民委员会", "村民委员会", "居委会", "村委会")


def areas(work: Work, verb: str, lens: Lens) -> tuple[str, ...]:
    """The division codes whose subjects the actor reaches; `("",)` for all of them.

    Raises Forbidden if no post knows the verb, NotFound if none reaches this ledger.
    """
    return areas_of(work, verb, lens.owner)


def areas_of(work: Work, verb: str, owner: str) -> tuple[str, ...]:
    """The same for what an office is responsible for without there being a ledger."""
    reaches = policy.reaches(work.actor, verb)
    if not reaches:
        raise Forbidden(reason="")
    if any(one.kind == "all" for one in reaches):
        return (EVERYWHERE,)
    places = [one.code for one in reaches if one.kind != "issued" or one.code == owner]
    found = work.connection.execute(
        select(ORGANISATION.c.division_code).where(ORGANISATION.c.code.in_(places))
    ).scalars()
    codes = sorted(set(found))
    if not codes:
        raise NotFound
    return tuple(code for code in codes if not _inside(code, codes))


def within(home: ColumnElement[str] | None, codes: Sequence[str]) -> ColumnElement[bool] | None:
    """Only subjects of these places; None when that is no restriction."""
    if EVERYWHERE in codes:
        return None
    if home is None:
        return false()
    return or_(*(sql.within_area(home, code) for code in codes))


def _inside(code: str, codes: Sequence[str]) -> bool:
    return any(other != code and code.startswith(other) for other in codes)


def holds(
    work: Work, known: Dictionary, subject: str, subject_id: str, codes: Sequence[str]
) -> bool:
    """Whether a subject belongs to one of these places, and no rule withholds it."""
    if subject_id not in limits.open_ids(work, known, subject, [subject_id]):
        return False
    if EVERYWHERE in codes:
        return True
    field = known.fields.get(f"{subject}.{known.subjects[subject].home}")
    if field is None:
        return False
    found = store.fetch(work, known, subject, [subject_id], [field]).get(subject_id, {})
    home = found.get(field.code)
    return home is not None and any(lies_within(str(home.value), code) for code in codes)


def places(work: Work, codes: Sequence[str]) -> dict[str, str]:
    """Codes of the places in these areas by what people call them, long and short."""
    if EVERYWHERE in codes:
        return {}
    query = select(ORGANISATION.c.code, ORGANISATION.c.name).where(
        ORGANISATION.c.kind != "office",
        ORGANISATION.c.valid_to.is_(None),
        or_(*(sql.within_area(ORGANISATION.c.code, code) for code in codes)),
    )
    found: dict[str, str] = {}
    for row in work.connection.execute(query.limit(MOST_PLACES)):
        found[row.name] = row.code
        for ending in _ENDINGS:
            if row.name.endswith(ending):
                found.setdefault(row.name.removesuffix(ending), row.code)
    return found
