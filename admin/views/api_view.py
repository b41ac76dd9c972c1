"""The API's document as its page shows it: operations by group, bodies and answers by name."""

from collections.abc import Iterator, Mapping
from typing import Any

from admin.web.html import text, texts

METHODS = ("get", "post", "patch", "put", "delete")
REFERENCE = "#/components/schemas/"


def groups(document: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Operations by group, in the order of the document's tags."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                one = item[method]
                found[one["tags"][0]].append(_operation(path, method, one, language))
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    return [
        {
            "name": name,
            "title": _known(f"api.group.{name}", described[name], language),
            "operations": operations,
        }
        for name, operations in found.items()
        if operations
    ]


def shapes(document: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Bodies and answers by name, each with its items."""
    schemas = document["components"]["schemas"]
    return [
        {
            "name": name,
            "description": schema.get("description", ""),
            "items": [
                {
                    "name": item,
                    "type": kind(rule, language),
                    "required": item in schema.get("required", ()),
                    "shape": _shape(rule),
                }
                for item, rule in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(schemas.items())
    ]


def kind(schema: Mapping[str, Any], language: str) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        return " | ".join(dict.fromkeys(kind(one, language) for one in choices))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    given = schema.get("type")
    if isinstance(given, list):
        return " | ".join(text(language, f"api.type.{one}") for one in given)
    if given == "array":
        return text(language, "api.type.array_of", kind=kind(schema.get("items", {}), language))
    if (
        given == "object"
        and isinstance(rest := schema.get("additionalProperties"), Mapping)
        and rest
    ):
        return text(language, "api.type.object_of", kind=kind(rest, language))
    return text(language, f"api.type.{given or 'any'}") + _bounds(schema)


def _operation(path: str, method: str, one: Mapping[str, Any], language: str) -> dict[str, Any]:
    name = str(one["operationId"])
    body = next(iter(one.get("requestBody", {}).get("content", {}).items()), None)
    return {
        "id": name,
        "method": method.upper(),
        "path": path,
        "title": _known(f"api.op.{name}", one["summary"], language),
        "description": one.get("description", ""),
        "parameters": [
            {
                "name": given["name"],
                "place": text(language, f"api.in.{given['in']}"),
                "type": kind(given.get("schema", {}), language),
                "required": given.get("required", False),
            }
            for given in one.get("parameters", ())
        ],
        "media_type": body[0] if body else None,
        "body": _shape(body[1]["schema"]) if body else None,
        "answers": list(_answers(one)),
        "refusals": [
            {
                "status": status,
                "text": _known(f"api.status.{status}", told["description"], language),
            }
            for status, told in one["responses"].items()
            if status >= "400"
        ],
    }


def _answers(one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for status, told in one["responses"].items():
        if status < "400":
            content: Mapping[str, Any] = next(iter(told.get("content", {}).values()), {})
            yield {"status": status, "shape": _shape(content.get("schema", {}))}


def _shape(schema: Mapping[str, Any]) -> str | None:
    """The named shape that a schema is, or is made of."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    inner = [schema.get("items"), schema.get("additionalProperties"), *schema.get("oneOf", ())]
    return next(
        (found for one in inner if isinstance(one, Mapping) and (found := _shape(one))), None
    )


def _bounds(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    told = ["" if one is None else f"{one:.0f}" for one in (low, high)]
    return f" [{told[0]}…{told[1]}]"


def _known(key: str, otherwise: str, language: str) -> str:
    return texts(language).get(key, otherwise)
