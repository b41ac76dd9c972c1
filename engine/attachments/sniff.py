"""What a file is, by its content alone: neither its name nor what the browser declares is believed.

Only kinds that offices use are known; web pages, SVG, scripts, programs and bare archives are none.
"""

import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

from engine.attachments import ofd, office, pdf
from engine.attachments.problems import AttachmentDamaged, AttachmentKind, AttachmentUnsafe

MOST_ENTRIES = 5_000
MOST_UNPACKED = 600 * 1024 * 1024
MOST_RATIO = 400
LITTLE = 64 * 1024
TYPES_PART = 1024 * 1024
TAIL = 2_048


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: how its name ends, and what it is declared as."""

    ending: str
    media_type: str
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What a place takes."""

    kind: str
    """photo | file | signature"""
    accept: tuple[str, ...]
    """Endings of the kinds of files, as they are kept."""
    max_mb: int


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
KINDS = {
    kind.ending: kind
    for kind in (
        FileKind("jpg", "image/jpeg", picture=True),
        FileKind("png", "image/png", picture=True),
        FileKind("webp", "image/webp", picture=True),
        FileKind("pdf", "application/pdf"),
        FileKind("ofd", "application/ofd"),
        FileKind("docx", f"{_OFFICE}wordprocessingml.document"),
        FileKind("xlsx", f"{_OFFICE}spreadsheetml.sheet"),
        FileKind("pptx", f"{_OFFICE}presentationml.presentation"),
        FileKind("doc", "application/msword"),
        FileKind("xls", "application/vnd.ms-excel"),
        FileKind("ppt", "application/vnd.ms-powerpoint"),
        FileKind("odt", f"{_OPEN}text"),
        FileKind("ods", f"{_OPEN}spreadsheet"),
        FileKind("txt", "text/plain; charset=utf-8"),
        FileKind("csv", "text/csv; charset=utf-8"),
    )
}
PICTURES = tuple(ending for ending, kind in KINDS.items() if kind.picture)
KEPT = tuple(ending for ending in KINDS if ending != "webp")
"""Kinds that are kept; a picture of another kind is kept as one of these."""
_PARTS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<body", b"<iframe")


def kind_of(content: bytes, name: str) -> FileKind:
    """The kind of a file. Raises AttachmentKind, AttachmentDamaged, AttachmentUnsafe."""
    found = _ending(content, name)
    if found is None:
        raise AttachmentKind(name=name, accepted=", ".join(KEPT))
    return KINDS[found]


def _ending(content: bytes, name: str) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-TAIL:]:  # cut off, or something else hangs behind it
            raise AttachmentDamaged(name=name)
        pdf.refuse_acting(content, name)
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content, name)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(content, name)
    return _text(content, name)


def _zipped(content: bytes, name: str) -> str | None:
    """An office document; its parts are counted before any is read."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = package.infolist()
            _refuse_bomb(entries, len(content), name)
            names = {entry.filename for entry in entries}
            if "OFD.xml" in names:
                ofd.refuse_acting(package, name)
                return "ofd"
            office.refuse_acting(package, name)
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in _PARTS.items() if _within(part, names)), None)
            if "mimetype" in names:
                with package.open("mimetype") as part:
                    told = part.read(TYPES_PART).decode("ascii", "replace").strip()
                return {KINDS[one].media_type: one for one in ("odt", "ods")}.get(told)
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError,
        expat.ExpatError,
    ) as error:  # fmt: skip
        raise AttachmentDamaged(name=name) from error
    return None


def _within(part: str, names: set[str]) -> bool:
    return any(name.startswith(part) for name in names)


def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    many = len(entries) > MOST_ENTRIES
    if many or total > MOST_UNPACKED or total > max(packed, LITTLE) * MOST_RATIO:
        raise AttachmentUnsafe(name=name, reason="bomb")
    if len({entry.filename for entry in entries}) != len(entries):
        raise AttachmentUnsafe(name=name, reason="bomb")


def _compound(content: bytes, name: str) -> str | None:
    """A document of the older office programs, by the names of its streams."""
    office.refuse_compound(content, name)
    if _named("EncryptedPackage", content):
        raise AttachmentUnsafe(name=name, reason="locked")
    return next((kind for stream, kind in _STREAMS.items() if _named(stream, content)), None)


def _named(stream: str, content: bytes) -> bool:
    return stream.encode("utf-16-le") in content


def _text(content: bytes, name: str) -> str | None:
    """Plain text, if it reads as Chinese or ASCII text and is no markup in disguise."""
    if any(byte in content for byte in (b"\0", b"\x1b")):
        return None
    head = content[:4_096].lower()
    if any(mark in head for mark in _MARKUP):
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "csv" if name.lower().endswith(".csv") else "txt"
    return None
