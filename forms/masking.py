"""A document as somebody sees it who is not filling it in: protected values masked, withheld ones gone.

Whoever fills a document in, and whoever has a task at it in hand, needs its values; everybody else
sees masks until a purpose lifts them for one view. What a rule withholds stays away either way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from engine import messages
from engine.access import policy
from engine.access.rules import in_force
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.formula.tree import Aggregate, Expr, Name, Previous, children
from engine.identity.actor import Actor
from engine.json_text import Json
from engine.privacy import lifts, masks
from engine.privacy.lifts import Lift, Purpose
from engine.work import Work
from forms import document
from forms.closed_rows import ClosedRows, closed_rows
from forms.compiled import CompiledForm, Item
from forms.documents import DocumentRecord
from forms.structure import ROW_ID
from forms.validate import CellProblem

PERSONAL = ("resident-id", "phone-cn")
"""Formats that tell a person, also in items that are no field of the dictionary."""
HIDDEN = "***"
REVEAL = "document.reveal"


@dataclass(frozen=True)
class Veil:
    """What lies over the documents of a form for one looker: fields by the paths of their items."""

    form: CompiledForm
    masked: Mapping[str, Field]
    withheld: frozenset[str]
    closed: ClosedRows | None = None
    """Which rows are about somebody whom a rule withholds."""
    rows: frozenset[str] = frozenset()
    """Of one document, the paths of those rows."""
    whole: bool = False
    """Whether nothing is masked because the looker needs the values: they fill it in, or have it in hand."""

    @property
    def empty(self) -> bool:
        """Whether everything is seen."""
        return not self.masked and not self.withheld and self.closed is None

    def over(self, contents: Mapping[str, Json]) -> "Veil":
        """The veil over one document, which knows its rows."""
        return self if self.closed is None else replace(self, rows=self.closed.of(contents))

    def hides(self, path: str) -> bool:
        """Whether a cell, or a row by its path, is not shown at all."""
        if self.rows and "/".join(path.split("/")[:3]) in self.rows:
            return True
        return bool(self.withheld) and self.form.pattern(path) in self.withheld

    def untold(self, problems: Sequence[CellProblem], language: str) -> list[CellProblem]:
        """What is wrong without the values of cells that are not seen: of a check its own words are left."""
        if self.empty:
            return list(problems)
        said = messages.text("form.check.unseen", language)
        return [
            replace(one, text=f"{said}{one.words}")
            if any(self._covers(path) for path in (one.path, *one.paths)) and one.code != "required"
            else one
            for one in problems
        ]

    def _covers(self, path: str) -> bool:
        return self.hides(path) or self.form.pattern(path) in self.masked

    def value(self, path: str, value: Json) -> Json:
        """The value of a cell as it may be seen."""
        if document.blank(value):
            return value
        if not self.whole and self._unknown(path):
            return HIDDEN  # a cell of another version of the form: whether it is protected is not known here
        if self.empty:
            return value
        if self.hides(path):
            return None
        pattern = self.form.pattern(path)
        field = self.masked.get(pattern)
        return value if field is None else shown(field, value)

    def _unknown(self, path: str) -> bool:
        return self.form.item(path) is None and not path.endswith(f"/{ROW_ID}")

    def row(self, table: str, row: Mapping[str, Json]) -> dict[str, Json]:
        """One row of a floating table as it may be seen."""
        return {name: self.value(f"{table}/*/{name}", value) for name, value in row.items()}

    def record(self, record: DocumentRecord) -> DocumentRecord:
        """The whole document as it may be seen: values, and what sources offered."""
        if self.empty:
            return record
        here = self.over(record.contents)
        cells = {
            path: here.meta(path, meta)
            for path, meta in record.cells.items()
            if not here.hides(path)
        }
        said = {
            name: one
            for name, one in record.explanations.items()
            if not here.hides(name.partition(":")[2])
        }
        contents = here.contents(record.contents)
        return record._replace(contents=contents, cells=cells, explanations=said)

    def lists(self, contents: Mapping[str, Json]) -> dict[str, Json]:
        """A roll-up's contents as they may be seen: rows are somebody's, a sum is nobody's."""
        rows = {path: one for path, one in self.masked.items() if "*" in path}
        return replace(self, masked=rows).contents(contents)

    def contents(self, contents: Mapping[str, Json]) -> dict[str, Json]:
        """The values of a document as they may be seen."""
        gone = self.over(contents).rows
        seen: dict[str, Json] = self._seen(_without(contents, gone), "")
        return seen

    def cell(self, path: str, source: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Where a value came from, with other sources' values as they may be seen."""
        if self.empty or not source:
            return source
        if self.hides(path):
            return None
        others = [
            {**one, "value": self.value(path, one.get("value"))} for one in source.get("others", ())
        ]
        return {**source, "others": others} if others else source

    def _seen(self, node: Any, pattern: str) -> Any:
        """A part of the contents; whatever the form's types say, masks are texts: they are only shown."""
        if (field := self.masked.get(pattern)) is not None:
            return node if document.blank(node) else shown(field, node)
        if isinstance(node, Mapping):
            return {
                name: self._seen(one, f"{pattern}/{name}")
                for name, one in node.items()
                if f"{pattern}/{name}" not in self.withheld
            }
        if isinstance(node, list):
            return [self._seen(row, f"{pattern}/*") for row in node]
        return node

    def meta(self, path: str, meta: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of a cell as it may be seen."""
        told = {**meta, "source": self.cell(path, meta.get("source"))}
        if "known" in meta:
            told["known"] = self.value(path, meta["known"])
        return {name: value for name, value in told.items() if value is not None}

    @cached_property
    def fields(self) -> Sequence[Field]:
        """The fields under masks, each once."""
        return tuple({one.code: one for one in self.masked.values()}.values())

    def may_lift(self, work: Work, path: str = "") -> bool:
        """Whether the actor may lift the masks, of a document at a place or of the issuer's roll-up."""
        return policy.covers(work.actor, REVEAL, path=path, owner=self.form.owner)

    def lifted(
        self, work: Work, purpose: Purpose, *, target: str = "", rows: int = 1, path: str = ""
    ) -> "Veil":
        """The veil without its masks, for one view and a purpose; who and why is kept.

        Raises Forbidden, NotFound, PurposeMissing, PurposeRefused.
        """
        if not self.masked:
            return self
        work.require(REVEAL, path=path, owner=self.form.owner)
        where = Lift(f"form:{self.form.code}", target, self.form.owner)
        lifts.lift(work, where, self.fields, purpose, rows=rows)
        work.note(
            "record.revealed",
            target or self.form.code,
            form=self.form.code,
            fields=sorted(one.code for one in self.fields),
            purpose=purpose.words,
        )
        return replace(self, masked={})


def veil(
    work: Work,
    form: CompiledForm,
    record: DocumentRecord | None = None,
    *,
    in_hand: bool = False,
    looker: Actor | None = None,
) -> Veil:
    """What the actor sees of a form's documents, or of one; `in_hand`: they have a task at it.
    `looker` is for whom a job of the program makes something.
    """
    scope, actor = f"form:{form.code}", looker or work.actor
    rules = work.rules if looker is None else in_force(work.connection, looker, work.today)
    withheld, cleared = rules.withheld(scope), rules.cleared(scope)
    needs = in_hand or actor.is_system
    if record is not None and policy.covers(actor, "document.fill", path=record.organisation_path):
        needs = True
    known = dictionary(work.connection).fields
    masked, gone = {}, set()
    for item in form.items:
        field = (known.get(item.field) or form.fields.get(item.field)) if item.field else None
        if field is not None and field.code in withheld:
            gone.add(item.path)
        elif not needs and (field is None or field.code not in cleared):
            protected = _protected(form, item, field)
            if protected is not None:
                masked[item.path] = protected
    gone |= made_of(form, frozenset(gone))
    masked |= {path: _made(form, path) for path in made_of(form, frozenset(masked)) - gone}
    closed = closed_rows(work, form, rules)
    made = Veil(form, masked, frozenset(gone), closed, whole=needs)
    return made if record is None else made.over(record.contents)


def _without(contents: Mapping[str, Json], rows: frozenset[str]) -> Mapping[str, Json]:
    """Contents without some rows of their lists."""
    left = dict(contents)
    for path in {one.rpartition("/")[0] for one in rows}:
        kept = [
            row
            for own, row in zip(
                document.row_ids(contents, path), document.get(contents, path) or [], strict=True
            )
            if f"{path}/{own}" not in rows
        ]
        left[path.strip("/")] = kept
    return left


def shown(field: Field, value: Json) -> Json:
    """As much of a value as its mask leaves."""
    part = masks.masked(field, value)
    return HIDDEN if part is None else part


def made_of(form: CompiledForm, paths: frozenset[str]) -> frozenset[str]:
    """The cells that the form computes of these, cell by cell, and of what it computed of them.

    A sum or a count over rows is what a report is for, and an item that is a field is classed as that field.
    """
    if not paths:
        return frozenset()
    found, names = set[str](), {path.rpartition("/")[2] for path in paths}
    for item, tree in form.computes:  # in their order: what is read stands before who reads it
        if item.path in paths or item.field:
            continue
        if any(name.rpartition(".")[2] in names for name in _read(tree)):
            found.add(item.path)
            names.add(item.name)
    return frozenset(found)


def _read(tree: Expr) -> Iterator[str]:
    """The names of the cells that a formula takes as they are; those that it counts or adds up are not."""
    match tree:
        case Aggregate():
            return
        case Name() | Previous():
            yield tree.path
        case _:
            for one in children(tree):
                yield from _read(one)


def _made(form: CompiledForm, path: str) -> Field:
    """A cell that is computed of protected ones: of that no letter is shown, as of a code."""
    item = form.item(path)
    code = f"{form.code}{path}".replace("/", ".")
    return Field(code=code, labels=item.titles if item else {}, schema={}, codelist=code)


def _protected(form: CompiledForm, item: Item, field: Field | None) -> Field | None:
    if field is not None:
        return field if masks.is_masked(field) else None
    if item.format not in PERSONAL:
        return None
    return Field(
        code=f"{form.code}{item.path}".replace("/", "."), labels=item.titles, schema=item.schema
    )
