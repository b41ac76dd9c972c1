"""Where on a sheet rules are printed, and which items their numbers mean: columns or rows."""

import re
from collections.abc import Callable, Iterator, Sequence

from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.labels.blocks import Surroundings
from forms.importers.excel.printed_rules import rule_places
from forms.importers.excel.printed_rules.placed_rules import Placed
from forms.importers.excel.printed_rules.reckoned import Reckoned, reckoned
from forms.importers.excel.printed_rules.rule_parser import EVERY_ITEM, CannotRead
from forms.importers.excel.printed_rules.rule_parts import totalled, with_parts
from forms.importers.excel.printed_rules.rule_words import apart, states_a_relation
from forms.importers.excel.printed_rules.rules import (
    PrintedRule,
    Unread,
    looks_like_rules,
    numbers_told,
    places_told,
    read_rules,
    rule_texts,
)
from forms.importers.excel.printed_rules.spots import limited
from forms.importers.excel.printed_rules.table_words import Titled
from forms.importers.excel.proposal import Item, SheetCheck, Warning_

_BRACKETED = re.compile(r"[（(]\s*\d{1,3}\s*[)）]")
_BARE = re.compile(r"(?<![（(\d.])(?!(?:0|100)(?!\d))\d+(?![\d)）.%])")
_NOTE = re.compile(
    r"^\s*(?:(?:备?注|(?:填表|填报)?说明)\s*\d*\s*[:：]\s*)?(?:\d{1,2}[.．]\s*(?=[\u4e00-\u9fff]))?"
)
_MARKS = (
    ("column", "code"),
    ("row", "code"),
    ("cell", "code"),
    ("row", "number"),
    ("column", "number"),
)
_LONGEST = 200


def printed_checks(
    grid: Grid, around: Surroundings, items: Sequence[Item], titled: Titled
) -> tuple[list[SheetCheck], list[Warning_]]:
    """Every printed rule as a check on the items of the table it fits best."""
    checks: list[SheetCheck] = []
    warnings: list[Warning_] = []
    noted = {cell.ref for cell in around.notes}
    placed = Placed(titled, items)
    for cell in grid.cells:
        if cell.blank or cell.kind != "text":
            continue
        passages = list(rule_texts(cell.text))
        if not passages and cell.ref in noted:
            told = [_NOTE.sub("", one) for one in cell.text.split("。")]
            passages = [one for one in told if _states(one, placed)]
        for passage in passages:
            rest, of_totals = totalled(passage, items, cell.ref)
            checks.extend(of_totals)
            got, unread = _fitting(rest, cell, items, placed)
            checks.extend(got)
            warnings.extend(unread)
    for one in reckoned(grid, items, titled.tables):
        got, unread = _reckoned(one, items)
        said = {(check.formula, check.table) for check in checks}
        checks.extend(check for check in got if (check.formula, check.table) not in said)
        warnings.extend(unread)
    return checks, warnings


Scope = tuple[int, str, str]
_NO_SCOPE: Scope = (0, "", "")


def _states(text: str, placed: Placed) -> bool:
    """Whether a sentence of a note is a rule: by its signs, by numbers, by names of rows or columns."""
    named = placed.named(text) > 1 and len(text) <= _LONGEST and states_a_relation(text)
    return looks_like_rules(text) or places_told(text) or numbers_told(text) or named


def _reckoned(one: Reckoned, items: Sequence[Item]) -> tuple[list[SheetCheck], list[Warning_]]:
    """The check of a row or column that says itself what it comes to."""
    unread: list[Unread] = []
    for scope in _scopes(items):
        if scope[:2] != (one.table, one.axis):
            continue
        rules, unread = read_rules(one.text, _lookup(items, scope))
        if rules and not unread:
            return [_check(rule, scope, one.cell, items) for rule in rules], []
    return [], [Warning_(f"sheet.rule-{left.reason}", one.cell.ref, left.text) for left in unread]


