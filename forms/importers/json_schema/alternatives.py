"""`oneOf` and `anyOf`: a choice of which, and what each of them asks for, shown once it is chosen.

Of `anyOf` several may hold; a form asks which one it is, as people do. Alternatives that only say
which items must be there become a check.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.json_text import Json
from forms.importers.json_schema.holders import Holder, below, both
from forms.importers.json_schema.logic import holds, written
from forms.importers.json_schema.parts import (
    KEPT,
    LOGIC,
    Place,
    alternative,
    choices,
    kind_of,
    titled,
)

if TYPE_CHECKING:
    from forms.importers.json_schema.walk import Walk

Words = dict[str, Any]
Part = tuple[dict[str, Any], Place, Words]
"""An alternative with its references followed, where it stands, and what it is called."""
VERBATIM = ("enum", "const", "pattern", "minLength", "maxLength", "format")


class Alternatives:
    """Follows the alternatives of the schemas of one walk."""

    def __init__(self, walk: "Walk") -> None:
        self.walk = walk

    def parts(self, schema: Mapping[str, Any], keyword: str, place: Place) -> list[Part]:
        """The alternatives that can be followed; nothing at all (`null`) is what a blank cell says."""
        found: list[Part] = []
        for number, raw in enumerate(schema.get(keyword) or ()):
            if raw is False or self._same(raw, place):
                continue
            part, there = self.walk.resolved(raw, place.at(keyword, number))
            if part is not None and part.get("type") != "null":
                found.append((part, there, _named(part, raw, number)))
        return found

    def _same(self, raw: Json, place: Place) -> bool:
        """Whether an alternative is a row of a list that it stands in."""
        table = place.lists.get(str(raw.get("$ref", ""))) if isinstance(raw, Mapping) else None
        if table is not None:
            self.walk.lists.same(table, place)
        return table is not None

    def single(self, schema: dict[str, Any], place: Place) -> tuple[dict[str, Any], Place]:
        """A schema whose alternatives come to one value or to a list of values, without them."""
        schema = _by_kind(schema)
        for keyword in ("oneOf", "anyOf"):
            if not schema.get(keyword) or choices(schema) is not None:
                continue
            parts = self.parts(schema, keyword, place)
            rest = {key: told for key, told in schema.items() if key != keyword}
            if len(parts) == 1:
                part, there, _ = parts[0]
                laid, there = self.walk.resolved({**rest, "allOf": [part]}, there)
                return (laid or rest), there
            lists = [_values(part) for part, _, _ in parts]
            if parts and all(lists):
                return {**rest, "oneOf": [one for values in lists for one in values]}, place
        return schema, place

    def plain(self, schema: Mapping[str, Any]) -> str:
        """The kind of value that all alternatives are, where they are single values of one kind."""
        keyword = alternative(schema)
        if keyword is None:
            return ""
        parts = self.parts(schema, keyword, Place())
        kinds = {kind_of(part) or kind_of(schema) or _kind_of_values(part) for part, _, _ in parts}
        found = kinds.pop() if len(kinds) == 1 else ""
        return found if found in KEPT else ""

    def verbatim(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The alternatives of a single value as rules that a validator follows."""
        keyword = alternative(schema)
        if keyword is None:
            return {}
        kept = []
        for part, _, _ in self.parts(schema, keyword, Place()):
            names = {*VERBATIM, *(name for names in KEPT.values() for name in names)}
            kept.append({key: told for key, told in part.items() if key in names})
        return {keyword: kept} if all(kept) else {}

    def of(
        self, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str = ""
    ) -> None:
        """The alternatives of an object."""
        for keyword in ("oneOf", "anyOf"):
            if not schema.get(keyword):
                continue
            parts = self.parts(schema, keyword, place)
            if len(parts) == 1:
                self.walk.members(parts[0][0], holder, parts[0][1], shown=shown)
            elif parts and self._only_rules(parts, holder):
                self._check(parts, keyword, holder, place)
            elif parts:
                self._offered(parts, holder, shown)

    def _only_rules(self, parts: Sequence[Part], holder: Holder) -> bool:
        """Whether they ask for nothing that the object does not have already."""
        known = {*holder.names, *holder.inner}
        return all(
            set(part.get("properties") or ()) <= known
            and not {*LOGIC, "items"} & set(part)
            and kind_of(part) in ("object", "")
            for part, _, _ in parts
        )

    def _check(self, parts: Sequence[Part], keyword: str, holder: Holder, place: Place) -> None:
        told = [holds(part, holder) for part, _, _ in parts]
        if None in told or "true" in told:
            self.walk.tell(place.pointer, "schema-keyword", keyword)
            return
        any_of = " or ".join(f"({one})" for one in told)
        names = dict.fromkeys(
            str(holder.properties[holder.names[name]]["title"])
            for part, _, _ in parts
            for name in (*(part.get("required") or ()), *(part.get("properties") or ()))
            if name in holder.names
        )
        between = "、".join(names)
        self.walk.conditions.check(
            holder,
            any_of,
            f"「{between}」至少按其中一种方式填写",
            f"Fill in at least one way: {', '.join(names)}",
        )
        if keyword == "oneOf":
            count = " + ".join(f"IF({one}, 1, 0)" for one in told)
            self.walk.conditions.check(
                holder,
                f"{count} <= 1",
                f"「{between}」只按其中一种方式填写",
                f"Fill in only one way: {', '.join(names)}",
            )

    def _offered(self, parts: Sequence[Part], holder: Holder, shown: str) -> None:
        which = _discriminator(parts)
        kinds = [
            (str(part["properties"][which]["const"]) if which else str(number), part, there, called)
            for number, (part, there, called) in enumerate(parts, 1)
        ]
        asked = which or "kind"
        if asked not in holder.names:
            options = [{"const": value, **words} for value, _, _, words in kinds]
            words: Words = {"title": "类别", "titles": {"en": "Which kind"}}
            if which:
                words = titled(parts[0][0]["properties"][which], which)
            holder.put(asked, {"type": "string", **words, "oneOf": options}, shown=shown)
            holder.require([asked])
        for number, (value, part, there, called) in enumerate(kinds, 1):
            condition = both(shown, f"{holder.name(asked)} = {written(value)}")
            inner = {key: told for key, told in part.items() if key not in ("title", "description")}
            if which:
                own = {k: told for k, told in part["properties"].items() if k != which}
                needed = [one for one in part.get("required", ()) if one != which]
                inner |= {"properties": own, "required": needed}
                if not own:
                    continue
            inner |= {"title": called["title"], "x-titles": called.get("titles", {})}
            self._option(f"option_{number}", inner, holder, there, condition)

    def _option(
        self, name: str, part: dict[str, Any], holder: Holder, place: Place, condition: str
    ) -> None:
        """What one alternative asks for."""
        if self.walk.asks(part) and holder.table and not self.walk.lists.is_map(part):
            inner = below(holder, name, str(part["title"]), shown=condition, needed=True)
            self.walk.members(part, inner, place.deeper())
        elif kind_of(part) == "object" and not self.walk.asks(part):
            return  # an alternative that asks for nothing more
        else:
            self.walk.item(name, part, holder, place, required=True, shown=condition)
            holder.require([name])


