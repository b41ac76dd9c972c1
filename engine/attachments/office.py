"""What an office document would do by itself, told by its parts: programs, fetching, commands in fields,
files inside. Relations say which part is which; some parts say it in their own words.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from xml.parsers import expat

from engine.attachments.problems import AttachmentUnsafe

MOST_PART = 96 * 1024 * 1024
"""More is no part that people wrote."""
MOST_READ = 256 * 1024 * 1024
CHUNK = 256 * 1024
_SCRIPTS = ("Basic/", "Scripts/")
_PROGRAMS = {"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet"}
_SEEN = {"hyperlink", "image"}
"""What may lie elsewhere: a link is pressed, a picture shown."""
_CONTROLS = {"control", "activexcontrolbinary"}
"""Programs of Windows that a document brings up on opening. The boxes of a form (`ctrlProp`) are none."""
CONTROL_STREAM = "\3OCXNAME".encode("utf-16-le")
"""The stream that tells which control an object of a document is."""
PACKED_FILE = "Ole10Native".encode("utf-16-le")
"""The stream in which a file of any kind lies inside a document."""
_SHEET_OF_MACROS = re.compile(rb"\x85\x00[\x08-\x48]\x00.{4}[\x00-\x02]\x01", re.DOTALL)
"""The record of an old workbook that names a sheet of commands."""
_COMMAND = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
_LISTENS = {
    "event-listener": "macros",
    "dde-source": "fetches",
    "dde-connection-decl": "fetches",
    "applet": "controls",
    "plugin": "controls",
}
_TEXTS = {"instrText", "delInstrText"}
Begins = Callable[[str, dict[str, str]], None]


def refuse_acting(package: zipfile.ZipFile, name: str) -> None:
    """Raises AttachmentUnsafe, and what the readers of zip and XML raise for what is damaged."""
    left = MOST_READ
    for entry in package.infolist():
        part = entry.filename.lower()
        if part.endswith("vbaproject.bin") or entry.filename.startswith(_SCRIPTS):
            raise AttachmentUnsafe(name=name, reason="macros")
        if "/activex/" in f"/{part}":
            raise AttachmentUnsafe(name=name, reason="controls")
        look = _look_of(part)
        if look is None:
            continue
        left -= entry.file_size
        if left < 0 or entry.file_size > MOST_PART:
            raise AttachmentUnsafe(name=name, reason="bomb")
        reason = look(_chunks(package, entry))
        if reason:
            raise AttachmentUnsafe(name=name, reason=reason)


def refuse_compound(content: bytes, name: str) -> None:
    """The same of a document of the older programs, which is one file of streams. Raises AttachmentUnsafe."""
    if "_VBA_PROJECT".encode("utf-16-le") in content or _SHEET_OF_MACROS.search(content):
        raise AttachmentUnsafe(name=name, reason="macros")
    if CONTROL_STREAM in content:
        raise AttachmentUnsafe(name=name, reason="controls")
    if PACKED_FILE in content:
        raise AttachmentUnsafe(name=name, reason="holds")


Look = Callable[[Iterator[bytes]], str]


def _look_of(part: str) -> Look | None:
    """How a part of this name is looked into; gives why it is not taken, or nothing."""
    if part.endswith(".rels"):
        return _of_relations
    if "/embeddings/" in part and not part.endswith((".xlsx", ".docx", ".pptx")):
        return _of_object
    if part.startswith("xl/externallinks/") and part.endswith(".xml"):
        return _of_link
    if part.startswith("word/") and part.endswith(".xml"):
        return _of_fields
    if part in ("content.xml", "styles.xml"):
        return _of_open_document
    return None


def _of_relations(chunks: Iterator[bytes]) -> str:
    found = []

    def begins(tag: str, given: dict[str, str]) -> None:
        if tag == "Relationship":
            kind = given.get("Type", "").rpartition("/")[2].lower()
            outside = given.get("TargetMode", "").lower() == "external"
            if kind in _PROGRAMS:
                found.append("macros")
            elif kind in _CONTROLS:
                found.append("controls")
            elif outside and kind not in _SEEN and _is_far(given.get("Target", "")):
                found.append("fetches")

    _parse(chunks, begins)
    return found[0] if found else ""


def _of_object(chunks: Iterator[bytes]) -> str:
    content = b"".join(chunks)
    if CONTROL_STREAM in content:
        return "controls"
    return "holds" if PACKED_FILE in content else ""


def _of_link(chunks: Iterator[bytes]) -> str:
    found = []
    _parse(chunks, lambda tag, _: found.append(tag) if tag == "ddeLink" else None)
    return "fetches" if found else ""


def _of_fields(chunks: Iterator[bytes]) -> str:
    """A field that starts a program is written in pieces, with whatever letters between them."""
    told: list[str] = []
    open_ = [False]

    def begins(tag: str, given: dict[str, str]) -> None:
        open_[0] = tag in _TEXTS
        if tag == "fldSimple":
            told.extend((" ", *(value for key, value in given.items() if key.endswith("instr"))))
        if tag == "fldChar":
            told.append(" ")

    _parse(chunks, begins, lambda text: told.append(text) if open_[0] else None)
    return "fetches" if _COMMAND.search("".join(told)) else ""


def _of_open_document(chunks: Iterator[bytes]) -> str:
    found = []
    _parse(chunks, lambda tag, _: found.append(_LISTENS[tag]) if tag in _LISTENS else None)
    return found[0] if found else ""


def _parse(
    chunks: Iterator[bytes], begins: Begins, text: Callable[[str], None] | None = None
) -> None:
    """Read XML by its local names. Raises ExpatError, ValueError where entities are declared."""

    def declares(*_: object) -> None:
        raise ValueError("no office document declares entities")

    reader = expat.ParserCreate()
    reader.StartElementHandler = lambda tag, given: begins(tag.rpartition(":")[2], given)
    reader.StartDoctypeDeclHandler = declares
    if text is not None:
        reader.CharacterDataHandler = text
    for chunk in chunks:
        reader.Parse(chunk, False)
    reader.Parse(b"", True)


def _chunks(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as part:
        while chunk := part.read(CHUNK):
            yield chunk


def _is_far(target: str) -> bool:
    """Whether it leads to another machine, and not to a folder of whoever wrote it."""
    plain = target.strip().lower().replace("\\", "/")
    scheme, colon, rest = plain.partition(":")
    if plain.startswith("//"):
        return True
    if not colon or len(scheme) == 1:
        return False
    return scheme != "file" or re.match(r"[a-z]:", rest.lstrip("/")) is None
