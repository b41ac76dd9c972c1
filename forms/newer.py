"""A document as another version of its form has it: what carries over, what no longer fits, what is gone.

Pure. Nothing is lost in silence: a value that has no cell any more, or does not fit the cell it has, is
given back beside the new contents, for whoever writes them to keep it in the history and to name it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine import absence
from engine.formats import numbers
from engine.json_text import Json
from forms import diff, document, pointers
from forms.compiled import Check, CompiledForm, Item
from forms.structure import ROW_ID
from forms.validate import CellProblem

CHECK = "check."
_NOWHERE = object()
_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "array": (list,),
    "object": (Mapping,),
}


@dataclass(frozen=True, slots=True)
class Between:
    """Two versions of a form and what became of each item; worked out once for all documents."""

    old: CompiledForm
    new: CompiledForm
    was: Mapping[str, str]
    """Items that go on under another name: by pattern now, the pattern then."""
    now: Mapping[str, str]
    """The same the other way round."""
    added: tuple[str, ...]
    """Patterns of items that the old version did not ask."""
    gone: tuple[str, ...]
    """Patterns of items that the new version does not ask any more."""

    def target(self, path: str) -> str | None:
        """Where a cell of the old version stands now; None for one that is gone."""
        item = self.old.item(path)
        if item is None or item.path in self.new.by_path:
            return path
        there = self.now.get(item.path)
        return None if there is None else _along(path, there)

    def before(self, path: str) -> str:
        """Where a cell of the new version stood."""
        then = self.was.get(self.new.pattern(path))
        return path if then is None else _along(path, then)


@dataclass(frozen=True, slots=True)
class Carried:
    """One document's values in the new version, and what did not come along."""

    contents: Mapping[str, Json]
    gone: Mapping[str, Json] = field(default_factory=dict)
    """Values without a cell, by the path that they had."""
    taken: Mapping[str, Json] = field(default_factory=dict)
    """Values that their cell no longer takes: another type, not in the list. By path now."""
    turned: Mapping[str, Json] = field(default_factory=dict)
    """Values that mean the same in their cell's new type: what they were, by path now."""


@lru_cache(maxsize=64)
def between(old: CompiledForm, new: CompiledForm) -> Between:
    """What lies between two versions."""
    was = {path: item.path for path, item in diff.renamed(old, new).items()}
    now = {then: path for path, then in was.items()}
    added = tuple(one for one in new.by_path if one not in old.by_path and one not in was)
    gone = tuple(one for one in old.by_path if one not in new.by_path and one not in now)
    return Between(old, new, was, now, added, gone)


def carried(found: Between, values: Mapping[str, Json]) -> Carried:
    """The values as the new version has them, in one pass whatever the number of rows."""
    way = _Way(found)
    contents = way.walk(values, "", "")
    done: dict[str, Json] = dict(contents) if isinstance(contents, Mapping) else {}
    done = document.put_all(found.new, done, way.elsewhere) if way.elsewhere else done
    return Carried(done, way.gone, way.taken, way.turned)


def cells_of(found: Between, stored: Mapping[str, Any], came: Carried) -> dict[str, Any]:
    """What is known of the cells, at their places in the new version.

    What was computed and is asked of a person now has to be confirmed.
    """
    kept: dict[str, Any] = {}
    for path, meta in stored.items():
        there = found.target(path)
        if there is None or there in came.taken:
            continue
        was, item = found.old.item(path), found.new.item(there)
        computed = was is not None and was.compute and meta.get("state") == "computed"
        asked = computed and item is not None and not item.compute
        kept[there] = {**meta, "state": "carried"} if asked else meta
    return kept


def explanations_of(found: Between, given: Mapping[str, str]) -> dict[str, str]:
    """Reasons stay with the check they were given for; one whose check changed is kept beside, and
    answers for nothing.
    """
    old, new = ({one.code: one for one in form.checks} for form in (found.old, found.new))
    kept: dict[str, str] = {}
    for key, text in given.items():
        code = key.removeprefix(CHECK).partition(":")[0]
        same = not key.startswith(CHECK) or _says(old.get(code)) == _says(new.get(code))
        kept[key if same else f"{key}@{found.old.version}"] = text
    return kept


def pruned(form: CompiledForm, values: Mapping[str, Json]) -> dict[str, Json]:
    """The values without what the form has no cell for."""
    kept = _pruned(form, values, "")
    return dict(kept) if isinstance(kept, Mapping) else {}


def newly(
    found: Between, before: Sequence[CellProblem], after: Sequence[CellProblem]
) -> list[CellProblem]:
    """What does not hold in the new version and held, or was not asked, in the old one.

    A check is known by what it says: its code may have been given to another one since.
    """
    known = {(_rule(found.old, one), one.path) for one in before}
    return [one for one in after if (_rule(found.new, one), found.before(one.path)) not in known]


