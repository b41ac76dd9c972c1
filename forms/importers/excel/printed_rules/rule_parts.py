"""Rules about the parts of a row: `01行≥其中项之和`, and `合计=各村之和` of a table with a row of totals."""

import re
from collections.abc import Iterator, Sequence

from forms.importers.excel.proposal import Item, SheetCheck

_CODE = r"第?\s*[（(]?\s*(?P<code>[A-Za-z]{0,2}\d{1,4})\s*[)）]?\s*(?:行|项)?"
_RELATION = r"\s*(?:应当|应该|必须|应|须)*\s*(?:[<>=≤≥＝＜＞≦≧]+|不?(?:大于|小于|少于|低于|超过)(?:或?等于)?|等于)\s*"
_FEWEST = 2
_PARTS = re.compile(
    rf"(?P<left>{_CODE}(?P<told>{_RELATION}))(?:其中|下级|所属|各分|分|子|明细)(?:各)?[项行](?:目|次)?(?:数据?|的)?(?:之和|合计|相加)"
)

_TOTALLED = re.compile(
    r"(?:合计|总计)[数行]?\s*(?:应|须)?(?:[=＝]|等于)\s*(?:以上|以下|其余|下列)?各[\u4e00-\u9fff]{0,8}?的?(?:之和|合计|相加|总和)"
)


def totalled(passage: str, items: Sequence[Item], cell: str) -> tuple[str, list[SheetCheck]]:
    """What is left of a passage, and the checks of `合计=各村之和`: of the one row of totals, by column."""
    said = _TOTALLED.search(passage)
    totals = [item for item in items if item.axis == "row" and item.total]
    if said is None or len(totals) != 1:
        return passage, []
    table = totals[0].table
    parts = [one.name for one in items if _is_part(one, table)]
    only = tuple(one.name for one in items if _adds_up(one, table))
    if len(parts) < _FEWEST or not only:
        return passage, []
    formula = f"{totals[0].name} = {' + '.join(parts)}"
    check = SheetCheck(said[0], formula, "error", "columns", cell, table, only)
    return passage[: said.start()] + passage[said.end() :], [check]


def _is_part(item: Item, table: int) -> bool:
    own = item.axis == "row" and item.table == table and item.type == "object"
    return own and not (item.total or item.derived or item.indent)


def _adds_up(item: Item, table: int) -> bool:
    own = item.axis == "column" and item.table == table and item.role == "value"
    return own and item.type in ("number", "integer") and not item.derived


def with_parts(passage: str, items: Sequence[Item]) -> str:
    """The passage with codes for 其中项之和, where the row it speaks of has parts that are coded."""

    def told(match: re.Match[str]) -> str:
        parts = list(_parts_of(match["code"].lstrip("0"), items))
        return match["left"] + "+".join(f"{code}行" for code in parts) if parts else match[0]

    return _PARTS.sub(told, passage)


def _parts_of(code: str, items: Sequence[Item]) -> Iterator[str]:
    """The codes of the rows right below one, one step deeper."""
    rows = [item for item in items if item.axis == "row" and item.code]
    place = next((n for n, one in enumerate(rows) if (one.code or "").lstrip("0") == code), None)
    if place is None:
        return
    over = rows[place]
    deeper = None
    for one in rows[place + 1 :]:
        if one.table != over.table or one.indent <= over.indent:
            return
        deeper = one.indent if deeper is None else deeper
        if one.indent == deeper and one.code and not one.derived:
            yield one.code
