"""From a grid to a proposal: surroundings set aside, labels read, tables and cards taken apart."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from engine.dictionary.field import Field
from forms.importers.excel.bindings import matched, named, named_tables
from forms.importers.excel.files.grid import Cell, Grid, Span, parse_address
from forms.importers.excel.files.guard import NoTable
from forms.importers.excel.hidden import without_hidden
from forms.importers.excel.labels import words
from forms.importers.excel.labels.blocks import Surroundings, is_remark, read_surroundings
from forms.importers.excel.labels.layout import read_layout
from forms.importers.excel.labels.margins import table_area, without_margin
from forms.importers.excel.labels.panes import panes, panes_apart
from forms.importers.excel.labels.reading import NOTHING, Reading
from forms.importers.excel.labels.spacers import without_spacers
from forms.importers.excel.labels.unmerged import with_headers_joined
from forms.importers.excel.labels.variants import NO_VARIANTS, Variants, read_variants
from forms.importers.excel.printed_rules.printed import printed_checks
from forms.importers.excel.printed_rules.table_words import Titled
from forms.importers.excel.proposal import (
    Header,
    HeaderCell,
    Item,
    Proposal,
    SheetFormula,
    Table,
    Warning_,
)
from forms.importers.excel.shapes.auxiliary import auxiliary_rows, rows_above, sure_headings
from forms.importers.excel.shapes.bands import Band, Column
from forms.importers.excel.shapes.cards import Pair, read_pairs
from forms.importers.excel.shapes.items import column_item, longer, pair_item, row_item, table_of
from forms.importers.excel.shapes.kinds import kind_of_band, overall_kind, weight
from forms.importers.excel.shapes.rows import BodyRow, read_rows
from forms.importers.excel.shapes.tables import same_header, split_bands


@dataclass
class _Draft:
    """What is being put together."""

    grid: Grid
    area: Span  # of the part that is being read, at last of the whole
    around: Surroundings
    printed: Grid  # as it came, before what belongs together was put together
    reading: Reading = NOTHING
    variants: Variants = NO_VARIANTS
    bands: list[Band] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    labels: list[HeaderCell] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)  # labels whose answer goes into their own cell


def propose(
    grid: Grid,
    fields: Sequence[Field] = (),
    learned: Mapping[str, str] | None = None,
    *,
    taken: Collection[str] = (),
) -> Proposal:
    """What the sheet asks for, with a dictionary field for every item that seems to be one.

    Names that are `taken` are those of the other sheets of its form.
    """
    seen = without_hidden(grid)
    return seen.told(_proposed(seen.grid, fields, learned, taken))


def _proposed(
    grid: Grid,
    fields: Sequence[Field],
    learned: Mapping[str, str] | None,
    taken: Collection[str],
) -> Proposal:
    printed, around = grid, read_surroundings(grid)
    area, beside = without_margin(grid, table_area(grid, around.top, around.bottom))
    around.notes.extend(beside)
    parts = panes_apart(grid, area)
    if not parts:
        grid = with_headers_joined(without_spacers(grid, area), area)
        parts = panes(grid, area)
    draft = _Draft(grid, area, around, printed)
    for label, room in around.asked:
        draft.items.append(
            pair_item(draft.grid, Pair((words.before_colon(label.text),), label, room))
        )
    for part in parts:
        _read_part(draft, part)
    if not draft.items and not around.blocks:
        raise NoTable(sheet=grid.sheet)
    unit = next(
        (block.text for block in around.blocks if block.role == "unit" and block.text), None
    )
    draft.items = named(matched(draft.items, draft.tables, fields, learned, unit), taken)
    main = max(
        draft.tables,
        key=lambda table: weight(draft.items, draft.tables.index(table)),
        default=None,
    )
    title = around.called or _section_title(draft)
    draft.tables = named_tables(draft.tables, draft.items, title, taken)
    titled = Titled.of(draft.tables, title, grid.sheet, grid.sheets, around.blocks)
    checks, unread = printed_checks(grid, around, draft.items, titled)
    return Proposal(
        sheet=grid.sheet,
        title=title,
        kind=overall_kind(draft.tables, draft.items),
        header=Header(
            rows=main.header_rows if main else None,
            cols=main.header_cols if main else None,
            cells=_header_cells(draft),
        ),
        items=tuple(draft.items),
        blocks=tuple(around.blocks),
        formulas=tuple(
            SheetFormula(cell.ref, f"={cell.formula}") for cell in grid.cells if cell.formula
        ),
        checks=tuple(checks),
        warnings=(*(Warning_(w.code, w.cell, w.text) for w in grid.warnings), *unread),
        tables=tuple(draft.tables),
        unit=unit,
        notes="\n".join(words.label(cell.text) for cell in _notes(draft)),
        sheets=grid.sheets,
    )


def _read_part(draft: _Draft, part: Span) -> None:
    """Tell labels from values in one table, or several below one another, and take them apart."""
    grid = draft.grid
    whole, before = draft.area, draft.reading
    draft.area = part
    aux = auxiliary_rows(grid, part)
    draft.variants = read_variants(grid, part)
    given = rows_above(grid, part, aux) | sure_headings(grid, part) | draft.variants.heads
    if part.top == part.bottom:
        given |= {part.top}
    draft.reading = read_layout(grid, part, given, draft.variants.plain)
    bands = split_bands(grid, part, draft.reading, aux)
    _add_bands(draft, bands)
    draft.bands.extend(bands)
    draft.area, draft.reading = whole, before.with_more(draft.reading)


def _notes(draft: _Draft) -> list[Cell]:
    """The notes below the table, and those on lines of their own between its rows."""
    numbers = range(draft.area.top, draft.area.bottom + 1)
    lines = [[c for c in draft.grid.row(n) if c.row == n and not c.blank] for n in numbers]
    between = [line[0] for line in lines if len(line) == 1 and is_remark(line[0])]
    return [*between, *(one for one in draft.around.notes if one not in between)]


def _add_bands(draft: _Draft, bands: list[Band]) -> None:
    previous: tuple[Band, int] | None = None
    over: Sequence[Column] = ()
    for band, after in zip_longest(bands, bands[1:]):
        section = tuple(words.label(cell.text) for cell in band.section)
        if band.head is None:
            _add_card(draft, band.body, section, over)
            continue
        over = ()
        if _groups_a_card(draft.grid, band, after):
            over = band.columns
            continue
        rows = read_rows(draft.grid, band)
        kind = kind_of_band(draft.grid, band, rows, known=band.head[0] in draft.variants.heads)
        if kind == "card":
            head_rows = list(range(band.head[0], band.head[1] + 1))
            _add_card(draft, [*head_rows, *band.body], section, band.columns)
            continue
        if previous is not None and not band.section and same_header(previous[0], band):
            index = previous[1]
            _repeat_headings(draft, band, index)
            _add_rows(draft, band, rows, index, kind)
            draft.tables[index] = longer(draft.tables[index], band)
            continue
        index = len(draft.tables)
        draft.tables.append(table_of(draft.grid, band, kind, section))
        _add_columns(draft, band, index, kind, section)
        _add_rows(draft, band, rows, index, kind)
        previous = (band, index)


def _repeat_headings(draft: _Draft, band: Band, table: int) -> None:
    """A header printed again heads the same columns."""
    leaves: dict[tuple[str, ...], list[str]] = {}
    for column in band.columns:
        if column.leaf is not None:
            leaves.setdefault(column.path, []).append(column.leaf.ref)
    for n, item in enumerate(draft.items):
        if item.axis != "column" or item.table != table:
            continue
        again = next(
            (refs for path, refs in leaves.items() if item.path[-len(path) :] == path), None
        )
        if again is not None:
            draft.items[n] = replace(item, repeats=(*item.repeats, *again))
    for column in band.columns:
        draft.labels.extend(
            HeaderCell(cell.ref, "column", words.label(cell.text)) for cell in column.cells
        )


def _groups_a_card(grid: Grid, band: Band, after: Band | None) -> bool:
    """Wide headings over label-value pairs: they group the pairs and are no columns themselves."""
    below = (band.head or (0, 0))[1] + 1
    wide = [column for column in band.columns if grid.at(below, column.left).right < column.right]
    return (
        not band.body
        and after is not None
        and after.head is None
        and bool(after.body)
        and len(wide) >= 0.5 * len(band.columns)
    )


def _add_columns(
    draft: _Draft, band: Band, table: int, kind: str, section: tuple[str, ...]
) -> None:
    for column in band.columns:
        for cell in column.cells:
            draft.labels.append(HeaderCell(cell.ref, "column", words.label(cell.text)))
        if column.panel or not column.path or column.leaf is None:
            continue
        item = column_item(draft.grid, band, column, table=table, kind=kind)
        draft.items.append(replace(item, path=(*section, *item.path)))


def _add_rows(draft: _Draft, band: Band, rows: list[BodyRow], table: int, kind: str) -> None:
    sections = sorted(band.inner.items())
    for row in rows:
        if row.name is None:
            continue
        for cell in (*row.groups, row.name) if kind != "floating" or row.total else ():
            draft.labels.append(HeaderCell(cell.ref, "row", words.label(cell.text)))
        if kind == "floating" and not row.total:
            continue
        group = [words.label(cell.text) for number, cell in sections if number < row.row][-1:]
        item = row_item(row, row.name, table)
        draft.items.append(replace(item, path=(*group, *item.path)))
    for cell in band.inner.values():
        draft.labels.append(HeaderCell(cell.ref, "section", words.label(cell.text)))


def _add_card(
    draft: _Draft, rows: list[int], section: tuple[str, ...], over: Sequence[Column] = ()
) -> None:
    grid, area, reading = draft.grid, draft.area, draft.reading
    found = list(read_pairs(grid, area, reading, rows, section=section, over=over))
    own = {pair.label.ref for pair in found if pair.value.ref == pair.label.ref}
    draft.answered |= own
    above = [one for one in over if one.leaf is None or one.leaf.ref not in own]
    if len(above) < len(over):  # what is answered in its own cell heads nothing
        found = list(read_pairs(grid, area, reading, rows, section=section, over=above))
    for pair in found:
        draft.items.append(pair_item(draft.grid, pair))


def _section_title(draft: _Draft) -> str:
    first = next((band for band in draft.bands if band.section), None)
    return words.label(first.section[0].text) if first else draft.grid.sheet


def _header_cells(draft: _Draft) -> tuple[HeaderCell, ...]:
    known: dict[str, HeaderCell] = {}
    if draft.around.title is not None:
        title = draft.around.title
        known[title.ref] = HeaderCell(title.ref, "title", words.label(title.text))
    for cell in draft.around.labels:
        known.setdefault(cell.ref, HeaderCell(cell.ref, "block", words.label(cell.text)))
    for label in draft.labels:
        known.setdefault(label.cell, label)
    for cell in _labels(draft):
        known.setdefault(cell.ref, HeaderCell(cell.ref, _role(draft, cell), words.label(cell.text)))
    return tuple(_as_printed(draft.printed, one) for one in known.values())


def _as_printed(grid: Grid, label: HeaderCell) -> HeaderCell:
    """With the words of its own cell, where it was read together with the unit below it."""
    place = parse_address(label.cell)
    own = words.label(grid.at(*place).text) if place else ""
    return replace(label, text=own) if own and label.text.startswith(own) else label


def _labels(draft: _Draft) -> Iterator[Cell]:
    return (cell for cell in draft.grid.cells if draft.reading.is_label(cell))


def _role(draft: _Draft, cell: Cell) -> str:
    if cell.cols >= 0.8 * (draft.area.right - draft.area.left + 1) > 1:
        return "section"
    heads = cell.row in draft.reading.heading and cell.ref not in draft.answered
    return "column" if heads else "row"
