"""Tables out of labels: bands of header rows with the body below each, and the path of every column."""

import itertools
import re

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.asked_rows import asks_with_boxes
from forms.importers.excel.labels.evidence import is_to_be_signed
from forms.importers.excel.labels.interruptions import interruptions
from forms.importers.excel.labels.reading import Reading
from forms.importers.excel.shapes.auxiliary import Auxiliary
from forms.importers.excel.shapes.bands import Band, Column
from forms.importers.excel.shapes.column_roles import has_words, role_of
from forms.importers.excel.shapes.inner_tables import find_inner
from forms.importers.excel.shapes.types import counts

_SPLIT_PATH = re.compile(r"\s*[;；>|]+\s*")
_MAX_PANELS = 4
_BROKEN = 4
_HEADED = 3
_WIDE = 1


def split_bands(grid: Grid, area: Span, reading: Reading, aux: list[Auxiliary]) -> list[Band]:
    """The bands of an area, top to bottom; a repeated header continues the band before it."""
    bands: list[Band] = []
    by_row = {one.row: one for one in aux}
    passed = interruptions(grid, area)
    pending: list[Cell] = []
    row = area.top
    while row <= area.bottom:
        kind, cell = _kind_of_row(grid, area, reading, by_row, row)
        if row in passed:
            row += 1
        elif kind == "section" and cell is not None:
            if bands and bands[-1].head and not _heading_follows(grid, area, reading, row + 1):
                bands[-1].inner[row] = cell
            else:
                pending.append(cell)
            row = cell.bottom + 1
        elif kind == "head":
            band = _head_band(grid, area, reading, by_row, row)
            row = (band.head or (row, row))[1] + 1
            band.section, pending = tuple(pending), []
            bands.append(band)
        else:
            holder = _holder(bands)
            inner = (
                _inner_band(grid, area, reading, holder, row) if holder and not pending else None
            )
            if holder and inner:
                holder.body.append(row)
                bands.append(inner)
                row = inner.body[-1] + 1
                continue
            strange = bool(bands) and not _belongs(grid, area, reading, bands[-1], row)
            if not bands or pending or strange:
                bands.append(Band(section=tuple(pending)))
                pending = []
            if kind == "body":
                bands[-1].body.append(row)
            row += 1
    if pending:
        bands.append(Band(section=tuple(pending)))
    for band in bands:
        _name_groups(grid, reading, band)
    return bands


def _name_groups(grid: Grid, reading: Reading, band: Band) -> None:
    """Beside tall names of groups stand the names of the rows: they are no values."""
    for column, after in itertools.pairwise(band.columns):
        cells = [grid.at(row, column.left) for row in band.body]
        if column.role != "name" or after.role != "value" or not any(c.rows > 1 for c in cells):
            return
        inner = [one for row in band.body if not (one := grid.at(row, after.left)).blank]
        if sum(map(reading.is_label, inner)) < max(2, 0.8 * len(inner)):
            return
        after.role = "name"


def _holder(bands: list[Band]) -> Band | None:
    """The last band that is no table within another."""
    return next((band for band in reversed(bands) if not band.within), None)


def _inner_band(grid: Grid, area: Span, reading: Reading, holder: Band, row: int) -> Band | None:
    """The table that begins in this row under a wide heading of the band that holds it."""
    for wide in holder.columns:
        if wide.right == wide.left or holder.head is None:
            continue
        span = Span(holder.head[1], wide.left, holder.head[1], wide.right)
        found = find_inner(grid, area, reading, span, row)
        if found is not None:
            head = (found.names[0], found.names[-1])
            band = Band(
                head=head, body=list(range(head[1] + 1, found.area.bottom + 1)), within=True
            )
            band.columns = _columns(grid, found.area, list(found.names), head[1])
            _label_columns(band, grid)
            for column in band.columns:
                column.path = (*wide.path, *column.path)
            return band
    return None


def _belongs(grid: Grid, area: Span, reading: Reading, band: Band, row: int) -> bool:
    """Whether a row goes on under a band's header: its cells stand in the columns, values where values do."""
    cells = _anchored(grid, area, row)
    if band.head is None or not cells:
        return True
    roles = {
        col: column.role
        for column in band.columns
        for col in range(column.left, (column.left if column.role == "value" else column.right) + 1)
    }
    if _ends_room(grid, reading, band, cells) or _answers_across(band, area, cells):
        return False
    edge = band.columns[-1].right if band.columns else area.right
    cells = [c for c in cells if c.col <= edge or not c.blank or c.look.bordered or c.cols > 1]
    fitting = [cell for cell in cells if cell.col in roles]
    if len(fitting) < 0.6 * len(cells):
        return False
    strange = [c for c in fitting if roles[c.col] == "value" and reading.is_label(c)]
    return len(strange) <= 0.34 * len(cells)


