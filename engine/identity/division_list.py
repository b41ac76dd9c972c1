"""A new list of divisions against the organisations there are: which changes would make them agree.

A proposal is a wish that somebody still looks at: a list tells that a village is gone, never into which
one it went. What follows from a change above (the villages of a town with another code) is not proposed
by itself.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import Problem
from engine.formula.divisions import area
from engine.identity.reform import LEVELS, OFFICE, Tree, Unit
from engine.json_text import Json

COLUMNS = ("code", "name", "level", "parent_code")
MOST_ROWS = 1_000_000


class DivisionListWrong(Problem):
    """The file is no list of divisions: a column is missing, a row makes no sense; `line` counts from 1."""

    code, status = "organisation.division-list", 422
    line: int
    where: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A division as a list has it."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that would make the organisations agree with the list; `open` if somebody must choose."""

    kind: str
    unit: str
    told: str
    """The name there is, or that is listed."""
    wish: Mapping[str, Json]
    open: bool = False


def read(content: bytes) -> list[Listed]:
    """The divisions in force of a CSV file with the columns code, name, level, parent_code, as national
    lists are kept here. Raises DivisionListWrong.
    """
    try:
        given = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            given = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise DivisionListWrong(line=1, where="utf-8") from error
    reader = csv.DictReader(io.StringIO(given))
    for name in COLUMNS:
        if name not in (reader.fieldnames or ()):
            raise DivisionListWrong(line=1, where=name)
    found: dict[str, Listed] = {}
    for line, row in enumerate(reader, 2):
        code, name = (row["code"] or "").strip(), (row["name"] or "").strip()
        level, parent = (row["level"] or "").strip(), (row["parent_code"] or "").strip()
        if row.get("valid_to"):
            continue
        if (
            not code.isdigit()
            or not name
            or level not in LEVELS
            or code in found
            or line > MOST_ROWS
        ):
            raise DivisionListWrong(
                line=line, where="code" if not code.isdigit() or code in found else "name"
            )
        found[code] = Listed(code, name, level, parent)
    for line, one in enumerate(found.values(), 2):
        if one.parent and one.parent not in found:
            raise DivisionListWrong(line=line, where="parent_code")
    return list(found.values())


def proposals(tree: Tree, listed: Sequence[Listed], endings: Mapping[str, str]) -> list[Proposal]:
    """What would have to change, those above first. `endings` has what an organisation's name adds to
    that of its division (`居民委员会`), by code.
    """
    return _Comparison(tree, listed, endings).proposals()


class _Comparison:
    """Who of the list is whom of the tree."""

    def __init__(self, tree: Tree, listed: Sequence[Listed], endings: Mapping[str, str]) -> None:
        self.units = {code: unit for code, unit in tree.items() if unit.kind != OFFICE}
        self.rows = {one.code: one for one in listed}
        self.endings = endings
        told = Counter(
            (unit.kind, unit.name.removesuffix(endings[code])[-1:], endings[code])
            for code, unit in self.units.items()
            if code in endings
        )
        self.usual = {(kind, last): one for (kind, last, one), _ in reversed(told.most_common())}
        """What others of the level, whose division is called alike (镇, 街道), add to its name."""
        self.same: dict[str, str] = {}
        """Codes of the list by codes of the tree, where a unit has another code now."""

    def proposals(self) -> list[Proposal]:
        """Renamed, recoded, moved, gone, new."""
        gone = [unit for code, unit in self.units.items() if code not in self.rows]
        new = [one for code, one in self.rows.items() if code not in self.units]
        self._match(sorted(gone, key=_depth), new)
        found = [
            self._rename(unit, self.rows[code])
            for code, unit in sorted(self.units.items())
            if code in self.rows and self._named(unit, self.rows[code]) != unit.name
        ]
        matched = set(self.same.values())
        for unit in sorted(gone, key=_depth):
            if unit.code in self.same:
                if not self._follows(unit):
                    found.append(self._recode(unit, self.rows[self.same[unit.code]]))
            elif unit.parent in self.units:
                found.append(self._gone(unit))
        founded = [one for one in new if one.code not in matched]
        found += [
            self._found(one) for one in sorted(founded, key=lambda one: (len(one.code), one.code))
        ]
        return found

    def _match(self, gone: Sequence[Unit], new: Sequence[Listed]) -> None:
        """Whoever is gone and whoever is new with the same name below the same one above is one."""
        by_name: dict[tuple[str, str], list[Listed]] = defaultdict(list)
        by_short: dict[tuple[str, str], list[Listed]] = defaultdict(list)
        for one in new:
            by_name[one.parent, one.name].append(one)
            by_short[one.level, one.name].append(one)
        taken: set[str] = set()
        for unit in gone:
            above = self.same.get(unit.parent, unit.parent)
            short = self._short(unit)
            fitting = by_name.get((above, short)) or by_short.get((unit.kind, short), [])
            left = [one for one in fitting if one.code not in taken]
            if len(left) == 1:
                self.same[unit.code] = left[0].code
                taken.add(left[0].code)

    def _short(self, unit: Unit) -> str:
        return unit.name.removesuffix(self.endings.get(unit.code, ""))

    def _named(self, unit: Unit, row: Listed) -> str:
        return row.name + self.endings.get(unit.code, "")

    def _follows(self, unit: Unit) -> bool:
        """Whether the new code comes by itself, when the one above has its own."""
        above, now = unit.parent, self.same[unit.code]
        new_above = self.same.get(above)
        if new_above is None or self.rows[now].parent != new_above:
            return False
        return now == area(new_above) + unit.code[len(area(above)) :]

    def _rename(self, unit: Unit, row: Listed) -> Proposal:
        wish = {"kind": "rename", "units": [unit.code], "name": self._named(unit, row)}
        return Proposal("rename", unit.code, unit.name, wish)

    def _recode(self, unit: Unit, row: Listed) -> Proposal:
        parent = self.same.get(unit.parent, unit.parent)
        if row.parent == parent:
            return Proposal(
                "recode", unit.code, unit.name,
                {"kind": "recode", "units": [unit.code], "code": row.code},
            )  # fmt: skip
        wish = {"kind": "move", "units": [unit.code], "parent": row.parent, "code": row.code}
        return Proposal("move", unit.code, unit.name, wish)

    def _gone(self, unit: Unit) -> Proposal:
        return Proposal(
            "merge", unit.code, unit.name, {"kind": "merge", "units": [unit.code]}, open=True
        )

    def _found(self, row: Listed) -> Proposal:
        name = row.name + self.usual.get((row.level, row.name[-1]), "")
        wish = {
            "kind": "found", "code": row.code, "name": name, "level": row.level,
            "parent": row.parent,
        }  # fmt: skip
        return Proposal("found", row.code, row.name, wish)


def _depth(unit: Unit) -> tuple[int, str]:
    return unit.path.count("/"), unit.code
