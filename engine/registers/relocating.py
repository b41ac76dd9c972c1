"""Values that name a place, when the place has another code: whoever lived in a village lives in the
one it went into. And what is known of the organisations themselves, when one follows another.

The history keeps what was; a value that goes over has the order as its source from then on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from msgspec import structs
from sqlalchemy import ColumnElement, and_, func, select

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.formula import sql
from engine.formula.parse import parse_members
from engine.identity.lineage import Effect
from engine.identity.reform import Step, Wish
from engine.json_text import Json
from engine.registers import query, store
from engine.registers.schema import column_name, table
from engine.registers.store import Change, KnownValue, Origin
from engine.work import Work

DIVISION = "division-code"
ORGANISATIONS = "org"
PREFIX = "reg_"
"""What the tables of registers are called by."""
FEW = 500
"""Codes that one statement names."""


@dataclass(frozen=True, slots=True)
class Way:
    """From which code to which; with a rule, only those for whom it holds."""

    old: str
    new: str
    rule: str = ""


def ways(steps: Sequence[Step], wish: Wish) -> tuple[Way, ...]:
    """Where the values of units go, those with a rule first; of one that ends without another, nowhere."""
    rules = {one.code: one.rule for one in wish.parts[1:]}
    found: list[Way] = []
    rest: list[Way] = []
    for step in steps:
        if step.before is None or step.before.is_office or not step.after:
            continue
        old = step.before.code
        others = [unit.code for unit in step.after[1:] if rules.get(unit.code)]
        found += [Way(old, code, rules[code]) for code in others]
        if step.after[0].code != old:
            rest.append(Way(old, step.after[0].code))
    return (*found, *rest)


def placing(known: Dictionary) -> list[Field]:
    """The fields that name a place, as it is today."""
    return [
        field
        for field in known.fields.values()
        if field.schema.get("format") == DIVISION
        and field.subject != ORGANISATIONS
        and not (field.compute or field.secret or field.periodic)
    ]


def lying(work: Work, known: Dictionary, codes: Sequence[str]) -> dict[str, int]:
    """How many values name one of these places, by field."""
    found: dict[str, int] = {}
    for field in placing(known):
        column = table(known, field.subject).c[column_name(field)]
        for start in range(0, len(codes), FEW):
            counting = select(func.count()).where(column.in_(codes[start : start + FEW]))
            count = work.connection.execute(counting).scalar_one()
            if count:
                found[field.code] = found.get(field.code, 0) + count
    return found


def newcomers(
    work: Work, known: Dictionary, codes: Sequence[str], carried: set[tuple[str, str]]
) -> int:
    """How many values name one of these places and did not come there by the change itself."""
    found = 0
    for field in placing(known):
        target = table(known, field.subject)
        for start in range(0, len(codes), FEW):
            part = target.c[column_name(field)].in_(codes[start : start + FEW])
            there = work.connection.execute(select(target.c.id).where(part)).scalars()
            found += sum(1 for one in there if (target.name, one) not in carried)
    return found


def check(work: Work, known: Dictionary, asked: Sequence[Way]) -> None:
    """Raises what a rule's formula raises: unknown fields, sealed ones, bad grammar."""
    for way in asked:
        if way.rule:
            sql.members_condition(parse_members(way.rule), query.scope(work, known, way.old))


def carry(
    work: Work, known: Dictionary, asked: Sequence[Way], origin: Origin, *, most: int, reason: str
) -> tuple[list[Effect], bool]:
    """Let so many values at most go their ways; gives what was done, and whether that was all."""
    done: list[Effect] = []
    for way in asked:
        for field in placing(known):
            condition = _there(work, known, field, way)
            if condition is None:
                continue
            left = most - len(done)
            if left <= 0:
                return done, False
            rows = store.rows_where(work, known, field.subject, condition, [field], limit=left)
            changes = [Change(field.code, one, way.new) for one in rows]
            store.set_values(work, known, changes, origin, reason=reason)
            name = table(known, field.subject).name
            done += [
                Effect(
                    name, one, field.name, _kept(rows[one].get(field.code)), [way.new, origin.id]
                )
                for one in rows
            ]
    return done, len(done) < most


def _there(work: Work, known: Dictionary, field: Field, way: Way) -> ColumnElement[bool] | None:
    """Which subjects a way takes along by a field; None if its rule is about others."""
    at_home = table(known, field.subject).c[column_name(field)] == way.old
    if not way.rule:
        return at_home
    members = parse_members(way.rule)
    if members.subject != field.subject:
        return None
    return and_(at_home, sql.members_condition(members, query.scope(work, known, way.old)))


Values = Mapping[str, Mapping[str, KnownValue]]


