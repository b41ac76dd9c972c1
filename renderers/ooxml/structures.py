"""Everything beside the cells that speaks of rows: moved when rows are inserted.

Conditional formats, validations, links, breaks, filters, frozen panes, tables, comments, pictures,
charts, defined names, and formulas of other sheets.
"""

import re

from renderers.ooxml.addresses import MAX_ROW, Area, RowMap, split
from renderers.ooxml.book import Book
from renderers.ooxml.formulas import Place, Shift
from renderers.ooxml.package import Element, Package, child, children, local
from renderers.ooxml.sheet import Sheet

_AREA_LISTS = ("sqref", "activeCell", "topLeftCell")
_FORMULA_TEXTS = {"formula", "formula1", "formula2", "f"}
_VML_ROW = re.compile(r"(<x:Row>)\s*(\d+)\s*(</x:Row>)")
_VML_ANCHOR = re.compile(r"(<x:Anchor>)([^<]*)(</x:Anchor>)")


def shift_sheet(sheet: Sheet, shift: Shift) -> None:
    """All that the sheet's own part says outside its cells, merged areas excepted."""
    for part in sheet.root:
        if local(part) in {"sheetData", "mergeCells", ""}:
            continue
        for element in part.iter():
            if isinstance(element.tag, str):
                _shift_element(element, shift, sheet.name)


def _shift_element(element: Element, shift: Shift, sheet: str) -> None:
    rows, name = shift.rows, local(element)
    for attribute in _AREA_LISTS:
        if element.get(attribute):
            _set_areas(element, attribute, rows)
    if element.get("ref") and name != "sheetPr":
        element.set("ref", rows.areas(element.get("ref")))
    if name == "sqref" and element.text:  # the extension's way to write it
        element.text = rows.areas(element.text)
    elif name == "brk" and local(element.getparent()) == "rowBreaks":
        element.set("id", str(min(MAX_ROW, rows.end(int(element.get("id", "0"))))))
    elif name in {"cellWatch", "inputCells"} and element.get("r"):
        element.set("r", rows.areas(element.get("r")))
    elif name == "from" and local(element.getparent()) == "anchor":
        _shift_anchor(element.getparent(), rows)
    elif name in _FORMULA_TEXTS and element.text:
        element.text = shift.formula(element.text, Place(sheet))
    elif name == "hyperlink" and element.get("location"):
        element.set("location", shift.formula(element.get("location"), Place(sheet)))


def _set_areas(element: Element, attribute: str, rows: RowMap) -> None:
    text = element.get(attribute)
    if attribute == "sqref" and local(element) != "selection":
        element.set(attribute, rows.areas(text))
        return
    moved = []
    for part in text.split():
        area = Area.parse(part)
        top, bottom = rows.start(area.top), rows.start(area.bottom)
        moved.append(str(Area(min(MAX_ROW, top), area.left, min(MAX_ROW, bottom), area.right)))
    element.set(attribute, " ".join(moved))


def shift_parts(book: Book, sheet: Sheet, shift: Shift) -> None:
    """Parts that hang on the sheet, and parts elsewhere that point at it."""
    package = book.package
    for kind, part in package.relations(sheet.part).values():
        if part not in package.parts:
            continue
        if kind == "drawing":
            _shift_drawing(package, part, shift.rows)
        elif kind == "vmlDrawing":
            package.put(part, _shift_vml(package.parts[part], shift.rows))
        elif kind in {"comments", "threadedComment", "table"}:
            _shift_references(package, part, shift, sheet.name)
    for part in list(package.parts):
        if part.startswith("xl/charts/") and part.endswith(".xml"):
            _shift_references(package, part, shift, "")
        elif part.startswith("xl/pivotCache/pivotCacheDefinition"):
            _shift_pivot_source(package, part, shift)
    _shift_other_sheets(book, sheet, shift)
    for name in book.names():
        if name.text:
            name.text = shift.formula(name.text, Place(""))
            package.touch(book.part)


def _shift_references(package: Package, part: str, shift: Shift, sheet: str) -> None:
    for element in package.tree(part).iter():
        if not isinstance(element.tag, str):
            continue
        if sheet and element.get("ref"):
            element.set("ref", shift.rows.areas(element.get("ref")))
        if local(element) in {"f", "calculatedColumnFormula", "totalsRowFormula"} and element.text:
            element.text = shift.formula(element.text, Place(sheet))
    package.touch(part)


def _shift_pivot_source(package: Package, part: str, shift: Shift) -> None:
    for element in package.tree(part).iter():
        ours = local(element) == "worksheetSource" and element.get("sheet") == shift.sheet
        if ours and element.get("ref"):
            element.set("ref", shift.rows.areas(element.get("ref")))
            package.touch(part)


def _shift_other_sheets(book: Book, sheet: Sheet, shift: Shift) -> None:
    """Formulas, validations and conditions of the other sheets that look at this one."""
    for entry in book.sheets:
        raw = book.package.parts.get(entry.part, b"")
        if entry.part == sheet.part or b"!" not in raw:
            continue
        changed = False
        for element in book.package.tree(entry.part).iter():
            if local(element) in _FORMULA_TEXTS and element.text and "!" in element.text:
                moved = shift.formula(element.text, Place(entry.name))
                changed = changed or moved != element.text
                element.text = moved
        if changed:
            book.package.touch(entry.part)


def _shift_drawing(package: Package, part: str, rows: RowMap) -> None:
    for element in package.tree(part).iter():
        if local(element) in {"twoCellAnchor", "oneCellAnchor"}:
            _shift_anchor(element, rows)
    package.touch(part)


def _shift_anchor(anchor: Element, rows: RowMap) -> None:
    """A picture moves as a whole with its upper edge; inserted rows never stretch it."""
    begin = child(anchor, "from")
    if begin is None:
        return
    row = int(children(begin, "row")[0].text)
    moved = rows.start(row + 1) - (row + 1)
    for corner in ("from", "to"):
        found = child(anchor, corner)
        for item in [] if found is None else children(found, "row"):
            item.text = str(min(MAX_ROW - 1, int(item.text) + moved))


def _shift_vml(data: bytes, rows: RowMap) -> bytes:
    """Boxes of old-style comments, whose anchor is a list of eight numbers."""
    text = data.decode("utf-8", "surrogateescape")

    def row(match: re.Match[str]) -> str:
        return f"{match[1]}{rows.start(int(match[2]) + 1) - 1}{match[3]}"

    def box(match: re.Match[str]) -> str:
        numbers = [part.strip() for part in match[2].split(",")]
        if len(numbers) != 8 or not all(part.isdigit() for part in numbers):
            return match[0]
        moved = rows.start(int(numbers[2]) + 1) - int(numbers[2]) - 1
        numbers[2], numbers[6] = str(int(numbers[2]) + moved), str(int(numbers[6]) + moved)
        return f"{match[1]}{', '.join(numbers)}{match[3]}"

    text = _VML_ANCHOR.sub(box, _VML_ROW.sub(row, text))
    return text.encode("utf-8", "surrogateescape")


def dimension(sheet: Sheet) -> None:
    """The used range, where written cells reach beyond it."""
    element = child(sheet.root, "dimension")
    if element is None or not sheet.rows:
        return
    area = Area.parse(element.get("ref") or "A1")
    for row in sheet.rows.values():
        cells = children(row, "c")
        if not cells:
            continue
        number, last = split(cells[-1].get("r"))
        area = Area(
            min(area.top, number), area.left, max(area.bottom, number), max(area.right, last)
        )
    element.set("ref", str(area))
