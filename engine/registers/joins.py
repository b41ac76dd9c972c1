"""Two subjects into one, one into two, and back: which value stands where. Pure values, no database.

A state is what is known of a subject: by period ("" for what holds until changed) and field name,
each value with the number of its origin, so that provenance goes wherever the value goes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from engine import absence
from engine.json_text import Json

STANDING = ""


class Kept(NamedTuple):
    """A value and where it came from."""

    value: Json
    origin: int


State: TypeAlias = Mapping[str, Mapping[str, Kept]]
Place: TypeAlias = tuple[str, str]
"""A period, or STANDING, and a field's name."""


class Undone(NamedTuple):
    """A state put back, which values stay since somebody changed them later, and which are lost."""

    state: State
    kept: tuple[Place, ...]
    lost: tuple[Place, ...] = ()


def merged(survivor: State, other: State, taken: Collection[str]) -> State:
    """The survivor with the other's values where they were chosen or nothing was known. That nobody
    knows, or would not say, yields to a value.

    Of what holds for a period the survivor's goes first: nobody is asked about each month.
    """

    def choose(period: str, name: str) -> Kept | None:
        mine, theirs = _at(survivor, period, name), _at(other, period, name)
        first = theirs if period == STANDING and name in taken else mine
        two = (first, mine if first is theirs else theirs)
        loud = (one for one in two if one is not None and _loud(one))
        said = (one for one in two if _known(one))
        return next(loud, None) or next(said, None) or two[0] or two[1]

    return _made((place, choose(*place)) for place in _places(survivor, other))


def parted(whole: State, moved: Collection[str], copied: Collection[str]) -> tuple[State, State]:
    """What stays and what a new subject begins with; a value may go, stay, or be both's."""
    stays = _made(
        (place, _at(whole, *place))
        for place in _places(whole)
        if place[0] != STANDING or place[1] not in moved
    )
    new = {name: one for name, one in whole.get(STANDING, {}).items() if name in {*moved, *copied}}
    return stays, {STANDING: new}


def unmerged(now: State, became: State, was: State) -> Undone:
    """The survivor as it was before; what somebody changed since stays as they changed it."""
    kept: list[Place] = []
    found: list[tuple[Place, Kept | None]] = []
    for place in _places(now, became, was):
        current = _at(now, *place)
        if current == _at(became, *place):
            found.append((place, _at(was, *place)))
        else:
            kept.append(place)
            found.append((place, current))
    return Undone(_made(found), tuple(kept))


def reunited(now: State, now_new: State, became: State, new: State, was: State) -> Undone:
    """What a split took apart put together: a later change of either stands, the first's before the second's."""
    kept: list[Place] = []
    lost: list[Place] = []
    found: list[tuple[Place, Kept | None]] = []
    for place in _places(now, now_new, became, new, was):
        current, theirs = _at(now, *place), _at(now_new, *place)
        changed = current != _at(became, *place)
        theirs_changed = theirs != _at(new, *place) and _known(theirs)
        if changed:
            kept.append(place)
            found.append((place, current))
            if theirs_changed and theirs != current:
                lost.append(place)
        elif theirs_changed:
            kept.append(place)
            found.append((place, theirs))
        else:
            found.append((place, _at(was, *place)))
    return Undone(_made(found), tuple(kept), tuple(lost))


def changes(before: State, after: State) -> Iterator[tuple[Place, Kept | None, Kept | None]]:
    """Where two states differ, in value or in origin."""
    for place in _places(before, after):
        was, now = _at(before, *place), _at(after, *place)
        if was != now:
            yield place, was, now


def to_json(state: State) -> Json:
    """For keeping."""
    return {
        period: {name: [one.value, one.origin] for name, one in facts.items()}
        for period, facts in state.items()
    }


def from_json(kept: Mapping[str, Mapping[str, tuple[Json, int]]]) -> State:
    """What `to_json` kept."""
    return {
        period: {name: Kept(value, origin) for name, (value, origin) in facts.items()}
        for period, facts in kept.items()
    }


def _known(one: Kept | None) -> bool:
    return one is not None and one.value is not None


def _loud(one: Kept) -> bool:
    return one.value is not None and not absence.silent(one.value)


def _at(state: State, period: str, name: str) -> Kept | None:
    return state.get(period, {}).get(name)


def _places(*states: State) -> list[Place]:
    return sorted(
        {(period, name) for state in states for period in state for name in state[period]}
    )


def _made(found: Iterable[tuple[Place, Kept | None]]) -> State:
    state: dict[str, dict[str, Kept]] = {STANDING: {}}
    for (period, name), one in found:
        if one is not None:
            state.setdefault(period, {})[name] = one
    return state
