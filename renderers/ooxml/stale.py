"""Which remembered results of formulas no longer hold once cells of the sheet are written.

A heading such as `=A1&"年"` that asks nothing that changed keeps its result, so that it can be read
where nobody calculates: in a preview, on a phone, when the workbook comes back.
"""

import re
from collections.abc import Collection, Mapping

from renderers.ooxml.addresses import Area
from renderers.ooxml.formulas import pieces

Cell = tuple[int, int]
_PLAIN = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?", re.IGNORECASE)
_RESTLESS = re.compile(r"\b(?:TODAY|NOW|RAND\w*|OFFSET|INDIRECT|INDEX|CELL|INFO|ROWS?)\s*\(", re.IGNORECASE)  # fmt: skip
_FEW = 400


def stale(
    formulas: Mapping[Cell, str], written: Collection[Cell], grown: Collection[tuple[int, int]] = ()
) -> set[Cell]:
    """The cells whose formulas ask what was written, or each other about it; `grown` are the first and
    last rows of lists into which rows are put. One that cannot be followed counts as stale.
    """
    asks = {cell: _areas(text) for cell, text in formulas.items()}
    found = {
        cell
        for cell, areas in asks.items()
        if areas is None or any(_grows(area, grown) for area in areas)
    }
    changed = {*written, *found}
    fresh = True
    while fresh:
        new = {
            cell
            for cell, areas in asks.items()
            if cell not in found and any(_touches(area, changed) for area in areas or ())
        }
        fresh = bool(new)
        found |= new
        changed |= new
    return found


def _grows(area: Area, grown: Collection[tuple[int, int]]) -> bool:
    """Whether an area takes in rows between which more are put."""
    return any(area.top <= last and first <= area.bottom for first, last in grown)


def _areas(text: str) -> list[Area] | None:
    """What a formula asks on its own sheet; None where it asks something else, or cannot be read."""
    if not text or _RESTLESS.search(text):
        return None
    found = []
    for piece, is_reference in pieces(text):
        if is_reference:
            if not _PLAIN.fullmatch(piece):
                return None
            found.append(Area.parse(piece.replace("$", "")))
    return found


def _touches(area: Area, changed: Collection[Cell]) -> bool:
    size = (area.bottom - area.top + 1) * (area.right - area.left + 1)
    if size > _FEW:
        return any(area.holds(*cell) for cell in changed)
    rows = range(area.top, area.bottom + 1)
    return any((row, col) in changed for row in rows for col in range(area.left, area.right + 1))
