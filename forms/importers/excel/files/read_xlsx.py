"""Reading .xlsx by streaming its parts: values, formulas, merged cells, looks, validations.

A library that builds the whole workbook first can be driven out of memory by five kilobytes; here a
cell that nobody can see is never made into an object.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms.importers.excel.files import formats
from forms.importers.excel.files.grid import (
    Cell,
    Grid,
    Look,
    Rule,
    Span,
    Value,
    Warned,
    make_grid,
    parse_address,
)
from forms.importers.excel.files.guard import (
    MAX_MERGES,
    Package,
    SheetUnknown,
    WorkbookDamaged,
    WorkbookTooLarge,
    WorkbookUnsafe,
    parse_xml,
    stream_xml,
)
from forms.importers.excel.files.lists import MOST, rule_of, with_choices
from forms.importers.excel.files.looks import Looks, read_looks
from forms.importers.excel.files.trim import trim

MAX_CELLS = 400_000
MAX_STRINGS = 400_000
_PLENTY = 2 * 1024 * 1024
_CONTENT = (b"<v", b":v>", b"<is", b":is>", b"<f", b":f>")
_ROW_START = re.compile(rb"<(?:\w{1,8}:)?row\b")
_SHEET_END = re.compile(rb"</(?:\w{1,8}:)?sheetData>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets of a workbook share."""

    package: Package
    parts: dict[str, str]
    visible: tuple[str, ...]
    strings: list[str]
    looks: Looks
    since_1904: bool
    warnings: tuple[Warned, ...]
    names: dict[str, str]
    """What its names stand for, in small letters: Excel takes them either way."""


def open_book(data: bytes) -> Book:
    """The workbook's directory, strings and styles; no sheet is read yet."""
    package = Package(data)
    main = _main_part(package)
    root = parse_xml(package.bytes(main), main)
    targets = _relations(package, main)
    parts, visible = {}, []
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        key = sheet.get(f"{{{_RELATIONS}}}id") or sheet.get(f"{{{_STRICT}}}id") or ""
        target, kind = targets.get(key, ("", ""))
        if kind.endswith("/worksheet") and package.has(target):
            parts[sheet.get("name", "")] = target
            if sheet.get("state", "visible") == "visible":
                visible.append(sheet.get("name", ""))
    by_kind = {kind.rpartition("/")[2]: target for target, kind in targets.values()}
    settings = root.find("{*}workbookPr")
    return Book(
        package=package,
        parts=parts,
        visible=tuple(visible),
        strings=_strings(package, by_kind.get("sharedStrings", "")),
        looks=read_looks(package, by_kind.get("styles", "")),
        since_1904=settings is not None and settings.get("date1904") in ("1", "true"),
        warnings=_links(package),
        names={
            (one.get("name") or "").casefold(): (one.text or "").strip()
            for one in root.iterfind("{*}definedNames/{*}definedName")
        },
    )


def read_sheet(book: Book, name: str | None, rows: int | None = None) -> Grid:
    """One sheet; without a name the first visible one that has anything on it."""
    names = tuple(book.parts)
    if name is not None:
        if name not in book.parts:
            raise SheetUnknown(sheet=name, sheets="、".join(names[:20]))
        return _grid(book, name, rows)
    first: Grid | None = None
    for candidate in book.visible or names:
        grid = _grid(book, candidate, rows)
        first = first or grid
        if grid.cells:
            return grid
    return first or make_grid("", [], sheets=names)


def _grid(book: Book, name: str, rows: int | None) -> Grid:
    reader = _SheetReader(book, rows)
    reader.read(book.parts[name])
    cells, warnings = trim(reader.cells, reader.merges)
    return make_grid(
        name,
        cells,
        sheets=tuple(book.parts),
        rules=with_choices(
            reader.rules, name, book.names, lambda other: _cells(book, other, reader, name)
        ),
        hidden_rows=frozenset(reader.hidden_rows),
        hidden_cols=frozenset(reader.hidden_cols),
        protected=reader.protected,
        warnings=(*book.warnings, *reader.warnings, *warnings),
    )


def _cells(book: Book, name: str, read: "_SheetReader", own: str) -> list[Cell]:
    """The first rows of a sheet from which a list takes its choices; of the one being read what was read."""
    if name == own or name not in book.parts:
        return read.cells if name == own else []
    other = _SheetReader(book, 2 * MOST)
    other.read(book.parts[name])
    return other.cells


