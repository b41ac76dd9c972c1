"""What an OFD document (GB/T 33190) would do by itself or carries: it is a zip file of XML, pictures, fonts and
seals; an electronic invoice has its figures beside them as XML.
"""

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.parsers import expat

from engine.attachments import carried
from engine.attachments.problems import AttachmentUnsafe

MOST_PART = 64 * 1024 * 1024
CHUNK = 256 * 1024
_SHOWN = (
    ".xml", ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".jb2", ".jbig2", ".gbig2", ".jp2",
    ".ttf", ".otf", ".ttc", ".cff", ".pfb", ".icc", ".esl", ".dat",
)  # fmt: skip
"""What pages are made of, and the data of a seal (.esl, .dat)."""
_PLAYS = {"Sound", "Movie"}
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"PK\x03\x04",
    b"%PDF-",
    b"\xd0\xcf\x11\xe0",
    b"\xca\xfe\xba\xbe",
    b"{\\rtf",
)


def refuse_acting(package: zipfile.ZipFile, name: str) -> None:
    """An OFD that shows, and perhaps carries plain XML, passes. Raises AttachmentUnsafe, and what the readers
    of zip and XML raise for what is damaged.
    """
    files = [one for one in package.infolist() if not one.is_dir()]
    attached: set[str] = set()
    unread: dict[str, Exception] = {}
    """Parts that are no XML we read; an attached invoice's may be in an encoding of their own."""
    for entry in files:
        reason = _acts(package, entry, attached, unread)
        if reason:
            raise AttachmentUnsafe(name=name, reason=reason)
    beside = [one for one in files if _is_attached(one.filename, attached)]
    if len(beside) > carried.MOST_FILES or not all(_is_data(package, one) for one in beside):
        raise AttachmentUnsafe(name=name, reason="carries-other")
    for path in unread.keys() - {one.filename for one in beside}:
        raise unread[path]


def _acts(
    package: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    attached: set[str],
    unread: dict[str, Exception],
) -> str:
    """Why a part is not taken, or nothing."""
    if not entry.filename.lower().endswith(_SHOWN):
        return "carries-other"
    if entry.file_size > MOST_PART:
        return "bomb"
    if not entry.filename.lower().endswith(".xml"):
        with package.open(entry) as part:
            return "carries-other" if part.read(8).startswith(_PROGRAMS) else ""
    try:
        return "plays" if _look(package, entry, attached) else ""
    except (expat.ExpatError, ValueError) as error:
        unread[entry.filename] = error
        return ""


def _look(package: zipfile.ZipFile, entry: zipfile.ZipInfo, attached: set[str]) -> bool:
    """Whether a part plays something; the names of attached files it tells of are added."""
    found: list[str] = []
    inside: list[str] = []

    def begins(tag: str, _given: dict[str, str]) -> None:
        inside.append(tag.rpartition(":")[2])
        if inside[-1] in _PLAYS:
            found.append(inside[-1])

    def says(text: str) -> None:
        if inside[-2:] == ["Attachment", "FileLoc"]:
            attached.add(PurePosixPath(text.strip().replace("\\", "/")).name.lower())

    def declares(*_: object) -> None:
        raise ValueError("no OFD declares entities")

    reader = expat.ParserCreate()
    reader.buffer_text = True
    reader.StartElementHandler = begins
    reader.EndElementHandler = lambda _: inside.pop()
    reader.CharacterDataHandler = says
    reader.StartDoctypeDeclHandler = declares
    for chunk in _chunks(package, entry):
        reader.Parse(chunk, False)
    reader.Parse(b"", True)
    return bool(found)


def _is_attached(path: str, attached: set[str]) -> bool:
    place = PurePosixPath(path.lower())
    return place.name in attached or any(one.startswith("attach") for one in place.parts[:-1])


def _is_data(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    own = PurePosixPath(entry.filename).name
    if not carried.called_xml(own) or entry.file_size > carried.MOST_EACH:
        return False
    with package.open(entry) as part:
        return carried.is_plain_xml(part.read(carried.MOST_EACH + 1))


def _chunks(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as part:
        while chunk := part.read(CHUNK):
            yield chunk
