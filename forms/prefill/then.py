"""What holds until changed, in a report whose period is over: what held on the period's last day, where
the history knows it; else what holds now, told as such.
"""

from collections.abc import Iterator, Mapping

from msgspec import structs

from engine import clock
from engine.formats.validator import build_validator
from engine.registers import past, united
from engine.registers.relocating import ORGANISATIONS
from engine.registers.rows import value_schema
from engine.registers.store import KnownValue
from forms.prefill.offer import THEN, Ask, Offer, from_known

Known = Mapping[str, KnownValue]


def at_end(ask: Ask, subject: str, now: Mapping[str, Known]) -> dict[str, dict[str, KnownValue]]:
    """By subject, what was known of it when the period ended; empty for a period that lasts. A report is
    made by a unit of today: of several that became one, what adds up is their sum.
    """
    if ask.over is None:
        return {}
    if subject == ORGANISATIONS:
        return united.each_on(ask.work, ask.dictionary, now, day=ask.over)
    return past.each_on(ask.work, ask.dictionary, subject, now, day=ask.over)


def offers(ask: Ask, now: Known, then: Known | None, code: str) -> Iterator[Offer]:
    """What to offer for a field of a subject, from what is known of it now and what was then."""
    day = ask.over
    one, was = now.get(code), (then or {}).get(code)
    if day is None:
        if one is not None:
            yield from_known(one)
        return
    if was is not None and (one is None or was.value != one.value) and _takes(ask, was):
        yield from_known(was, source=was.origin.source or THEN, on=day.isoformat())
        if one is not None:
            yield from_known(one, since=day.isoformat(), beside=True)
    elif one is not None and was is not None:
        yield from_known(structs.replace(one, stale=was.stale))
    elif one is not None:
        later = one.origin.at > clock.end(day).isoformat(timespec="microseconds")
        yield from_known(one, since=day.isoformat() if later else "")


def _takes(ask: Ask, was: KnownValue) -> bool:
    """Whether the field takes it still: what was turned into codes since stands better as it is now."""
    field = ask.dictionary.fields.get(was.field)
    if field is None or type(was.value) is dict:
        return field is not None
    return bool(build_validator(value_schema(field, ask.dictionary.codes())).is_valid(was.value))
