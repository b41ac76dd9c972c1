"""Whether a row may stand in a register: each value by its field's schema and code list."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from engine import absence, messages
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.formats import registry as formats
from engine.formats.validator import build_validator
from engine.json_text import Json

MOST_TOLD = 1_000
"""Faults kept of one load; the rest are only counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that cannot stand in the register: in which row (from 1), of which field, and why."""

    row: int
    field: str
    rule: str
    """The schema's keyword: type, enum, format, maxLength …; `unknown` for a field that is none."""
    format: str = ""
    value: Json = None

    def text(self, language: str = "zh") -> str:
        """Why, in words."""
        if self.format and isinstance(self.value, str):
            told = formats.why(self.format, self.value, language)
            if told:
                return told
        known = messages.table(language)
        code = f"register.fault.{self.rule}"
        return messages.text(code if code in known else "register.fault.other", language)


class Checked:
    """Rows that pass go on; of those that do not it is told why."""

    def __init__(self, dictionary: Dictionary, subject: str) -> None:
        self.faults: list[Fault] = []
        self.rejected = 0
        self._fields = {field.name: field for field in dictionary.of(subject)}
        self._validator = validator(dictionary, subject)
        self._row = 0

    def passed(self, rows: Iterable[Mapping[str, Json]]) -> Iterator[Mapping[str, Json]]:
        """The rows that may stand; `id` beside the values is not looked at."""
        valid = self._validator.is_valid
        for row in rows:
            self._row += 1
            if valid(row) or self._absent(row):
                yield row
                continue
            self.rejected += 1
            if len(self.faults) < MOST_TOLD:
                self.faults += self._told(row)

    def _absent(self, row: Mapping[str, Json]) -> bool:
        """Whether a row may stand once its absences, each of which its field takes, are left out."""
        gone = {name: kind for name, value in row.items() if (kind := absence.kind_of(value))}
        if not gone or not all(
            name in self._fields and kind in self._fields[name].absences
            for name, kind in gone.items()
        ):
            return False
        return self._validator.is_valid({**row, **dict.fromkeys(gone)})

    def _told(self, row: Mapping[str, Json]) -> Iterator[Fault]:
        for error in self._validator.iter_errors(row):
            name = str(error.instance_path[0]) if error.instance_path else ""
            field = self._fields.get(name)
            if field is None:
                for one in sorted(set(row) - set(self._fields) - {"id"}):
                    yield Fault(self._row, one, "unknown")
                continue
            rule = str(error.kind.name)
            kind = str(field.schema.get("format", "")) if rule == "format" else ""
            yield Fault(self._row, field.code, rule, kind, row.get(name))


@lru_cache(maxsize=32)
def validator(dictionary: Dictionary, subject: str) -> jsonschema_rs.Validator:
    """Judges rows of a register by the dictionary in force."""
    return build_validator(schema(dictionary, subject))


def schema(dictionary: Dictionary, subject: str) -> dict[str, Any]:
    """A row of a register as a JSON Schema: known fields only, blank where nothing is known."""
    codes = dictionary.codes()
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": 64},
            **{field.name: value_schema(field, codes) for field in dictionary.of(subject)},
        },
        "required": ["id"],
        "additionalProperties": False,
    }


def value_schema(field: Field, codes: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """What one value of a field may be, by its rules and its code list."""
    found: dict[str, Any] = dict(field.schema)
    kind = found.get("type")
    allowed = codes.get(field.codelist or "")
    if allowed is not None and kind == "string":
        found["enum"] = [*allowed, None]
    elif allowed is not None and kind == "array":
        found["items"] = {**found.get("items", {}), "enum": list(allowed)}
    if isinstance(kind, str):
        found["type"] = [kind, "null"]
    return found
