"""Rows of a header that name nothing: 甲 乙 丙 1 2 3, a row of units, a row of codes."""

import itertools
import re
from dataclasses import dataclass

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.words import figure

_STEM = re.compile(r"[甲乙丙丁戊己庚辛壬癸A-J]")
_NUMBER = re.compile(r"[（(【\[]?(\d{1,3})[)）】\]]?")
_DASH = re.compile(r"[-—－–]{1,2}")
_UNIT_HEAD = re.compile(r"(?:计[量算])?单位")
_CODE_HEAD = re.compile(
    r"(?:汇总)?(?:代\s*码|编\s*码|编\s*号|栏\s*次|列\s*次|行\s*次|列\s*号|代码总汇|序号|项目编号)"
)

_COUNTED = re.compile(
    r"(?P<before>第?)(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3}|(?:19|20)\d{2})"
    r"(?P<after>月份?|[日号天周旬组期批季]|季度|星期|年级?|年度|学年)"
)
_STEPS = 2  # from one to the next
_RECKONED = re.compile(r"([（(]?(?:\d{1,3}|[A-J])[)）]?)\s*[=＝].*(?:\d|[A-J]).*")
_LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """A row of a header that carries numbers, units or codes by column."""

    row: int
    kind: str  # numbers units codes
    by_column: tuple[tuple[int, str], ...]
    reckoned: tuple[str, ...] = ()  # where a number says what it comes to: `5=1+2-3`


def bare_number(text: str) -> str:
    """`5=1+2-3` under a heading is number 5."""
    flat = words.squeezed(text)
    match = _RECKONED.fullmatch(flat)
    return match[1] if match else flat


def is_reckoned(text: str) -> bool:
    """Whether a column's number says what the column comes to."""
    return bool(_RECKONED.fullmatch(words.squeezed(text)))


def auxiliary_rows(grid: Grid, area: Span) -> list[Auxiliary]:
    """All such rows of an area."""
    found: list[Auxiliary] = []
    for row in range(area.top, area.bottom + 1):
        cells = [c for c in grid.row(row) if area.left <= c.col <= area.right and not c.blank]
        if _are_units(grid, row, cells):
            cells = [c for c in cells if c.row == row]
            units = tuple((c.col, words.squeezed(c.text)) for c in cells)
            found.append(Auxiliary(row, "units", units))
            continue
        if len(cells) < 2 or any(c.rows > 1 for c in cells):
            continue
        kind = _kind(cells, grid, row, found[-1].row if found else 0)
        if kind:
            by_column = tuple((c.col, bare_number(c.text)) for c in cells)
            reckoned = tuple(c.ref for c in cells if is_reckoned(c.text))
            found.append(Auxiliary(row, kind, by_column, reckoned))
    return found


def _are_units(grid: Grid, row: int, cells: list[Cell]) -> bool:
    """A unit under every heading that is not as tall as this row reaches, none of them divided by it."""
    return _stand_under(row, cells) and all(_heads_one(grid, c) for c in cells if c.row == row)


def _stand_under(row: int, cells: list[Cell]) -> bool:
    """Nothing but units, beside headings that reach down to this row."""
    tall = [cell for cell in cells if cell.row < row]
    own = [cell for cell in cells if cell.row == row]
    return (
        len(own) > 1
        and bool(tall)
        and all(cell.bottom == row for cell in tall)
        and all(cell.rows == 1 and words.is_unit(cell.text) for cell in own)
    )


def _heads_one(grid: Grid, unit: Cell) -> bool:
    up = grid.at(unit.row - 1, unit.col)
    return not up.blank and up.col == unit.col and up.cols == unit.cols and up.kind == "text"


def _kind(cells: list[Cell], grid: Grid, row: int, previous: int) -> str | None:
    texts = [bare_number(cell.text).replace(" ", "") for cell in cells]
    if _is_numbering(texts) and _under_words(grid, row):
        return "numbers"
    head, rest = texts[0], texts[1:]
    rest = [text for text in rest if not _STEM.fullmatch(text)]
    units = sum(words.is_unit(text) for text in rest)
    dashes = sum(bool(_DASH.fullmatch(text)) for text in rest)
    if units >= 2 and units + dashes == len(rest) and _headed(grid, row, head, units):
        return "units"
    codes = [int(text) for text in rest if text.isdigit() and len(text) <= 4]
    if len(codes) >= 2 and len(codes) + dashes == len(rest):
        rising = sum(b > a for a, b in itertools.pairwise(codes))
        headed = bool(_CODE_HEAD.fullmatch(head))
        plain = head.isdigit() or bool(_STEM.fullmatch(head) or _DASH.fullmatch(head))
        if (
            rising >= 0.8 * (len(codes) - 1)
            and (headed or (plain and previous == row - 1))
            and len(set(codes)) == len(codes)
        ):
            return "codes"
    return None


