"""What a wish comes to on the tree of organisations: a pure function, before anything is written.

Paths, and the codes of the villages of a town whose own code changes, follow in the same change.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.errors import Problem
from engine.formula.divisions import area, lies_within
from engine.identity.reform import LONGEST_NAME, Reform, ReformInvalid, Step, Tree, Unit, Wish


class UnitGone(Problem):
    """There is no such organisation today."""

    code, status = "organisation.no-such-unit", 422
    unit: str


class CodeTaken(Problem):
    """Another organisation has the code, or had it once: a code is never given twice."""

    code, status = "organisation.code-taken", 409
    unit: str
    name: str


class CodeOutside(Problem):
    """A division's code lies in the area of the unit above it, or what is counted there leaves it out."""

    code, status = "organisation.code-outside", 422
    unit: str
    parent: str


class UnitsBelow(Problem):
    """Others still belong to the unit."""

    code, status = "organisation.units-below", 409
    name: str
    count: int


def plan(tree: Tree, wish: Wish, used: Mapping[str, str]) -> Reform:
    """What a wish comes to; `used` has every code that was ever given, with the name.

    Raises UnitGone, CodeTaken, CodeOutside, UnitsBelow, ReformInvalid.
    """
    return _Plan(tree, wish, used).reform()


class _Plan:
    """The drafts of one change: who is changed how, before paths are drawn anew."""

    def __init__(self, tree: Tree, wish: Wish, used: Mapping[str, str]) -> None:
        self.tree, self.wish, self.used = tree, wish, used
        self.given: set[str] = set()
        self.drafts: dict[str, tuple[Unit, ...]] = {}
        self.begun: dict[str, Unit] = {}
        self.below: dict[str, list[Unit]] = defaultdict(list)
        for unit in sorted(tree.values(), key=lambda one: one.code):
            self.below[unit.parent].append(unit)

    def reform(self) -> Reform:
        """Everything the wish comes to."""
        getattr(self, f"_{self.wish.kind}")()
        return self._drawn()

    def _one(self) -> Unit:
        return self._unit(self.wish.units[0])

    def _unit(self, code: str) -> Unit:
        if code not in self.tree:
            raise UnitGone(unit=self.used.get(code, code))
        return self.tree[code]

    def _rename(self) -> None:
        unit = self._one()
        if unit.name == self.wish.name or len(self.wish.name) > LONGEST_NAME:
            raise ReformInvalid(where="name")
        self.drafts[unit.code] = (replace(unit, name=self.wish.name),)

    def _recode(self) -> None:
        unit = self._one()
        self._to(unit, self.wish.code, unit.parent)

    def _move(self) -> None:
        unit, parent = self._one(), self._unit(self.wish.parent)
        if parent.path.startswith(unit.path) or parent.code == unit.parent or parent.is_office:
            raise ReformInvalid(where="parent")
        self._to(unit, self.wish.code or unit.code, parent.code)

    def _merge(self) -> None:
        into = self._unit(self.wish.into)
        if self.wish.name and self.wish.name != into.name:
            into = replace(into, name=self.wish.name)
            self.drafts[into.code] = (into,)
        for code in self.wish.units:
            unit = self._unit(code)
            if into.path.startswith(unit.path) or unit.is_office != into.is_office:
                raise ReformInvalid(where="into")
            self.drafts[code] = (into,)
            for child in self._children(code):
                self._below(child, into)

    def _split(self) -> None:
        unit = self._one()
        parts = [
            replace(unit, code=one.code, name=one.name)
            for one in {one.code: one for one in self.wish.parts}.values()
        ]
        for one in parts:
            if one.code != unit.code:
                self._give(one.code, unit.parent, unit)
                self.begun[one.code] = one
        self.drafts[unit.code] = tuple(parts)
        asked = {code: one for one in self.wish.parts for code in one.below}
        for child in self._children(unit.code):
            part = asked.pop(child.code, self.wish.parts[0])
            self._below(child, next(one for one in parts if one.code == part.code))
        for code in asked:
            raise UnitGone(unit=self.used.get(code, code))

    def _abolish(self) -> None:
        unit = self._one()
        if below := self._children(unit.code):
            raise UnitsBelow(name=unit.name, count=len(below))
        self.drafts[unit.code] = ()

    def _found(self) -> None:
        wish, parent = self.wish, self._unit(self.wish.parent)
        if parent.is_office or len(wish.name) > LONGEST_NAME:
            raise ReformInvalid(where="parent")
        unit = Unit(wish.code, wish.name, wish.level, parent.code, "")
        self._give(wish.code, parent.code, unit)
        self.begun[unit.code] = unit

    def _to(self, unit: Unit, code: str, parent: str) -> None:
        """A unit to another place or code, with everything below it."""
        if code != unit.code:
            self._give(code, parent, unit)
        elif parent != unit.parent:
            self._fits(code, parent, unit)
        new = replace(
            unit,
            code=code,
            parent=parent,
            name=self.wish.name or unit.name,
        )
        if new == unit:
            raise ReformInvalid(where="code")
        self.drafts[unit.code] = (new,)
        if code == unit.code:
            return
        self.begun[new.code] = new
        for child in self._children(unit.code):
            self._below(child, new)

    def _below(self, child: Unit, above: Unit) -> None:
        """A unit whose own parent has another code, or is another one."""
        was = self.tree[child.parent]
        if above.code == was.code:
            return
        if child.is_office:  # it keeps its code: forms, fields and ledgers name it by that
            self.drafts[child.code] = (replace(child, parent=above.code),)
            return
        code = self._next(child, was, above)
        new = replace(child, code=code, parent=above.code)
        self.drafts[child.code] = (new,)
        if code != child.code:
            self.given.add(code)
            self.begun[code] = new
            for one in self._children(child.code):
                self._below(one, new)

    def _next(self, child: Unit, was: Unit, above: Unit) -> str:
        """The code of a unit below another: its own ending if that is free, else the next of its series."""
        if child.code in self.wish.codes:
            code = self.wish.codes[child.code]
            self._fresh(code)
            return code
        old, new = area(was.code), area(above.code)
        if not child.code.startswith(old) or lies_within(child.code, above.code):
            return child.code
        ending = child.code[len(old) :]
        free = f"{new}{ending}"
        digits = len(area(child.code)) - len(old)
        if digits <= 0 or not ending[:digits].isdigit():
            raise ReformInvalid(where="codes")
        number, rest = int(ending[:digits]), ending[digits:]
        while free in self.used or free in self.given:
            number += 1
            if number >= 10**digits:
                raise ReformInvalid(where="codes")
            free = f"{new}{number:0{digits}d}{rest}"
        return free

    def _give(self, code: str, parent: str, unit: Unit) -> None:
        self._fresh(code)
        self._fits(code, parent, unit)
        self.given.add(code)

    def _fresh(self, code: str) -> None:
        if code in self.used or code in self.given:
            raise CodeTaken(unit=code, name=self.used.get(code, ""))

    def _fits(self, code: str, parent: str, unit: Unit) -> None:
        above = self.tree.get(parent)
        if above is not None and not unit.is_office and not lies_within(code, above.code):
            raise CodeOutside(unit=code, parent=above.name)

    def _children(self, code: str) -> Sequence[Unit]:
        return self.below.get(code, ())

    def _drawn(self) -> Reform:
        """Paths of all that changed and of all below them, those above first."""
        steps: list[Step] = []
        told: set[str] = set()
        for unit in sorted(self.tree.values(), key=lambda one: (one.path.count("/"), one.code)):
            drafts = self.drafts.get(unit.code, (unit,))
            after = tuple(self._placed(one) for one in drafts)
            if after != (unit,):
                steps.append(Step(unit, after))
                told.update(one.code for one in after)
        steps += [
            Step(None, (self._placed(unit),))
            for unit in self.begun.values()
            if unit.code not in told
        ]
        return Reform(tuple(steps), tuple(self.begun))

    def _placed(self, unit: Unit) -> Unit:
        codes, above = [unit.code], unit.parent
        while above:
            codes.append(above)
            above = self._will_be(above).parent
        return replace(unit, path=f"/{'/'.join(reversed(codes))}/")

    def _will_be(self, code: str) -> Unit:
        """A unit that will be there, by the code it will have."""
        if code in self.begun:
            return self.begun[code]
        drafts = self.drafts.get(code, ())
        return next((one for one in drafts if one.code == code), None) or self.tree[code]
