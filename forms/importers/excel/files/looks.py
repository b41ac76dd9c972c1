"""The styles of a workbook, as far as they tell what a cell is for."""

from dataclasses import dataclass
from typing import Any

from forms.importers.excel.files.formats import format_code
from forms.importers.excel.files.grid import PLAIN, Look
from forms.importers.excel.files.guard import Package, parse_xml

_MAX_STYLES = 64_000


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks by the index that cells carry."""

    by_index: tuple[Look, ...] = (PLAIN,)

    def of(self, index: str | None) -> Look:
        """The look of a cell's style; an unknown one is plain."""
        try:
            return self.by_index[int(index or "0")]
        except (ValueError, IndexError):
            return PLAIN


def read_looks(package: Package, part: str) -> Looks:
    """The looks of a workbook; one without styles has the plain one only."""
    if not part or not package.has(part):
        return Looks()
    root = parse_xml(package.bytes(part, 32 * 1024 * 1024), part)
    custom = {
        int(one.get("numFmtId") or 0): one.get("formatCode") or "General"
        for one in root.iterfind("{*}numFmts/{*}numFmt")
        if (one.get("numFmtId") or "").isdigit()
    }
    fonts = [_font(one) for one in root.iterfind("{*}fonts/{*}font")]
    fills = [_filled(one) for one in root.iterfind("{*}fills/{*}fill")]
    borders = [_bordered(one) for one in root.iterfind("{*}borders/{*}border")]
    found = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        found.append(_look(style, custom, fonts, fills, borders))
        if len(found) >= _MAX_STYLES:
            break
    return Looks(tuple(found) or (PLAIN,))


def _look(
    style: Any,
    custom: dict[int, str],
    fonts: list[tuple[bool, float]],
    fills: list[bool],
    borders: list[bool],
) -> Look:
    align = style.find("{*}alignment")
    guard = style.find("{*}protection")
    bold, size = _pick(fonts, style.get("fontId"), (False, 0.0))
    return Look(
        format=format_code(int(style.get("numFmtId") or 0), custom),
        bold=bold,
        size=size,
        filled=_pick(fills, style.get("fillId"), False),
        bordered=_pick(borders, style.get("borderId"), False),
        align=(align.get("horizontal") or "") if align is not None else "",
        indent=int(align.get("indent") or 0) if align is not None else 0,
        locked=guard is None or guard.get("locked") not in ("0", "false"),
    )


def _pick(known: list[Any], index: str | None, default: Any) -> Any:
    place = int(index or 0)
    return known[place] if 0 <= place < len(known) else default


def _font(element: Any) -> tuple[bool, float]:
    bold = element.find("{*}b")
    size = element.find("{*}sz")
    try:
        points = float((size.get("val") or 0) if size is not None else 0)
    except ValueError:
        points = 0.0
    return bold is not None and bold.get("val") not in ("0", "false"), points


def _filled(element: Any) -> bool:
    pattern = element.find("{*}patternFill")
    kind = pattern.get("patternType") if pattern is not None else None
    if kind in (None, "none", "gray125"):
        return element.find("{*}gradientFill") is not None
    colour = pattern.find("{*}fgColor")
    return colour is None or (colour.get("rgb") or "").upper() not in ("FFFFFFFF", "00FFFFFF")


def _bordered(element: Any) -> bool:
    sides = [element.find(f"{{*}}{side}") for side in ("left", "right", "top", "bottom")]
    return sum(side is not None and side.get("style") not in (None, "none") for side in sides) >= 2
