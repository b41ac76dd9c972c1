"""A form made ready to use: items, tables, checks and bindings as frozen values.

Made by `compile.py` from a bundle; nothing here is ever patched.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as given
from functools import cached_property
from threading import Lock
from typing import Any

import jsonschema_rs

from engine.dictionary.field import Field
from engine.formats.validator import build_validator
from engine.formula.tree import Expr
from engine.json_text import Json
from forms.headings import in_language as in_headings
from forms.printing import PrintLayout


def in_language(titles: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """A text in the reader's language; Chinese where it was not translated."""
    return titles.get(language) or titles.get("zh") or next(iter(titles.values()), "") or otherwise


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen; `titles` is empty where a code list gives the words."""

    value: Json
    titles: Mapping[str, str] = given(default_factory=dict)

    def label(self, language: str = "zh") -> str:
        """What the person reads."""
        return in_language(self.titles, language, str(self.value))


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of cell: `/population`, the column `/elders/*/name`, the cell `/crops/r01/area`."""

    path: str
    titles: Mapping[str, str]
    type: str
    header: tuple[str, ...] = ()
    field: str | None = None
    format: str | None = None
    unit: str | None = None
    codelist: str | None = None
    options: tuple[Option, ...] = ()
    required: bool = False
    readonly: bool = False
    compute: str | None = None
    carry: bool = False
    at: str | None = None
    """Where it stands in the template: `C5`, or the column letter in a floating table."""
    sheet: str = ""  # the worksheet it stands on; see worksheets.py
    prefix: str | None = None
    """The label printed in the same cell of the template, behind whose colon its value goes."""
    table: str | None = None
    row: str | None = None
    column: str | None = None
    row_titles: Mapping[str, str] = given(default_factory=dict)
    hints: Mapping[str, str] = given(default_factory=dict)
    widget: str | None = None
    present: str | None = None
    groups: tuple[Mapping[str, str], ...] = ()
    """What the groups are called that it stands in, outermost first."""
    absences: tuple[str, ...] = ()
    """Answers that may stand in place of a value: unknown, inapplicable, refused."""
    schema: Mapping[str, Json] = given(default_factory=dict)
    """Its whole schema, references followed."""

    @property
    def name(self) -> str:
        """The last step of its path: the property's name."""
        return self.path.rpartition("/")[2]

    @property
    def attachment(self) -> str | None:
        """The kind of files it holds: photo, file or signature; None for any other item."""
        said = self.schema.get("attachment")
        return str(said["kind"]) if isinstance(said, Mapping) else None

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.type in ("number", "integer")

    def label(self, language: str = "zh") -> str:
        """What it is called, within its table."""
        return in_language(self.titles, language, self.name)

    def full_label(self, language: str = "zh") -> str:
        """What it is called where its group or row has to be told too: `小麦 · 播种面积`."""
        above = [in_language(one, language) for one in (*self.groups, self.row_titles) if one]
        named = not self.row_titles or self.column is not None
        return " · ".join([*above, self.label(language)] if named else above)


Headings = Mapping[str, tuple[str, ...]]
"""By language the headings above a column or before a row, outermost first."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, in the order of the form."""

    name: str
    titles: Mapping[str, str]
    header: tuple[str, ...] = ()
    above: Headings = given(default_factory=dict)
    unit: str | None = None
    at: str | None = None

    def label(self, language: str = "zh") -> str:
        """Its heading."""
        return in_language(self.titles, language, self.name)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a fixed table."""

    name: str
    titles: Mapping[str, str]
    code: str = ""
    unit: str | None = None
    indent: int = 0
    at: str | None = None
    closed: frozenset[str] = frozenset()
    above: Headings = given(default_factory=dict)
    """The merged headings at the left of it: 种植业, 粮食."""

    def label(self, language: str = "zh") -> str:
        """What stands in the stub."""
        return in_language(self.titles, language, self.name)

    def path(self, language: str = "zh") -> tuple[str, ...]:
        """Its headings, its own label last."""
        return (*in_headings(self.above, language), self.label(language))


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the form: `floating` (rows come and go) or `fixed` (rows are part of the form)."""

    path: str
    kind: str
    titles: Mapping[str, str]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    subject: str | None = None
    key: str | None = None
    members: str | None = None
    region: tuple[int, int] | None = None
    """First and last row of the template that floating rows fill."""
    sheet: str = ""

    @property
    def name(self) -> str:
        """The property's name."""
        return self.path.rpartition("/")[2]

    def label(self, language: str = "zh") -> str:
        """Its title."""
        return in_language(self.titles, language, self.name)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form as people see it; `items` are names of root properties."""

    titles: Mapping[str, str]
    items: tuple[str, ...]
    page_break: bool = False
    """On paper it begins a new page."""

    def label(self, language: str = "zh") -> str:
        """Its title; may be empty."""
        return in_language(self.titles, language)


@dataclass(frozen=True, slots=True)
class Check:
    """A relation that must hold (审核关系)."""

    code: str
    formula: str
    severity: str = "error"
    """error 强制 | gated 准强制 | explain 核实"""
    texts: Mapping[str, str] = given(default_factory=dict)
    over: str | None = None
    """None: once; `table:rows`: per row; `table:columns`: per column."""
    tolerance: Json = 0
    source: str = ""

    def text(self, language: str = "zh") -> str:
        """What it says; the formula itself where nobody put it into words."""
        return in_language(self.texts, language, self.formula)


@dataclass(frozen=True, slots=True)
class Block:
    """A cell of the template that tells about the report itself: unit, period, sign-off."""

    role: str
    cell: str
    prefix: str = ""
    instead: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """An item that is a fact of the dictionary."""

    path: str
    field: Field


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Who the rows of a floating table are, and what is known of each."""

    table: str
    subject: str | None
    key: str | None
    members: str | None
    bindings: Mapping[str, tuple[Binding, ...]]
    """By the subject of the field; usually only the table's own."""