class _SheetReader:
    """Collects one sheet while its XML goes by."""

    def __init__(self, book: Book, rows: int | None) -> None:
        self.book = book
        self._left = rows
        """Rows with something in them that may still come; None: as many as there are."""
        self.cells: list[Cell] = []
        self.merges: list[Span] = []
        self.rules: list[Rule] = []
        self.hidden_rows: set[int] = set()
        self.hidden_cols: set[int] = set()
        self.warnings: list[Warned] = []
        self.protected = False
        self._row = 0
        self._full = False
        self._shared: dict[str, tuple[str, int, int]] = {}

    def read(self, part: str) -> None:
        tags = ("row", "mergeCell", "dataValidation", "col", "sheetProtection")
        wanted = tuple(f"{{*}}{tag}" for tag in tags)
        for element in stream_xml(_without_empty(self.book.package.chunks(part)), part, wanted):
            getattr(self, f"_on_{element.tag.rpartition('}')[2]}")(element)
            if self._left is not None and self._full:
                return

    def _on_row(self, row: Any) -> None:
        self._row = _number(row.get("r")) or self._row + 1
        if self._full:
            return
        if _is_hidden(row, "ht"):
            self.hidden_rows.add(self._row)
        col, before = 0, len(self.cells)
        for element in row:
            if not element.tag.endswith("}c"):
                continue
            place = parse_address(element.get("r") or "")
            col = place[1] if place else col + 1
            cell = self._cell(element, place[0] if place else self._row, col)
            if cell is not None:
                self.cells.append(cell)
        if self._left is not None and not all(cell.blank for cell in self.cells[before:]):
            self._left -= 1
        if len(self.cells) > MAX_CELLS or (self._left is not None and self._left < 0):
            self._full = True
            self.warnings.append(Warned("sheet.rows-left-out", f"A{self._row + 1}"))

    def _cell(self, element: Any, row: int, col: int) -> Cell | None:
        look = self.book.looks.of(element.get("s"))
        value, kind, error = self._value(element, look)
        formula = self._formula(element, row, col)
        text = error or formats.show(value, look.format)
        if kind == "blank" and not formula and not look.bordered and look.locked:
            return None
        if kind == "number" and isinstance(value, int) and abs(value) >= 10**15:
            self.warnings.append(Warned("sheet.digits-lost", f"R{row}C{col}", text))
        return Cell(row, col, text, value, kind, formula=formula, look=look)

    def _value(self, element: Any, look: Look) -> tuple[Value, str, str]:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            text = _plain("".join(element.itertext("{*}t")))
            return (text, "text", "") if text.strip() else (None, "blank", "")
        stored = element.findtext("{*}v")
        if stored is None or not stored.strip():
            return None, "blank", ""
        if kind == "s":
            index = _number(stored)
            text = self.book.strings[index] if 0 <= index < len(self.book.strings) else ""
            return (text, "text", "") if text.strip() else (None, "blank", "")
        if kind == "str":
            return _plain(stored), "text", ""
        if kind == "b":
            return stored.strip() == "1", "bool", ""
        if kind == "e":
            return None, "error", stored.strip()
        return self._numeric(stored, look)

    def _numeric(self, stored: str, look: Look) -> tuple[Value, str, str]:
        number = formats.exact(stored.strip())
        if number is None:
            return stored, "text", ""
        meaning = formats.kind_of(look.format)
        if meaning != "number":
            found = formats.moment(Decimal(number), since_1904=self.book.since_1904)
            if found is not None:
                return found, meaning, ""
        return number, "number", ""

    def _formula(self, element: Any, row: int, col: int) -> str:
        found = element.find("{*}f")
        if found is None:
            return ""
        text = (found.text or "").strip()
        key = found.get("si")
        if found.get("t") == "shared" and key is not None:
            if text:
                self._shared[key] = (text, row, col)
            elif key in self._shared:
                source, from_row, from_col = self._shared[key]
                return shifted(source, row - from_row, col - from_col)
        return text

    def _on_mergeCell(self, element: Any) -> None:  # noqa: N802 - named after the element it takes
        span = Span.parse(element.get("ref") or "")
        if span is None or span.area < 2:
            return
        self.merges.append(span)
        if len(self.merges) > MAX_MERGES:
            raise WorkbookUnsafe(reason="merges-many", where=str(MAX_MERGES))

    def _on_dataValidation(self, element: Any) -> None:  # noqa: N802 - named after the element it takes
        self.rules.append(rule_of(element))

    def _on_col(self, element: Any) -> None:
        if _is_hidden(element, "width"):
            first, last = _number(element.get("min")), _number(element.get("max"))
            self.hidden_cols.update(range(first, min(last, first + 500) + 1))

    def _on_sheetProtection(self, element: Any) -> None:  # noqa: N802 - named after the element it takes
        self.protected = element.get("sheet") in ("1", "true")


