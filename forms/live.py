"""A form and a document as a page's script takes them, to compute and to check while somebody types.

The plan is the form's (trees, names, limits, sentences); the surroundings are the document's. Numbers
that a double would spoil go as `{"number": "…"}`. What the script finds is a hint: the server judges.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine import messages
from engine.formula import exact
from engine.formula.document import Document
from engine.formula.exact import Value
from engine.formula.tree_json import to_json
from engine.formula.types import in_order, names, previous
from engine.json_text import Json
from forms.checks import compute
from forms.compiled import CompiledForm, Item, Table

SAFE_DIGITS = 15
SAFE = 10**SAFE_DIGITS
LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
)
SENTENCES = (
    "form.check.",
    "form.cell.",
    "form.word.last",
    "form.word.same_period_last_year",
    "form.word.TODAY",
)


@lru_cache(maxsize=64)
def plan(form: CompiledForm, language: str) -> Mapping[str, Json]:
    """All of a form that evaluating and telling needs, in one language."""
    drawn = _Plan(form, language)
    return {
        "language": language,
        "items": [
            {"path": one.path, "label": one.label(language), "kind": drawn.kind(one)}
            for one in form.items
            if one.table is None
        ],
        "tables": [drawn.table(one) for one in form.tables if "*" not in one.path],
        "labels": drawn.labels,
        "computes": [
            {
                "path": item.path,
                "table": item.table,
                "row": item.row,
                "column": item.column,
                "places": compute.places(item),
                "tree": to_json(expr),
                "used": sorted(names(expr)),
            }
            for item, expr in form.computes
        ],
        "checks": [
            {
                "code": check.code,
                "severity": check.severity,
                "over": check.over,
                "tolerance": str(check.tolerance),
                "text": check.text(language) if check.texts else "",
                "formula": check.formula,
                "tree": to_json(expr),
                "used": in_order(names(expr), check.formula),
                "previous": sorted({one.path for one in previous(expr)}),
            }
            for check, expr in form.relations
        ],
        "conditions": [
            {
                "kind": one.kind,
                "path": one.path,
                "table": one.table,
                "row": one.row,
                "value": str(one.value),
                "tree": to_json(one.expr),
            }
            for one in form.conditions
        ],
        "kinds": drawn.kinds,
        "texts": {
            key: text for key, text in messages.table(language).items() if key.startswith(SENTENCES)
        },
    }


def surroundings(form: CompiledForm, document: Document) -> dict[str, Json]:
    """The values of a document and what its formulas may look at around it."""
    asked = compute.asked(form)
    registers = document.registers
    return {
        "today": document.today.isoformat() if document.today else None,
        "this": document.this,
        "values": exactly(document.values),
        "last_period": exactly(document.last_period),
        "year_ago": exactly(document.year_ago),
        "registers": [
            [to_json(one), exactly(_plain(registers(one)) if registers else None)] for one in asked
        ],
    }


def exactly(value: Json) -> Json:
    """A value as JSON that a browser reads without loss."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if -SAFE < value < SAFE else {"number": str(value)}
    if kind is Decimal:
        written = exact.written(value)
        return value if len(written) <= SAFE_DIGITS else {"number": written}
    if isinstance(value, Mapping):
        return {name: exactly(one) for name, one in value.items()}
    return [exactly(one) for one in value] if isinstance(value, list) else value


def _plain(value: Value) -> Json:
    return value.isoformat() if isinstance(value, date) else value


class _Plan:
    """Collects what cells have in common, so that a sheet of ten thousand cells stays small."""

    def __init__(self, form: CompiledForm, language: str) -> None:
        self.form, self.language = form, language
        self.kinds: list[dict[str, Any]] = []
        self.labels: dict[str, str] = {}

    def kind(self, item: Item) -> int:
        """The number of an item's kind: its type, its limits, whether it may be typed into."""
        told: dict[str, Any] = {
            "type": item.type,
            "format": item.format,
            "locked": item.readonly,
            "computed": bool(item.compute),
            "required": item.required,
            "places": compute.places(item),
            **{name: exactly(item.schema[name]) for name in LIMITS if name in item.schema},
        }
        if told not in self.kinds:
            self.kinds.append(told)
        return self.kinds.index(told)

    def table(self, table: Table) -> dict[str, Json]:
        """A table with the kinds of its cells: by row and column, or by column where rows come and go."""
        columns = [(one.name, one.label(self.language)) for one in table.columns]
        told: dict[str, Json] = {
            "path": table.path,
            "floating": table.kind == "floating",
            "label": table.label(self.language),
            "key": table.key,
            "columns": [{"name": name, "label": label} for name, label in columns],
            "rows": [
                {"name": one.name, "code": one.code, "label": one.label(self.language)}
                for one in table.rows
            ],
        }
        if table.kind == "floating":
            told["cells"] = [self._cell(f"{table.path}/*/{name}", label) for name, label in columns]
            return told
        told["cells"] = [
            [self._cell(f"{table.path}/{row.name}/{name}", label) for name, label in columns]
            or [self._cell(f"{table.path}/{row.name}", row.label(self.language))]
            for row in table.rows
        ]
        return told

    def _cell(self, path: str, label: str) -> int | None:
        item = self.form.by_path.get(path)
        if item is None:
            return None
        if item.label(self.language) != label:
            self.labels[path] = item.label(self.language)
        return self.kind(item)