def _headed(grid: Grid, row: int, head: str, units: int) -> bool:
    """A row of units says so at its head, or has one for most columns."""
    return bool(_UNIT_HEAD.match(head)) or units >= 0.5 * len(grid.row(row))


def _is_numbering(texts: list[str]) -> bool:
    """甲 乙 1 2 3, once or once a panel; at least a stem, or numbers from 1 upwards."""
    stems = sum(bool(_STEM.fullmatch(text)) for text in texts)
    numbers = [int(m[1]) for text in texts if (m := _NUMBER.fullmatch(text))]
    dashes = sum(bool(_DASH.fullmatch(text)) for text in texts)
    letters = [text for text in texts if text in _LETTERS]
    lettered = len(letters) > 2 and "".join(letters) == _LETTERS[: len(letters)]
    if lettered and len(letters) + dashes >= len(texts) - 1:
        return bool(letters[0] == texts[0] or _CODE_HEAD.fullmatch(texts[0]))
    if stems + len(numbers) + dashes != len(texts) or not numbers:
        return False
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    regular = all(step == 1 or number == 1 for step, number in zip(steps, numbers[1:], strict=True))
    return regular and numbers[0] in (1, 2) and (stems > 0 or len(numbers) >= 3)


def _under_words(grid: Grid, row: int) -> bool:
    if row == 1:
        return False
    above = [cell for cell in grid.row(row - 1) if not cell.blank]
    return bool(above) and sum(words.is_number(cell.text) for cell in above) < 0.3 * len(above)


def rows_above(grid: Grid, area: Span, aux: list[Auxiliary]) -> frozenset[int]:
    """Rows that must be headings because a row of numbers, units or codes stands under them."""
    found = {one.row for one in aux}
    for one in aux:
        row = one.row - 1
        while row >= area.top and row not in found and one.row - row <= 8:
            cells = [
                cell
                for cell in grid.row(row)
                if cell.row == row and area.left <= cell.col <= area.right and not cell.blank
            ]
            if any(_is_answer(cell) for cell in cells) or (
                len(cells) == 1 and _is_wide(cells[0], area)
            ):
                break
            found.add(row)
            row -= 1
    return frozenset(found)


def sure_headings(grid: Grid, area: Span) -> frozenset[int]:
    """Rows that can be nothing else: `1月 2月 3月` along the top, and units that divide the heads above."""
    found: set[int] = set()
    for row in range(area.top, area.bottom + 1):
        cells = [c for c in grid.row(row) if area.left <= c.col <= area.right and not c.blank]
        if _counts_on(cells):
            found.add(row)
        elif _stand_under(row, cells) and any(_divides(grid, c) for c in cells if c.row == row):
            found |= {row - 1, row}
    return frozenset(found)


def _divides(grid: Grid, unit: Cell) -> bool:
    up = grid.at(unit.row - 1, unit.col)
    return not up.blank and up.cols > unit.cols and up.kind == "text"


def _counts_on(cells: list[Cell]) -> bool:
    """`1月 2月 3月`, `第一季度 第二季度 第三季度`, `1日 2日 3日` side by side."""
    found = [_COUNTED.fullmatch(words.squeezed(cell.text)) for cell in cells]
    run = 0
    for before, here in itertools.pairwise(found):
        follows = (
            before is not None
            and here is not None
            and before["after"] == here["after"]
            and int(figure(here["number"])) == int(figure(before["number"])) + 1
        )
        run = run + 1 if follows else 0
        if run >= _STEPS:
            return not any(cell.kind == "number" for cell in cells)
    return False


def _is_answer(cell: Cell) -> bool:
    text = cell.text.strip()
    return (
        (cell.kind != "text" and not words.is_year(text))
        or words.has_choice(text)
        or words.is_number(text)
        or len(text) > 60
        or bool(re.match(r"\s*续\s*表", text))
    )


def _is_wide(cell: Cell, area: Span) -> bool:
    return cell.cols >= 0.8 * (area.right - area.left + 1)
