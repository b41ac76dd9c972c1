"""Rows that ask although they stand among heads and rows: a label and the room for what it asks."""

from collections.abc import Sequence

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.evidence import is_to_be_signed, value_kind

_FEWEST = 3


def is_answer(cells: Sequence[Cell], area: Span) -> bool:
    """A label, and boxes or room to sign over all the rest of the width."""
    if len(cells) != 2 or cells[0].col != area.left or cells[0].blank:
        return False
    rest = cells[1]
    width = area.right - area.left + 1
    return (
        rest.cols > max(1, cells[0].cols)
        and rest.right >= area.right
        and (width > 2 and (words.has_choice(rest.text) or is_to_be_signed(rest.text)))
    )


def asking(grid: Grid, area: Span, number: int) -> Sequence[int]:
    """Which cells of a row are known to ask: the labels beside their room, or all, with room below."""
    cells = _cells(grid, area, number)
    if asks_with_boxes(cells) or asks(grid, area, number):
        return range(0, len(cells), 2)
    if _begins_a_group(grid, area, cells):
        return (0, *range(1, len(cells), 2))
    both = _is_over_signatures(grid, area, number) or _ask_themselves(grid, area, number)
    return range(len(cells) if both else 0)


def _ask_themselves(grid: Grid, area: Span, number: int) -> bool:
    """`16健康状况：` and `17生活状况：` side by side, each with room behind it; alone, if the next one is so."""
    cells = _cells(grid, area, number)
    if not _all_open(cells):
        return False
    after = [one for one in _cells(grid, area, number + 1) if number < area.bottom]
    return len(cells) > 1 or not after or _all_open(after)


def _all_open(cells: Sequence[Cell]) -> bool:
    return bool(cells) and all(
        cell.cols > 1 and cell.text.rstrip().endswith((":", "：")) for cell in cells
    )


def _begins_a_group(grid: Grid, area: Span, cells: Sequence[Cell]) -> bool:
    """Beside a tall name labels and room by turns, and so in the next row: `基本信息 | 姓名 | | 出生日期 |`."""
    boxes = any(words.has_choice(one.text) for one in cells)
    if len(cells) <= (2 if boxes else 4) or len(cells) % 2 == 0 or cells[0].col != area.left:
        return False
    below = _cells(grid, area, cells[0].row + 1)
    tall = not cells[0].blank and cells[0].rows > 1 and all(one.rows == 1 for one in cells[1:])
    return tall and _by_turns(cells[1:]) and _by_turns(below)


def _by_turns(cells: Sequence[Cell]) -> bool:
    told, room = cells[::2], cells[1::2]
    return (
        len(told) == len(room) > 0
        and all(one.blank or words.has_choice(one.text) for one in room)
        and all(value_kind(one) == "text" and not one.blank for one in told)
    )


def _is_over_signatures(grid: Grid, area: Span, number: int) -> bool:
    """Words side by side, each over room of its own to sign: what every office says of a card."""
    cells = _cells(grid, area, number)
    below = [grid.at(number + 1, cell.col) for cell in cells]
    return (
        1 < len(cells) == sum(is_to_be_signed(one.text) for one in below)
        and all(
            not c.blank and value_kind(c) == "text" and not is_to_be_signed(c.text) for c in cells
        )
        and all(
            (one.col, one.right) == (c.col, c.right) for c, one in zip(cells, below, strict=True)
        )
    )


def asks(grid: Grid, area: Span, number: int) -> bool:
    """Labels beside room that the heads of the next row divide, or below which a list is counted: no
    head stands over such room.
    """
    cells = _cells(grid, area, number)
    if (
        number >= area.bottom
        or len(cells) < 2
        or len(cells) % 2
        or any(cell.rows > 1 for cell in cells)
    ):
        return False
    if any(c.blank for c in cells[::2]) or not all(c.blank for c in cells[1::2]):
        return False
    heads = _cells(grid, area, number + 1)
    if not all(_may_head(one) for one in heads):
        return False
    if words.squeezed(heads[0].text) == "序号" and len(heads) >= len(cells):
        return grid.at(number + 2, heads[0].col).text.strip() == "1"
    if len(heads) <= len(cells):
        return False
    rooms = [cell for cell in cells[1::2] if cell.cols > 1]
    return any(grid.at(number + 1, room.col).right < room.right for room in rooms)


def _may_head(cell: Cell) -> bool:
    told = cell.text
    return value_kind(cell) == "text" and not (words.has_choice(told) or is_to_be_signed(told))


def heads_beside(grid: Grid, area: Span, number: int) -> bool:
    """Beside a tall name heads of one row, each over room of its own: `经办人 | 姓名 | 证号 | 电话`.

    The first may be over the serial numbers of the rows.
    """
    cells = _cells(grid, area, number)
    if len(cells) <= _FEWEST or cells[0].col != area.left or cells[0].rows == 1:
        return False
    below = [grid.at(number + 1, cell.col) for cell in cells[1:]]
    return (
        cells[0].bottom > number
        and all(c.rows == 1 and value_kind(c) == "text" for c in cells if c is not cells[0])
        and all(not words.has_choice(c.text) and not c.blank for c in cells)
        and all(
            (under.blank or (head is cells[1] and under.text.strip() == "1"))
            and (under.row, under.col, under.right) == (number + 1, head.col, head.right)
            for under, head in zip(below, cells[1:], strict=True)
        )
    )


def asks_with_boxes(cells: Sequence[Cell]) -> bool:
    """Labels, each with boxes to tick, a unit or room behind it, twice or more."""
    told, room = cells[::2], cells[1::2]
    boxes = [_is_room(one.text) for one in room]
    return (
        len(told) == len(room) > 1
        and any(boxes)
        and all(value_kind(c) == "text" and not _is_room(c.text) for c in told)
        and all(box or one.blank for box, one in zip(boxes, room, strict=True))
    )


def _is_room(text: str) -> bool:
    return words.has_choice(text) or words.is_unit(text)


def _cells(grid: Grid, area: Span, row: int) -> list[Cell]:
    return [
        cell for cell in grid.row(row) if cell.row == row and area.left <= cell.col <= area.right
    ]
