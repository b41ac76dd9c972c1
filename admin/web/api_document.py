"""The API's OpenAPI document: operations grouped and named, one shape for every refusal."""

from collections.abc import Iterator
from inspect import cleandoc

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
    Tag,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from msgspec import inspect

from admin.web.visit import SESSION

UPLOADS = ("put_file", "put_task_file", "import_sheet", "keep_boundaries")
"""Operations whose content is a file, taken piece by piece."""
METHODS = ("get", "post", "patch", "put", "delete")
REFUSAL = Reference(ref="#/components/schemas/Refusal")
TAGS = {
    "session": "Logging in and out, and who is logged in",
    "tasks": "Steps that wait for the caller: open, submit, pass, return, hand on, ask, add signers",
    "cases": "Running cases: where one is, what was said; urging, copies, suspending, ending",
    "incidents": "What is stuck, and seeing to it",
    "approvals": "Many tasks passed at once",
    "documents": "Filled forms: values, states and sources by cell; saving cells",
    "records": "What has been reported, and how it came about",
    "inspections": "Final reports put together in one file for inspectors",
    "calendar": "Working days, days off and what makes up for them",
    "dispatches": "A report sent to many organisations and tracked to the last one",
    "makings": "One-click reports: made without asking anybody, for one organisation or for all",
    "forms": "Published forms, and validating a document against one",
    "sheets": "Recognising a department's workbook",
    "flows": "Draft flows: saved as they are drawn, tried out, compared, published; running cases moved",
    "designs": "Draft forms: changed step by step, compared, published",
    "fields": "The field dictionary",
    "ledgers": "Ledgers: rows within one's area, cells changed one by one, what others changed",
    "registers": "Looking one subject up by its natural key",
    "retention": "What is due to be deleted; asked for by one person, decided by a second",
    "organisations": "Units renamed, moved, merged, parted: previewed, made, undone; new lists of divisions compared",
    "conditions": "Organisations and people that a condition may name",
    "boundaries": "Outlines of divisions for maps, as GeoJSON",
}
ANYWHERE = {
    "400": "The request is malformed",
    "401": "Nobody is logged in",
    "403": "The caller's positions do not allow it, or the token is missing",
    "413": "The content is too large",
    "429": "Too often; `retry-after` says when again",
    "500": "A fault of ours; the request id leads to it",
    "503": "The database cannot take it just now",
}
NAMED = {
    "404": "It is not there, or is not the caller's to see",
    "422": "Well-formed, but against the rules; `details` says where",
}
SENT = {
    "409": "Somebody was faster, or it is done already",
    "415": "The content is not of the kind taken here",
}


def config(version: str) -> OpenAPIConfig:
    """How the document is made and where it is served."""
    return OpenAPIConfig(
        title="Yibiao 一表",
        version=version,
        path="/api/schema",
        description=(
            "Log in with POST /api/session and keep the cookie; send the token it answers with as "
            "the header x-csrf-token in every request that changes something; or send a service "
            "account's token as Authorization: Bearer, which needs neither. Every refusal has "
            "one shape: code, text, details, request_id. Numbers are exact decimals."
        ),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        security=[{"session": []}, {"service": []}],
        components=Components(
            security_schemes={
                "session": SecurityScheme(
                    type="apiKey",
                    name=SESSION,
                    security_scheme_in="cookie",
                    description="The cookie that POST /api/session sets.",
                ),
                "service": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description=(
                        "A service account's token, made by the security administrator. It names the "
                        "groups of operations it may read and change; positions limit whose data."
                    ),
                ),
                "token": SecurityScheme(
                    type="apiKey",
                    name="x-csrf-token",
                    security_scheme_in="header",
                    description="The `csrf` that POST and GET /api/session answer with.",
                ),
            },
        ),
    )


