"""Drop-down lists whose choices stand in cells: `=代码表!$A$1:$A$6`, or a name that was given to such cells."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from forms.importers.excel.files.grid import Cell, Rule, Span, column_number

MOST = 300
"""A list of more choices is a register, and no drop-down."""
_CELLS = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([^'!\[\]()]+))!)?"
    r"\$?([A-Z]{1,3})\$?(\d+)?(?::\$?([A-Z]{1,3})\$?(\d+)?)?"
)
CellsOf = Callable[[str], Sequence[Cell]]


def rule_of(element: Any) -> Rule:
    """A validation as it stands in the file.

    A list on another sheet Excel writes among the extensions, its parts one level deeper.
    """
    where = element.get("sqref") or element.findtext("{*}sqref") or ""
    spans = [Span.parse(ref) for ref in where.split()[:200]]
    told = (element.findtext("{*}formula1/{*}f"), element.findtext("{*}formula1"))
    first = next(filter(None, told), "").strip()
    choices: tuple[str, ...] = ()
    if element.get("type") == "list" and first.startswith('"'):
        choices = tuple(item.strip() for item in first.strip('"').split(",") if item.strip())
    return Rule(
        spans=tuple(span for span in spans if span),
        type=element.get("type") or "none",
        choices=choices,
        operator=element.get("operator") or "between",
        first=first,
        second=(element.findtext("{*}formula2") or "").strip(),
    )


def with_choices(
    rules: Iterable[Rule], sheet: str, names: Mapping[str, str], cells_of: CellsOf
) -> tuple[Rule, ...]:
    """The rules, each list with what its cells say; `cells_of` gives the cells of a sheet by its name."""
    # a hostile workbook has a hundred thousand rules over one huge sheet: each is read once
    known = cache(cells_of)
    told = cache(lambda formula: _choices(formula, sheet, names, known))
    return tuple(
        replace(rule, choices=told(rule.first))
        if rule.type == "list" and not rule.choices and rule.first
        else rule
        for rule in rules
    )


def _choices(
    formula: str, sheet: str, names: Mapping[str, str], cells_of: CellsOf
) -> tuple[str, ...]:
    said = formula.removeprefix("=").strip()
    found = _CELLS.fullmatch(names.get(said.casefold(), said).removeprefix("=").strip())
    if found is None:
        return ()
    first, last = column_number(found[3]), column_number(found[5] or found[3])
    top = int(found[4] or 1)
    bottom = int(found[6] or (found[4] if found[5] is None and found[4] else 10**7))
    where = (found[1] or found[2] or sheet).replace("''", "'")
    told = [
        cell.text.strip()
        for cell in sorted(cells_of(where), key=lambda one: (one.row, one.col))
        if top <= cell.row <= bottom and first <= cell.col <= last and not cell.blank
    ]
    return tuple(dict.fromkeys(told)) if len(told) <= MOST else ()
