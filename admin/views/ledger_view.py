"""Ledgers as pages and the API show them: the list, rows with masked values, filters in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from msgspec import structs

from admin.views import cell_view, ledger_files_view, words
from admin.views.ledger_showing import DIVISION, Showing
from admin.web.html import text
from engine import absence
from engine.dictionary.store import Dictionary
from engine.errors import Forbidden, NotFound
from engine.identity import store as identity
from engine.ledgers import edit, filters, page, proposals, search
from engine.ledgers.filters import Ask, Filter, FilterInvalid
from engine.ledgers.ground import ground
from engine.ledgers.lens import OWN, Column, Lens
from engine.ledgers.rows import Cell, Row
from engine.registers import words as words_found
from engine.registers.store import Origin
from engine.work import Work
from forms import disputes
from forms.kinds import ledger
from forms.prefill import naming

COUNTED = 10_000
"""A list of ledgers counts rows no further than this; the ledger's own totals count them all."""
FRESH = 40
"""Hidden in a masked cell beyond this many letters are not told by their number."""


def listing(work: Work, language: str) -> list[dict[str, Any]]:
    """The ledgers that the visitor may open, each with how many rows it has for them."""
    found = []
    for form in ledger.forms(work.connection):
        lens = ledger.lens(work.connection, form)
        try:
            here = ground(work, lens)
        except (Forbidden, NotFound):
            continue
        number = page.count(work, here, Ask(), most=COUNTED + 1)
        found.append(
            {
                "code": form.code,
                "title": form.title(language),
                "owner": identity.organisation_names(work.connection, [form.owner]).get(
                    form.owner, ""
                ),
                "subject": subject_name(here.dictionary, lens.subject, language),
                "by_hand": lens.by_hand,
                "rows": words.number(min(number, COUNTED)) + ("+" if number > COUNTED else ""),
                "columns": len(lens.columns),
            }
        )
    return found


def subject_name(dictionary: Dictionary, code: str, language: str) -> str:
    """What a kind of subject is called."""
    labels = dictionary.subjects[code].labels
    return labels.get(language) or labels.get("zh", code)


def head(shown: Showing, ask: Ask, query: "Query") -> list[dict[str, Any]]:
    """The columns of the table, each with the way to sort by it."""
    found = []
    for one in shown.lens.columns:
        sorted_by = ask.sort == one.name
        can_sort = not one.field.secret and filters.kind(one) not in ("other", "position")
        falls = sorted_by and not ask.descending
        found.append(
            {
                "name": one.name,
                "label": words.with_unit(shown.label(one), one.field.unit, shown.language),
                "kind": one.kind,
                "number": one.numeric,
                "masked": one.masked,
                "sort": query.href(sort=one.name, desc="1" if falls else "", after="")
                if can_sort
                else None,
                "sorted": ("descending" if ask.descending else "ascending") if sorted_by else "",
            }
        )
    return found


def rows(
    work: Work, shown: Showing, found: Sequence[Row], sought: str = ""
) -> list[dict[str, Any]]:
    """Rows of the table; where words were sought, with the places where they stand."""
    some = search.words_of(sought)
    ids = [row.id for row in found]
    waiting = proposals.of_rows(work, shown.lens, ids)
    disputed = _disputed(work, shown, ids)
    title = title_column(shown.lens)
    told = []
    for row in found:
        cells = [
            {
                **cell(shown, one, row.cell(one.name)),
                "files": ledger_files_view.listed(shown, one, row),
                "parts": _parts(one, row.cell(one.name), some),
                "proposed": len(waiting.get((row.id, one.name), ())),
                "disputed": (one.field.code, row.id) in disputed,
            }
            for one in shown.lens.columns
        ]
        named = shown.display(shown.lens.by_name[title], row.cell(title).value) if title else row.id
        told.append({"id": row.id, "title": named or row.id, "cells": cells})
    return told


