"""What a workbook must not do to us: limits before and while unpacking, XML without entities.

Every refusal tells the person what to do with the file. Nothing here looks at the meaning of a sheet.
"""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from engine.errors import Problem

MAX_FILE = 50 * 1024 * 1024
MAX_PART = 320 * 1024 * 1024
MAX_UNPACKED = 600 * 1024 * 1024
MAX_ENTRIES = 5_000
MAX_RATIO = 400
MAX_TOKEN = 4 * 1024 * 1024
MAX_MERGES = 20_000
CHUNK = 256 * 1024


class NotAWorkbook(Problem):
    """The file is none of the kinds we read."""

    code, status = "sheet.not-a-workbook", 422


class WorkbookEncrypted(Problem):
    """It opens only with a password."""

    code, status = "sheet.encrypted", 422


class WorkbookDamaged(Problem):
    """It is cut off or broken; `part` says where inside."""

    code, status = "sheet.damaged", 422
    part: str = ""


class WorkbookTooLarge(Problem):
    """It is larger, or unpacks to more, than any form; `reason` says which."""

    code, status = "sheet.too-large", 413
    reason: str
    limit: int = 0


class WorkbookUnsafe(Problem):
    """It holds something that only an attack, or a broken program, puts there; `reason` names it."""

    code, status = "sheet.unsafe", 422
    reason: str
    where: str = ""


class NoTable(Problem):
    """Nothing on the sheet looks like a table or a form."""

    code, status = "sheet.no-table", 422
    sheet: str = ""


class SheetUnknown(Problem):
    """The workbook has no sheet of this name."""

    code, status = "sheet.unknown", 404
    sheet: str
    sheets: str = ""


class Package:
    """The zip file behind .xlsx, .ods and .docx; its parts are streamed, never unpacked to disk."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise WorkbookDamaged(part="zip") from error
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise WorkbookTooLarge(reason="entries", limit=MAX_ENTRIES)
        self._refuse_bomb(entries, len(data))
        self.names = tuple(entry.filename for entry in entries)
        if len(set(self.names)) != len(self.names):
            raise WorkbookUnsafe(reason="duplicate-parts")
        for name in self.names:
            if ".." in name.replace("\\", "/").split("/") or name.startswith(("/", "\\")):
                raise WorkbookUnsafe(reason="paths", where=name[:80])

    @staticmethod
    def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int) -> None:
        total = 0
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise WorkbookEncrypted
            if entry.file_size > MAX_PART:
                raise WorkbookTooLarge(reason="unpacked", limit=MAX_PART // 1024**2)
            total += entry.file_size
        if total > MAX_UNPACKED or total > max(packed, 64 * 1024) * MAX_RATIO:
            raise WorkbookTooLarge(reason="unpacked", limit=MAX_UNPACKED // 1024**2)

    def has(self, name: str) -> bool:
        """Whether the package has such a part."""
        return name in self.names

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part in pieces; stops with an error as soon as it grows past what it declared or may be."""
        size = 0
        try:
            with self._zip.open(name) as stream:
                while piece := stream.read(CHUNK):
                    size += len(piece)
                    if size > MAX_PART:
                        raise WorkbookTooLarge(reason="unpacked", limit=MAX_PART // 1024**2)
                    yield piece
        except KeyError as error:
            raise WorkbookDamaged(part=name) from error
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise WorkbookDamaged(part=name) from error
        except zipfile.zlib.error as error:  # type: ignore[attr-defined]  # zipfile re-raises zlib's own error
            raise WorkbookDamaged(part=name) from error

    def bytes(self, name: str, limit: int = 16 * 1024 * 1024) -> bytes:
        """A small part whole."""
        pieces, size = [], 0
        for piece in self.chunks(name):
            size += len(piece)
            if size > limit:
                raise WorkbookTooLarge(reason="unpacked", limit=limit // 1024**2)
            pieces.append(piece)
        return b"".join(pieces)


def refuse_doctype(head: bytes, part: str) -> None:
    """No workbook of any program has a document type; entities and outside references need one."""
    flat = head.replace(b"\x00", b"").upper()
    if b"<!DOCTYPE" in flat or b"<!ENTITY" in flat:
        raise WorkbookUnsafe(reason="doctype", where=part)


def parse_xml(data: bytes, part: str) -> Any:
    """A small XML part as a tree, without entities, network or document type."""
    refuse_doctype(data[:65536], part)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkbookDamaged(part=part) from error


def stream_xml(chunks: Iterator[bytes], part: str, tags: tuple[str, ...]) -> Iterator[Any]:
    """The named elements of a large part, one at a time; each is freed when the next is asked for."""
    parser = etree.XMLPullParser(
        events=("end",),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    first, quiet = True, 0
    try:
        for chunk in chunks:
            if first:
                refuse_doctype(chunk[:65536], part)
                first = False
            quiet = 0 if b"<" in chunk else quiet + len(chunk)
            if quiet > MAX_TOKEN:
                raise WorkbookTooLarge(reason="text", limit=MAX_TOKEN // 1024**2)
            parser.feed(chunk)
            yield from _drained(parser)
        parser.close()
        yield from _drained(parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkbookDamaged(part=part) from error


def _drained(parser: Any) -> Iterator[Any]:
    for _, element in parser.read_events():
        yield element
        element.clear()
        parent = element.getparent()
        if parent is not None:
            while element.getprevious() is not None:
                del parent[0]
