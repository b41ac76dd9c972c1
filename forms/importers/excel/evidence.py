"""How much a single cell looks like a label rather than a value: a sum of small reasons, in log odds."""

import re
from dataclasses import dataclass

from forms.importers.excel import words
from forms.importers.excel.grid import Cell, Grid

_SPACED = re.compile(r"^[\u4e00-\u9fff](?:[\s\u3000]+[\u4e00-\u9fff]){1,5}[:：]?$")
_LATIN = re.compile(r"[A-Za-z0-9]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+\-]*")
_FILL_IN = re.compile(
    r"^[（(]?(?:盖章|签章|签名|签字|公章)|年\s{1,}月\s{1,}日|_{3,}|[自至]?\s*年 月 日"
)


@dataclass(frozen=True, slots=True)
class Contrast:
    """Which looks tell labels apart on this sheet; a look that all cells share tells nothing."""

    bold: bool
    filled: bool


def contrast(grid: Grid) -> Contrast:
    """Bold and fill count when some written cells have them and most do not."""
    written = [cell for cell in grid.cells if not cell.blank] or [Cell(1, 1)]
    bold = sum(cell.look.bold for cell in written) / len(written)
    filled = sum(cell.look.filled for cell in written) / len(written)
    return Contrast(bold=0.01 < bold < 0.6, filled=0.01 < filled < 0.6)


def likeness(cell: Cell, looks: Contrast) -> float:
    """Positive for a label, negative for a value; nought when it could be either."""
    if cell.blank:
        return -1.6
    if cell.formula:
        return -3.0
    score = _of_kind(cell)
    if score is None:
        score = _of_text(cell.text)
    if looks.bold:
        score += 1.0 if cell.look.bold else -0.3
    if looks.filled:
        score += 1.0 if cell.look.filled else -0.3
    return score


def _of_kind(cell: Cell) -> float | None:
    if cell.kind in ("number", "date", "time", "bool", "error"):
        return -0.4 if words.is_year(cell.text) else -2.6
    text = cell.text.strip()
    if words.is_number(text):
        return -0.2 if words.is_year(text) else -2.6
    if words.is_year(text):
        return 0.6
    if words.is_date(text) or words.is_contact(text):
        return -2.2
    if words.is_closed(text):
        return -1.6
    if words.is_measure(text):
        return -1.8
    if words.is_plain_data(text):
        return -2.0
    return None


def _of_text(text: str) -> float:
    flat = words.squeezed(text)
    size = len(flat)
    score = _of_size(size)
    if words.has_choice(text) or _FILL_IN.search(text.strip()):
        score -= 2.5
    if flat.endswith((":", "：")):
        score += 1.8
    if _SPACED.match(text.strip()):
        score += 1.4
    if words.ends_like_label(flat) and size <= 20:
        score += 1.3
    if words.unit_of(text)[1]:
        score += 0.8
    if words.is_enumerated(text) and size <= 30:
        score += 0.6
    score -= min(words.sentence_marks(flat), 3) * 0.7
    score -= min(flat.count("、"), 3) * 0.5
    latin = len(_LATIN.findall(flat)) / max(size, 1)
    if _CODE.fullmatch(flat) and any(char.isdigit() for char in flat):
        score -= 1.2
    elif latin > 0.5:
        score -= 0.5
    return score


def _of_size(size: int) -> float:
    if size <= 1:
        return 0.0
    if size <= 8:
        return 0.5
    if size <= 14:
        return 0.2
    if size <= 22:
        return -0.3
    return -1.0 if size <= 40 else -2.2
