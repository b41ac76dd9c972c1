"""Pictures put over a cell, as large as the room there is: nothing on the sheet moves for them."""

import math
import posixpath
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO

from lxml import etree

from renderers.ooxml.addresses import split
from renderers.ooxml.book import Book
from renderers.ooxml.package import Element, child, children, local, relate, serialise
from renderers.ooxml.sheet import Sheet
from renderers.placements import PictureWrite

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES_NS = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
_TYPES = "[Content_Types].xml"
_BEHIND = {
    "drawingHF", "picture", "legacyDrawing", "legacyDrawingHF", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
}  # fmt: skip
_EMU = 9525  # a pixel in the unit of drawings
_DIGIT = 7  # pixels of a digit in the usual type
_WIDTH, _HEIGHT, _SIZE = (
    8.43,
    15.0,
    11.0,
)  # of a column, a row and the type, where the sheet says none
_GAP, _TALLEST, _LEAST = 2, 48, 12


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a picture begins in its first cell, and how much room there is, in pixels."""

    row: int
    column: int
    offset: int
    width: int
    height: int


def place(book: Book, sheet: Sheet, pictures: Iterable[PictureWrite]) -> list[PictureWrite]:
    """Put pictures over their cells; those for which there is no room, or no way, come back."""
    left: list[PictureWrite] = []
    for one in pictures:
        found = _inked(one.content)
        if found is None or sheet.namespace != _MAIN:
            left.append(one)
            continue
        content, size = found
        room = _room(book, sheet, one)
        scale = min(room.width / size[0], room.height / size[1])
        width, height = int(size[0] * scale), int(size[1] * scale)
        if min(room.width, room.height) < _LEAST or not width or not height:
            left.append(one)
            continue
        _anchor(book, _drawing(book, sheet), replace(one, content=content), room, (width, height))
    return left


def _inked(content: bytes) -> tuple[bytes, tuple[int, int]] | None:
    """The drawing without the paper around it, and its size in pixels; nothing if it is no PNG."""
    from PIL import Image, ImageChops, UnidentifiedImageError  # heavy, and few are signed by hand

    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            drawn = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    flat = paper.convert("RGB")
    ink = ImageChops.difference(flat, Image.new("RGB", flat.size, "white")).getbbox()
    cropped = drawn.crop(ink) if ink else drawn
    target = BytesIO()
    cropped.save(target, "PNG")
    return target.getvalue(), cropped.size


def _room(book: Book, sheet: Sheet, one: PictureWrite) -> _Room:
    """From behind the label to the next words on the line; downwards as long as the lines are empty."""
    strings = book.strings
    area = sheet.merged(*split(one.address))
    found = sheet.find(area.top, area.left)
    style = int(found.get("s") or 0) if found is not None else 0
    said = sheet.text(strings, area.top, area.left) if one.after is not None else ""
    inner = sum(_column(sheet, column) for column in range(area.left, area.right + 1))
    size, align = book.styles.look(style)
    told = min(_wide(said, size or _SIZE), inner)
    offset = (inner + told) // 2 if align == "center" else told
    offset = inner if align == "right" else offset

    def free(row: int, column: int) -> bool:
        alone = sheet.merged(row, column)
        return alone.top == alone.bottom and alone.left == alone.right and not sheet.text(strings, row, column)  # fmt: skip

    right, width = area.right, inner - offset
    while width < _TALLEST * 3 and right < area.right + 4 and said and free(area.top, right + 1):
        right += 1
        width += _column(sheet, right)
    height = sum(_row(sheet, row) for row in range(area.top, area.bottom + 1))
    bottom = area.bottom
    while height < _TALLEST * 0.6 and bottom < area.bottom + 2 and all(free(bottom + 1, c) for c in range(area.left, right + 1)):  # fmt: skip
        bottom += 1
        height += _row(sheet, bottom)
    column = area.left
    while column < right and offset >= _column(sheet, column):
        offset -= _column(sheet, column)
        column += 1
    return _Room(area.top, column, offset + _GAP, width - 2 * _GAP, min(height, _TALLEST) - 2 * _GAP)  # fmt: skip


def _wide(text: str, size: float) -> int:
    """How wide words are on the sheet: the last line of them."""
    line = text.rstrip().rpartition("\n")[2]
    full = sum(unicodedata.east_asian_width(char) in "WF" for char in line)
    return math.ceil((full + 0.55 * (len(line) - full)) * size * 96 / 72)


def _column(sheet: Sheet, column: int) -> int:
    """A column's width in pixels; a hidden one has none."""
    form, width = child(sheet.root, "sheetFormatPr"), ""
    for one in children(found, "col") if (found := child(sheet.root, "cols")) is not None else []:
        if int(one.get("min", "0")) <= column <= int(one.get("max", "0")):
            if one.get("hidden") in {"1", "true"}:
                return 0
            width = one.get("width", "")
    if not width and form is not None:
        width = form.get("defaultColWidth", "")
    return int(_number(width, _WIDTH + 5 / _DIGIT) * _DIGIT)


