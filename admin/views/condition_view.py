"""Conditions as a page picks and says them: what may be asked, with comparisons that fit, and the words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from admin.web.html import text
from engine.dictionary import units
from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.formula.parse import parse
from engine.json_text import Json
from forms.designing import picked
from forms.designing.formula_trial import Tried
from forms.designing.picked import Group, Line, PickUnfit

MOST_OPTIONS = 300
OPS: Mapping[str, tuple[str, ...]] = {
    "number": ("=", "<>", ">", ">=", "<", "<=", "filled", "blank"),
    "date": ("=", "<>", ">", ">=", "<", "<=", "filled", "blank"),
    "boolean": ("=", "filled", "blank"),
    "choice": ("=", "<>", "in", "notin", "filled", "blank"),
    "several": ("includes", "excludes"),
    "text": ("=", "<>", "contains", "in", "notin", "filled", "blank"),
    "pick": ("=", "<>", "in", "notin", "filled", "blank"),
}
"""The comparisons that fit what an item holds, the usual one first."""


@dataclass(frozen=True, slots=True)
class AskedOption:
    """A value that can be chosen."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class AskedName:
    """Something a condition may ask about, and how."""

    name: str
    label: str
    kind: str
    """number, date, boolean, choice, several or text."""
    unit: str
    options: list[AskedOption]
    ops: list[str]
    form: str = ""
    """The form it stands in, where there are several."""
    pick: str = ""
    """organisation, person or account: its values are found by name."""
    levels: list[str] = field(default_factory=list)
    """Of which levels those organisations are; empty: of any."""


def options(named: Tried, known: Dictionary, language: str) -> list[dict[str, str]]:
    """The values that can be chosen for a name: its own, else its code list's."""
    found = [
        {"value": str(one.value), "label": one.label(language)}
        for one in named.options[:MOST_OPTIONS]
    ]
    codelist = known.codelists.get(named.codelist)
    if codelist and not found:
        found = [
            {"value": one.code, "label": one.labels.get(language) or one.labels.get("zh", one.code)}
            for one in codelist.values[:MOST_OPTIONS]
        ]
    return found


Calling = Callable[[str, Iterable[str]], Mapping[str, str]]
"""What values of a kind that is picked are called."""