def _by_kind(schema: dict[str, Any]) -> dict[str, Any]:
    """A value of several kinds as alternatives of one kind each."""
    told = schema.get("type")
    kinds = [one for one in told if one != "null"] if isinstance(told, list) else []
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    if len(kinds) < 2 or choices(schema) is not None or alternative(schema):
        return {**schema, "type": kinds[0]} if kinds else schema
    about: dict[str, Any] = {key: schema[key] for key in ("title", "description") if key in schema}
    rest = {key: one for key, one in schema.items() if key not in (*about, "default", "type")}
    useful = [kind for kind in kinds if kind in KEPT or _KINDS.get(kind, "") in rest]
    if len(useful) < 2:
        return {**schema, "type": (useful or kinds)[0]}
    return {**about, "oneOf": [{**rest, "type": kind} for kind in useful]}


_WORDS = {
    "string": ("文字", "Text"), "integer": ("整数", "Whole number"), "number": ("数字", "Number"),
    "boolean": ("是否", "Yes or no"), "array": ("列表", "List"), "object": ("一组内容", "Several items"),
}  # fmt: skip
_KINDS = {"object": "properties", "array": "items"}


def _named(part: Mapping[str, Any], raw: Json, number: int) -> Words:
    """What people may call an alternative."""
    reference = str(raw.get("$ref", "")) if isinstance(raw, Mapping) else ""
    last = reference.rpartition("/")[2].removeprefix("#")
    told = part.get("title") or (last and titled({}, last)["title"])
    if not told and (values := _values(part)):
        told = "、".join(one["title"] for one in values[:3])
    if not told and part.get("properties"):
        told = " / ".join(str(titled(one, name)["title"]) if isinstance(one, Mapping) else name
                          for name, one in list(part["properties"].items())[:3])  # fmt: skip
    if told:
        return {"title": str(told)[:200]}
    chinese, english = _WORDS.get(kind_of(part), (f"方式 {number + 1}", f"Way {number + 1}"))
    return {"title": chinese, "titles": {"en": english}}


def _values(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The values of an alternative that is a list of values."""
    found = choices(part)
    if found is None:
        return []
    named = part.get("title") if "const" in part else None
    return [
        {"const": one["const"], "title": str(named or one["title"])}
        for one in found.get("oneOf", ())
    ] + [{"const": one, "title": str(one)} for one in found.get("enum", ())]


def _kind_of_values(part: Mapping[str, Any]) -> str:
    found = _values(part)
    return "string" if found and all(isinstance(one["const"], str) for one in found) else ""


def _discriminator(parts: Sequence[Part]) -> str | None:
    """A property that says by a fixed text which of the alternatives it is."""
    told: list[dict[str, str]] = []
    for part, _, _ in parts:
        own = part.get("properties") or {}
        told.append(
            {
                name: one["const"]
                for name, one in own.items()
                if isinstance(one, Mapping) and isinstance(one.get("const"), str)
            }
        )
    for name in told[0] if told else ():
        values = [one.get(name) for one in told]
        if None not in values and len(set(values)) == len(values):
            return name
    return None