def _disputed(work: Work, shown: Showing, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Of these rows the facts whose value is disputed: field and subject."""
    fields = {one.field.code for one in shown.lens.columns if one.kind == OWN}
    there = disputes.open_about(work, fields, ids) if fields and ids else set()
    return {(field, subject) for field, subject, _ in there}


def _parts(column: Column, known: Cell, some: Sequence[str]) -> list[tuple[str, bool]]:
    """The text of a cell in parts, each with whether it was sought; none where nothing was."""
    if not some or not isinstance(known.value, str) or not search.is_searched(column):
        return []
    return words_found.marked(column.field, known.value, some)


def cell(shown: Showing, column: Column, known: Cell) -> dict[str, Any]:
    """One cell of the table."""
    return {
        "column": column.name,
        "label": shown.label(column),
        "display": shown.display(column, known.value),
        "number": column.numeric,
        "stamp": known.stamp,
        "stale": known.stale,
        "computed": column.computed,
    }


def title_column(lens: Lens) -> str:
    """The column that names a row to people."""
    for one in lens.columns:
        if one.field.name in ("name", "head_name") and not one.masked:
            return one.name
    return next((one.name for one in lens.columns if not one.masked), "")


def changed(shown: Showing, column: Column, known: Cell, language: str) -> dict[str, Any]:
    """A cell that changed while somebody looked: by whom, when, from where."""
    origin = known.origin
    return {
        **cell(shown, column, known),
        "by": origin.actor_name if origin else "",
        "at": words.moment(origin.at) if origin else "",
        "from": origin_text(origin, language),
    }


def origin_text(origin: Origin | None, language: str) -> str:
    """Where a value came from, in one phrase."""
    if origin is None:
        return ""
    return words.source_text({"source": origin.source, "title": origin.title}, language)


def source(origin: Origin | None, work: Work, language: str) -> dict[str, Any] | None:
    """The facts of a cell's origin, as components/cells.html shows them."""
    if origin is None:
        return None
    names = identity.organisation_names(work.connection, [origin.organisation])
    facts = structs.asdict(origin)
    facts["organisation"] = names.get(origin.organisation, "")
    if origin.form_code:
        facts["titles"] = naming.titles(work.connection, origin)
    return words.source(facts, language, now=work.now)


def control(
    work: Work,
    shown: Showing,
    column: Column,
    known: Cell,
    *,
    typed: str | None = None,
    problem: str = "",
) -> dict[str, Any]:
    """A cell as it is edited; a masked value is not put into the input, it is typed anew."""
    item = ledger.item(shown.form, column.name)
    hidden = column.masked
    given = words.typed(known.value) if not hidden else ""
    problems = (
        [{"severity": "error", "text": problem, "code": "", "explanation": ""}] if problem else []
    )
    return {
        "path": f"/{column.name}",
        "label": shown.label(column),
        "type": cell_view.control_type(item),
        "value": given if typed is None else typed,
        "display": shown.display(column, known.value),
        "unit": item.unit,
        "hint": item.hints.get(shown.language) or item.hints.get("zh"),
        "required": False,
        "readonly": column.computed,
        "closed": False,
        "always": False,
        "hidden": False,
        "held": False,
        "refused": [],
        "options": words.options(item, shown.dictionary, shown.language),
        "absences": words.absences(item, shown.language),
        "absent": absence.kind_of(known.value),
        "max_length": item.schema.get("maxLength"),
        "state": "known",
        "confirmed": False,
        "returned": None,
        "last": None,
        "source": source(known.origin, work, shown.language),
        "alternatives": [],
        "problems": problems,
        "name": column.name,
        "stamp": known.stamp,
        "masked": hidden,
        "direct": edit.may_directly(work, shown.lens, column),
        "kind": column.kind,
        "stale": known.stale,
        "steward": identity.organisation_names(work.connection, [column.field.steward]).get(
            column.field.steward, ""
        ),
    }


@dataclass(frozen=True)
class Query:
    """What stands behind the question mark of a ledger's page."""

    code: str
    q: str = ""
    f: tuple[str, ...] = ()
    sort: str = ""
    desc: str = ""
    on: str = ""
    view: str = ""
    after: str = ""
    picked: tuple[str, ...] | None = None
    """Rows that were ticked; None where it is not about ticks."""

    def ask(self) -> Ask:
        """It as a question. Raises FilterInvalid."""
        try:
            on = date.fromisoformat(self.on) if self.on else None
        except ValueError as error:
            raise FilterInvalid(column="on", reason="date") from error
        return Ask(
            filters=tuple(_filter(one) for one in self.f if one),
            words=self.q.strip()[:200],
            sort=self.sort,
            descending=bool(self.desc),
            on=on,
            ids=self.picked,
        )

    def href(self, path: str = "", **other: Any) -> str:
        """The address of the page with something else in it."""
        given: dict[str, Any] = {
            name: getattr(self, name) for name in ("q", "f", "sort", "desc", "on", "view", "after")
        }
        given |= other
        kept = [
            (name, one)
            for name, value in given.items()
            for one in (value if isinstance(value, tuple) else (value,))
            if one
        ]
        return f"/ledgers/{self.code}{path}" + (f"?{urlencode(kept)}" if kept else "")


def chips(shown: Showing, query: Query, language: str) -> list[dict[str, str]]:
    """The filters in force, in words, each with the address without it."""
    found = []
    for number, one in enumerate(query.ask().filters):
        rest = tuple(part for index, part in enumerate(query.f) if index != number)
        known = shown.lens.by_name.get(one.column)
        if known is None:
            continue
        operator = text(language, f"ledger.op.{one.operator}")
        values = (
            "***"
            if known.masked
            else "、".join(_filter_value(shown, known, value) for value in one.values)
        )
        label = f"{shown.label(known)} {operator} {values}".strip()
        found.append({"text": label, "href": query.href(f=rest, after="")})
    return found


def _filter_value(shown: Showing, column: Column, value: str) -> str:
    if column.field.schema.get("format") == DIVISION:
        return value
    return shown.display(column, value) or value


def filter_choices(shown: Showing, language: str) -> list[dict[str, Any]]:
    """Columns with the operators to filter by and the values to choose from; scripts that are without network
    let people type by the same.
    """
    return [
        {
            "name": one.name,
            "label": shown.label(one),
            "kind": filters.kind(one),
            "edit": not one.computed and not one.files,
            "masked": one.masked,
            "period": one.field.schema.get("format") == "period",
            "operators": [
                {"value": op, "text": text(language, f"ledger.op.{op}")}
                for op in filters.OPERATORS[filters.kind(one)]
            ],
            "options": words.options(ledger.item(shown.form, one.name), shown.dictionary, language),
        }
        for one in shown.lens.columns
    ]


def written(one: Filter) -> str:
    """A filter as an address writes it."""
    return ":".join((one.column, one.operator, "|".join(one.values)))


def _filter(given: str) -> Filter:
    name, _, rest = given.partition(":")
    operator, _, values = rest.partition(":")
    return Filter(name, operator, tuple(part for part in values.split("|") if part))