class Asked:
    """The names of one place in one language: written, read and said."""

    def __init__(
        self,
        names: Sequence[Tried],
        known: Dictionary,
        language: str,
        calling: Calling,
        form: str = "",
    ) -> None:
        """`names` the nearest first: what stands nearer hides what stands further; `calling` says what
        organisations and people are called.
        """
        self._language = language
        self._calling = calling
        self._kinds: dict[str, str] = {}
        self._names: dict[str, AskedName] = {}
        self.also(names, known, form)

    def also(self, names: Sequence[Tried], known: Dictionary, form: str) -> None:
        """Take in the names of another form that uses the same flow; the first form's stand."""
        for one in names:
            if one.name not in self._names:
                self._kinds[one.name] = one.kind
                self._names[one.name] = self._shown(one, known, form)

    def names(self) -> list[dict[str, Any]]:
        """What may be asked about, for a page."""
        return [asdict(one) for one in self._names.values()]

    def read(self, formula: str) -> Group | None:
        """A formula as lines; nothing where lines cannot say it."""
        try:
            return picked.read(parse(formula), self._kinds) if formula.strip() else None
        except Problem:
            return None

    def cases(self, formula: str) -> tuple[tuple[picked.Case, ...], str] | None:
        """A formula as a choice by conditions; nothing where it says something else."""
        try:
            return picked.cases(parse(formula), self._kinds) if formula.strip() else ((), "")
        except Problem:
            return None

    def written(self, given: Json) -> str:
        """The formula of what a page sent. Raises PickUnfit with what the item is called."""
        try:
            return picked.write(_group(given), self._kinds)
        except PickUnfit as unfit:
            called = self._names.get(unfit.name)
            raise PickUnfit(
                name=called.label if called else unfit.name, reason=unfit.reason
            ) from unfit

    def called(self, group: Group | None) -> dict[str, str]:
        """What the organisations and people are called that lines name, by their value."""
        wanted: dict[str, list[str]] = {}
        for line in picked.lines(group) if group else ():
            known = self._names.get(line.name)
            if known is not None and known.pick:
                wanted.setdefault(known.pick, []).extend(line.values)
        found: dict[str, str] = {}
        for pick, values in wanted.items():
            found |= self._calling(pick, values)
        return found

    def words(self, group: Group | None) -> str:
        """What was picked as one would tell it; nothing for nothing."""
        return self._joined(group, self.called(group)) if group and group.parts else ""

    def _joined(self, group: Group, called: Mapping[str, str]) -> str:
        join = text(self._language, f"condition.said.{group.join}")
        said = [
            self._line(one, called)
            if isinstance(one, Line)
            else text(self._language, "condition.said.group", parts=self._joined(one, called))
            for one in group.parts
        ]
        return join.join(said)

    def _line(self, line: Line, called: Mapping[str, str]) -> str:
        known = self._names.get(line.name)
        if known is None:
            return line.name
        labels = called if known.pick else {one.value: one.label for one in known.options}
        between = text(self._language, "condition.said.between")
        value = between.join(self._value(one, known, labels) for one in line.values)
        kind = known.kind if known.kind in ("number", "date") else "other"
        return text(
            self._language, f"condition.said.{kind}.{line.op}", item=known.label, value=value
        ).strip()

    def _value(self, value: str, known: AskedName, labels: Mapping[str, str]) -> str:
        if known.kind == "boolean":
            return text(self._language, f"condition.{'yes' if value == 'true' else 'no'}")
        if known.kind == "number":
            times = " × " if known.unit[:1].isdigit() else " "  # 5000 × 10,000 yuan
            return f"{value}{times}{known.unit}" if known.unit else value
        return labels.get(value, value)

    def _shown(self, one: Tried, known: Dictionary, form: str) -> AskedName:
        found = options(one, known, self._language)
        kind = one.kind if one.kind in ("number", "date", "boolean") else "text"
        if one.kind == "unknown" and found:
            kind = "several"
        elif found and kind in ("text", "number"):
            kind = "choice"
        label = one.label
        if one.over in ("rows", "total"):
            label = text(self._language, f"condition.{one.over}", item=label)
        unit = units.in_language(one.unit, self._language) if one.unit else ""
        return AskedName(
            one.name,
            label,
            kind,
            unit,
            [AskedOption(**each) for each in found],
            list(OPS["pick" if one.pick else kind]),
            form,
            one.pick,
            list(one.levels),
        )


def plain(group: Group | None) -> dict[str, Any] | None:
    """Lines and groups as JSON."""
    if group is None:
        return None
    parts = [
        {"name": one.name, "op": one.op, "values": list(one.values)}
        if isinstance(one, Line)
        else plain(one)
        for one in group.parts
    ]
    return {"join": group.join, "parts": parts}


def _group(given: Json, depth: int = 1) -> Group:
    """What a page sent as lines and groups."""
    if not isinstance(given, Mapping) or depth > picked.DEEPEST:
        raise PickUnfit(reason="shape")
    parts = given.get("parts")
    if not isinstance(parts, list) or len(parts) > picked.MOST_LINES:
        raise PickUnfit(reason="shape")
    return Group(
        str(given.get("join")),
        tuple(
            _group(one, depth + 1) if isinstance(one, Mapping) and "parts" in one else _sent(one)
            for one in parts
        ),
    )


def _sent(given: Json) -> Line:
    if not isinstance(given, Mapping) or not isinstance(given.get("values", []), list):
        raise PickUnfit(reason="shape")
    values = tuple(str(one) for one in given.get("values", []))
    return Line(str(given.get("name")), str(given.get("op")), values)
