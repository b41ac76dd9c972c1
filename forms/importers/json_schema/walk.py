"""One walk over a schema: each property an item, a group or a list of the form that is being made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.json_text import Json
from forms import coherence
from forms.importers.json_schema.alternatives import Alternatives
from forms.importers.json_schema.conditions import Conditions
from forms.importers.json_schema.holders import Holder, below
from forms.importers.json_schema.lists import Lists
from forms.importers.json_schema.parts import (
    KEPT,
    SILENT,
    Place,
    References,
    alternative,
    choices,
    free,
    kind_of,
    titled,
)
from forms.importers.left import Left

MAX_DEPTH = 6
"""Deeper objects are not unfolded."""
MAX_ITEMS = 1_500


@dataclass
class Walk:
    """What has been made so far, and what was left behind."""

    schema: Mapping[str, Any]
    root: Holder = field(default_factory=lambda: Holder({}, []))
    checks: list[dict[str, Any]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    references: References = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        self.references = References(self.schema, self.tell)
        self.alternatives = Alternatives(self)
        self.conditions = Conditions(self)
        self.lists = Lists(self)

    def tell(self, pointer: str, code: str, what: str) -> None:
        """Keep what does not come along."""
        self.left.append(Left(0, code, pointer or "/", what[:200]))

    def resolved(self, raw: Json, place: Place) -> tuple[dict[str, Any] | None, Place]:
        """A schema with its references followed; None where one leads back to itself or nowhere."""
        found, above = self.references.resolved(raw, place.pointer, place.above)
        return found, place.over(above)

    def asks(self, schema: Mapping[str, Any]) -> bool:
        """Whether an object says what it holds."""
        told = kind_of(schema) in ("object", "")
        return told and bool(
            schema.get("properties") or free(schema) or alternative(schema) or "then" in schema
        )

    def members(
        self, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str = ""
    ) -> None:
        """The properties of an object, its alternatives, its conditions, what it requires."""
        proposed = schema.get("default")
        proposed = proposed if isinstance(proposed, Mapping) else {}
        for original, raw in (schema.get("properties") or {}).items():
            if original in holder.names or original in holder.inner:
                continue
            self.item(
                str(original),
                raw,
                holder,
                place.at("properties", original),
                required=original in (schema.get("required") or ()),
                shown=shown,
                proposed=proposed.get(original),
            )
        self.lists.free(schema, holder, place, shown=shown)
        holder.require(schema.get("required") or ())
        for number, part in enumerate((schema, *schema.get("allOf", ()))):
            where = place.at("allOf", number - 1) if number else place
            self.alternatives.of(part, holder, where, shown=shown)
            self.conditions.of(part, holder, where, shown=shown)
        self.unused(schema, place)

    def item(
        self,
        original: str,
        raw: Json,
        holder: Holder,
        place: Place,
        *,
        required: bool = False,
        shown: str = "",
        proposed: Json = None,
    ) -> None:
        """One property, whatever it holds."""
        schema, place = self.resolved(raw, place)
        if schema is None:
            return
        schema, place = self.alternatives.single(schema, place)
        self._count += 1
        if self._count > MAX_ITEMS:
            self.tell(place.pointer, "schema-too-many", original)
            return
        if proposed is not None:
            schema = {"default": proposed, **schema}
        kind, words = kind_of(schema), titled(schema, original)
        closed = self._closed(schema, words, kind, required=required)
        if closed is not None:
            self.unused(schema, place)
            holder.put(original, closed, shown=shown)
        elif kind == "array":
            self.lists.one(original, schema, holder, place, shown=shown)
        elif kind == "object" or (alternative(schema) and not self.alternatives.plain(schema)):
            self._object(original, schema, holder, place, required=required, shown=shown)
        else:
            holder.put(original, self._scalar(schema, words, kind, place), shown=shown)

    def _closed(
        self, schema: Mapping[str, Any], words: Mapping[str, Any], kind: str, *, required: bool
    ) -> dict[str, Any] | None:
        """A value that is one of a list; where it can only be one, it stands there already."""
        told = schema.get("const")
        if isinstance(told, bool):
            return {"type": "boolean", **words, "const": told}
        found = choices(schema)
        if found is None:
            return None
        if "const" in schema and required:
            kind = "string" if isinstance(told, str) else kind or "number"
            return {
                "type": kind,
                **words,
                "const": told,
                "default": told,
                "readonly": True,
            }
        return {**words, **found, **_proposed(schema), **_locked(schema)}

    def _scalar(
        self, schema: Mapping[str, Any], words: Mapping[str, Any], kind: str, place: Place
    ) -> dict[str, Any]:
        if kind not in KEPT:
            if alternative(schema) is None:
                self.tell(place.pointer, "schema-untyped", str(words["title"]))
            kind = self.alternatives.plain(schema) or "string"
        made: dict[str, Any] = {"type": kind, **words}
        made |= {key: schema[key] for key in KEPT[kind] if key in schema}
        pattern = schema.get("pattern")
        if kind == "string" and isinstance(pattern, str):
            if len(pattern) <= 500 and coherence.linear(pattern):  # as the dialect takes it
                made["pattern"] = pattern
            else:
                self.tell(place.pointer, "schema-keyword", f"pattern: {pattern}")
        made |= self.alternatives.verbatim(schema)
        self.unused(schema, place)
        return made | _proposed(schema) | _locked(schema)

    def _object(
        self,
        original: str,
        schema: Mapping[str, Any],
        holder: Holder,
        place: Place,
        *,
        required: bool,
        shown: str,
    ) -> None:
        words = titled(schema, original)
        title = str(words["title"])
        if not self.asks(schema):
            self.tell(place.pointer, "schema-free-object", title)
        elif self.lists.is_map(schema):
            self.lists.map(original, schema, holder, place, shown=shown)
        elif place.depth >= MAX_DEPTH:
            self.tell(place.pointer, "schema-too-deep", title)
        elif holder.table:
            inner = below(holder, original, title, shown=shown, needed=required)
            self.members(schema, inner, place.deeper())
        else:
            self._group(original, schema, holder, place, required=required, shown=shown)

    def _group(
        self,
        original: str,
        schema: Mapping[str, Any],
        holder: Holder,
        place: Place,
        *,
        required: bool,
        shown: str,
    ) -> None:
        properties: dict[str, Any] = {}
        node = {"type": "object", **titled(schema, original), "properties": properties}
        name = holder.put(original, node, shown=shown)
        needed = holder.needed and required
        inner = Holder(properties, [], path=(*holder.path, name), needed=needed)
        holder.inner[original] = inner
        self.members(schema, inner, place.deeper())
        if not properties:
            del holder.properties[name], holder.names[original], holder.inner[original]
            self.tell(place.pointer, "schema-free-object", str(node["title"]))

    def unused(self, schema: Mapping[str, Any], place: Place) -> None:
        """Keywords that mean something to a validator and nothing to a page."""
        for keyword in schema:
            if keyword not in SILENT and not keyword.startswith("x-"):
                self.tell(place.pointer, "schema-keyword", keyword)
        told = schema.get("type")
        if isinstance(told, list) and len([one for one in told if one != "null"]) > 1:
            self.tell(place.pointer, "schema-keyword", f"type: {', '.join(map(str, told))}")
        if kind_of(schema) in ("object", "array") and schema.get("default") not in (None, [], {}):
            if kind_of(schema) == "array" and choices(schema.get("items") or {}) is not None:
                return
            if not isinstance(schema["default"], Mapping):
                self.tell(place.pointer, "schema-default", str(schema["default"]))


def _proposed(schema: Mapping[str, Any]) -> dict[str, Any]:
    told = schema.get("default")
    return {} if told is None or told == "" or isinstance(told, Mapping) else {"default": told}


def _locked(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"readonly": True} if schema.get("readOnly") else {}
