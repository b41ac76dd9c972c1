"""What is wrong with a document's values, cell by cell, in words a clerk understands.

The verdict is jsonschema-rs's alone; here it only gets a cell's path and a sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import jsonschema_rs

from engine import absence, messages
from engine.formats import registry as formats
from engine.json_text import Json
from forms import document, examples, pointers
from forms.compiled import CompiledForm, Item
from forms.structure import ROW_ID

MAX_PROBLEMS = 1_000
"""A screen shows no more; a document with more mistakes is told that there are more."""

MOST_OPTIONS = 12
"""A sentence names no more choices than this."""

INCOMPLETE = frozenset({"required", "minItems", "minProperties", "minContains", "contains"})
"""What a draft may still lack."""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong in one cell; `path` uses the identity of floating rows, not their number."""

    path: str
    severity: str
    """error 强制 | gated 准强制 | explain 核实"""
    text: str
    code: str
    paths: tuple[str, ...] = ()
    """All cells concerned, where there is more than one."""
    words: str = ""
    """What a check says of itself, without the values that the text names."""


def problems(
    compiled: CompiledForm, values: Mapping[str, Json], *, language: str = "zh", draft: bool = False
) -> list[CellProblem]:
    """Everything wrong with the values; a draft is not blamed for what is still missing."""
    if not draft and compiled.validator.is_valid(values):
        return []
    found: list[CellProblem] = []
    seen: set[tuple[str, str]] = set()
    teller = _Teller(compiled, values, language)
    for error in compiled.validator.iter_errors(values):
        if draft and _only_incomplete(error):
            continue
        for problem in teller.told(error):
            if (problem.path, problem.code) not in seen:
                seen.add((problem.path, problem.code))
                found.append(problem)
        if len(found) >= MAX_PROBLEMS:
            break
    return found


def is_valid(compiled: CompiledForm, values: Mapping[str, Json]) -> bool:
    """The verdict alone, at the validator's full speed."""
    return compiled.validator.is_valid(values)


def _only_incomplete(error: jsonschema_rs.ValidationError) -> bool:
    name = error.kind.name
    if name in INCOMPLETE or (name == "type" and error.instance is None):
        return True
    if name in {"anyOf", "oneOf"}:
        branches = getattr(error.kind, "context", [])
        return any(branch and all(map(_only_incomplete, branch)) for branch in branches)
    return name == "dependentRequired"