def _is_hidden(element: Any, size: str) -> bool:
    """Hidden, or drawn so small that nothing of it is left."""
    return element.get("hidden") in ("1", "true") or element.get(size) in ("0", "0.0")


_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![0-9A-Za-z_(])")


def shifted(formula: str, rows: int, cols: int) -> str:
    """A shared formula as it stands in another cell: relative references moved, `$` ones kept."""

    def move(match: re.Match[str]) -> str:
        place = parse_address(match[2] + match[4])
        if place is None:
            return match[0]
        from forms.importers.excel.files.grid import address, column_letter

        row = place[0] if match[3] else place[0] + rows
        col = place[1] if match[1] else place[1] + cols
        if row < 1 or col < 1:
            return "#REF!"
        letters = column_letter(col)
        return f"{match[1]}{letters}{match[3]}{address(row, col)[len(letters) :]}"

    return _REFERENCE.sub(move, formula)


def _without_empty(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same XML, less the empty formatted rows that stand far below any form.

    A sheet formatted to its last row has a million of them; they say nothing and are not even parsed.
    """
    seen, rest, ended = 0, b"", False
    for chunk in chunks:
        seen += len(chunk)
        if ended or seen <= _PLENTY:
            yield chunk
            continue
        whole = rest + chunk
        end = _SHEET_END.search(whole) if b"sheetData>" in whole else None
        ended = end is not None
        cut = end.start() if end else max(whole.rfind(b"<row"), whole.rfind(b":row ") - 8, 0)
        if not end and cut == 0 and len(whole) > 4 * _PLENTY:
            cut = len(whole)
        piece, rest = whole[:cut], whole[cut:]
        yield from _rows_with_content(piece)
        if ended:
            yield rest
            rest = b""
    if rest:
        yield rest


def _rows_with_content(piece: bytes) -> Iterator[bytes]:
    """A run of rows, or only what lies outside its whole rows when none of them holds anything."""
    if any(mark in piece for mark in _CONTENT):
        yield piece
        return
    first = _ROW_START.search(piece)
    if first is None:
        yield piece
        return
    yield piece[: first.start()]


def _strings(package: Package, part: str) -> list[str]:
    found: list[str] = []
    if not part or not package.has(part):
        return found
    for element in stream_xml(package.chunks(part), part, ("{*}si",)):
        found.append(_plain(_without_phonetic(element)))
        if len(found) > MAX_STRINGS:
            raise WorkbookTooLarge(reason="strings", limit=MAX_STRINGS)
    return found


def _without_phonetic(element: Any) -> str:
    return "".join(
        text.text or ""
        for text in element.iter("{*}t")
        if not text.getparent().tag.endswith("}rPh")
    )


def _plain(text: str) -> str:
    """Excel's `_x000D_` back to characters, without those that no text may hold."""

    def char(match: re.Match[str]) -> str:
        point = int(match[1], 16)
        return chr(point) if point in (9, 10, 13) or (32 <= point < 0xD800) else ""

    return _ESCAPED.sub(char, text).replace("\r\n", "\n").replace("\r", "\n")


def _number(text: str | None) -> int:
    try:
        return int(text or "0")
    except ValueError:
        return 0


def _main_part(package: Package) -> str:
    if package.has("_rels/.rels"):
        for target, kind in _relations(package, "").values():
            if kind.endswith("/officeDocument") and package.has(target):
                return target
    if package.has("xl/workbook.xml"):
        return "xl/workbook.xml"
    raise WorkbookDamaged(part="xl/workbook.xml")


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    folder, _, name = part.rpartition("/")
    path = f"{folder}/_rels/{name}.rels".lstrip("/")
    if not package.has(path):
        return {}
    found = {}
    for one in parse_xml(package.bytes(path), path):
        target = one.get("Target") or ""
        absolute = (
            target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        )
        found[one.get("Id") or ""] = (absolute, one.get("Type") or "")
    return found


def _links(package: Package) -> tuple[Warned, ...]:
    """Links to other workbooks are never followed; one that would start a program is refused."""
    outside = [name for name in package.names if name.startswith("xl/externalLinks/externalLink")]
    for name in outside[:50]:
        head = package.bytes(name).replace(b"\0", b"")  # it may be written two bytes a letter
        if b"ddeLink" in head or b"oleLink" in head:
            raise WorkbookUnsafe(reason="dde", where=name)
    return (Warned("sheet.outside-links", text=str(len(outside))),) if outside else ()
