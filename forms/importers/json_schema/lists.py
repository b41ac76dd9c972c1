"""Lists of a schema: several choices, tables with rows, lists inside lists, names of one's own, fixed places."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forms import coherence
from forms.importers.json_schema.holders import PARENT, Holder
from forms.importers.json_schema.parts import (
    Place,
    alternative,
    choices,
    free,
    kind_of,
    named,
    titled,
)

if TYPE_CHECKING:
    from forms.importers.json_schema.walk import Walk

MAX_LISTS = 6
"""Lists inside lists deeper than this are not unfolded."""


CONTENT = {"title": "内容", "x-titles": {"en": "Content"}}


class Lists:
    """Makes the lists of one walk."""

    def __init__(self, walk: "Walk") -> None:
        self.walk = walk

    def one(
        self, original: str, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str
    ) -> None:
        """A list, whatever it lists."""
        walk, words = self.walk, titled(schema, original)
        title = str(words["title"])
        if schema.get("prefixItems"):
            self._places(original, schema, holder, place, shown=shown)
            return
        raw = schema.get("items", {})
        reference = str(raw.get("$ref", "")) if isinstance(raw, Mapping) else ""
        if reference in place.lists:
            self.same(place.lists[reference], place)
            return
        once = tuple(one for one in place.above if one != reference)
        inner, there = walk.resolved(raw, place.over(once).at("items"))
        if inner is None:
            return
        inner, there = walk.alternatives.single(inner, there)
        limits = {key: schema[key] for key in ("minItems", "maxItems") if key in schema}
        closed = choices(inner)
        walk.unused(schema, place)
        if closed is not None:
            plain = {key: told for key, told in closed.items() if key in ("type", "enum", "oneOf")}
            told = schema.get("default")
            proposed = {"default": told} if isinstance(told, list) and told else {}
            node = {"type": "array", **words, **limits, "uniqueItems": True, "items": plain}
            holder.put(original, node | proposed, shown=shown)
            return
        rows, name = self._begun(original, {**words, **limits}, holder, there, shown)
        if rows is None:
            return
        deeper = there.deeper()
        lists = {**there.lists, **({reference: name} if reference else {})}
        deeper = Place(deeper.pointer, deeper.depth, deeper.above, lists)
        if kind_of(inner) == "array":
            walk.tell(there.pointer, "schema-list-of-lists", title)
            self._flat(inner, rows, deeper, title)
        elif walk.asks(inner) and not walk.alternatives.plain(inner):
            walk.members(inner, rows, deeper)
        else:
            walk.tell(place.pointer, "schema-list-of-values", title)
            walk.item("value", {**inner, "title": inner.get("title") or title}, rows, deeper)
        if self._ended(rows, name, place, title):
            holder.names.pop(original, None)

    def _begun(
        self, original: str, words: dict[str, Any], holder: Holder, place: Place, shown: str
    ) -> tuple[Holder | None, str]:
        """The rows of a new list, and its name in paths; inside rows it stands on the form by itself."""
        walk, inside = self.walk, holder.table
        properties: dict[str, Any] = {}
        required: list[str] = []
        if inside.count("__") >= MAX_LISTS or len(place.lists) >= MAX_LISTS:
            walk.tell(place.pointer, "schema-too-deep", str(words["title"]))
            return None, ""
        rows: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
        node = {"type": "array", **words, "table": {"kind": "floating"}, "items": rows}
        if not inside:
            name = holder.put(original, node, shown=shown)
            path = "/".join((*holder.path, name))
            return Holder(properties, required, table=path), path
        outer = self._node(inside)
        node = {key: told for key, told in node.items() if key not in ("minItems", "maxItems")}
        node["title"] = f"{outer['title']} · {words['title']}"[:500]
        stem = holder.prefix and f"{holder.prefix}_"
        name = named(f"{inside.rpartition('/')[2]}_{stem}{original}", walk.root.properties)
        walk.root.properties[name] = {**node, "x-name": original}
        made = Holder(properties, required, table=name)
        self._parent(properties, required, inside, str(outer["title"]))
        walk.conditions.check(
            made,
            f"{PARENT} <= COUNT({inside.replace('/', '.')})",
            f"“所属行”是「{outer['title']}」的行号，不能超过它的行数",
            f"“Row it belongs to” is a row of “{outer['title']}” and cannot be beyond its last one",
        )
        walk.tell(place.pointer, "schema-nested-list", str(outer["title"]))
        return made, name

    @staticmethod
    def _parent(properties: dict[str, Any], required: list[str], inside: str, title: str) -> None:
        properties[PARENT] = {
            "type": "integer",
            "minimum": 1,
            "title": "所属行",
            "titles": {"en": "Row it belongs to"},
            "hint": f"「{title}」的第几行"[:2000],
            "hints": {"en": f"The number of the row of “{title}”"[:2000]},
        }
        if inside:
            required.append(PARENT)

    def same(self, table: str, place: Place) -> None:
        """Rows that hold rows of their own kind: each may say which row of the same list it is below."""
        node = self._node(table)
        properties = node["items"]["properties"]
        if PARENT not in properties:
            self._parent(properties, [], "", str(node["title"]))
        self.walk.tell(place.pointer, "schema-nested-same", str(node["title"]))

    def _node(self, path: str) -> dict[str, Any]:
        here: Any = {"properties": self.walk.root.properties}
        for step in path.split("/"):
            here = here["properties"][step]
        return dict(here) if not isinstance(here, dict) else here

    def _ended(self, rows: Holder, name: str, place: Place, title: str) -> bool:
        """A list that turned out to have no columns goes again; whether it did."""
        node = self._node(name)
        own = node["items"]
        if not own["required"]:
            own.pop("required")
        if set(own["properties"]) - {PARENT}:
            return False
        holder: Any = {"properties": self.walk.root.properties}
        *above, last = name.split("/")
        for step in above:
            holder = holder["properties"][step]
        del holder["properties"][last]
        checks = [one for one in self.walk.checks if one.get("over") != f"{rows.table}:rows"]
        self.walk.checks[:] = checks
        self.walk.tell(place.pointer, "schema-free-object", title)
        return True

    def _flat(self, schema: Mapping[str, Any], rows: Holder, place: Place, title: str) -> None:
        """A list of lists as one: each row says by a number which of the inner lists it is of."""
        rows.put(
            "list",
            {
                "type": "integer",
                "minimum": 1,
                "title": "第几组",
                "titles": {"en": "Number of the list"},
            },
        )
        rows.require(["list"])
        inner, there = self.walk.resolved(schema.get("items", {}), place.at("items"))
        if inner is None:
            return
        if self.walk.asks(inner):
            self.walk.members(inner, rows, there)
        else:
            self.walk.item("value", {**inner, "title": inner.get("title") or title}, rows, there)

    def _places(
        self, original: str, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str
    ) -> None:
        """A list of fixed places (`prefixItems`) as a group of items."""
        parts = schema["prefixItems"]
        words = titled(schema, original)
        properties = {
            f"item_{number}": {"title": f"{words['title']} {number}", **one}
            for number, one in enumerate(parts, 1)
            if isinstance(one, Mapping)
        }
        needed = list(properties)[: int(schema.get("minItems", 0))]
        told = schema.get("default")
        if isinstance(told, list):
            for name, value in zip(properties, told, strict=False):
                properties[name].setdefault("default", value)
        if schema.get("items") not in (None, False):
            self.walk.tell(place.pointer, "schema-keyword", "items")
        made = {"type": "object", **words, "properties": properties, "required": needed}
        self.walk.item(original, made, holder, place, required=bool(needed), shown=shown)

    def is_map(self, schema: Mapping[str, Any]) -> bool:
        """Whether an object holds nothing but what people name themselves."""
        return not schema.get("properties") and not alternative(schema) and len(free(schema)) == 1

    def map(
        self, original: str, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str
    ) -> None:
        """An object of names of one's own as a list of names and what they hold."""
        [one] = free(schema)
        self.walk.unused(schema, place)
        self._named(original, titled(schema, original), one, holder, place, shown=shown)

    def free(self, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str) -> None:
        """What an object may hold beside its properties, under names of one's own."""
        for pattern, told in free(schema):
            words: dict[str, Any] = {"title": "其他内容", "titles": {"en": "More"}}
            if pattern:
                words["hint"] = pattern[:2000]
            self._named("more", words, (pattern, told), holder, place, shown=shown)

    def _named(
        self,
        original: str,
        words: dict[str, Any],
        told: tuple[str, Any],
        holder: Holder,
        place: Place,
        *,
        shown: str,
    ) -> None:
        pattern, held = told
        rows, name = self._begun(original, words, holder, place, shown)
        if rows is None:
            return
        key: dict[str, Any] = {
            "type": "string",
            "maxLength": 200,
            "title": "名称",
            "titles": {"en": "Name"},
        }
        if pattern and len(pattern) <= 500 and coherence.linear(pattern):
            key["pattern"] = pattern
        rows.put("name", key)
        rows.require(["name"])
        inner, there = self.walk.resolved(held, place.at("additionalProperties"))
        if inner is not None and self.walk.asks(inner):
            self.walk.members(inner, rows, there.deeper())
        elif inner is not None:
            self.walk.item("value", {**CONTENT, **inner}, rows, there.deeper())
        if self._ended(rows, name, place, str(words["title"])):
            holder.names.pop(original, None)
