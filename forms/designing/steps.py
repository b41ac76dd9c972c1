"""What one step of a designer changed of a draft: told key by key, carried over to a newer draft, taken back.

A draft is read as nested names: the properties of a schema, checks and sections by their code, and
lists of names (`required`, the items of a section) as ordered sets. So two people who change
different items never meet, and a step can be taken back although others went on meanwhile.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from engine.json_text import Json

At = tuple[str, ...]

_CODED = ("checks", "sections")
_NAMES = ("required", "closed", "sets", "items")
_ORDERED = ("properties", *_CODED, *_NAMES)


class _Absent:
    """Nothing stands there; distinct from null, which is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Change:
    """One place of a draft, before and after; of an ordered place the order of its names."""

    at: At
    before: Any = ABSENT
    after: Any = ABSENT
    order: bool = False

    def inverse(self) -> "Change":
        """The way back."""
        return Change(self.at, self.after, self.before, self.order)

    def to_json(self) -> dict[str, Json]:
        """As it is stored."""
        sides = {"before": self.before, "after": self.after}
        given = {name: value for name, value in sides.items() if value is not ABSENT}
        return {"at": list(self.at), **given, **({"order": True} if self.order else {})}


@dataclass(frozen=True, slots=True)
class Clash:
    """A place that somebody else has changed meanwhile to something else."""

    at: At
    mine: Any
    theirs: Any


def read_change(document: Mapping[str, Any]) -> Change:
    """A stored change."""
    sides = (document.get("before", ABSENT), document.get("after", ABSENT))
    return Change(tuple(document["at"]), *sides, bool(document.get("order")))


def difference(before: Json, after: Json) -> tuple[Change, ...]:
    """What leads from one draft to another: values first, then orders."""
    found = list(_difference(_opened(before), _opened(after), ()))
    return tuple(sorted(found, key=lambda one: one.order))


def inverse(changes: Iterable[Change]) -> tuple[Change, ...]:
    """What takes these changes back."""
    turned = [one.inverse() for one in reversed(tuple(changes))]
    return tuple(sorted(turned, key=lambda one: one.order))


def applied(
    document: Json, changes: Iterable[Change], *, force: bool = False
) -> tuple[Json, tuple[Clash, ...]]:
    """A draft with changes carried over, and where it holds neither what was nor what shall be.

    Those places are left as they are, or with `force` overruled.
    """
    tree = _opened(document)
    clashes: list[Clash] = []
    for change in changes:
        if change.order:
            _reorder(tree, change)
        else:
            clashes += _set(tree, change, force)
    return _closed(tree), tuple(clashes)


def clashing(mine: Iterable[Change], theirs: Iterable[Change]) -> tuple[Clash, ...]:
    """Where two sets of changes, made on one draft unknown to each other, want different things."""
    latest = {one.at: one for one in theirs if not one.order}
    found = []
    for one in mine:
        if one.order:
            continue
        for at, other in latest.items():
            shorter = min(len(at), len(one.at))
            if at[:shorter] == one.at[:shorter] and one.after != other.after:
                found.append(Clash(one.at, one.after, other.after if at == one.at else ABSENT))
    return tuple(found)


class _Coded(dict[str, Any]):
    """A list of objects with a code each, by that code."""


class _Names(dict[str, Any]):
    """A list of different names."""


def _opened(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        found = {key: _opened(one, key) for key, one in value.items()}
        if isinstance(value.get("properties"), Mapping):
            found.setdefault("required", _Names())
        if isinstance(value.get("kind"), str) and "code" in value:
            found.setdefault("checks", _Coded())
            found.setdefault("sections", _Coded())
        return found
    if not isinstance(value, list):
        return value
    if name in _NAMES and all(isinstance(one, str) for one in value):
        return _Names.fromkeys(value, True) if len(set(value)) == len(value) else value
    if name in _CODED:
        codes = [one.get("code") for one in value if isinstance(one, Mapping)]
        if len(codes) == len(value) == len(set(codes)) and None not in codes:
            return _Coded({one["code"]: _opened(one) for one in value})
    return value


def _closed(value: Any) -> Any:
    if isinstance(value, _Names):
        return list(value)
    if isinstance(value, _Coded):
        return [_closed(one) for one in value.values()]
    if isinstance(value, Mapping):
        closed = {key: _closed(one) for key, one in value.items()}
        empty = ("required", "checks", "sections")
        return {key: one for key, one in closed.items() if one != [] or key not in empty}
    return value


def _difference(before: Any, after: Any, at: At) -> Iterator[Change]:
    if not (isinstance(before, dict) and isinstance(after, dict) and type(before) is type(after)):
        if before is not after and _told(before) != _told(after):
            yield Change(at, _told(before), _told(after))
        return
    for key in dict.fromkeys((*before, *after)):
        yield from _difference(before.get(key, ABSENT), after.get(key, ABSENT), (*at, key))
    if at and at[-1] in _ORDERED and list(before) != list(after):
        yield Change(at, list(before), list(after), order=True)


def _told(value: Any) -> Any:
    return ABSENT if value is ABSENT else _closed(value)


def _holder(tree: Any, at: At) -> Any:
    here = tree
    for step in at:
        if not isinstance(here, dict) or step not in here:
            return None
        here = here[step]
    return here if isinstance(here, dict) else None


def _set(tree: Any, change: Change, force: bool) -> Iterator[Clash]:
    holder = _holder(tree, change.at[:-1])
    name = change.at[-1]
    now = ABSENT if holder is None else _told(holder.get(name, ABSENT))
    if now == change.after:
        return
    if holder is None or (now != change.before and not force):
        yield Clash(change.at, change.after, now)
    elif change.after is ABSENT:
        holder.pop(name, None)
    else:
        holder[name] = _opened(change.after, name)


def _reorder(tree: Any, change: Change) -> None:
    held = _holder(tree, change.at)
    if held is None:
        return
    wanted = carried(change.before, change.after, list(held))
    entries = dict(held)
    held.clear()
    held.update({name: entries[name] for name in wanted})


def carried(before: Sequence[str], after: Sequence[str], now: Sequence[str]) -> list[str]:
    """The order of names as it is now, with what moved from one order to the other moved here too."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    stayed = {
        name
        for block in matcher.get_matching_blocks()
        for name in before[block.a : block.a + block.size]
    }
    moving = [name for name in after if name not in stayed and name in now]
    found = [name for name in now if name not in moving]
    for name in after:
        if name not in moving:
            continue
        ahead = [one for one in after[: after.index(name)] if one in found]
        found.insert(found.index(ahead[-1]) + 1 if ahead else 0, name)
    return found