def _row(sheet: Sheet, row: int) -> int:
    """A row's height in pixels; a hidden one has none."""
    element, form = sheet.rows.get(row), child(sheet.root, "sheetFormatPr")
    if element is not None and element.get("hidden") in {"1", "true"}:
        return 0
    height = "" if element is None else element.get("ht", "")
    if not height and form is not None:
        height = form.get("defaultRowHeight", "")
    return int(_number(height, _HEIGHT) * 96 / 72)


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise


def _drawing(book: Book, sheet: Sheet) -> str:
    """The sheet's drawing; a new one where it has none."""
    package = book.package
    for kind, part in package.relations(sheet.part).values():
        if kind == "drawing" and part in package.parts:
            return part
    part = package.free("xl/drawings/drawing1.xml")
    package.put(part, serialise(etree.Element(f"{{{_XDR}}}wsDr", nsmap={"xdr": _XDR, "a": _A})))
    declared = etree.SubElement(package.tree(_TYPES), f"{{{_TYPES_NS}}}Override")
    declared.set("PartName", f"/{part}")
    declared.set("ContentType", _DRAWING)
    package.touch(_TYPES)
    key = _related(book, sheet.part, part, "drawing")
    made = etree.Element(sheet.tag("drawing"))
    made.set(f"{{{_OFFICE}}}id", key)
    position = next((n for n, one in enumerate(sheet.root) if local(one) in _BEHIND), len(sheet.root))  # fmt: skip
    sheet.root.insert(position, made)
    return part


def _related(book: Book, source: str, target: str, kind: str) -> str:
    """A relation from one part to another, in the list that the first one has or gets."""
    package = book.package
    folder, base = posixpath.split(source)
    rels = posixpath.join(folder, "_rels", f"{base}.rels")
    if rels not in package.parts:
        package.put(rels, f'<Relationships xmlns="{_RELATIONS}"/>'.encode())
    key = relate(package.tree(rels), posixpath.relpath(target, folder), f"{_OFFICE}/{kind}")
    package.touch(rels)
    return key


def _anchor(book: Book, part: str, one: PictureWrite, room: _Room, size: tuple[int, int]) -> None:
    """One picture in the drawing, by its upper left corner and its size."""
    package = book.package
    image = package.free("xl/media/signature1.png")
    package.put(image, one.content)
    _declare_png(package.tree(_TYPES))
    package.touch(_TYPES)
    key = _related(book, part, image, "image")
    root = package.tree(part)
    number = 1 + max((int(i.get("id", "0")) for i in root.iter() if local(i) == "cNvPr"), default=0)
    anchor = _element(root, "xdr:oneCellAnchor")
    begin = _element(anchor, "xdr:from")
    for name, value in (("col", room.column - 1), ("colOff", room.offset * _EMU), ("row", room.row - 1), ("rowOff", _GAP * _EMU)):  # fmt: skip
        _element(begin, f"xdr:{name}").text = str(value)
    extent = {"cx": str(size[0] * _EMU), "cy": str(size[1] * _EMU)}
    _element(anchor, "xdr:ext", extent)
    picture = _element(anchor, "xdr:pic")
    told = _element(picture, "xdr:nvPicPr")
    _element(told, "xdr:cNvPr", {"id": str(number), "name": f"signature {number}", "descr": one.name})  # fmt: skip
    _element(_element(told, "xdr:cNvPicPr"), "a:picLocks", {"noChangeAspect": "1"})
    fill = _element(picture, "xdr:blipFill")
    _element(fill, "a:blip").set(f"{{{_OFFICE}}}embed", key)
    _element(_element(fill, "a:stretch"), "a:fillRect")
    shape = _element(picture, "xdr:spPr")
    form = _element(shape, "a:xfrm")
    _element(form, "a:off", {"x": "0", "y": "0"})
    _element(form, "a:ext", extent)
    _element(_element(shape, "a:prstGeom", {"prst": "rect"}), "a:avLst")
    _element(anchor, "xdr:clientData")
    package.touch(part)


def _element(parent: Element, name: str, attributes: dict[str, str] | None = None) -> Element:
    prefix, _, tag = name.partition(":")
    return etree.SubElement(parent, f"{{{_XDR if prefix == 'xdr' else _A}}}{tag}", attributes or {})


def _declare_png(types: Element) -> None:
    if any(local(one) == "Default" and one.get("Extension", "").lower() == "png" for one in types):
        return
    made = etree.Element(f"{{{_TYPES_NS}}}Default")
    made.set("Extension", "png")
    made.set("ContentType", "image/png")
    types.insert(0, made)
