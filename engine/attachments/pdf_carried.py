"""The files that a PDF carries: an electronic invoice brings its figures as XML, and nothing else is taken.

Each is looked at wherever a reader could find it: in every stream that is called a file, and in every
object that a file's entry leads to, however often its number is given.
"""

import re
from collections.abc import Iterator

from engine.attachments import carried
from engine.attachments.pdf_reading import (
    BLANK,
    REFERENCE,
    REGULAR,
    SPACE,
    STREAM,
    Object,
    Reading,
    plain,
    unpacked,
)

FILE, SPEC = b"EmbeddedFile", b"EF"
_NAMED = {b"F", b"UF"}
_ODD = {b"RF", b"DOS", b"Mac", b"Unix", b"FS"}
"""Ways to carry more that no invoice uses."""
_KEY = re.compile(
    rb"/(?P<key>U?F|EF)(?!" + REGULAR + rb")" + SPACE + rb"*+"
    rb"(?:(?P<dict><<)|(?P<text>\()|<(?P<hex>[0-9A-Fa-f\0\t\n\f\r ]*+)>|" + REFERENCE + rb")?+"
)
_REF = re.compile(rb"(\d{1,9})" + BLANK + rb"++\d{1,5}" + BLANK + rb"++R(?!" + REGULAR + rb")")
_WRITTEN_ODDLY = re.compile(rb"/(" + REGULAR + rb"*?#[0-9A-Fa-f]{2}" + REGULAR + rb"*+)")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def refuse_other(
    reading: Reading, begun: list[Object], found: dict[bytes, list[tuple[bytes, int]]]
) -> None:
    """Raises AttachmentUnsafe unless all that is carried is plain XML that is called so.

    `found` has where the words FILE and SPEC stand in the bytes and in unpacked streams of objects.
    """
    files, numbers = list[tuple[int, int]](), set[int]()
    specs: list[tuple[bytes, int, int]] = []
    for one in (*begun, *_inside(reading)):
        names, end = reading.head(one)
        if FILE in names:
            if one.content is not reading.content or not _is_data(reading, one):
                raise reading.unsafe("carries")
            files.append((one.start, end))
        if SPEC in names:
            specs.append((one.content, one.start, end))
            numbers |= _entry(reading, one.content[one.start : end], set(names))
    known = all(any(start <= at <= end for start, end in files) for _, at in found[FILE])
    known = known and all(
        any(text is within and start <= at <= end for within, start, end in specs)
        for text, at in found[SPEC]
    )
    if not known or len(numbers) + len(files) > carried.MOST_FILES:
        raise reading.unsafe("carries")
    for number in numbers:
        places = reading.objects.get(number, [])
        if not places or not all(_is_data(reading, one) for one in places):
            raise reading.unsafe("carries")


def _inside(reading: Reading) -> Iterator[Object]:
    """The objects that lie in packed streams."""
    for places in reading.objects.values():
        yield from (one for one in places if one.content is not reading.content)


def _entry(reading: Reading, text: bytes, names: set[bytes]) -> set[int]:
    """The numbers of the files that an entry leads to; each of its names must be that of XML."""
    odd = any(plain(one[1]) in _NAMED | {SPEC} for one in _WRITTEN_ODDLY.finditer(text))
    if odd or names & _ODD:
        raise reading.unsafe("carries")
    numbers: set[int] = set()
    called = 0
    at = 0
    while key := _KEY.search(text, at):
        at = key.end()
        if key["key"] == SPEC:
            end = text.find(b">>", at)
            if not key["dict"] or end < 0 or b"<<" in text[at:end]:
                raise reading.unsafe("carries")
            numbers |= {int(one[1]) for one in _REF.finditer(text, at, end)}
            at = end
        elif not carried.called_xml(_string(text, key)):
            raise reading.unsafe("carries")
        else:
            called += 1
    if not called or not numbers:
        raise reading.unsafe("carries")
    return numbers


def _string(text: bytes, key: "re.Match[bytes]") -> str:
    """A name as it is shown; nothing where it does not stand here as a text."""
    if key["hex"] is not None:
        digits = re.sub(rb"\s|\0", b"", key["hex"])
        return _decoded(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
    if key["text"] is None:
        return ""
    end = key.end()
    depth = 1
    while depth and end < len(text):
        step = text[end : end + 1]
        depth += {b"(": 1, b")": -1}.get(step, 0)
        end += 2 if step == b"\\" else 1
    return _decoded(_ESCAPE.sub(_meant, text[key.end() : end - 1]))


def _meant(escape: "re.Match[bytes]") -> bytes:
    told = escape[1]
    if told[:1].isdigit():
        return bytes((int(told, 8) & 255,))
    return b"" if told in (b"\r\n", b"\n", b"\r") else _LETTERS.get(told, told)


def _decoded(given: bytes) -> str:
    if given.startswith(b"\xfe\xff"):
        return given[2:].decode("utf-16-be", "replace")
    if given.startswith(b"\xef\xbb\xbf"):
        return given[3:].decode("utf-8", "replace")
    return given.decode("latin-1")


def _is_data(reading: Reading, one: Object) -> bool:
    names, end = reading.head(one)
    stream = STREAM.match(one.content, end) if one.content is reading.content else None
    return stream is not None and carried.is_plain_xml(unpacked(reading, names, stream.end()))