def _rule(form: CompiledForm, problem: CellProblem) -> str:
    if not problem.code.startswith(CHECK):
        return problem.code
    code = problem.code.removeprefix(CHECK)
    check = next((one for one in form.checks if one.code == code), None)
    return _says(check) or problem.code


def _says(check: Check | None) -> str:
    return f"{check.formula} {check.over or ''}" if check else ""


def _along(path: str, pattern: str) -> str:
    """A pattern in the row of a path; rows keep their names."""
    if "*" not in pattern:
        return pattern
    return path.rpartition("/")[0] + "/" + pattern.rpartition("/")[2]


class _Way:
    """One document on its way; what does not come along is put beside."""

    def __init__(self, found: Between) -> None:
        self.found = found
        self.gone: dict[str, Json] = {}
        self.taken: dict[str, Json] = {}
        self.turned: dict[str, Json] = {}
        self.elsewhere: dict[str, Json] = {}

    def walk(self, node: Json, path: str, pattern: str) -> Any:
        """A part of the document as it is now; _NOWHERE where nothing of it is left."""
        if pattern in self.found.old.by_path:
            return self._cell(node, path)
        if isinstance(node, Mapping):
            return self._group(node, path, pattern)
        if isinstance(node, list):
            rows = [
                self.walk(row, f"{path}/{document.identity(row, index)}", f"{pattern}/*")
                for index, row in enumerate(node)
            ]
            return rows if pattern in self.found.new.table_by_path else _NOWHERE
        return node

    def _group(self, node: Mapping[str, Json], path: str, pattern: str) -> Any:
        done: dict[str, Json] = {}
        for name, inner in node.items():
            if name == ROW_ID:
                done[name] = inner
                continue
            step = f"/{pointers.escape(name)}"
            kept = self.walk(inner, path + step, pattern + step)
            if kept is _NOWHERE:
                continue
            there = self.found.now.get(pattern + step)
            done[name if there is None else pointers.split(there)[-1]] = kept
        return done if done or not node or pattern.endswith("*") or not pattern else _NOWHERE

    def _cell(self, value: Json, path: str) -> Any:
        if document.blank(value):
            return _NOWHERE
        there = self.found.target(path)
        if there is None:
            self.gone[path] = value
            return _NOWHERE
        item = self.found.new.item(there)
        fits = value if item is None else _fitting(item, value)
        if document.blank(fits):
            self.taken[there] = value
            return _NOWHERE
        if fits != value or isinstance(fits, bool) != isinstance(value, bool):
            (self.turned if _turned(fits, value) else self.taken)[there] = value
        if there.rpartition("/")[0] != path.rpartition("/")[0]:
            self.elsewhere[there] = fits
            return _NOWHERE
        return fits


def _turned(fits: Json, value: Json) -> bool:
    """Whether nothing of the value was left out."""
    return not (isinstance(fits, list) and isinstance(value, list) and len(fits) < len(value))


def _fitting(item: Item, value: Json) -> Json:
    """The value as the item takes it by type and list; nothing where it does not. Bounds are a matter
    of its checks: a value out of them stays, to be put right.
    """
    gone = absence.kind_of(value)
    if gone:
        return value if gone in item.absences else None
    if not item.options:
        return _typed(item, value)
    offered = {(isinstance(one.value, bool), one.value) for one in item.options}
    for one in (value, _typed(item, value)):
        if isinstance(one, list) and item.type == "array":
            return [each for each in one if (isinstance(each, bool), each) in offered]
        if _hashable(one) and (isinstance(one, bool), one) in offered:
            return one
    return None


def _hashable(value: Json) -> bool:
    return not isinstance(value, list | Mapping)


def _typed(item: Item, value: Json) -> Json:
    if item.type == "array" and not isinstance(value, list | Mapping) and item.options:
        return [value]
    if item.type != "array" and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if item.numeric:
        number = numbers.read(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            return None
        whole = isinstance(number, int) or number == number.to_integral_value()
        return number if item.type == "number" or whole else None
    if item.type == "string" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    kinds = _KINDS.get(item.type)
    return value if kinds is None or isinstance(value, kinds) else None


def _pruned(form: CompiledForm, node: Json, pattern: str) -> Any:
    if pattern in form.by_path:
        return node
    if isinstance(node, list):
        if pattern not in form.table_by_path:
            return _NOWHERE
        return [_pruned(form, row, f"{pattern}/*") for row in node]
    if not isinstance(node, Mapping):
        return _NOWHERE
    kept = {
        name: inner if name == ROW_ID else found
        for name, inner in node.items()
        if name == ROW_ID
        or (found := _pruned(form, inner, f"{pattern}/{pointers.escape(name)}")) is not _NOWHERE
    }
    return kept if kept or not pattern or pattern.endswith("*") else _NOWHERE
