"""What was known of the units of today on a day before others went into them: the past read by today's
units, where `past` reads it by those of then.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from engine import clock
from engine.dictionary.store import Dictionary
from engine.identity import lineage
from engine.identity import store as identity
from engine.json_text import Json
from engine.registers import past, store
from engine.registers.relocating import ORGANISATIONS
from engine.registers.store import KnownValue, Origin
from engine.work import Work

Known = Mapping[str, KnownValue]


def each_on(
    work: Work, dictionary: Dictionary, now: Mapping[str, Known], *, day: date
) -> dict[str, dict[str, KnownValue]]:
    """What was known of organisations at the end of a day, by their codes of today: numbers that add up
    are the sum over all that are one unit today, everything else is the unit's own; of one that has
    another code now, what was known under the old. Where a unit that was there had no such number, there
    is no sum: the others' would pass for it.

    Two queries more than `past.each_on` where nothing changed since, as many again where it did.
    """
    apart = lineage.apart(work.connection, sorted(now), _end(day))
    if not apart:
        return past.each_on(work, dictionary, ORGANISATIONS, now, day=day)
    others = sorted({one for was in apart.values() for one in was})
    fields = [one for one in dictionary.of(ORGANISATIONS) if not (one.compute or one.periodic)]
    kept = store.fetch(work, dictionary, ORGANISATIONS, others, fields)
    every = {**{code: kept.get(code, {}) for code in others}, **now}
    then = past.each_on(work, dictionary, ORGANISATIONS, every, day=day)
    called = _called(work, [*now, *others], day)
    begun = lineage.begun_since(work.connection, sorted(apart), _end(day))
    found: dict[str, dict[str, KnownValue]] = {}
    for code in now:
        whole = [one for one in (code, *apart.get(code, ())) if one in then or one not in begun]
        if whole:
            known = [then.get(one, {}) for one in whole]
            found[code] = _one(dictionary, known, [called[one] for one in whole])
    return found


def _end(day: date) -> str:
    return clock.end(day).isoformat(timespec="microseconds")


def _called(work: Work, codes: Sequence[str], day: date) -> dict[str, str]:
    """What the units were called on the day."""
    then = lineage.names_on(work.connection, dict.fromkeys(codes, day.isoformat()))
    return {**identity.organisation_names(work.connection, codes), **then}


def _one(
    dictionary: Dictionary, parts: Sequence[Known], names: Sequence[str]
) -> dict[str, KnownValue]:
    """What was known of several units as of one: the first is the unit itself, or was."""
    found = dict(parts[0])
    if len(parts) == 1:
        return found
    for code in parts[0]:
        field = dictionary.fields.get(code)
        if field is None or not field.adds_up:
            continue
        total = _sum([one[code].value if code in one else None for one in parts])
        if total is not None:
            found[code] = KnownValue(code, total, Origin("", "、".join(names), ""))
        else:
            del found[code]  # the unit's own would pass for the sum
    return found


def _sum(values: Sequence[Json]) -> int | Decimal | None:
    """The sum of numbers; None if one of them is none."""
    if not all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in values):
        return None
    total = sum((Decimal(str(one)) for one in values), Decimal())
    return int(total) if total == total.to_integral_value() else total
