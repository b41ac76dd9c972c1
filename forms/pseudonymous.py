"""Which value stands in place of which: by the field of the dictionary, by a form's item, by what a text
looks like. Figures, codes, divisions and public texts stay; what is free to be anything goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.absence import kind_of
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.privacy.pseudonyms import MARK, Pseudonyms
from forms import picking
from forms.compiled import CompiledForm, Item
from forms.retaining.items import steps

PLAIN = ("division-code", "period", "postcode")
PEOPLE = (
    "姓名", "曾用名", "负责人", "法定代表人", "书记", "主任", "联系人", "承包人", "安全员", "监护人",
    "网格员", "经办人", "产权人", "房主", "户主", "业主", "安全管理", "承包方",
)  # fmt: skip
PLACES = ("地址", "住址", "坐落", "住所")


@dataclass(frozen=True)
class Disguise:
    """The values in place of real ones for one copy."""

    made: Pseudonyms
    known: Dictionary

    def value(self, field: Field, value: Json) -> Json:
        """What stands in place of a value of a field."""
        if value is None or kind_of(value) or isinstance(value, bool | int) or field.codelist:
            return value
        if not isinstance(value, str):
            return value if field.schema.get("type") in ("number", "integer") else None
        named = self._formatted(str(field.schema.get("format") or ""), field.name, value)
        if named is not None:
            return named
        kind = self.known.subjects.get(field.subject)
        if field.subject == "org":
            public = field.sensitivity == "L1"
            return value if public else self._told(field, value)
        if kind is not None and (field.name in kind.keys or self._links(field.name)):
            return self.made.code(value)
        return self._told(field, value)

    def _told(self, field: Field, value: str) -> str:
        label = field.label()
        if field.name == "address" or any(one in label for one in PLACES):
            return self.made.address(value)
        if "电话" in label or "手机" in label:
            return self.made.phone(value)
        if any(one in label for one in PEOPLE):
            return self.made.person(value)
        if field.name == "name" and "uscc" in self._keys(field.subject):
            return self.made.firm(value)
        if field.name == "name" and field.sensitivity != "L1":
            return self.made.person(value)
        if field.sensitivity == "L1":
            return value if field.subject != "person" or field.name == "grid" else MARK
        if value.isascii() and any(one.isdigit() for one in value):
            return self.made.code(value)
        return MARK

    def _formatted(self, format_: str, name: str, value: str) -> str | None:
        if format_ in PLAIN:
            return value
        if format_ == "resident-id":
            return self.made.id_number(value)
        if format_ == "uscc":
            return self.made.credit_code(value)
        if format_ == "phone-cn":
            return self.made.phone(value)
        if format_ == "date":
            return self.made.birth_date(value) if "birth" in name else self.made.day(value)
        return None

    def _keys(self, subject: str) -> tuple[str, ...]:
        kind = self.known.subjects.get(subject)
        return kind.keys if kind else ()

    def _links(self, name: str) -> bool:
        return any(
            name == f"{kind.code}_{key}"
            for kind in self.known.subjects.values()
            for key in kind.keys
        )

    def of_item(self, item: Item, value: Json) -> Json:
        """What stands in place of a value of a form's item."""
        field = self.known.fields.get(item.field) if item.field else None
        if field is not None:
            return self.value(field, value)
        if item.attachment:
            return [] if isinstance(value, list) else None
        if not isinstance(value, str) or item.codelist or item.options or item.compute:
            return value if not isinstance(value, list | dict) or kind_of(value) else None
        if item.widget in picking.WIDGETS:
            return value  # a code, or an id: those are replaced wherever they stand
        named = self._formatted(item.format or "", item.name, value)
        return named if named is not None else (MARK if value.strip() else value)

    def contents(self, form: CompiledForm, values: Mapping[str, Json]) -> dict[str, Json]:
        """A document with other values; what no item of the form names goes."""
        at: dict[tuple[str, ...], Item] = {steps(one.path): one for one in form.items}
        return {
            name: one
            for name, value in values.items()
            if (one := self._within(at, (name,), value)) is not _GONE
        }

    def cells(self, form: CompiledForm, cells: Mapping[str, Json]) -> dict[str, Json]:
        """What is known of cells: their states, and the value that was offered in its new form."""
        found: dict[str, Json] = {}
        for path, meta in cells.items():
            left = {name: one for name, one in meta.items() if name in ("state", "locked")}
            item = form.item(path)
            if item is not None and meta.get("known") is not None:
                left["known"] = self.of_item(item, meta["known"])
            source = meta.get("source")
            if isinstance(source, Mapping):
                left["source"] = {name: source[name] for name in ("source", "at", "period") if name in source}  # fmt: skip
            found[path] = left
        return found

    def _within(
        self, at: Mapping[tuple[str, ...], Item], path: tuple[str, ...], value: Json
    ) -> Any:
        item = at.get(path)
        if item is not None:
            return self.of_item(item, value)
        if isinstance(value, list):
            return [self._row(at, path, row) for row in value if isinstance(row, dict)]
        if isinstance(value, dict):
            return {
                name: one
                for name, inner in value.items()
                if (one := self._within(at, (*path, name), inner)) is not _GONE
            }
        return _GONE

    def _row(self, at: Mapping[tuple[str, ...], Item], path: tuple[str, ...], row: Any) -> Any:
        return {
            name: one
            for name, inner in row.items()
            if (one := inner if name == "_id" else self._within(at, (*path, "*", name), inner))
            is not _GONE
        }


_GONE = object()