def _ends_room(grid: Grid, reading: Reading, band: Band, cells: list[Cell]) -> bool:
    """Below nothing but room for rows, printed words that stand in no one column: another question."""
    spans = {(column.left, column.right) for column in band.columns}
    words_ = [one for one in cells if reading.is_label(one) and not words.is_total(one.text)]
    # a label and room beside it, twice or more: no list goes on so
    pairs = len(cells) % 2 == 0 and len(words_) > 1 and words_ == cells[::2]
    odd = any(one.cols > 1 and (one.col, one.right) not in spans for one in cells)
    many = len(words_) >= _HEADED and len(words_) >= 0.6 * len(cells)
    if not (pairs or asks_with_boxes(cells) or (words_ and odd) or many):
        return False  # most rows; and only of the others the whole body above is looked through
    rows = [row for row in band.body if not _is_total(grid, band, row)]
    below = (band.head or (0, 0))[1]
    room = (grid.at(row, column.left) for row in rows for column in band.columns)
    return bool(rows and band.columns) and all(one.blank or one.row <= below for one in room)


def _is_total(grid: Grid, band: Band, row: int) -> bool:
    return any(words.is_total(grid.at(row, column.left).text) for column in band.columns)


def _answers_across(band: Band, area: Span, cells: list[Cell]) -> bool:
    """Boxes, or room to sign, over most columns of the table at once: a question of its own."""
    across = [c for c in cells if words.has_choice(c.text) or is_to_be_signed(c.text)]
    wide = [c for c in across if sum(c.col <= one.left <= c.right for one in band.columns) > _WIDE]
    return bool(wide) and wide[-1].right >= area.right and len(cells) <= len(wide) + 1


def same_header(one: Band, other: Band) -> bool:
    """Whether two bands have the same column paths."""
    return [c.path for c in one.columns] == [c.path for c in other.columns]


def _kind_of_row(
    grid: Grid, area: Span, reading: Reading, aux: dict[int, Auxiliary], row: int
) -> tuple[str, Cell | None]:
    cells = _anchored(grid, area, row)
    written = [cell for cell in cells if not cell.blank]
    if row in aux:
        return "head", None
    if not written:
        if not cells or any(cell.look.bordered or cell.cols > 1 for cell in cells):
            return "body", None
        return ("body", None) if _between_body(grid, area, row) else ("blank", None)
    width = area.right - area.left + 1
    first = written[0]
    wide = first.cols >= 0.6 * width or (first.cols > 1 and len(cells) == 1)
    if words.is_total(first.text) and first.right < area.right:
        wide = False  # 合计 over the names of rows, with room for its figures
    if len(written) == 1 and wide and width > 1 and reading.is_label(first):
        return ("body", None) if _asks_below(grid, area, reading, first) else ("section", first)
    if row in reading.heading and len(cells) > 1:
        return "head", None
    return "body", None


def _asks_below(grid: Grid, area: Span, reading: Reading, label: Cell) -> bool:
    """One cell of room, as wide as the label above it, and no head of a table below: `失业原因`."""
    room = grid.at(label.bottom + 1, label.col)
    return (
        label.right >= area.right
        and room.bottom <= area.bottom
        and room.blank
        and (room.row, room.col, room.cols) == (label.bottom + 1, label.col, label.cols)
        and not _heading_follows(grid, area, reading, room.bottom + 1)
    )


def _between_body(grid: Grid, area: Span, row: int) -> bool:
    """Empty rows inside or right after a header are room for rows to come."""
    return row < area.bottom or any(not cell.blank for cell in _anchored(grid, area, row - 1))


def _anchored(grid: Grid, area: Span, row: int) -> list[Cell]:
    return [
        cell for cell in grid.row(row) if cell.row == row and area.left <= cell.col <= area.right
    ]


def _heading_follows(grid: Grid, area: Span, reading: Reading, row: int) -> bool:
    return row <= area.bottom and row in reading.heading and len(_anchored(grid, area, row)) > 1


def _head_band(
    grid: Grid, area: Span, reading: Reading, aux: dict[int, Auxiliary], first: int
) -> Band:
    last = first
    names = [] if first in aux else [first]
    while last < area.bottom:
        row = last + 1
        cells = _anchored(grid, area, row)
        if row in aux:
            last = row
        elif row in reading.heading and (len(cells) > 1 or _under_heading(grid, area, names, row)):
            if any(number in aux for number in range(first, row)):
                break
            names.append(row)
            last = row
        elif not any(not cell.blank for cell in cells) and _covered(grid, area, names, row):
            last = row
        else:
            break
    band = Band(head=(first, last), auxiliary=[aux[r] for r in range(first, last + 1) if r in aux])
    band.columns = _columns(grid, area, names or [first], last)
    _label_columns(band, grid)
    return band