def followed(
    work: Work, known: Dictionary, steps: Sequence[Step], begun: Sequence[str]
) -> tuple[Values, dict[tuple[str, str], KnownValue | None]]:
    """What is known of the organisations themselves, and what is after a change: a unit with a new code
    takes it along; where two become one, numbers that add up are added; of a unit that was parted they
    are nobody's any more.
    """
    if ORGANISATIONS not in known.subjects:
        return {}, {}
    fields = [
        one
        for one in known.fields.values()
        if one.subject == ORGANISATIONS and not (one.compute or one.periodic)
    ]
    units = [*(step.before for step in steps if step.before)]
    units += [one for step in steps for one in step.after]
    codes = sorted({one.code for one in units})
    there = store.fetch(work, known, ORGANISATIONS, codes, fields)
    now: dict[tuple[str, str], KnownValue | None] = {}
    for step in steps:
        for code, field, value in _following(step, set(begun), fields, there, now):
            now[code, field.code] = value
    return there, now


def follow(
    work: Work, known: Dictionary, steps: Sequence[Step], begun: Sequence[str], origin: Origin
) -> list[Effect]:
    """Write that; a sum comes from the order."""
    there, now = followed(work, known, steps, begun)
    for key, value in now.items():
        if value is not None and not value.origin.id:
            now[key] = structs.replace(value, origin=origin)
    return _written(work, known, there, now)


def _following(
    step: Step,
    begun: set[str],
    fields: Sequence[Field],
    there: Mapping[str, Mapping[str, KnownValue]],
    now: Mapping[tuple[str, str], KnownValue | None],
) -> Iterator[tuple[str, Field, KnownValue | None]]:
    """What a step sets of the organisations it leads to."""
    if step.before is None or not step.after:
        return
    old, first = there.get(step.before.code, {}), step.after[0]
    for field in fields:
        value = old.get(field.code)
        if value is None:
            continue
        if value.value == step.before.name and first.name != step.before.name and not step.ends:
            yield first.code, field, KnownValue(field.code, first.name, _NEW)
        elif len(step.after) > 1:
            if field.adds_up and not step.ends:
                yield step.before.code, field, None
        elif step.ends and first.code in begun:
            own = value.value == step.before.code
            yield first.code, field, KnownValue(field.code, first.code, _NEW) if own else value
        elif step.ends and field.adds_up:
            has = now.get((first.code, field.code), there.get(first.code, {}).get(field.code))
            if has is not None and _number(has.value) and _number(value.value):
                added = Decimal(has.value) + Decimal(value.value)
                whole = int(added) if added == added.to_integral_value() else added
                yield first.code, field, KnownValue(field.code, whole, _NEW)
                yield step.before.code, field, None  # or a sum over both would count it twice


_NEW = Origin("", "", "")


def _number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _written(
    work: Work,
    known: Dictionary,
    there: Mapping[str, Mapping[str, KnownValue]],
    now: Mapping[tuple[str, str], KnownValue | None],
) -> list[Effect]:
    by_origin: dict[int, tuple[Origin, list[Change]]] = {}
    found = []
    for (code, field), value in now.items():
        was = there.get(code, {}).get(field)
        origin = value.origin if value is not None else (was.origin if was else _NEW)
        given = value.value if value is not None else None
        by_origin.setdefault(origin.id, (origin, []))[1].append(Change(field, code, given))
        name = field.partition(".")[2]
        found.append(Effect(f"{PREFIX}{ORGANISATIONS}", code, name, _kept(was), [given, origin.id]))
    for origin, changes in by_origin.values():
        store.set_values(work, known, changes, origin)
    return found


def _kept(value: KnownValue | None) -> Json:
    return None if value is None else [value.value, value.origin.id]


def restore(work: Work, known: Dictionary, effects: Sequence[Effect], *, reason: str) -> int:
    """Give values back what they were, where they are still what the change made of them; gives how
    many are not: somebody changed them since, and they stay.
    """
    left = 0
    for code, rows in _by_field(known, effects).items():
        field = known.fields[code]
        now = store.fetch(work, known, field.subject, list(rows), [field])
        back: dict[int, list[Change]] = {}
        for subject_id, one in rows.items():
            held = now.get(subject_id, {}).get(field.code)
            if (held.value if held else None) != one.after[0]:
                left += 1
                continue
            value, origin = one.before or (None, one.after[1])
            back.setdefault(origin, []).append(Change(field.code, subject_id, value))
        for origin_id, changes in back.items():
            store.set_values(
                work, known, changes, structs.replace(_NEW, id=origin_id), reason=reason
            )
    return left


def _by_field(known: Dictionary, effects: Sequence[Effect]) -> dict[str, dict[str, Effect]]:
    found: dict[str, dict[str, Effect]] = {}
    for one in effects:
        code = f"{one.what.removeprefix(PREFIX)}.{one.cell}"
        if code in known.fields:
            found.setdefault(code, {})[one.row] = one
    return found
