"""`01行≥其中项之和`: the rows that stand under a row as its parts, put in place of these words."""

import re
from collections.abc import Iterator, Sequence

from forms.importers.excel.proposal import Item

_CODE = r"第?\s*[（(]?\s*(?P<code>[A-Za-z]{0,2}\d{1,4})\s*[)）]?\s*(?:行|项)?"
_RELATION = r"\s*(?:应当|应该|必须|应|须)*\s*(?:[<>=≤≥＝＜＞≦≧]+|不?(?:大于|小于|少于|低于|超过)(?:或?等于)?|等于)\s*"
_PARTS = re.compile(
    rf"(?P<left>{_CODE}(?P<told>{_RELATION}))(?:其中|下级|所属|各分|分|子|明细)(?:各)?[项行](?:目|次)?(?:数据?|的)?(?:之和|合计|相加)"
)


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
