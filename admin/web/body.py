"""What a program sends us: JSON read strictly into a Struct, every fault told by its place.

A handler names the Struct as `data: Annotated[Kind, Body()]`; `JsonBody`, set for the whole API,
reads it. Duplicate keys, NaN, depth and size are refused by `engine.json_text`; a name that nobody
knows, a missing one or a value of another type is a Problem with the JSON pointer of the place.
"""

import re
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import anyio.to_thread
import msgspec
from litestar import Request
from litestar.dto import AbstractDTO
from litestar.dto._backend import DTOBackend
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from admin.web import expected
from engine import json_text
from engine.errors import Problem
from engine.json_text import Json

T = TypeVar("T")
AHEAD = "yibiao_read_ahead"
_PLACE = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_UNKNOWN = re.compile(r"contains unknown field `(?P<name>[^`]+)`")


class BodyInvalid(Problem):
    """The JSON is well-formed but not what this address takes; `pointer` says where."""

    code, status = "api.body-invalid", 400
    pointer: str
    reason: str
    wanted: str = ""


class BodyMissing(Problem):
    """The request came without its content."""

    code, status = "api.body-missing", 400


class BodyNotJson(Problem):
    """The content is declared to be something else than JSON."""

    code, status = "api.body-not-json", 415
    media_type: str


def read_json(raw: bytes, kind: type[T]) -> T:
    """Parse and convert strictly. Raises JsonInvalid, JsonTooLarge, BodyMissing, BodyInvalid."""
    if not raw.strip():
        raise BodyMissing
    value = json_text.loads(raw)
    if b"\\u0000" in raw:
        _refuse_nul(value, "")
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        if "got `decimal`" not in str(error):
            raise _told(str(error), kind) from error
    try:  # 3.0 is an integer to JSON Schema, and some programs write all numbers so
        return msgspec.convert(_with_integers(value), kind, strict=True)
    except msgspec.ValidationError as error:
        raise _told(str(error), kind) from error


async def read_ahead(request: Request[Any, Any, Any]) -> None:
    """Read much JSON in a thread, where it holds up nobody; `JsonBody` then finds it read.

    Raises as `read_json`.
    """
    kind = JsonBody.kinds.get(str(request.route_handler.handler_id))
    if kind is not None and _is_json(request):
        raw = await request.body()
        request.scope["state"][AHEAD] = await anyio.to_thread.run_sync(read_json, raw, kind)


def _is_json(request: Any) -> bool:
    media_type = _media_type(request)
    return media_type == "application/json" or media_type.endswith("+json")


def _media_type(request: Any) -> str:
    given: str = request.headers.get("content-type", "")
    return given.partition(";")[0].strip().lower()


class JsonBody(AbstractDTO[msgspec.Struct]):
    """Lets Litestar read the bodies of the API by `read_json`; one for all handlers."""

    kinds: ClassVar[dict[str, type[Any]]] = {}

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: type[DTOBackend] | None = None,  # noqa: ARG003 - we need none
    ) -> None:
        """Note which Struct a handler takes."""
        cls.kinds[handler_id] = field_definition.annotation

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003 - the definition says all
        schema_creator: Any,
    ) -> Reference | Schema:
        """The Struct itself is what the document describes."""
        schema: Reference | Schema = schema_creator.for_field_definition(field_definition)
        return schema

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Any:  # noqa: ARG003 - the contract's
        """None: nothing is copied into a model of its own."""
        return iter(())

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 - as above
        """None, as above."""
        return False

    def decode_bytes(self, value: bytes) -> Any:
        """The Struct from a request's body."""
        request = self.asgi_connection
        if not _is_json(request):
            raise BodyNotJson(media_type=_media_type(request)[:100])
        if AHEAD in request.scope["state"]:
            return request.scope["state"].pop(AHEAD)
        return read_json(value, self.kinds[str(request.route_handler.handler_id)])


def _told(message: str, kind: Any) -> BodyInvalid:
    place = _PLACE.search(message)
    pointer = _pointer(place["path"]) if place else ""
    if found := _MISSING.search(message):
        return BodyInvalid(pointer=f"{pointer}/{found['name']}", reason="missing")
    if found := _UNKNOWN.search(message):
        return BodyInvalid(pointer=f"{pointer}/{found['name']}", reason="unknown")
    reason, wanted = expected.told(message, kind, pointer.split("/")[1:])
    return BodyInvalid(pointer=pointer, reason=reason, wanted=wanted)


def _pointer(path: str) -> str:
    """`$.rows[...].add[0]` as `/rows/*/add/0`: msgspec does not name the key of a dictionary."""
    steps = [
        (found["name"] or found["index"]).replace("...", "*") for found in _STEP.finditer(path)
    ]
    return "".join(f"/{step}" for step in steps)


def _with_integers(value: Json) -> Json:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, dict):
        return {key: _with_integers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_integers(one) for one in value]
    return value


def _refuse_nul(value: Json, pointer: str) -> None:
    """No database takes the character U+0000 in a text, and no person ever typed it."""
    if isinstance(value, str):
        if "\0" in value:
            raise BodyInvalid(pointer=pointer, reason="nul")
    elif isinstance(value, dict):
        for key, one in value.items():
            _refuse_nul(key, pointer)
            _refuse_nul(one, f"{pointer}/{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            _refuse_nul(one, f"{pointer}/{number}")
