"""How a PDF is read: its objects wherever they begin, the packed streams that hold some, names however written.

All bytes are gone through, as readers come to an object by any offset. What cannot be looked into is
refused here; what a document may do, `engine.attachments.pdf` says.
"""

import re
import zlib
from dataclasses import dataclass, field

from engine.attachments.problems import AttachmentDamaged, AttachmentUnsafe

MOST_READ = 4
"""Times its own size: objects lie beside each other, and only an attack lays thousands over each other."""
LITTLE = 1024 * 1024
MOST_STEPS = 2_000_000
BEFORE = 40
"""Bytes before an object in which its number stands."""
MOST_UNPACKED = 128 * 1024 * 1024


BLANK = rb"[\0\t\n\f\r ]"
SPACE = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*+)"
REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
REFERENCE = rb"(?P<number>\d{1,9})" + BLANK + rb"++\d{1,5}" + BLANK + rb"++R"
BEGINS = re.compile(rb"(?<!end)obj")
NUMBER = re.compile(rb"(\d{1,9})" + BLANK + rb"++\d{1,5}" + BLANK + rb"*+\Z")
STREAM = re.compile(SPACE + rb"*+stream(?:\r\n|\n|\r)?")
_TOKEN = re.compile(
    rb"(?P<space>" + SPACE + rb"++)|(?P<name>/" + REGULAR + rb"*+)|(?P<dict><<|>>)"
    rb"|(?P<text>\()|<[^<>]*+>?|" + REGULAR + rb"++|.",
    re.DOTALL,
)
_TEXT = re.compile(rb"(?:[^()\\]|\\.)*+", re.DOTALL)
_PAIRS = re.compile(SPACE + rb"*+(\d{1,9})" + SPACE + rb"++(\d{1,9})(?!" + REGULAR + rb")")
_FIRST = re.compile(
    rb"/First" + BLANK + rb"*+(\d{1,9}+)(?!" + BLANK + rb"++\d{1,5}" + BLANK + rb"++R)"
)
_WAYS = {b"Fl", b"AHx", b"A85", b"LZW", b"RL", b"Crypt"}
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Object:
    """An object where it begins: in the file, or in an unpacked stream."""

    content: bytes
    start: int


@dataclass
class Reading:
    """A PDF as far as it was read."""

    content: bytes
    name: str
    objects: dict[int, list[Object]] = field(default_factory=dict)
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

    def head(self, one: Object) -> tuple[list[bytes], int]:
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
                names.append(plain(token["name"][1:]))
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


def unpack(reading: Reading, one: Object) -> None:
    """If this is a stream of objects, what lies in it. Readers know it by two keys, whatever its type says."""
    names, end = reading.head(one)
    stream = STREAM.match(one.content, end)
    if stream is None or not (b"ObjStm" in names or {b"First", b"N"} <= set(names)):
        return
    text = unpacked(reading, names, stream.end())
    first = _FIRST.search(one.content, one.start, end)
    if first is None or not _PAIRS.match(text):
        raise reading.unsafe("hidden")
    at = 0
    while (pair := _PAIRS.match(text, at)) and at < int(first[1]):
        place = Object(text, int(first[1]) + int(pair[2]))
        reading.objects.setdefault(int(pair[1]), []).append(place)
        at = pair.end()
        reading.spend(0)
    reading.texts.append(text)


def unpacked(reading: Reading, names: list[bytes], start: int) -> bytes:
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


def plain(name: bytes) -> bytes:
    """A name without the numbers that may stand for its letters."""
    return _ESCAPE.sub(lambda one: bytes((int(one[1], 16),)), name)
