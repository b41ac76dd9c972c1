"""`if`, `then`, `else` and what depends on a property: as conditions of items, and as checks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.json_text import Json
from forms.importers.json_schema import logic
from forms.importers.json_schema.holders import Holder, both
from forms.importers.json_schema.parts import Place

if TYPE_CHECKING:
    from forms.importers.json_schema.walk import Walk

MOST_CHECKS = 100


class Conditions:
    """Follows the conditions of the schemas of one walk."""

    def __init__(self, walk: "Walk") -> None:
        self.walk = walk

    def of(
        self, schema: Mapping[str, Any], holder: Holder, place: Place, *, shown: str = ""
    ) -> None:
        """The conditions of an object whose items are made."""
        if "if" in schema and {"then", "else"} & set(schema):
            asked, _ = self.walk.resolved(schema["if"], place.at("if"))
            condition = logic.holds(schema["if"] if asked is None else asked, holder)
            if condition is None:
                self.walk.tell(place.pointer, "schema-condition", "if")
            for keyword, when in (
                ("then", condition),
                ("else", condition and logic.against(condition)),
            ):
                if keyword in schema:
                    self._follows(schema[keyword], when, holder, place.at(keyword), shown)
        for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
            for name, told in (schema.get(keyword) or {}).items():
                known = logic.holds({"required": [name]}, holder)
                where = place.at(keyword, name)
                if isinstance(told, list):
                    told = {"required": told}  # noqa: PLW2901 - the older way of writing the same
                if known is None:
                    self.walk.tell(where.pointer, "schema-condition", keyword)
                self._follows(told, known, holder, where, shown)

    def _follows(
        self, raw: Json, when: str | None, holder: Holder, place: Place, shown: str
    ) -> None:
        """What is asked, required and held to while a condition is true; None is one that no formula says."""
        schema, place = self.walk.resolved(raw, place)
        if not schema:
            return
        condition = both(shown, when or "")
        for original, told in (schema.get("properties") or {}).items():
            if original in holder.inner or original in holder.names:
                self._narrowed(original, told, when, holder, place.at("properties", original))
            else:
                self.walk.item(
                    original, told, holder, place.at("properties", original), shown=condition
                )
        for name in (schema.get("required") or ()) if when is not None else ():
            if name in holder.names:
                holder.ask(holder.names[name], condition or "true")
        for part in (schema, *schema.get("allOf", ())):
            self.walk.alternatives.of(part, holder, place, shown=condition)
            self.of(part, holder, place, shown=condition)

    def _narrowed(
        self, original: str, told: Json, when: str | None, holder: Holder, place: Place
    ) -> None:
        """A property that is there already is held to more while the condition is true."""
        inner = holder.inner.get(original)
        if inner is not None:
            self._follows(told, when, inner, place, "")
            return
        node = holder.properties[holder.names[original]]
        found = logic.value(told, str(holder.name(original)), node)
        if found is None or when is None:
            self.walk.tell(place.pointer, "schema-condition", str(node.get("title", original)))
        elif found != "true":
            title = node.get("title", original)
            formula = f"{logic.against(when)} or ({found})" if when != "true" else found
            self.check(
                holder,
                formula,
                f"「{title}」与其他填报内容不相符",
                f"“{title}” does not agree with what else was filled in",
            )

    def check(self, holder: Holder, formula: str, text: str, english: str) -> None:
        """A check of the form, or of each row of a list."""
        if len(self.walk.checks) >= MOST_CHECKS:
            self.walk.tell("", "schema-keyword", formula)
            return
        over = {"over": f"{holder.table}:rows"} if holder.table else {}
        self.walk.checks.append(
            {
                "code": f"s{len(self.walk.checks) + 1}",
                "formula": formula,
                "severity": "error",
                "text": text[:1000],
                "texts": {"en": english[:1000]},
                **over,
            }
        )