def _fitting(
    passage: str, cell: Cell, items: Sequence[Item], placed: Placed
) -> tuple[list[SheetCheck], list[Warning_]]:
    """Numbers of one passage mean either columns or rows, of one table: the reading that explains most.

    What that reading leaves may still speak of the others, if it reads whole there; or of single cells
    and of several tables.
    """
    scopes = _scopes(items)
    text, places = rule_places.marked(apart(with_parts(passage, items)))
    text = rule_places.with_times(text, places, placed.labels)
    read = {scope: read_rules(text, _lookup(items, scope)) for scope in scopes}
    bracketed = bool(_BRACKETED.search(passage)) and not _BARE.search(passage)  # `(1)≥(2)+(3)`
    best = min(
        scopes,
        key=lambda scope: (len(read[scope][1]), (scope[1] == "column") != bracketed),
        default=None,
    )
    rules, unread = read[best] if best else read_rules(text, _lookup((), _NO_SCOPE))
    checks = [one for rule in rules for one in _checks(rule, best or _NO_SCOPE, cell, items)]
    warnings: list[Warning_] = []
    for one in unread:
        for scope in scopes:
            more, left = read_rules(one.text, _lookup(items, scope)) if scope != best else ([], [])
            if more and not left:
                checks.extend(one for rule in more for one in _checks(rule, scope, cell, items))
                break
        else:
            got, told = _placed(one, placed, places, cell)
            checks.extend(got)
            warnings.extend(told)
    return checks, warnings


def _placed(
    one: Unread, placed: Placed, places: dict[str, rule_places.Place], cell: Cell
) -> tuple[list[SheetCheck], list[Warning_]]:
    """What the numbers alone did not tell: by cells and tables, else the words and the reason."""
    words = rule_places.unmarked(one.text, places)
    try:
        checks, counted = placed.read(one.text, places, cell.ref)
    except CannotRead as error:
        marked = bool(rule_places.named(one.text))
        reason = error.reason if marked else one.reason
        return [], [Warning_(f"sheet.rule-{reason}", cell.ref, words)]
    told = [Warning_("sheet.rule-counted", cell.ref, words)] if counted else []
    return checks, told


def _checks(
    rule: PrintedRule, scope: Scope, cell: Cell, items: Sequence[Item]
) -> Iterator[SheetCheck]:
    """The check of a rule; one a column where it speaks of every figure."""
    if EVERY_ITEM not in rule.formula:
        yield _check(rule, scope, cell, items)
        return
    for item in items:
        mine = item.axis == "column" and item.role == "value" and not item.derived
        if (
            mine
            and item.type in ("number", "integer")
            and item.table == (scope[0] if scope[1] else item.table)
        ):
            formula = rule.formula.replace(EVERY_ITEM, item.name)
            yield SheetCheck(rule.text, formula, rule.severity, "rows", cell.ref, item.table)


def _check(rule: PrintedRule, scope: Scope, cell: Cell, items: Sequence[Item]) -> SheetCheck:
    table, axis, _ = scope
    over = {"column": "rows", "row": "columns"}.get(axis, "")
    return SheetCheck(
        text=rule.text,
        formula=_in_percent(rule.formula, items),
        severity=rule.severity,
        over=over,
        cell=cell.ref,
        table=table,
        only=limited(rule.only, items, table) if axis == "row" else (),
        tolerance=rule.tolerance,
    )


def _in_percent(formula: str, items: Sequence[Item]) -> str:
    """`05=04÷03×100%` where item 05 is told in percent: a hundred times the share."""
    target = formula.partition(" ")[0]
    told = any(item.name == target and item.unit in ("%", "％") for item in items)
    return formula.replace("* (100 / 100)", "* 100") if told else formula


def _scopes(items: Sequence[Item]) -> list[Scope]:
    """What numbers may mean: codes of columns, of rows, of single items; last, numbers of either."""
    found: dict[Scope, None] = {}
    for axis, mark in _MARKS:
        for item in items:
            if item.axis == axis and getattr(item, mark):
                found[item.table, axis, mark] = None
    return list(found)


def _lookup(items: Sequence[Item], scope: Scope) -> Callable[[str, str], str | None]:
    table, axis, mark = scope
    names = {
        _code(getattr(item, mark)): item.name
        for item in reversed(items)
        if getattr(item, mark) and item.table == table and item.axis == axis
    }

    def lookup(code: str, hint: str) -> str | None:
        return names.get(_code(code)) if hint in ("", axis) else None

    return lookup


def _code(code: str | None) -> str:
    text = (code or "").strip()
    return str(int(text)) if text.isdigit() else text.upper()
