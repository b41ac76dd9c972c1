"""A sheet as rows of a register: columns by a field's name, label or synonym, cells as the field's values.

Declared words (不详, 不适用, 拒答, and the office's own) become absences where the field takes them; what
cannot be read stays as text, so that the check tells why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from engine import absence
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.formats import numbers
from engine.formats import registry as formats
from engine.json_text import Json

_YES = {"是": True, "有": True, "yes": True, "true": True, "1": True}
_NO = {"否": False, "无": False, "no": False, "false": False, "0": False}


class HeadUnknown(Problem):
    """A column is called like no field of the register, or two are called like the same."""

    code, status = "register.head-unknown", 422
    head: str
    register: str


def heads(known: Dictionary, subject: str, labels: Sequence[str]) -> list[Field | None]:
    """Which field each column holds; None for a column without a head. Raises HeadUnknown."""
    named: dict[str, Field] = {}
    for kept in known.of(subject):
        if not kept.compute and not kept.periodic:
            codes = (kept.code, *kept.renamed, *kept.names)
            for one in (*kept.synonyms, *kept.labels.values(), *codes):
                named[one.strip().lower()] = kept
    found: list[Field | None] = []
    for label in labels:
        field: Field | None = named.get(label.strip().lower())
        if (field is None and label.strip()) or (field is not None and field in found):
            raise HeadUnknown(head=label, register=subject)
        found.append(field)
    return found


def rows(
    known: Dictionary, fields: Sequence[Field | None], lines: Iterable[Sequence[str]]
) -> Iterator[Mapping[str, Json]]:
    """The lines of a sheet as values by field name; empty lines are left out."""
    for line in lines:
        row = {
            field.name: value
            for field, text in zip(fields, line, strict=False)
            if field is not None and (value := _value(known, field, text.strip())) is not None
        }
        if row:
            yield row


def _value(known: Dictionary, field: Field, text: str) -> Json:
    if not text or absence.says_blank(text):
        return None
    codes = known.codelists.get(field.codelist or "")
    for one in codes.values if codes else ():
        if text == one.code or text in one.labels.values():
            return one.code
    if (gone := absence.read(text, field.absences)) is not None:
        return gone
    kind = field.schema.get("type")
    if kind in ("integer", "number"):
        found = numbers.read(text)
        return text if found is None else found
    if kind == "boolean":
        return {**_YES, **_NO}.get(text.lower(), text)
    format_ = str(field.schema.get("format", ""))
    return _date(text) if format_ == "date" else formats.normalised(format_, text)


def _date(text: str) -> str:
    for shape in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(text, shape).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return text
