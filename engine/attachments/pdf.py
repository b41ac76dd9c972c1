"""What a PDF would do by itself: scripts, programs it starts, files it carries, forms that send, media.

Looked for in all bytes, as readers come to an object by any offset, and in the packed streams that hold
objects. What cannot be looked into is not taken. Nothing is taken out: a stamped document would no
longer be what was signed. Carried are only the figures of an electronic invoice: plain XML.
"""

import re
from collections.abc import Iterator

from engine.attachments import pdf_carried
from engine.attachments.pdf_reading import (
    BEFORE,
    BEGINS,
    BLANK,
    LITTLE,
    MOST_READ,
    NUMBER,
    REFERENCE,
    REGULAR,
    Object,
    Reading,
    plain,
    unpack,
)
from engine.attachments.problems import AttachmentDamaged, AttachmentUnsafe

_DOES = {
    "acts": (b"JavaScript", b"Launch", b"Rendition", b"ImportData", b"GoToE"),
    "sends": (b"SubmitForm",),
    "carries": (b"FileAttachment",),
    "plays": (b"RichMedia", b"Movie", b"Sound"),
}
_DOES_WITH_VALUE = {b"XFA": "sends", b"Encrypt": "restricted"}
"""Short names, which a font may also have: what follows must be a value."""
_BY_ITSELF = (b"OpenAction", b"AA")
_CARRIES = (pdf_carried.FILE, pdf_carried.SPEC)
_STEERS = {b"URI", b"GoToR", b"Thread", b"Next", b"Hide", b"SetOCGState", b"Trans", b"GoTo3DView"}
"""What a document may not do as it is opened; only to begin on a page."""
_REASONS = {name: reason for reason, names in _DOES.items() for name in names} | _DOES_WITH_VALUE
_WATCHED = re.compile(
    rb"/(?:(" + b"|".join((*_REASONS, *_BY_ITSELF, *_CARRIES)) + rb")(?!" + REGULAR + rb")"
    rb"|([^\0\t\n\f\r ()<>\[\]{}/%#]{0,40}#[0-9A-Fa-f]{2}" + REGULAR + rb"{0,120}))"
)
_VALUE = re.compile(BLANK + rb"*+(?:(?P<dict><<)|(?P<list>\[)|" + REFERENCE + rb"|%)")
"""What a key has; a remark there is odd, and taken for a value."""


def refuse_acting(content: bytes, name: str) -> None:
    """A PDF that is only looked at passes. Raises AttachmentDamaged, AttachmentUnsafe."""
    reading = Reading(content, name, left=MOST_READ * len(content) + LITTLE)
    _refuse_watched(reading, content)  # first: in what is locked nothing else can be read
    begins = [one.span() for one in BEGINS.finditer(content)]
    if not begins:
        raise AttachmentDamaged(name=name)
    begun = [Object(content, start) for _, start in begins]
    for (before, _), one in zip(begins, begun, strict=True):
        number = NUMBER.search(content[max(0, before - BEFORE) : before])
        if number is not None:
            reading.objects.setdefault(int(number[1]), []).append(one)
        unpack(reading, one)
    for text in reading.texts:
        _refuse_watched(reading, text)
    for text in (content, *reading.texts):
        _refuse_opening(reading, text)
    found = _carried((content, *reading.texts))
    if any(found.values()):
        pdf_carried.refuse_other(reading, begun, found)


def _carried(texts: tuple[bytes, ...]) -> dict[bytes, list[tuple[bytes, int]]]:
    """Where the words stand by which files are carried."""
    found: dict[bytes, list[tuple[bytes, int]]] = {name: [] for name in _CARRIES}
    for text in texts:
        for name, end in _watched(text):
            if name == pdf_carried.FILE or (name == pdf_carried.SPEC and _VALUE.match(text, end)):
                found[name].append((text, end))
    return found


def _watched(text: bytes) -> Iterator[tuple[bytes, int]]:
    """Names that are watched for, however written, and where each ends."""
    for found in _WATCHED.finditer(text):
        name = found[1] or plain(found[2])
        if name in _REASONS or name in _BY_ITSELF or name in _CARRIES:
            yield name, found.end()


def _refuse_watched(reading: Reading, text: bytes) -> None:
    for name, end in _watched(text):
        reason = _REASONS.get(name)
        if reason and (name not in _DOES_WITH_VALUE or _VALUE.match(text, end)):
            raise AttachmentUnsafe(name=reading.name, reason=reason)


def _refuse_opening(reading: Reading, text: bytes) -> None:
    """What is done as the document or a page is opened; to begin on a page is nothing done."""
    for name, end in _watched(text):
        value = _VALUE.match(text, end) if name in _BY_ITSELF else None
        if value is None or (value["list"] and name == b"OpenAction"):
            continue
        if value["number"]:
            places = reading.objects.get(int(value["number"]), [])
        else:
            places = [Object(text, value.start("dict"))] if value["dict"] else []
        if not places or not all(_harmless(reading, one, name) for one in places):
            raise reading.unsafe("acts")


def _harmless(reading: Reading, one: Object, key: bytes) -> bool:
    names = reading.head(one)[0]
    if key == b"AA":  # a font may be called so; an empty list of occasions does nothing
        return not names or b"Font" in names or b"XObject" in names
    return not _STEERS & set(names) and (b"S" not in names or b"GoTo" in names or b"Named" in names)
