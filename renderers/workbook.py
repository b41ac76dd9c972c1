"""Fill a department's own workbook: values go in, nothing else on the sheet moves.

The parts of the file that no value touches are byte for byte those of the template. Values that are
text are written as typed strings, which no spreadsheet program reads as a formula. Where rows are
inserted, everything that speaks of rows moves along. Legacy .xls and HTML sheets have to be
converted once at import (`renderers.legacy_sheet`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.errors import Problem
from renderers.ooxml import inert, inlabel, layout, multiply, pictures, reading, structures, ticks
from renderers.ooxml.addresses import letters, number, split
from renderers.ooxml.bands import grounds, insertion_of, plan
from renderers.ooxml.blocks import Copier, Filler, pieces
from renderers.ooxml.book import Book, SheetEntry
from renderers.ooxml.formulas import Shift
from renderers.ooxml.package import Package
from renderers.ooxml.rows import (
    Splices,
    expand_shared,
    merge_copies,
    place_copies,
    renumber,
    shift_formulas,
)
from renderers.ooxml.sheet import CellText, Sheet
from renderers.ooxml.stale import stale
from renderers.ooxml.values import Strings
from renderers.placements import (
    Block,
    CellWrite,
    Identity,
    Origin,
    Placements,
    ReadBack,
    together,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IDENTITY = "_yibiao_form"
_ORIGIN = "_yibiao_document"


class WorkbookOfAnotherForm(Problem):
    """The workbook was made for another form or another version; nothing is taken from it."""

    code, status = "render.workbook-of-another-form", 409
    expected: str
    found: str


def fill(
    template: bytes,
    placements: Placements,
    *,
    identity: Identity | None = None,
    origin: Origin | None = None,
) -> bytes:
    """The template with the values in. Addresses are those of the template, before rows grow.

    With nothing to write the template comes back as it is.
    """
    if not placements.some and identity is None and origin is None:
        return template
    package = _opened(template)
    book = Book(package)
    if placements.some:
        _fill_sheets(book, [one for one in placements.each if one.some])
    if identity is not None:
        text = f"{identity.form_code}|{identity.version}|{identity.content_hash}"
        book.define(_IDENTITY, '"' + text.replace('"', '""') + '"')
    if origin is not None:
        book.define(_ORIGIN, f'"{origin.document}|{origin.revision}"')
    return package.to_bytes()


def with_sheets(
    template: bytes,
    titles: Sequence[str],
    *,
    sheets: Sequence[str] = ("",),
    identity: Identity | None = None,
) -> tuple[bytes, list[str]]:
    """The template with a further copy of these sheets for each title, and the names they got, title by title."""
    book = Book(_opened(template))
    entries = [book.sheet(one) for one in sheets]
    if len(entries) > 1:
        names = multiply.multiply_together(book, entries, titles)
    else:
        names = multiply.names_for(titles, [one.name for one in book.sheets])
        multiply.multiply(book, entries[0], names)
    return fill(book.package.to_bytes(), Placements(), identity=identity), names


def fill_each(workbook: bytes, fillings: Sequence[Placements]) -> bytes:
    """Several sheets of one workbook filled, each by its name; it is opened and packed once."""
    book = Book(Package.open(workbook))
    _fill_sheets(book, [one for filling in fillings for one in filling.each])
    return book.package.to_bytes()


def _opened(template: bytes) -> Package:
    """A workbook that came from outside, with what it would do by itself taken out."""
    package = Package.open(template)
    inert.still(package)
    package.settle()
    return package


def sheet_names(workbook: bytes) -> list[str]:
    """The names of the worksheets, in order."""
    return [one.name for one in Book(Package.open(workbook)).sheets]


def origin(workbook: bytes) -> Origin | None:
    """The document a workbook was filled from; None where it does not say."""
    parts = _hidden(workbook, _ORIGIN).rsplit("|", 1)
    return Origin(parts[0], int(parts[1])) if len(parts) == 2 and parts[1].isdecimal() else None


def identity(workbook: bytes) -> Identity | None:
    """The form version a workbook was made for; None where it is not one of ours."""
    parts = _hidden(workbook, _IDENTITY).rsplit("|", 2)
    if len(parts) != 3 or not parts[1].isdecimal():
        return None
    return Identity(parts[0], int(parts[1]), parts[2])


def require_identity(workbook: bytes, expected: Identity) -> None:
    """Refuse a workbook of another form, of another version, or whose form has changed since."""
    found = identity(workbook)
    if found != expected:
        raise WorkbookOfAnotherForm(expected=_said(expected), found=_said(found))


def read_back(
    workbook: bytes, placements: Placements, *, template: bytes | None = None
) -> ReadBack:
    """What people typed into the cells of these placements; their values are not looked at.

    Blocks are found by the hidden names that `fill` left, so rows that people inserted or deleted
    in a block are followed. What cannot be read as its kind is a fault with the cell's address.
    With the template, what is printed on it has to stand where it stood.
    """
    book = Book(Package.open(workbook))
    empty = Book(Package.open(template)) if template is not None else None
    if not placements.others:
        return _read_sheet(book, empty, placements)
    parts = []
    for n, one in enumerate(placements.each):
        name = one.sheet or book.sheets[0].name
        parts.append(_read_sheet(book, empty, replace(one, sheet=name)).of_sheet(name, first=not n))
    return together(parts)


def _read_sheet(book: Book, empty: Book | None, placements: Placements) -> ReadBack:
    entry = book.sheet(placements.sheet or (empty.sheets[0].name if empty else ""))
    sheet = Sheet(book.package.tree(entry.part), entry.name, entry.part)
    names = [book.name(block_name(entry.sheet_id, n)) for n in range(len(placements.blocks))]
    own = None
    if empty is not None:
        moved = layout.faults(empty, sheet, book.strings, placements, names)
        if moved:
            return ReadBack(moved=tuple(moved))
        blank = empty.sheet(entry.name)
        own = set(Sheet(empty.package.tree(blank.part), blank.name, blank.part).formulas())
    return reading.read(book, sheet, placements, names, own)


def _hidden(workbook: bytes, name: str) -> str:
    text = Book(Package.open(workbook)).name(name) or ""
    return text.strip('"').replace('""', '"')


def _said(found: Identity | None) -> str:
    return f"{found.form_code} v{found.version} ({found.content_hash[:8]})" if found else "—"


def block_name(sheet_id: str, index: int) -> str:
    """The hidden name that follows a block while people insert and delete rows."""
    return f"_yibiao_block_{sheet_id}_{index}"


Written: TypeAlias = dict[str, set[tuple[int, int]]]
"""By the part of a sheet the cells that were given a value, where they stand now."""


def _fill_sheets(book: Book, fillings: Sequence[Placements]) -> None:
    """One after the other; what was written on one is no stale result when the next one changes."""
    kept: Written = {}
    for placements in fillings:
        _fill_sheet(book, book.sheet(placements.sheet), placements, kept)


def _fill_sheet(book: Book, entry: SheetEntry, placements: Placements, kept: Written) -> None:
    sheet = Sheet(book.package.tree(entry.part), entry.name, entry.part)
    _release_contested(sheet, placements)
    strings = book.strings
    text = CellText(sheet.prefix, book.styles, since_1904=book.since_1904)
    shift = Shift(entry.name, plan(placements.blocks))
    if shift.rows:
        expand_shared(sheet)
    fillers = [
        Filler(sheet, text, strings, block, ground)
        for block, ground in zip(placements.blocks, grounds(placements.blocks), strict=True)
    ]
    grown = [(item, insertion_of(shift.rows, item.block)) for item in fillers]
    copiers = [
        (found, Copier([item for item, put in grown if put is found], found, shift))
        for found in shift.rows.insertions
    ]
    named = pictures.place(book, sheet, placements.pictures)
    names = (CellWrite(one.address, one.name, after=one.after) for one in named)
    written = _write_cells(sheet, text, strings, (*placements.cells, *names))
    for filler, insertion in grown:
        written |= filler.write(insertion)
    formulas = sheet.formulas()
    grown_rows = [(one.first, one.last) for one in placements.blocks] if shift.rows else []
    sheet.forget_results(written, stale(formulas, written, grown_rows))
    if bool(formulas) | _forget_elsewhere(book, entry, kept):
        book.calculate_on_load()
    kept[entry.part] = set(_places_now(written, shift, placements.blocks))
    splices = Splices()
    if shift.rows:
        _move(book, sheet, shift)
        for insertion, copier in copiers:
            place_copies(sheet, insertion, copier, shift.rows.start(insertion.after), splices)
        book.drop_calculation_chain()
    structures.dimension(sheet)
    book.package.put(entry.part, splices.apply(sheet.root))
    for index, block in enumerate(placements.blocks):
        book.define(block_name(entry.sheet_id, index), _area(entry.name, shift, block))


def _release_contested(sheet: Sheet, placements: Placements) -> None:
    """A merged area that is to hold several values is taken apart, so that none of them is lost."""
    wanted = {split(item.address) for item in placements.cells}
    for block in placements.blocks:
        for column in block.columns:
            place = number(column.letter)
            wanted |= {(row, place) for row in range(block.first, block.last + 1)}
    holders = Counter(sheet.merged(*cell) for cell in wanted)
    contested = {area for area, count in holders.items() if count > 1}
    if not contested:
        return
    around = {cell: sheet.merged(*cell) for cell in wanted}
    sheet.release(contested)
    for cell, area in around.items():
        if area in contested:
            sheet.look_like(cell, (area.top, area.left))


def _write_cells(
    sheet: Sheet, text: CellText, strings: Strings, cells: Iterable[CellWrite]
) -> set[tuple[int, int]]:
    written = set()
    for item in cells:
        area = sheet.merged(*split(item.address))
        row, column = area.top, area.left
        printed = sheet.text(strings, row, column) if item.options else ""
        chosen = ticks.tick(printed, item.label, item.options, str(item.value))
        if chosen is not None:
            sheet.write(text, row, column, chosen, "text")
            written.add((row, column))
            continue
        if item.after is not None:
            said = inlabel.insert(sheet.text(strings, row, column), item.after, item)
            sheet.write(text, row, column, said, "text")
            written.add((row, column))
            continue
        if item.instead is not None:
            said = inlabel.replaced(sheet.text(strings, row, column), item)
            sheet.write(text, row, column, said, "text")
            written.add((row, column))
            continue
        for piece in pieces(sheet, (row, column), item.value, kind=item.kind, how=item.present):
            if piece.value is None and sheet.find(row, piece.column) is None:
                continue
            sheet.write(text, row, piece.column, piece.value, piece.kind)
            written.add((row, piece.column))
    return written


def _move(book: Book, sheet: Sheet, shift: Shift) -> None:
    shift_formulas(sheet, shift)
    structures.shift_sheet(sheet, shift)
    merge_copies(sheet, shift.rows)
    renumber(sheet, shift.rows)
    structures.shift_parts(book, sheet, shift)


def _places_now(
    written: set[tuple[int, int]], shift: Shift, blocks: Sequence[Block]
) -> Iterator[tuple[int, int]]:
    """Where the written cells stand once rows are inserted, those of the inserted rows among them."""
    for row, column in written:
        yield shift.rows.start(row), column
    for block in blocks:
        first = shift.rows.start(block.first)
        for held in block.columns:
            rows = range(first, first + len(block.rows))
            yield from ((row, number(held.letter)) for row in rows)


def _forget_elsewhere(book: Book, entry: SheetEntry, kept: Written) -> bool:
    """Other sheets remember results of what was just changed here."""
    found = False
    for other in book.sheets:
        raw = book.package.parts.get(other.part, b"")
        if other.part == entry.part or b"!" not in raw or b"<f" not in raw:
            continue
        sheet = Sheet(book.package.tree(other.part), other.name, other.part)
        formulas = sheet.formulas()
        if formulas:
            sheet.forget_results(kept.get(other.part, set()), stale(formulas, ()))
            book.package.touch(other.part)
            found = True
    return found


def _area(sheet: str, shift: Shift, block: Block) -> str:
    """The rows a block stands in now."""
    columns = sorted(number(column.letter) for column in block.columns) or [1]
    top, bottom = shift.rows.start(block.first), shift.rows.end(block.last)
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!${letters(columns[0])}${top}:${letters(columns[-1])}${bottom}"
