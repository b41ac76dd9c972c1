"""Reading what is only called a workbook: a web page saved as .xls, and delimited text."""

import csv
import re
from email import message_from_bytes
from io import StringIO
from typing import Any

from lxml import etree

from engine.formats import calculable
from forms.importers.excel.files import formats
from forms.importers.excel.files.grid import Cell, Grid, Span, Value, Warned, make_grid
from forms.importers.excel.files.guard import NoTable, NotAWorkbook, WorkbookUnsafe
from forms.importers.excel.files.trim import trim

MAX_ROWS = 60_000
_MAX_SPAN = 2_000
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
_TAG = re.compile(rb"<(?:html|table|tr|body|!doctype html|meta|head)\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MIN_TEXT = 0.9


def looks_like_html(data: bytes) -> bool:
    """Whether a table of a web page stands near the beginning."""
    return bool(_TAG.search(data[:8192].replace(b"\x00", b"")))


def looks_like_archive(data: bytes) -> bool:
    """A web page saved as one file (MHTML), as Excel itself offers."""
    return data[:512].lstrip().startswith(b"MIME-Version:") and b"text/html" in data[:65536]


def read_archive(data: bytes, sheet: str | None) -> Grid:
    """The page of a web archive that has a table."""
    message = message_from_bytes(data)
    for part in message.walk():
        page = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(page, bytes) and b"<t" in page.lower() and looks_like_html(page):
            try:
                return read_html(page, sheet)
            except NoTable:
                continue
    raise NoTable(sheet=sheet or "")


_BLANKS = "\r\n\t\u3000\xa0"  # the wide space of spread labels counts as no character that prints


def looks_like_text(data: bytes) -> bool:
    """Whether it decodes as text of any encoding in use, without control characters."""
    text = decoded(data[:65536])
    if not text.strip():
        return False
    plain = sum(char.isprintable() or char in _BLANKS for char in text)
    return plain / len(text) > _MIN_TEXT and "\ufffd" not in text[:-8]


def decoded(data: bytes) -> str:
    """Text by its mark, else UTF-8, else the national code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:
            return data.decode("utf-8-sig", "replace")
    return data.decode("gb18030", "replace")


def read_csv(data: bytes, _sheet: str | None, rows: int | None = None) -> Grid:
    """Delimited text; the delimiter is the one that splits the first lines most evenly."""
    text = decoded(data)
    delimiter = _delimiter(text)
    if delimiter is None:
        raise NotAWorkbook
    csv.field_size_limit(1_000_000)
    cells: list[Cell] = []
    warnings: list[Warned] = []
    try:
        for row, line in enumerate(csv.reader(StringIO(text), delimiter=delimiter), 1):
            cells.extend(
                _cell(calculable.plain(one), row, col)
                for col, one in enumerate(line, 1)
                if one.strip()
            )
            if rows is not None and any(one.strip() for one in line):
                rows -= 1
            if row >= MAX_ROWS or (rows is not None and rows < 0):
                warnings.append(Warned("sheet.rows-left-out", f"A{row + 1}"))
                break
    except csv.Error as error:
        raise NotAWorkbook from error
    kept, more = trim(cells, [])
    return make_grid("", kept, sheets=("",), warnings=(*warnings, *more))


def _delimiter(text: str) -> str | None:
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, found = 0, None
    for candidate in (",", "\t", ";", "，", "|"):
        counts = [line.count(candidate) for line in lines]
        even = sum(count == max(set(counts), key=counts.count) for count in counts)
        score = min(max(counts, default=0), 50) * even
        if score > best:
            best, found = score, candidate
    return found


def read_html(data: bytes, _sheet: str | None) -> Grid:
    """The largest table of a web page, with its spans."""
    match = _CHARSET.search(data[:4096])
    charset = (match[1].decode("ascii") if match else "").lower()
    text = (
        data.decode("gb18030", "replace")
        if charset in ("gb2312", "gbk", "gb18030")
        else decoded(data)
    )
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", text), parser)
    tables = [] if root is None else list(root.iter("table"))
    if not tables:
        raise NoTable(sheet="")
    largest = max(tables, key=lambda table: sum(1 for _ in table.iter("td", "th")))
    cells, merges = _table(largest)
    kept, warnings = trim(cells, merges)
    return make_grid("", kept, sheets=("",), warnings=tuple(warnings))


def _table(table: Any) -> tuple[list[Cell], list[Span]]:
    cells: list[Cell] = []
    merges: list[Span] = []
    taken: set[tuple[int, int]] = set()
    row = 0
    for line in table.iter("tr"):
        row, col = row + 1, 0
        if row > MAX_ROWS:
            break
        for one in line.iterchildren("td", "th"):
            col += 1
            while (row, col) in taken:
                col += 1
            rows, cols = _span(one.get("rowspan")), _span(one.get("colspan"))
            if rows * cols > 1:
                merges.append(Span(row, col, row + rows - 1, col + cols - 1))
                taken.update((row + r, col + c) for r in range(rows) for c in range(cols))
                if len(taken) > 1_000_000:
                    raise WorkbookUnsafe(reason="merges-huge", where=f"R{row}C{col}")
            cell = _cell(
                "".join(str(part) for part in one.itertext()).replace("\xa0", " "), row, col
            )
            if cell.kind != "blank":
                cells.append(cell)
            col += cols - 1
    return cells, merges


def _span(text: str | None) -> int:
    return min(max(int(text), 1), _MAX_SPAN) if text and text.strip().isdigit() else 1


def _cell(text: str, row: int, col: int) -> Cell:
    stripped = text.strip()
    value: Value = text
    kind = "text" if stripped else "blank"
    if _NUMBER.fullmatch(stripped) and len(stripped) < 15:
        number = formats.exact(stripped.replace(",", ""))
        if number is not None:
            value, kind = number, "number"
    return Cell(row, col, text.strip("\r\n") if stripped else "", value, kind)
