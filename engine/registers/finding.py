"""Organisations and people by a part of their name, its pinyin initials, a code or number: within what
may be seen.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from engine.access.policy import Reach, within
from engine.dictionary.field import Field
from engine.dictionary.search import spelt
from engine.dictionary.store import Dictionary, dictionary
from engine.formats import registry as formats
from engine.formula.sql import within_area
from engine.identity.store import ORGANISATION, OrganisationValue, organisation_of
from engine.json_text import Json
from engine.registers import limits, query, store
from engine.registers.schema import column_name, table
from engine.work import Work

PERSON = "person"
CHUNK = 500
MOST_PEOPLE = 20_000
"""So many names of an area are spelt out to be searched by pinyin."""
LIMIT = 30


def organisations(
    connection: Connection,
    words: str,
    *,
    below: Sequence[str],
    levels: Collection[str] = (),
    limit: int = LIMIT,
) -> list[OrganisationValue]:
    """Organisations at or below one of the paths, the highest first; `levels` are kinds of organisation.

    Without words: the first ones. A word of Latin letters is also sought in the pinyin initials.
    """
    words = words.strip()[:50]
    allowed = [within(ORGANISATION.c.path, path) for path in below]
    if not allowed:
        return []
    bounds = [or_(*allowed), ORGANISATION.c.valid_to.is_(None)]
    if levels:
        bounds.append(ORGANISATION.c.kind.in_(sorted(levels)))
    named = [
        ORGANISATION.c.name.contains(words, autoescape=True),
        ORGANISATION.c.code.startswith(words, autoescape=True),
    ]
    query = (
        select(ORGANISATION)
        .where(and_(*bounds))
        .order_by(func.length(ORGANISATION.c.path), ORGANISATION.c.code)
    )
    sought = query.where(or_(*named)) if words else query
    found = [organisation_of(row) for row in connection.execute(sought.limit(limit))]
    if len(found) < limit and words.isascii() and words.isalpha():
        spoken = _spoken(words.lower(), map(organisation_of, connection.execute(query)))
        seen = {one.code for one in found}
        found += [one for one in spoken if one.code not in seen]
    return found[:limit]


def _spoken(letters: str, all_of: Iterable[OrganisationValue]) -> list[OrganisationValue]:
    """Those whose name has the letters among its pinyin initials."""
    found = [one for one in all_of if letters in spelt(one.name)]
    return sorted(found, key=lambda one: not spelt(one.name).startswith(letters))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the register: their id, name with masked number, and what tells them apart."""

    value: str
    label: str
    note: str = ""


def people(work: Work, words: str, area: str, reaches: Sequence[Reach]) -> list[Person]:
    """People of an area (empty: everywhere) whom one of the reaches covers, by a part of their name, its
    pinyin initials, or their whole number. Without words: nobody; a list of everybody is no search.
    """
    words = words.strip()[:50]
    known = dictionary(work.connection)
    bounds = _bounds(known, area, reaches)
    if not words or bounds is None:
        return []
    seen = limits.open_rows(work, known, PERSON)
    bounds = bounds if seen is None else and_(bounds, seen)
    target, name = table(known, PERSON), known.field(f"{PERSON}.name")
    column = target.c[column_name(name)]
    numbered = _by_number(work, known, words)
    named = target.c.id == numbered if numbered else column.icontains(words, autoescape=True)
    found = _told(work, known, and_(bounds, named), LIMIT)
    if not found and words.isascii() and words.isalpha():
        letters = words.lower()
        query = select(target.c.id, column).where(bounds).limit(MOST_PEOPLE)
        hits = [row[0] for row in work.connection.execute(query) if letters in spelt(row[1] or "")]
        found = _told(work, known, target.c.id.in_(hits[:LIMIT]), LIMIT) if hits else []
    return found


def people_of(work: Work, ids: Sequence[str]) -> list[Person]:
    """People by their ids; one who is gone is absent."""
    known = dictionary(work.connection)
    target = table(known, PERSON)
    found: list[Person] = []
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found += _told(work, known, target.c.id.in_(part), CHUNK)
    return found


def reached(work: Work, ids: Sequence[str], area: str, reaches: Sequence[Reach]) -> set[str]:
    """Those of the ids that are people of the area whom one of the reaches covers."""
    known = dictionary(work.connection)
    bounds = _bounds(known, area, reaches)
    if bounds is None:
        return set()
    target = table(known, PERSON)
    found: set[str] = set()
    for start in range(0, len(ids), CHUNK):
        query = select(target.c.id).where(bounds, target.c.id.in_(ids[start : start + CHUNK]))
        found.update(work.connection.execute(query).scalars())
    return found


def facts(work: Work, person: str, fields: Sequence[Field]) -> dict[str, Json]:
    """What is known of somebody now, by field code; derived facts too."""
    known = dictionary(work.connection)
    kept = store.fetch(
        work, known, PERSON, [person], [one for one in known.of(PERSON) if not one.periodic]
    )
    values = kept.get(person, {})
    scope = query.scope(work, known, "")
    found: dict[str, Json] = {}
    for field in fields:
        if field.compute:
            found[field.code] = query.derive(scope, field, values)
        elif field.code in values:
            found[field.code] = values[field.code].value
    return found


def _bounds(known: Dictionary, area: str, reaches: Sequence[Reach]) -> ColumnElement[bool] | None:
    """Who lives in the area and within reach; None where nobody may be looked for."""
    home = known.subjects[PERSON].home
    place = table(known, PERSON).c[column_name(known.field(f"{PERSON}.{home}"))]
    ways: list[ColumnElement[bool]] = []
    for reach in reaches:
        if reach.kind == "all":
            ways.append(true())
        elif reach.kind == "own":
            ways.append(place == reach.code)
        elif reach.kind == "within":
            ways.append(within_area(place, reach.code))
    if not ways:
        return None
    return and_(within_area(place, area), or_(*ways)) if area else or_(*ways)


def _by_number(work: Work, known: Dictionary, words: str) -> str | None:
    field = known.field(f"{PERSON}.{known.subjects[PERSON].keys[0]}")
    name = str(field.schema.get("format", ""))
    whole = formats.normalised(name, words)
    if name not in formats.FORMATS or not formats.FORMATS[name].check(whole):
        return None
    return store.find(work, known, field, [whole]).get(whole, "")


def _told(
    work: Work, known: Dictionary, condition: ColumnElement[bool], limit: int
) -> list[Person]:
    number = known.field(f"{PERSON}.{known.subjects[PERSON].keys[0]}")
    fields = [known.field(f"{PERSON}.name"), number]
    address = known.fields.get(f"{PERSON}.address")
    withheld = work.rules.withheld()
    address = None if address is None or address.code in withheld else address
    fields += [address] if address and not address.secret else []
    rows = store.rows_where(work, known, PERSON, condition, fields, limit=limit)
    mask = formats.FORMATS[str(number.schema["format"])].mask
    found = []
    for one, values in rows.items():
        name = values.get(f"{PERSON}.name")
        key = values.get(number.code)
        shown = f"（{mask(str(key.value))}）" if key and isinstance(key.value, str) else ""
        where = values.get(address.code) if address else None
        found.append(
            Person(one, f"{name.value if name else one}{shown}", str(where.value) if where else "")
        )
    return found
