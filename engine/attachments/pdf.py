"""What a PDF would do by itself: scripts, programs it starts, files it carries, forms that send, media.

Looked for in all bytes, as readers come to an object by any offset, and in the packed streams that hold
objects. What cannot be looked into is not taken. Nothing is taken out: a stamped document would no
longer be what was signed.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.attachments.problems import AttachmentDamaged, AttachmentUnsafe

MOST_READ = 4
"""Times its own size: objects lie beside each other, and only an attack lays thousands over each other."""
LITTLE = 1024 * 1024
MOST_STEPS = 2_000_000
BEFORE = 40
"""Bytes before an object in which its number stands."""
MOST_UNPACKED = 128 * 1024 * 1024

_DOES = {
    "acts": (b"JavaScript", b"Launch", b"Rendition", b"ImportData", b"GoToE"),
    "sends": (b"SubmitForm",),
    "carries": (b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment"),
    "plays": (b"RichMedia", b"Movie", b"Sound"),
}
_DOES_WITH_VALUE = {b"XFA": "sends", b"EF": "carries", b"Encrypt": "restricted"}
"""Short names, which a font may also have: what follows must be a value."""
_BY_ITSELF = (b"OpenAction", b"AA")
_STEERS = {b"URI", b"GoToR", b"Thread", b"Next", b"Hide", b"SetOCGState", b"Trans", b"GoTo3DView"}
"""What a document may not do as it is opened; only to begin on a page."""
_REASONS = {name: reason for reason, names in _DOES.items() for name in names} | _DOES_WITH_VALUE
_BLANK = rb"[\0\t\n\f\r ]"
_SPACE = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*+)"
_REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_WATCHED = re.compile(
    rb"/(?:(" + b"|".join((*_REASONS, *_BY_ITSELF)) + rb")(?!" + _REGULAR + rb")"
    rb"|([^\0\t\n\f\r ()<>\[\]{}/%#]{0,40}#[0-9A-Fa-f]{2}" + _REGULAR + rb"{0,120}))"
)
_REFERENCE = rb"(?P<number>\d{1,9})" + _BLANK + rb"++\d{1,5}" + _BLANK + rb"++R"
_VALUE = re.compile(_BLANK + rb"*+(?:(?P<dict><<)|(?P<list>\[)|" + _REFERENCE + rb"|%)")
"""What a key has; a remark there is odd, and taken for a value."""
_BEGINS = re.compile(rb"(?<!end)obj")
_NUMBER = re.compile(rb"(\d{1,9})" + _BLANK + rb"++\d{1,5}" + _BLANK + rb"*+\Z")
_STREAM = re.compile(_SPACE + rb"*+stream(?:\r\n|\n|\r)?")
_TOKEN = re.compile(
    rb"(?P<space>" + _SPACE + rb"++)|(?P<name>/" + _REGULAR + rb"*+)|(?P<dict><<|>>)"
    rb"|(?P<text>\()|<[^<>]*+>?|" + _REGULAR + rb"++|.",
    re.DOTALL,
)
_TEXT = re.compile(rb"(?:[^()\\]|\\.)*+", re.DOTALL)
_PAIRS = re.compile(_SPACE + rb"*+(\d{1,9})" + _SPACE + rb"++(\d{1,9})(?!" + _REGULAR + rb")")
_FIRST = re.compile(
    rb"/First" + _BLANK + rb"*+(\d{1,9}+)(?!" + _BLANK + rb"++\d{1,5}" + _BLANK + rb"++R)"
)
_WAYS = {b"Fl", b"AHx", b"A85", b"LZW", b"RL", b"Crypt"}
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class _Object:
    """An object where it begins: in the file, or in an unpacked stream."""

    content: bytes
    start: int


@dataclass
class _Reading:
    """A PDF as far as it was read."""

    content: bytes
    name: str
    objects: dict[int, list[_Object]] = field(default_factory=dict)
    texts: list[bytes] = field(default_factory=list)
    unpacked: int = 0
    left: int = 0
    steps: int = MOST_STEPS

    def unsafe(self, reason: str) -> AttachmentUnsafe:
        """Why it is not taken."""
        return AttachmentUnsafe(name=self.name, reason=reason)

    def spend(self, read: int, steps: int = 1) -> None:
        """So much was read. Raises AttachmentUnsafe where it has no end."""
        self.left -= read
        self.steps -= steps
        if self.left < 0 or self.steps < 0:
            raise self.unsafe("bomb")

    def head(self, one: _Object) -> tuple[list[bytes], int]:
        """The names in the dictionary that an object is, and where it ends; what is none has none."""
        names: list[bytes] = []
        depth, at = 0, one.start
        while token := _TOKEN.match(one.content, at):
            at = token.end()
            self.spend(at - token.start())
            if token["text"]:
                at = self._after_text(one.content, at)
            elif token["dict"]:
                depth += 1 if token["dict"] == b"<<" else -1
            elif token["name"]:
                names.append(_plain(token["name"][1:]))
            if depth <= 0 and not token["space"]:
                break
        return names, at

    def _after_text(self, content: bytes, at: int) -> int:
        """Where a text in round brackets ends, which may hold pairs of them."""
        depth, start = 1, at
        while depth and at < len(content):
            found = _TEXT.match(content, at)
            at = found.end() if found else at
            depth += {b"(": 1, b")": -1}.get(content[at : at + 1], 0)
            at += 1
            self.spend(0)
        self.spend(at - start)
        return at


def refuse_acting(content: bytes, name: str) -> None:
    """A PDF that is only looked at passes. Raises AttachmentDamaged, AttachmentUnsafe."""
    reading = _Reading(content, name, left=MOST_READ * len(content) + LITTLE)
    _refuse_watched(reading, content)  # first: in what is locked nothing else can be read
    begins = [one.span() for one in _BEGINS.finditer(content)]
    if not begins:
        raise AttachmentDamaged(name=name)
    for before, start in begins:
        one = _Object(content, start)
        number = _NUMBER.search(content[max(0, before - BEFORE) : before])
        if number is not None:
            reading.objects.setdefault(int(number[1]), []).append(one)
        _unpack(reading, one)
    for text in reading.texts:
        _refuse_watched(reading, text)
    for text in (content, *reading.texts):
        _refuse_opening(reading, text)


def _watched(text: bytes) -> Iterator[tuple[bytes, int]]:
    """Names that are watched for, however written, and where each ends."""
    for found in _WATCHED.finditer(text):
        name = found[1] or _plain(found[2])
        if name in _REASONS or name in _BY_ITSELF:
            yield name, found.end()


def _refuse_watched(reading: _Reading, text: bytes) -> None:
    for name, end in _watched(text):
        reason = _REASONS.get(name)
        if reason and (name not in _DOES_WITH_VALUE or _VALUE.match(text, end)):
            raise AttachmentUnsafe(name=reading.name, reason=reason)


def _refuse_opening(reading: _Reading, text: bytes) -> None:
    """What is done as the document or a page is opened; to begin on a page is nothing done."""
    for name, end in _watched(text):
        value = _VALUE.match(text, end) if name in _BY_ITSELF else None
        if value is None or (value["list"] and name == b"OpenAction"):
            continue
        if value["number"]:
            places = reading.objects.get(int(value["number"]), [])
        else:
            places = [_Object(text, value.start("dict"))] if value["dict"] else []
        if not places or not all(_harmless(reading, one, name) for one in places):
            raise reading.unsafe("acts")


def _harmless(reading: _Reading, one: _Object, key: bytes) -> bool:
    names = reading.head(one)[0]
    if key == b"AA":  # a font may be called so; an empty list of occasions does nothing
        return not names or b"Font" in names or b"XObject" in names
    return not _STEERS & set(names) and (b"S" not in names or b"GoTo" in names or b"Named" in names)


def _unpack(reading: _Reading, one: _Object) -> None:
    """If this is a stream of objects, what lies in it. Readers know it by two keys, whatever its type says."""
    names, end = reading.head(one)
    stream = _STREAM.match(one.content, end)
    if stream is None or not (b"ObjStm" in names or {b"First", b"N"} <= set(names)):
        return
    text = _unpacked(reading, names, stream.end())
    first = _FIRST.search(one.content, one.start, end)
    if first is None or not _PAIRS.match(text):
        raise reading.unsafe("hidden")
    at = 0
    while (pair := _PAIRS.match(text, at)) and at < int(first[1]):
        place = _Object(text, int(first[1]) + int(pair[2]))
        reading.objects.setdefault(int(pair[1]), []).append(place)
        at = pair.end()
        reading.spend(0)
    reading.texts.append(text)


def _unpacked(reading: _Reading, names: list[bytes], start: int) -> bytes:
    """A stream's content. Raises AttachmentUnsafe for ways of packing that nobody uses here."""
    content = reading.content
    end = content.find(b"endstream", start)
    end = end if end >= 0 else len(content)
    reading.spend(end - start)
    given = {b"Filter", b"F", b"DecodeParms", b"DP"} & set(names)
    if not given:
        return content[start:end]
    ways = {one for one in names if one in _WAYS or one.endswith(b"Decode")}
    if given != {b"Filter"} or ways not in ({b"FlateDecode"}, {b"Fl"}):
        raise reading.unsafe("hidden")
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(content[start:end], MOST_UNPACKED - reading.unpacked + 1)
    except zlib.error as error:
        raise AttachmentDamaged(name=reading.name) from error
    reading.unpacked += len(text)
    reading.left += MOST_READ * len(text)
    if reading.unpacked > MOST_UNPACKED:
        raise reading.unsafe("bomb")
    if not unpacking.eof:
        raise AttachmentDamaged(name=reading.name)
    return text


def _plain(name: bytes) -> bytes:
    """A name without the numbers that may stand for its letters."""
    return _ESCAPE.sub(lambda one: bytes((int(one[1], 16),)), name)
