"""Changes of the tree of organisations as values: what is wished for, what it comes to, and what units
were before; `reform_plan.py` works the one out from the other.

A unit is renamed, gets another code, moves under another parent, goes into another, is parted, ends or
begins. What follows below it (paths, the codes of the villages of a town whose code changes) is part of
the same change. `undone(applied(tree, reform), reform) == tree`, for every reform.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from engine.errors import Problem
from engine.json_text import Json

KINDS = ("rename", "recode", "move", "merge", "split", "abolish", "found")
LEVELS = ("province", "city", "county", "town", "village", "office")
OFFICE = "office"
LONGEST_NAME, LONGEST_NUMBER, LONGEST_CODE = 60, 80, 30


class ReformInvalid(Problem):
    """What is wished for lacks something, or says something that cannot be; `where` says which part."""

    code, status = "organisation.change-invalid", 422
    where: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation in force."""

    code: str
    name: str
    kind: str
    parent: str
    path: str

    @property
    def is_office(self) -> bool:
        """An office has no area of its own: it sits in that of the unit above."""
        return self.kind == OFFICE


@dataclass(frozen=True, slots=True)
class Part:
    """One of the units that a unit is parted into; its own code may be one of them."""

    code: str
    name: str
    below: tuple[str, ...] = ()
    """Units below the old one that belong to this part; those nobody names belong to the first."""
    rule: str = ""
    """Which people (households, houses …) live here, as a condition; whoever none names: the first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to change, from when, by which document."""

    kind: str
    units: tuple[str, ...] = ()
    effective: str = ""
    number: str = ""
    """Of the document that orders it: 批准文号."""
    name: str = ""
    code: str = ""
    level: str = ""
    parent: str = ""
    into: str = ""
    parts: tuple[Part, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    """New codes for units below, where the next free one of the series would not do."""

    @classmethod
    def read(cls, given: Mapping[str, Json]) -> "Wish":
        """From its JSON form. Raises ReformInvalid."""
        if not isinstance(given, Mapping) or set(given) - set(cls.__slots__):
            raise ReformInvalid(where="change")
        texts = {
            name: _text(given.get(name, ""), name)
            for name in ("kind", "effective", "number", "name", "code", "level", "parent", "into")
        }
        units, parts, codes = given.get("units", []), given.get("parts", []), given.get("codes", {})
        if not isinstance(units, list | tuple) or not isinstance(codes, Mapping):
            raise ReformInvalid(where="units")
        if not isinstance(parts, list | tuple):
            raise ReformInvalid(where="parts")
        wish = cls(
            units=_merged(texts, tuple(dict.fromkeys(_text(one, "units") for one in units))),
            parts=tuple(_part(one) for one in parts),
            codes={_text(old, "codes"): _text(new, "codes") for old, new in codes.items()},
            **texts,
        )
        wish.check()
        return wish

    def check(self) -> None:
        """Everything that can be seen without the tree. Raises ReformInvalid."""
        if self.kind not in KINDS:
            raise ReformInvalid(where="kind")
        if not self.number or len(self.number) > LONGEST_NUMBER:
            raise ReformInvalid(where="number")
        try:
            date.fromisoformat(self.effective)
        except ValueError as error:
            raise ReformInvalid(where="effective") from error
        if len(self.units) != (0 if self.kind == "found" else max(len(self.units), 1)):
            raise ReformInvalid(where="units")
        if len(self.units) > 1 and self.kind != "merge":
            raise ReformInvalid(where="units")
        needed = {
            "rename": ("name",), "recode": ("code",), "move": ("parent",), "merge": ("into",),
            "split": ("parts",), "found": ("name", "code", "level", "parent"),
        }  # fmt: skip
        for name in needed.get(self.kind, ()):
            if not getattr(self, name):
                raise ReformInvalid(where=name)
        if self.kind == "split" and len({one.code for one in self.parts}) < 2:
            raise ReformInvalid(where="parts")
        if self.level and self.level not in LEVELS:
            raise ReformInvalid(where="level")
        for code in (self.code, *(one.code for one in self.parts), *self.codes.values()):
            if code and not (len(code) <= LONGEST_CODE and code.replace("-", "").isalnum()):
                raise ReformInvalid(where="code")

    def to_json(self) -> dict[str, Json]:
        """The form that `read` takes."""
        return asdict(self)


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str) or len(value) > 500:
        raise ReformInvalid(where=where)
    return " ".join(value.split())