def _under_heading(grid: Grid, area: Span, names: list[int], row: int) -> bool:
    """A lone label under a merged heading while its neighbours reach down beside it."""
    beside = [cell for cell in grid.row(row) if area.left <= cell.col <= area.right]
    return bool(names) and any(cell.row in names for cell in beside)


def _covered(grid: Grid, area: Span, names: list[int], row: int) -> bool:
    """Whether the header's tall cells reach into this row over most of the width."""
    width = sum(
        cell.cols
        for cell in grid.row(row)
        if cell.row < row and cell.row in names and not cell.blank
    )
    return width >= 0.5 * (area.right - area.left + 1)


def _columns(grid: Grid, area: Span, names: list[int], last: int) -> list[Column]:
    found: list[Column] = []
    bottom = names[-1]
    single = len(names) == 1
    for leaf in grid.row(bottom):
        if not area.left <= leaf.col <= area.right:
            continue
        if leaf.row < names[0] or leaf.bottom > last + 1:
            found.append(Column(leaf.col, leaf.right, role="group", leaf=leaf))
            continue
        cells: list[Cell] = []
        for row in names:
            cell = grid.at(row, leaf.col)
            if not cell.blank and cell not in cells and cell.row >= names[0]:
                cells.append(cell)
        path = _joined(cells, grid.row(names[0]))
        if single and len(path) == 1 and ";" in path[0].replace("；", ";"):
            path = tuple(part for part in _SPLIT_PATH.split(path[0]) if part)
        found.append(Column(leaf.col, leaf.right, path, tuple(cells), cells[-1] if cells else leaf))
    while (
        found
        and not found[-1].path
        and found[-1].role == "value"
        and len(found) > 1
        and (
            found[-1].leaf is None
            or (
                found[-1].leaf.blank
                and not found[-1].leaf.look.bordered
                and found[-1].leaf.cols == 1
            )
        )
    ):
        found.pop()
    return found


def _joined(cells: list[Cell], beside: list[Cell]) -> tuple[str, ...]:
    """The labels from the top down; a word broken over two cells of one column is one label."""
    found: list[str] = []
    tall = any(cell.rows > 1 for cell in beside)
    for before, cell in zip([None, *cells], cells, strict=False):
        text = words.label(cell.text)
        broken = (
            tall
            and before is not None
            and before.col == cell.col
            and before.cols == cell.cols
            and before.bottom + 1 == cell.row
            and max(len(words.squeezed(before.text)), len(words.squeezed(cell.text))) <= _BROKEN
        )
        if broken and found:
            found[-1] += text
        else:
            found.append(text)
    return tuple(found)


def _label_columns(band: Band, grid: Grid) -> None:
    """Units, codes and numbers by column from the auxiliary rows, roles from the words."""
    for column in band.columns:
        if column.path:
            text, unit = words.unit_of(column.path[-1])
            column.unit = unit
            if len(column.path) > 1 and words.is_unit(column.path[-1]):
                column.unit = words.plain_unit(column.path[-1])
            column.unit = column.unit or _unit_above(column.path)
        for one in band.auxiliary:
            for col, text in one.by_column:
                if column.left <= col <= column.right:
                    if one.kind == "numbers":
                        column.number = text.strip("（）()")
                    elif one.kind == "units" and words.is_unit(text):
                        column.unit = words.plain_unit(text)
                    elif one.kind == "units" and column.path and len(text) <= 2:
                        column.path = (*column.path[:-1], column.path[-1] + text)
                    elif one.kind == "codes" and text.isdigit():
                        column.code = text
    _panels(band, grid)
    for column in band.columns:
        column.role = role_of(grid, band, column)


def _unit_above(path: tuple[str, ...]) -> str | None:
    """The unit in a heading over several columns, `面积（亩）`, for those that count in it."""
    if words.is_derived(path[-1]) or not counts(path[-1]):
        return None
    return next((unit for part in path[-2::-1] if (unit := words.unit_of(part)[1])), None)


def _panels(band: Band, grid: Grid) -> None:
    """The same headings twice or thrice side by side are one table printed in panels."""
    paths = [tuple(words.squeezed(p) for p in column.path) for column in band.columns]
    size = len(paths)
    for panels in range(2, _MAX_PANELS + 1):
        width = size // panels
        if width < 2 or width * panels != size or not any(paths[1:width]):
            continue
        same = all(paths[n] == paths[n % width] for n in range(size) if n % width)
        begins = range(width, size, width)
        stubs = {paths[n] for n in (0, *begins)}
        own = all(len(paths[n]) <= 1 and has_words(grid, band, n) for n in begins)
        if same and (len(stubs) == 1 or (width > 2 and own)):
            band.panels = panels
            for n, column in enumerate(band.columns):
                column.panel = n // width
            return
