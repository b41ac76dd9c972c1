"""Which columns hold the names of rows: more than the first where groups of rows are named there."""

import re
from collections.abc import Iterator, Sequence

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.evidence import value_kind

NUMBERED = re.compile(r"[（(]?(?:\d+(?:\.\d+)*|[一二三四五六七八九十]+)[)）]?[、.]?")
_BELOW = 12
_GRADES = ("一二三四五", "大中小细")


def nested_stubs(grid: Grid, area: Span, cells: Sequence[Cell]) -> Iterator[Cell]:
    """Columns of names right below a heading: beside tall names of groups, or beside their numbers."""
    if len(cells) < 3 or cells[0].col != area.left or cells[0].bottom >= area.bottom:
        return
    graded = _graded(cells)
    if graded:
        yield from graded
        return
    first = grid.at(cells[0].bottom + 1, area.left)
    beneath = range(first.row, min(first.row + _BELOW, area.bottom + 1))
    group = first
    if NUMBERED.fullmatch(first.text.strip()):
        group = grid.at(first.row, first.right + 1)
        if group.rows <= first.rows or not _are_tall(grid, group, beneath):
            parts = sum(_over_the_rest(grid, area, row, group.col) for row in beneath)
            if parts > 1 and cells[1].col == group.col and cells[1].cols == 1:
                yield cells[1]
            return
        yield group
    elif not _are_tall(grid, group, beneath, printed=words.is_printed_head(cells[1].text)):
        return
    group = next((one for row in beneath if (one := grid.at(row, group.col)).rows > 1), group)
    while group.rows > 1 and group.right < area.right - 1:
        inner = grid.at(group.row, group.right + 1)
        beside = [grid.at(row, inner.col) for row in range(group.row, group.bottom + 1)]
        said = any(value_kind(grid.at(row, inner.col)) == "text" for row in beneath)
        if inner.rows >= group.rows or not _are_names(beside, inner.col, measured=said):
            return
        yield inner
        group = inner


def _graded(cells: Sequence[Cell]) -> Sequence[Cell]:
    """`一级指标 二级指标 三级指标`, `大类 中类 小类`: the heads themselves tell how deep names go."""
    heads = [words.squeezed(cell.text) for cell in cells]
    for grades in _GRADES:
        if len(heads[0]) < 2 or heads[0][0] != grades[0]:
            continue
        kind = heads[0][1:]
        told = zip(heads, grades, strict=False)
        depth = next((n for n, (one, grade) in enumerate(told) if one != grade + kind), len(grades))
        return cells[1:depth]
    return ()


def _are_tall(grid: Grid, first: Cell, rows: range, *, printed: bool = False) -> bool:
    """Most rows of a column of names belong to names of several rows; lines of totals do not count.

    Beside 考核内容 and its like, under which every row has its own words, some are enough.
    """
    cells = [grid.at(row, first.col) for row in rows]
    parts = [cell for cell in cells if not words.is_total(cell.text)]
    tall = sum(cell.rows > 1 for cell in parts)
    return _is_name(first) and tall >= (0.3 if printed else 0.6) * len(parts)


def _are_names(cells: Sequence[Cell], col: int, *, measured: bool) -> bool:
    """Words beside the name of a group; what could be an answer, 小学 or 是, must not stand there twice.

    Nor must `20吨以上` where such names are `measured` too.
    """
    apart = {(cell.row, words.squeezed(cell.text)) for cell in cells}
    answers = [text for _, text in apart if words.is_plain_data(text) or words.is_measure(text)]
    return len(answers) == len(set(answers)) and all(
        cell.col == col and (_is_name(cell) or (measured and value_kind(cell) == "measure"))
        for cell in cells
    )


def _over_the_rest(grid: Grid, area: Span, row: int, col: int) -> bool:
    """The words from this column on stand over all that is left of the row."""
    cell = grid.at(row, col)
    return cell.col == col and cell.right >= area.right > col and not cell.blank


def _is_name(cell: Cell) -> bool:
    return not cell.blank and value_kind(cell) in ("text", "long")


def panel_stubs(heads: Sequence[str], spans: Sequence[int], wordy: int) -> int:
    """The first column, and where the same headings begin again beside it, the first one there."""
    if not spans:
        return 0
    stub = spans[0]
    for head, span in zip(heads, spans, strict=True):
        if head and head == heads[0]:
            stub |= span
    size = len(heads)
    for width in range(2, size // 2 + 1):
        begins = range(width, size, width)
        if (
            size % width == 0
            and all(spans[n] & wordy for n in begins)
            and all(
                heads[n]
                and heads[n] == heads[n % width]
                and spans[n].bit_count() == spans[n % width].bit_count()
                for n in range(width, size)
                if n % width
            )
        ):
            return stub | sum(spans[n] for n in begins)
    return stub
