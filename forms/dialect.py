"""The form dialect: JSON Schema 2020-12 plus our vocabulary, and whether a document is a form of it.

The dialect is published as its own meta-schema (`metaschemas/`), so any 2020-12 validator can judge a
form. What a meta-schema cannot say (names that must exist, sizes, patterns that must be linear)
stands in `coherence.py`.
"""

import json
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
from jsonschema.exceptions import ValidationError
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # ships no types
from referencing import Registry, Resource

from engine.json_text import MAX_DEPTH, Json
from forms import coherence, pointers
from forms.complaints import SHOWN, Complaint

DIALECT = "urn:yibiao:dialect:form:1"
VOCABULARY = "urn:yibiao:vocabulary:form:1"
DOCUMENT = "urn:yibiao:meta:form-document:1"
PREFIX = "urn:yibiao:form:"

MAX_PROPERTIES = 2_000
MAX_NODES = 200_000
MAX_TEXT = 20_000

_FOLDER = Path(__file__).parent / "metaschemas"


@cache
def metaschemas() -> dict[str, Json]:
    """Our meta-schemas by their URI, as published."""
    documents = (json.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.json")))
    return {document["$id"]: document for document in documents}


@cache
def registry() -> "Registry[Any]":
    """The 2020-12 meta-schemas together with ours; nothing is ever fetched."""
    ours = ((uri, Resource.from_contents(document)) for uri, document in metaschemas().items())
    known: Registry[Any] = REGISTRY.with_resources(ours)
    return known


@cache
def _judge() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$ref": DOCUMENT}, registry=registry())


@cache
def _quick() -> jsonschema_rs.Validator:
    """The same question answered a hundred times faster, when nobody needs to hear why."""
    resources = jsonschema_rs.Registry(list(metaschemas().items()))
    return jsonschema_rs.Draft202012Validator({"$ref": DOCUMENT}, registry=resources, offline=True)


def problems(document: Json) -> list[Complaint]:
    """Everything that keeps a document from being a form; empty when it is one."""
    found = _oversized(document)
    if found:
        return found
    if not _quick().is_valid(document):
        found = [_complaint(error) for error in islice(_judge().iter_errors(document), SHOWN)]
        if found:
            return found
    return list(islice(coherence.problems(document), SHOWN))


def _oversized(document: Json) -> list[Complaint]:
    """Refuse what would exhaust us before any validator sees it; iterative, so depth cannot hurt."""
    nodes, properties = 0, 0
    stack: list[tuple[Json, int, bool]] = [(document, 1, False)]
    while stack:
        node, depth, names = stack.pop()
        nodes += 1
        if depth > MAX_DEPTH:
            return [Complaint("", "too-deep", {"limit": MAX_DEPTH})]
        if nodes > MAX_NODES:
            return [Complaint("", "too-large", {"limit": MAX_NODES})]
        if isinstance(node, dict):
            properties += len(node) if names else 0
            if not all(map(_plain, node)):
                return [Complaint("", "text", {"limit": MAX_TEXT})]
            stack.extend((item, depth + 1, key == "properties") for key, item in node.items())
        elif isinstance(node, list):
            stack.extend((item, depth + 1, False) for item in node)
        elif isinstance(node, str) and not _plain(node):
            return [Complaint("", "text", {"limit": MAX_TEXT})]
    if properties > MAX_PROPERTIES:
        return [
            Complaint("", "too-many-properties", {"count": properties, "limit": MAX_PROPERTIES})
        ]
    return []


def _plain(text: str) -> bool:
    """Short enough, and storable: a lone surrogate or a NUL is refused by every database."""
    if len(text) > MAX_TEXT or "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


_TOLD = {
    "type", "required", "enum", "const", "pattern", "additionalProperties", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "maxProperties", "format",
}  # fmt: skip


def _complaint(error: ValidationError) -> Complaint:
    """A finding of the meta-schema in our words."""
    if any(str(step) == "propertyNames" for step in error.absolute_schema_path):
        return _about_name(error)
    pointer = pointers.join(error.absolute_path)
    expected: Any = error.validator_value
    keyword = str(error.validator)
    instance: Any = error.instance
    details: dict[str, Any] = {"keyword": str(error.path[-1]) if error.path else ""}
    if keyword == "required":
        details["missing"] = ", ".join(name for name in expected if name not in instance)
    elif keyword == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        details["unexpected"] = ", ".join(sorted(set(instance) - set(known)))
    elif keyword == "enum":
        details["allowed"] = ", ".join(str(value) for value in expected)
    else:
        details["expected"] = expected
    return Complaint(pointer, keyword if keyword in _TOLD else "other", details)


def _about_name(error: ValidationError) -> Complaint:
    """An unknown keyword or a badly written property name; the place is the object that holds it."""
    pointer = pointers.join((*error.absolute_path, str(error.instance)))
    inside = str(error.absolute_path[-1]) if error.absolute_path else ""
    code = "name" if inside in ("properties", "bind", "titles", "hints", "texts") else "keyword"
    return Complaint(pointer, code, {"name": error.instance})
