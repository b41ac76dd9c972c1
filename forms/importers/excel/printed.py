"""Where on a sheet rules are printed, and which items their numbers mean: columns or rows."""

from collections.abc import Callable, Sequence

from forms.importers.excel.blocks import Surroundings
from forms.importers.excel.grid import Cell, Grid
from forms.importers.excel.proposal import Item, SheetCheck, Warning_
from forms.importers.excel.rules import looks_like_rules, read_rules, rule_texts


def printed_checks(
    grid: Grid, around: Surroundings, items: Sequence[Item]
) -> tuple[list[SheetCheck], list[Warning_]]:
    """Every printed rule as a check on the items of the table it fits best."""
    checks: list[SheetCheck] = []
    warnings: list[Warning_] = []
    noted = {cell.ref for cell in around.notes}
    for cell in grid.cells:
        if cell.blank or cell.kind != "text":
            continue
        passages = list(rule_texts(cell.text))
        if not passages and cell.ref in noted and looks_like_rules(cell.text):
            passages = [cell.text]
        for passage in passages:
            got, unread = _fitting(passage, cell, items)
            checks.extend(got)
            warnings.extend(unread)
    return checks, warnings


def _fitting(
    passage: str, cell: Cell, items: Sequence[Item]
) -> tuple[list[SheetCheck], list[Warning_]]:
    """Numbers of one passage mean either columns or rows, of one table: the reading that explains most."""
    best: tuple[int, list[SheetCheck], list[Warning_]] | None = None
    for table, axis, mark in _scopes(items):
        rules, unread = read_rules(passage, _lookup(items, table, axis, mark))
        over = "rows" if axis == "column" else "columns"
        checks = [
            SheetCheck(
                text=rule.text,
                formula=rule.formula,
                severity=rule.severity,
                over=over if axis != "cell" else "",
                cell=cell.ref,
                table=table,
                only=_columns(rule.only, items, table) if axis == "row" else (),
            )
            for rule in rules
        ]
        warnings = [Warning_(f"sheet.rule-{one.reason}", cell.ref, one.text) for one in unread]
        if best is None or len(warnings) < best[0]:
            best = (len(warnings), checks, warnings)
    if best is None:
        return [], [Warning_("sheet.rule-grammar", cell.ref, passage[:200])]
    return best[1], best[2]


def _scopes(items: Sequence[Item]) -> list[tuple[int, str, str]]:
    """What numbers may mean: codes of columns, of rows, of single items; last, column numbers."""
    found: dict[tuple[int, str, str], None] = {}
    for axis, mark in (("column", "code"), ("row", "code"), ("cell", "code"), ("column", "number")):
        for item in items:
            if item.axis == axis and getattr(item, mark):
                found[item.table, axis, mark] = None
    return list(found)


def _lookup(
    items: Sequence[Item], table: int, axis: str, mark: str
) -> Callable[[str, str], str | None]:
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


def _columns(words: Sequence[str], items: Sequence[Item], table: int) -> tuple[str, ...]:
    """Columns that a bracket behind a code names, `01（面积、产量）=…`; else all that add up.

    Yields, prices and percentages of parts do not make up those of the whole.
    """
    values = [
        item
        for item in items
        if item.axis == "column" and item.table == table and item.role == "value"
    ]
    named = [one for one in values if any(word in "".join(one.path) for word in words)]
    chosen = named or [one for one in values if not one.derived]
    return tuple(one.name for one in chosen) if len(chosen) < len(values) else ()