def complete(document: OpenAPI) -> None:
    """Put on every operation its group, its name in words and the refusals it may answer with."""
    document.components.schemas["Refusal"] = _refusal()
    _describe(document.components.schemas)
    for one in document.components.schemas.values():
        _count_once(one)
    for path, method, operation in operations(document):
        operation.tags = [path.split("/")[2]]
        operation.summary = (operation.operation_id or "").replace("_", " ").capitalize()
        if operation.security is None and operation.tags != ["session"]:
            changing: list[dict[str, list[str]]] = [{"session": [], "token": []}, {"service": []}]
            operation.security = changing if method != "get" else None
        elif operation.security is None:
            operation.security = [
                {"session": []} if method == "get" else {"session": [], "token": []}
            ]
        if operation.operation_id in UPLOADS:
            binary = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
            content = {"application/octet-stream": OpenAPIMediaType(schema=binary)}
            operation.request_body = RequestBody(content=content, required=True)
        told = dict(ANYWHERE)
        if "{" in path or method != "get":
            told |= NAMED
        if method != "get":
            told |= SENT
        responses = operation.responses or {}
        for done in responses.values():
            if isinstance(done, OpenAPIResponse):
                done.description = "Done"
        for status, text in told.items():
            responses[status] = OpenAPIResponse(
                description=text, content={"application/json": OpenAPIMediaType(schema=REFUSAL)}
            )
        operation.responses = dict(sorted(responses.items()))


_TYPES: dict[type[inspect.Type], OpenAPIType] = {
    inspect.ListType: OpenAPIType.ARRAY,
    inspect.DictType: OpenAPIType.OBJECT,
    inspect.StrType: OpenAPIType.STRING,
}


def operations(document: OpenAPI) -> Iterator[tuple[str, str, Operation]]:
    """Every operation with its path and method, in the order of the document."""
    for path, item in (document.paths or {}).items():
        for method in METHODS:
            operation = getattr(item, method)
            if operation is not None:
                yield path, method, operation


def _count_once(schema: Schema) -> None:
    """Of several kinds of value one must fit: a whole number is a number too, so it is not said twice."""
    inner = [*(schema.properties or {}).values(), schema.items, schema.additional_properties]
    for one in (*inner, *(schema.one_of or ())):
        if isinstance(one, Schema):
            _count_once(one)
    kinds = [one.type for one in schema.one_of or () if isinstance(one, Schema)]
    if OpenAPIType.NUMBER in kinds and OpenAPIType.INTEGER in kinds:
        schema.one_of = [
            one for one in schema.one_of or () if not isinstance(one, Schema) or one.type != OpenAPIType.INTEGER
        ]  # fmt: skip


def _describe(schemas: dict[str, Schema]) -> None:
    """What each Struct is for, and whether it takes names it does not know."""
    for kind in msgspec.Struct.__subclasses__():
        schema = schemas.get(kind.__name__)
        if schema is None or not kind.__module__.startswith("admin.api."):
            continue
        schema.description = cleandoc(kind.__doc__ or "")
        if kind.__struct_config__.forbid_unknown_fields:
            schema.additional_properties = False
        _bound_items(schema, inspect.type_info(kind))


def _bound_items(schema: Schema | Reference | bool | None, place: inspect.Type) -> None:
    """What may stand in a list or under a name: Litestar tells the bounds of the outermost only."""
    if not isinstance(schema, Schema):
        return
    match place:
        case inspect.Metadata():
            _bound_items(schema, place.type)
        case inspect.StructType():
            for one in place.fields:
                _bound_items((schema.properties or {}).get(one.encode_name), one.type)
        case inspect.UnionType():
            for kind in place.types:
                for choice in schema.one_of or ():
                    if isinstance(choice, Schema) and choice.type == _TYPES.get(type(kind)):
                        _bound_items(choice, kind)
        case inspect.ListType():
            schema.min_items, schema.max_items = place.min_length, place.max_length
            _bound_items(schema.items, place.item_type)
        case inspect.DictType():
            schema.max_properties = place.max_length
            _bound_items(schema.additional_properties, place.value_type)
        case inspect.StrType():
            schema.min_length, schema.max_length = place.min_length, place.max_length
            schema.pattern = place.pattern


def _refusal() -> Schema:
    text = Schema(type=OpenAPIType.STRING)
    return Schema(
        title="Refusal",
        description="Why something was not done, in one shape for all: told in the caller's language.",
        type=OpenAPIType.OBJECT,
        properties={
            "code": Schema(type=OpenAPIType.STRING, description="Stable, e.g. `task.done`"),
            "text": Schema(type=OpenAPIType.STRING, description="A sentence for the person"),
            "details": Schema(type=OpenAPIType.OBJECT, description="What the code is about"),
            "request_id": text,
        },
        required=["code", "text", "details", "request_id"],
    )
