"""Opening a department's file, whatever it really is: xlsx, xls, a web page called .xls, ods, csv, docx.

The content decides, never the name. What comes out is always one `Grid`.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from forms.importers.excel.files import (
    read_flat,
    read_ods,
    read_old_xml,
    read_word,
    read_xls,
    read_xlsx,
)
from forms.importers.excel.files.grid import Grid
from forms.importers.excel.files.guard import (
    MAX_FILE,
    NoTable,
    NotAWorkbook,
    Package,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookTooLarge,
)

ROOM = 40
"""So many blanks in a row are as good as more, e.g. between the words of a line to be signed."""
_BLANKS = re.compile(rf"\s{{{ROOM + 1},}}+")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def open_sheet(
    source: Path | str | bytes, sheet: str | None = None, *, rows: int | None = None
) -> Grid:
    """One sheet of a file as a grid; without a name the first visible one that is not empty.

    Who takes so many filled `rows` at most has no more of them read where a file is read row by row; the
    grid then warns that it was cut off.
    """
    data = source if isinstance(source, bytes) else _bytes(Path(source))
    reader: Any = _reader(data)
    if rows is not None and reader in (_zipped, read_flat.read_csv):
        reader = partial(reader, rows=rows)
    grid = _bearable(reader(data, sheet))
    if not any(True for _ in grid.filled()):
        raise NoTable(sheet=grid.sheet)
    return grid


def hidden_sheets(data: bytes) -> frozenset[str]:
    """The sheets that a workbook does not show. Raises the reader's refusals."""
    reader: Any = _reader(data)
    if reader is read_xls.read:
        return read_xls.hidden(data)
    if reader is not _zipped:
        return frozenset()
    package = Package(data)
    if package.has("xl/workbook.bin"):
        return read_xls.hidden(data)
    if package.has("content.xml") or not any(name.startswith("xl/") for name in package.names):
        return frozenset()
    book = read_xlsx.open_book(data)
    return frozenset(book.parts) - frozenset(book.visible)


def _bearable(grid: Grid) -> Grid:
    """The same without blanks that nobody counts: thousands in a row would be read in all the ways there are."""
    if not any(_BLANKS.search(cell.text) for cell in grid.cells):
        return grid

    def shorter(text: str) -> str:
        return _BLANKS.sub(lambda found: found[0][:ROOM], text)

    return grid.with_cells(
        [
            replace(
                one,
                text=shorter(one.text),
                value=shorter(one.value) if isinstance(one.value, str) else one.value,
            )
            for one in grid.cells
        ]
    )


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise WorkbookTooLarge(reason="file", limit=MAX_FILE // 1024**2)
    return path.read_bytes()


def _reader(data: bytes) -> Callable[[bytes, str | None], Grid]:
    if len(data) > MAX_FILE:
        raise WorkbookTooLarge(reason="file", limit=MAX_FILE // 1024**2)
    if not data.strip(b"\x00 \t\r\n"):
        raise NotAWorkbook
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise WorkbookEncrypted
        return read_xls.read
    if data.startswith(_ZIP):
        return _zipped
    if data.startswith(b"PK"):
        raise WorkbookDamaged(part="zip")
    if read_old_xml.MARK in data[:4096]:
        return read_old_xml.read
    if read_flat.looks_like_archive(data):
        return read_flat.read_archive
    if read_flat.looks_like_html(data):
        return read_flat.read_html
    if read_flat.looks_like_text(data):
        return read_flat.read_csv
    raise NotAWorkbook


def _zipped(data: bytes, sheet: str | None, rows: int | None = None) -> Grid:
    package = Package(data)
    if package.has("content.xml"):
        return read_ods.read(package, sheet)
    if any(name.startswith("xl/") for name in package.names):
        if package.has("xl/workbook.bin"):
            return read_xls.read(data, sheet)
        return read_xlsx.read_sheet(read_xlsx.open_book(data), sheet, rows)
    if package.has("word/document.xml"):
        return read_word.read(package)
    raise NotAWorkbook