def _merged(texts: Mapping[str, str], units: tuple[str, ...]) -> tuple[str, ...]:
    """Of a merge those that go; people name the one that stays among them."""
    going = tuple(one for one in units if one != texts["into"])
    return going if texts["kind"] == "merge" and going else units


def _part(given: Json) -> Part:
    if not isinstance(given, Mapping) or set(given) - set(Part.__slots__):
        raise ReformInvalid(where="parts")
    below = given.get("below", [])
    code, name = _text(given.get("code", ""), "parts"), _text(given.get("name", ""), "parts")
    if not code or not name or len(name) > LONGEST_NAME or not isinstance(below, list | tuple):
        raise ReformInvalid(where="parts")
    named = tuple(_text(one, "parts") for one in below)
    return Part(code, name, named, _text(given.get("rule", ""), "parts"))


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one unit: nothing any more, itself changed, another, or several."""

    before: Unit | None
    after: tuple[Unit, ...]

    @property
    def ends(self) -> bool:
        """Whether the unit is no more."""
        return self.before is not None and self.before.code not in {one.code for one in self.after}

    def to_json(self) -> dict[str, Json]:
        """As it is kept."""
        return {
            "before": asdict(self.before) if self.before else None,
            "after": [asdict(one) for one in self.after],
        }

    @classmethod
    def load(cls, kept: Mapping[str, Json]) -> "Step":
        """From what is kept."""
        before = kept["before"]
        return cls(Unit(**before) if before else None, tuple(Unit(**one) for one in kept["after"]))


@dataclass(frozen=True, slots=True)
class Reform:
    """A change as it comes out on the tree: those above before those below."""

    steps: tuple[Step, ...]
    begun: tuple[str, ...] = ()
    """Codes that are new."""

    @property
    def ended(self) -> tuple[Unit, ...]:
        """The units that are no more."""
        return tuple(one.before for one in self.steps if one.before and one.ends)


Tree = Mapping[str, Unit]
"""The organisations in force, by code."""


def applied(tree: Tree, reform: Reform) -> dict[str, Unit]:
    """The tree after a change."""
    found = dict(tree)
    for step in reform.steps:
        if step.before is not None and step.ends:
            del found[step.before.code]
    for step in reform.steps:
        found.update({one.code: one for one in step.after})
    return found


def undone(tree: Tree, reform: Reform) -> dict[str, Unit]:
    """The tree before a change."""
    found = {code: unit for code, unit in tree.items() if code not in reform.begun}
    found.update({one.before.code: one.before for one in reform.steps if one.before})
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that was made, as far as history reads it."""

    id: str
    effective: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Former:
    """What a unit was until a day, and who stands in its place today; empty `now` for nobody."""

    change_id: str
    code: str
    name: str
    path: str
    until: str
    now: str
    now_path: str


def former(changes: Sequence[Kept], paths: Mapping[str, str]) -> list[Former]:
    """What all units were before, from the changes in force in the order they were made.

    A unit that went into another which then went into a third stands today in the third. `paths` has
    where every unit in force is today.
    """
    found: dict[tuple[str, str], tuple[Unit, str, tuple[str, ...]]] = {}
    for change in changes:
        became = {
            one.before.code: tuple(unit.code for unit in one.after)
            for one in change.steps
            if one.before is not None
        }
        for key, (unit, until, now) in found.items():
            now_ = tuple(dict.fromkeys(new for one in now for new in became.get(one, (one,))))
            found[key] = (unit, until, now_)
        for step in change.steps:
            if step.before is not None:
                key = (change.id, step.before.code)
                found[key] = (step.before, change.effective, became[step.before.code])
    return [
        Former(change_id, unit.code, unit.name, unit.path, until, one, paths.get(one, ""))
        for (change_id, _), (unit, until, now) in found.items()
        for one in now or ("",)
    ]
