"""JSON text in and out: strict for strangers' input, exact in decimals, canonical for hashing.

A duplicate key, NaN, half a character, a number longer than any figure, or nesting deep enough to
exhaust a parser is an error that names what is wrong; the standard library accepts all in silence.
"""

import json
import re
from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from engine.errors import Problem

Json: TypeAlias = Any
"""None, bool, int, Decimal, str, list of Json, or dict of str to Json."""

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 60
_EXACT = Context(prec=1000)  # the default context rounds to 28 digits in silence
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class JsonInvalid(Problem):
    """The text is not the JSON we accept; `reason` says why, in the reader's language."""

    code, status = "json.invalid", 400
    reason: str


class JsonMalformed(JsonInvalid):
    """The text is not JSON at all; the parser gave up at a line."""

    code, status = "json.malformed", 400
    reason: str = "syntax"
    line: int


class JsonTooLarge(Problem):
    """The text is larger than any document we take."""

    code, status = "json.too-large", 413
    limit: int


def loads(text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Json:
    """Parse strictly: UTF-8, no duplicate keys, no NaN, bounded depth and size, floats as Decimal.

    Raises JsonInvalid, JsonTooLarge.
    """
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > max_bytes:
            raise JsonTooLarge(limit=max_bytes)
        decoded = raw.decode("utf-8-sig")
    except UnicodeError as error:
        raise JsonInvalid(reason="not-utf8") from error
    _refuse_depth(decoded, max_depth)
    value = _parsed(decoded)
    if _HALF_CHARACTER.search(decoded):
        _refuse_half_characters(value)
    return value


def _parsed(decoded: str) -> Json:
    try:
        return json.loads(
            decoded,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_duplicates,
        )
    except json.JSONDecodeError as error:
        raise JsonMalformed(line=error.lineno) from error
    except RecursionError as error:
        raise JsonInvalid(reason="too-deep") from error


def dumps(value: Json, *, indent: int | None = None) -> str:
    """Write JSON text; Decimals become number literals to the last digit.

    Raises JsonInvalid for a Decimal that is no number.
    """
    raw = encoded(value)
    return (raw if indent is None else msgspec.json.format(raw, indent=indent)).decode()


def encoded(value: Json | msgspec.Struct) -> bytes:
    """The same as UTF-8, on one line: for what is sealed or sent. Raises JsonInvalid as `dumps`."""
    raw = _encoder.encode(value)
    if b"NaN" in raw or b"Infinity" in raw:
        _refuse_no_numbers(raw)
    return raw


def trusted(text: str | bytes) -> Json:
    """Parse what we wrote ourselves (a database column): fast, floats as Decimal, no checks."""
    return _decoder.decode(text)


def canonical(value: Json) -> bytes:
    """One byte string for equal values (sorted keys, 1.50 and 1.5 alike), for hashes and signatures."""
    return _sorted_encoder.encode(_normalised(value))


_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def _normalised(value: Json) -> Json:
    kind = type(value)
    if kind in _AS_THEY_ARE:  # most values by far; the others' questions cost more than the answer
        return value
    if kind is dict and _AS_THEY_ARE.issuperset(map(type, value.values())):
        return value
    if isinstance(value, Mapping):
        return {key: _normalised(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return value.normalize(_EXACT) if value != value.to_integral_value() else int(value)
    if isinstance(value, list | tuple):
        return [_normalised(item) for item in value]
    return value


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise JsonInvalid(reason="number-too-long")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise JsonInvalid(reason="number") from error
    if abs(number.adjusted()) > MAX_DIGITS:
        raise JsonInvalid(reason="number-too-long")
    return number


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise JsonInvalid(reason="number-too-long")
    return int(text)


def _refuse_constant(name: str) -> None:
    raise JsonInvalid(reason="not-a-number" if name == "NaN" else "infinity")


def _refuse_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonInvalid(reason="duplicate-key")
    return found


def _refuse_depth(text: str, limit: int) -> None:
    """Count brackets outside strings before parsing, so that no parser recurses on hostile input."""
    if text.count("[") + text.count("{") <= limit:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        char = text[found.start()]
        if char in "[{":
            depth += 1
            if depth > limit:
                raise JsonInvalid(reason="too-deep")
        elif char in "]}":
            depth -= 1


def _refuse_half_characters(value: Json) -> None:
    """Half of a surrogate pair is no character: no database and no page could take it."""
    try:
        _encoder.encode(value)
    except UnicodeEncodeError as error:
        raise JsonInvalid(reason="half-character") from error


def _refuse_no_numbers(raw: bytes) -> None:
    """`NaN` may stand in a string; as a number it would make the whole text unreadable."""
    try:
        _decoder.decode(raw)
    except msgspec.DecodeError as error:
        raise JsonInvalid(reason="not-a-number") from error