@dataclass(frozen=True, slots=True)
class PrefillPlan:
    """What to ask of the registers, grouped so that each group is one query."""

    root: Mapping[str, tuple[Binding, ...]]
    """Items about the document's own subject (and about others, by subject)."""
    tables: tuple[TablePlan, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """When something of the form is shown, required or locked, or a choice may be taken."""

    kind: str
    """show | required | readonly | choice"""
    path: str
    """Path pattern of the item, group or table it is about."""
    expr: Expr
    table: str | None = None
    """The table in whose rows it is asked; None: once for the document."""
    row: str | None = None
    value: Json = None
    """The choice it is about."""


@dataclass(frozen=True, eq=False)
class CompiledForm:
    """One exact version of a form, with the exact versions of its fields; equal by content."""

    code: str
    titles: Mapping[str, str]
    kind: str
    period: str
    owner: str
    flow: str
    subject: str
    unit: str | None
    items: tuple[Item, ...]
    tables: tuple[Table, ...]
    sections: tuple[Section, ...]
    checks: tuple[Check, ...]
    blocks: tuple[Block, ...]
    fields: Mapping[str, Field]
    bindings: tuple[Binding, ...]
    plan: PrefillPlan
    sets: tuple[str, ...]
    """Fields that this form writes back when it is final."""
    template: Mapping[str, Json]
    legal: Mapping[str, str]
    notes: str
    nil: bool
    """Whether it may be returned nil: 零报告."""
    printing: PrintLayout
    computes: tuple[tuple[Item, Expr], ...]
    """Computed items with their formulas, each after its inputs."""
    relations: tuple[tuple[Check, Expr], ...]
    """The checks with their formulas, read."""
    conditions: tuple[Condition, ...]
    """What is shown, required and locked when, in the order of the form."""
    bundle: Mapping[str, Json]
    """A plain self-contained 2020-12 schema; never changed after compiling."""
    judged_by: Mapping[str, Json]
    """The same with what may stand in place of values let in."""
    content_hash: str
    version: int = 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompiledForm):
            return NotImplemented
        return (self.content_hash, self.version) == (other.content_hash, other.version)

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def title(self, language: str = "zh") -> str:
        """What the form is called."""
        return in_language(self.titles, language, self.code)

    @property
    def validator(self) -> jsonschema_rs.Validator:
        """Judges a document's values; shared by everybody who holds this version."""
        return _validator(self.content_hash, self.judged_by)

    @cached_property
    def by_path(self) -> Mapping[str, Item]:
        """Items by path pattern."""
        return {item.path: item for item in self.items}

    @cached_property
    def attached(self) -> tuple[Item, ...]:
        """The items that hold files."""
        return tuple(item for item in self.items if item.attachment)

    @cached_property
    def table_by_path(self) -> Mapping[str, Table]:
        """Tables by path."""
        return {table.path: table for table in self.tables}

    @cached_property
    def _floating(self) -> "re.Pattern[str] | None":
        heads = [
            re.escape(one.path).replace(r"\*", "[^/]+")
            for one in self.tables
            if one.kind == "floating"
        ]
        if not heads:
            return None
        return re.compile(f"({'|'.join(sorted(heads, key=len, reverse=True))})/[^/]+(?=/|$)")

    def pattern(self, path: str) -> str:
        """The pattern of a cell's path: `/elders/k3/name` is a `/elders/*/name`."""
        if self._floating is None or path in self.by_path:
            return path
        found = self._floating.match(path)
        if found is None:
            return path
        head = self.pattern(found.group(1)) if found.group(1).count("/") > 1 else found.group(1)
        return f"{head}/*{path[found.end() :]}"

    def item(self, path: str) -> Item | None:
        """The item a cell belongs to, or nothing when the form has no such cell."""
        return self.by_path.get(self.pattern(path))

    def name_of(self, path: str, language: str = "zh") -> str:
        """What people call a cell or table, for messages."""
        found = self.item(path)
        if found is not None:
            return found.full_label(language)
        pattern = self.pattern(path)
        table = self.table_by_path.get(pattern)
        if table is not None:
            return table.label(language)
        return self._closed_name(path, language) or path.rpartition("/")[2]

    def _closed_name(self, path: str, language: str) -> str:
        """A closed cell is no item, yet people see it by its row and column."""
        head, _, column = path.rpartition("/")
        holder, _, row = head.rpartition("/")
        table = self.table_by_path.get(holder)
        if table is None or table.kind != "fixed":
            return ""
        rows = [one.label(language) for one in table.rows if one.name == row]
        columns = [one.label(language) for one in table.columns if one.name == column]
        return " · ".join([*rows, *columns]) if columns else ""


_KEPT = 512
_validators: "OrderedDict[str, jsonschema_rs.Validator]" = OrderedDict()
_lock = Lock()


def _validator(content_hash: str, bundle: Mapping[str, Any]) -> jsonschema_rs.Validator:
    with _lock:
        found = _validators.get(content_hash)
        if found is not None:
            _validators.move_to_end(content_hash)
            return found
    made = build_validator(bundle)
    with _lock:
        _validators[content_hash] = made
        while len(_validators) > _KEPT:
            _validators.popitem(last=False)
    return made
