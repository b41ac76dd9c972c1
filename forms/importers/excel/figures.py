"""Rows that are facts themselves: 常住人口 | 人 | 01 | ____, and the column in which their figure of now stands."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from engine.dictionary.field import Field
from engine.dictionary.match import Asked, Match, Matcher, plain
from forms.importers.excel.proposal import Item, Table

_FIGURE = re.compile(
    r"(?:实有|实际|统计|指标)?(?:数量|数值|数额|数据|数目|合计|总计|总数|计|值|数|实际|实有)|(?:本[期月季年]度?|[本]?(?:期|月|季|年)末)(?:数|值|数量|合计|实有数|实际)?"
)
_OTHER_TIME = re.compile(
    r"上[年月季期]|去年|前年|同期|同比|环比|累计|期初|年初|计划|目标|预计|增减|增长"
)
_ALONE = 3
"""A row within another that is called by fewer characters says nothing without it: 其中：女."""
_DOUBTFUL = 0.65
_MOST = 400
"""A table of more rows lists things; no office is asked for so many facts of itself on one sheet."""
_NUMBERS = ("integer", "number")


def figure(row: Item, columns: Sequence[Item]) -> Item | None:
    """The one column that says how much of the row there is now; none where several could be."""
    closed = {ref.rstrip("0123456789") for ref in row.closed}
    open_ = [
        one
        for one in columns
        if one.role == "value" and row.panel < len(one.columns)
        if one.columns[row.panel] not in closed and not one.derived
        if not any(_OTHER_TIME.search(plain(part)) for part in one.path)
    ]
    found = [one for one in open_ if _FIGURE.fullmatch(plain(one.path[-1]))]
    return found[0] if len(found) == 1 else None


def asking(items: Sequence[Item], tables: Sequence[Table]) -> dict[int, Item]:
    """The rows that ask for one figure each, by their place among the items, with that column."""
    columns = [
        [one for one in items if one.axis == "column" and one.table == n]
        for n in range(len(tables))
    ]
    rows = Counter(one.table for one in items if one.axis == "row")
    found = {}
    for n, row in enumerate(items):
        if row.axis != "row" or row.type != "object" or row.derived or row.total:
            continue
        if tables[row.table].kind == "floating" or rows[row.table] > _MOST:
            continue
        column = figure(row, columns[row.table])
        if column is not None:
            found[n] = column
    return found


def matched(
    items: Sequence[Item],
    rows: dict[int, Item],
    fields: Sequence[Field],
    matcher: Matcher,
    unit: str | None,
) -> list[tuple[Match, ...]]:
    """The fields that each of some rows may be: numbers of the unit that reports."""
    known = {one.code: one for one in fields}
    found = matcher.match([_asked(items, n, column, unit or "") for n, column in rows.items()])
    return [
        tuple(
            _within(items[n], one)
            for one in matches
            if known[one.field].subject == "org" and known[one.field].schema.get("type") in _NUMBERS
        )
        for n, matches in zip(rows, found, strict=True)
    ]


def _asked(items: Sequence[Item], n: int, column: Item, unit: str) -> Asked:
    row = items[n]
    above = _holder(items, n)
    path = (*row.path[:-1], *((above.path[-1],) if above else ()), row.path[-1])
    return Asked(path=path, unit=row.unit or column.unit, type="number", units=unit)


def _holder(items: Sequence[Item], n: int) -> Item | None:
    """The row within which this one stands, by how far they are set in."""
    row = items[n]
    if not row.indent:
        return None
    before = (
        one
        for one in reversed(items[:n])
        if (one.axis, one.table, one.panel) == ("row", row.table, row.panel)
    )
    return next((one for one in before if one.indent < row.indent), None)


def _within(row: Item, match: Match) -> Match:
    short = row.indent > 0 and len(plain(row.path[-1])) < _ALONE
    if not short or {"path", "learned"} & set(match.reasons):
        return match
    return replace(match, confidence=min(match.confidence, _DOUBTFUL))