class _Teller:
    """Turns findings of the validator into problems of cells."""

    def __init__(self, compiled: CompiledForm, values: Mapping[str, Json], language: str) -> None:
        self.compiled, self.values, self.language = compiled, values, language

    def told(self, error: jsonschema_rs.ValidationError) -> Iterator[CellProblem]:
        """The problems of one finding; a finding about an object is told at its properties."""
        kind, details = error.kind.name, error.kind
        where = self._path(error.instance_path)
        if kind == "required":
            yield self._problem(
                f"{where}/{pointers.escape(_named(details, 'property'))}", "required"
            )
        elif kind in ("additionalProperties", "unevaluatedProperties"):
            for name in _named(details, "unexpected"):
                path = f"{where}/{pointers.escape(name)}"
                yield self._problem(path, "unknown", name=_short(name))
        elif kind == "type" and error.instance is None:
            yield self._problem(where, "required")
        elif (stands := self._absence(where)) is not None:
            yield self._problem(where, "absence", value=absence.word(stands, self.language))
        else:
            code, told = self._explained(error, kind)
            yield self._problem(where, code, **told)

    def _explained(
        self, error: jsonschema_rs.ValidationError, kind: str
    ) -> tuple[str, dict[str, Any]]:
        """The message code of a finding and what its sentence needs."""
        limit = getattr(error.kind, "limit", None)
        schema = self._schema(error)
        told: dict[str, Any] = {"value": _short(error.instance), "limit": limit}
        if kind in ("minimum", "maximum"):
            low, high = schema.get("minimum"), schema.get("maximum")
            if low is not None and high is not None:
                return "between", {**told, "low": low, "high": high}
        elif kind == "type":
            return f"type.{_named(error.kind, 'types')[0]}", told
        elif kind == "format":
            return self._format(error, told)
        elif kind == "multipleOf":
            return _step(_named(error.kind, "multiple_of"), told)
        elif kind in ("enum", "oneOf", "const"):
            return self._choice(error, told)
        elif kind == "anyOf" and "anyOf" in schema:  # the item's own rules, nobody else's
            return "other", told
        elif kind == "pattern" and (example := examples.example_of(schema)):
            return "pattern-example", {**told, "example": example}
        elif kind in ("minLength", "maxLength") and schema.get("minLength") == schema.get(
            "maxLength"
        ):
            return "length", {**told, "actual": len(str(error.instance))}
        elif kind == "maxLength":
            told["actual"] = len(str(error.instance))
        known = f"form.cell.{kind}" in messages.table("zh")
        return (kind if known else "other"), told

    def _format(
        self, error: jsonschema_rs.ValidationError, told: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        name, text = _named(error.kind, "format"), str(error.instance)
        why = formats.why(name, text, self.language)
        if why is not None:
            return "format.told", {**told, "why": why}
        code = f"format.{name}"
        return (code if f"form.cell.{code}" in messages.table("zh") else "format"), told

    def _choice(
        self, error: jsonschema_rs.ValidationError, told: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """The possible values in words, if they are few; else where to look for them."""
        item = self._item(error)
        if item is not None and item.codelist:
            return "codelist", {**told, "codelist": item.codelist}
        options = item.options if item is not None else ()
        if not options:
            return ("other" if error.kind.name == "oneOf" else error.kind.name), told
        if len(options) > MOST_OPTIONS:
            return "enum.many", told
        between = "、" if self.language == "zh" else ", "
        return "enum", {
            **told,
            "options": between.join(one.label(self.language) for one in options),
        }

    def _schema(self, error: jsonschema_rs.ValidationError) -> Mapping[str, Json]:
        item = self._item(error)
        return item.schema if item is not None else {}

    def _item(self, error: jsonschema_rs.ValidationError) -> Item | None:
        return self.compiled.item(self._cell(self._path(error.instance_path)))

    def _absence(self, path: str) -> str | None:
        """Which absence the cell holds that a finding is about."""
        return absence.kind_of(document.get(self.values, self._cell(path)))

    def _cell(self, path: str) -> str:
        """The cell that a finding is inside of: the third of several choices is no cell of its own."""
        above = path
        while above:
            if self.compiled.item(above) is not None:
                return above
            above = above.rpartition("/")[0]
        return path

    def _problem(self, path: str, code: str, **told: Any) -> CellProblem:
        path = self._cell(path)
        label = self.compiled.name_of(path, self.language)
        if code == "required" and path in self.compiled.table_by_path:
            code = "required.table"
        text = messages.text(f"form.cell.{code}", self.language, {"label": label, **told})
        return CellProblem(path, "error", text, code)

    def _path(self, steps: Sequence[str | int]) -> str:
        """A cell's path: rows by their identity where they have one."""
        here: Json = self.values
        told: list[str] = []
        for step in steps:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                here = None
            own = here.get(ROW_ID) if isinstance(step, int) and isinstance(here, Mapping) else None
            told.append(own if isinstance(own, str) else str(step))
        return pointers.join(told)


def _named(kind: Any, name: str) -> Any:
    return getattr(kind, name)


def _short(value: Json) -> str:
    """A value as it may be repeated to a person."""
    if isinstance(value, Mapping | list):
        return "…"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _step(step: Any, told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """`0.01` is told as two decimal places, `1` as a whole number."""
    exact = Decimal(str(step)).normalize()
    _, digits, exponent = exact.as_tuple()
    if digits == (1,) and exponent == 0:
        return "type.integer", told
    if digits == (1,) and isinstance(exponent, int) and exponent < 0:
        return "decimals", {**told, "places": -exponent}
    return "multipleOf", {**told, "step": format(exact, "f")}
