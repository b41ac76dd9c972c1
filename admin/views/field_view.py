"""Fields of the dictionary as its pages show them, and back from what a designer typed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from admin.views import words
from admin.web.html import text
from engine import absence
from engine.audit import reading
from engine.dictionary.field import Field, read_field
from engine.dictionary.store import Dictionary, history
from engine.errors import Problem
from engine.formats.registry import FORMATS
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms.compiled import CompiledForm

JSON_TYPE = {"integer": "integer", "number": "number", "yes_no": "boolean"}
NUMBERS = {"minimum": "minimum", "maximum": "maximum", "max_length": "maxLength"}
ABSENCES = tuple(f"absence_{kind}" for kind in absence.KINDS)
NAMES = (
    "code", "subject", "name", "label_zh", "label_en", "definition", "synonyms", "type", "format",
    "unit", "codelist", "minimum", "maximum", "max_length", "sensitivity", "steward",
    "freshness_days", "temporal", "standard", "status", "version", *ABSENCES,
)  # fmt: skip
FIRST = {"type": "text", "sensitivity": "L1", "temporal": "state", "status": "standard"}


LONGEST = {"definition": 2000, "synonyms": 4000}


class FieldMistyped(Problem):
    """What was typed cannot be a field; `at` names the place, `reason` what is wrong there."""

    code, status = "api.field-mistyped", 422
    at: str
    reason: str


def used(forms: Iterable[CompiledForm]) -> Counter[str]:
    """In how many published forms each field stands."""
    return Counter(code for form in forms for code in form.fields)


def listed(
    fields: Iterable[Field], counts: Mapping[str, int], stewards: Mapping[str, str], language: str
) -> list[dict[str, Any]]:
    """Fields as the list shows them."""
    return [
        {
            "code": one.called,
            "label": one.label(language),
            "definition": one.definition,
            "unit": one.unit,
            "type": text(language, f"type.{_type(one)}"),
            "standard": one.standard,
            "steward": stewards.get(one.steward, one.steward),
            "sensitivity": one.sensitivity,
            "status": one.status,
            "used_in": counts.get(one.code, 0),
        }
        for one in fields
    ]


def inputs(field: Field) -> dict[str, str]:
    """A field as the texts of its inputs."""
    schema = field.schema
    named = schema.get("format")
    return {
        "code": field.called,
        "formerly": "、".join(
            one for one in dict.fromkeys((field.code, *field.renamed)) if one != field.called
        ),
        "subject": field.subject,
        "name": field.names[0],
        "label_zh": field.labels.get("zh", ""),
        "label_en": field.labels.get("en", ""),
        "definition": field.definition,
        "synonyms": "\n".join(field.synonyms),
        "type": _type(field),
        "format": str(named) if named in FORMATS else "",
        "unit": field.unit or "",
        "codelist": field.codelist or "",
        **{name: _written(schema.get(keyword)) for name, keyword in NUMBERS.items()},
        "sensitivity": field.sensitivity,
        "steward": field.steward,
        "freshness_days": _written(field.freshness_days),
        "temporal": field.temporal,
        "standard": field.standard,
        "status": field.status,
        "version": str(field.version),
        **{f"absence_{kind}": "1" * (kind in field.absences) for kind in absence.KINDS},
    }


def blank(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The inputs of a field that is not there yet, with what was typed so far."""
    return dict.fromkeys((*NAMES, "formerly", "new_name"), "") | FIRST | dict(given or {})


def choices(work: Work, known: Dictionary, steward: str, language: str) -> dict[str, Any]:
    """What the selects of the page offer."""
    offices = identity.holding(work.connection, "department", now=work.now)
    stewards = {one.code: one.name for one in offices} | names(work, [steward])
    return {
        "subjects": [
            {"code": one.code, "text": one.labels.get(language) or one.labels.get("zh", one.code)}
            for one in known.subjects.values()
        ],
        "codelists": [
            {"code": one.code, "text": f"{one.labels.get(language) or one.code} ({one.code})"}
            for one in known.codelists.values()
        ],
        "formats": [{"code": one, "text": text(language, f"format.{one}")} for one in FORMATS],
        "stewards": [{"code": code, "text": name} for code, name in sorted(stewards.items())],
    }


def names(work: Work, codes: Iterable[str]) -> dict[str, str]:
    """What organisations are called; one that is gone is absent."""
    wanted = sorted({code for code in codes if code})
    return identity.organisation_names(work.connection, wanted)


def versions(work: Work, code: str, language: str) -> list[dict[str, Any]]:
    """Every version of a field: who saved it, when, and what it changed."""
    found = history(work.connection, code)
    authors = {
        (one.detail or {}).get("version"): one.actor_name
        for one in reading.about(work.connection, "dictionary.field-saved", code)
    }
    rows = []
    for number, (field, at) in enumerate(found):
        before = found[number + 1][0] if number + 1 < len(found) else None
        rows.append(
            {
                "version": field.version,
                "at": words.moment(at),
                "by": authors.get(field.version, ""),
                "text": _changed(before, field, language),
            }
        )
    return rows


def read(given: Mapping[str, str], known: Field | None) -> Field:
    """The field that was typed, on top of what the page does not show.

    Raises FieldMistyped, FieldInvalid.
    """
    code = known.code if known else f"{given['subject']}.{given['name'].strip()}"
    label = given["label_zh"].strip()
    if not label:
        raise FieldMistyped(at="label_zh", reason="empty")
    for name, text_given in given.items():
        if len(text_given) > LONGEST.get(name, 200):
            raise FieldMistyped(at=name, reason="long")
    kind = given["type"]
    if kind == "choice" and not given["codelist"]:
        raise FieldMistyped(at="codelist", reason="codelist")
    if kind == "format" and given["format"] not in FORMATS:
        raise FieldMistyped(at="format", reason="format")
    before = known or Field(code=code, labels={}, schema={})
    typed = replace(
        before,
        labels={"zh": label, "en": given["label_en"].strip() or label},
        schema=_schema(given, before.schema),
        definition=given["definition"].strip(),
        synonyms=tuple(
            dict.fromkeys(one.strip() for one in given["synonyms"].split("\n") if one.strip())
        ),
        unit=given["unit"].strip() or None,
        codelist=given["codelist"] or None if kind == "choice" else None,
        sensitivity=given["sensitivity"],
        steward=given["steward"],
        freshness_days=_whole(given, "freshness_days", least=1),
        temporal=given["temporal"],
        standard=given["standard"].strip(),
        absences=tuple(kind for kind in absence.KINDS if given[f"absence_{kind}"]),
    )
    return read_field(typed.to_json())  # what could not be read back is refused now


def _schema(given: Mapping[str, str], before: Mapping[str, Json]) -> dict[str, Json]:
    kind = given["type"]
    shown = {"type", "format", *NUMBERS.values()}
    schema: dict[str, Json] = {"type": JSON_TYPE.get(kind, "string")}
    if kind == "date":
        schema["format"] = "date"
    elif kind == "format":
        schema["format"] = given["format"]
    if kind in ("integer", "number"):
        low, high = _number(given, "minimum"), _number(given, "maximum")
        if low is not None and high is not None and low > high:
            raise FieldMistyped(at="maximum", reason="order")
        schema |= {
            name: one for name, one in (("minimum", low), ("maximum", high)) if one is not None
        }
    if kind == "text" and (longest := _whole(given, "max_length", least=1)) is not None:
        schema["maxLength"] = longest
    if before.get("type") == schema["type"]:
        schema |= {name: one for name, one in before.items() if name not in shown}
    return schema


def _number(given: Mapping[str, str], name: str) -> Json:
    typed = given[name].strip()
    if not typed:
        return None
    try:
        number = Decimal(typed)
    except InvalidOperation as error:
        raise FieldMistyped(at=name, reason="number") from error
    if not number.is_finite() or abs(number.adjusted()) > 15:
        raise FieldMistyped(at=name, reason="number")
    return int(number) if number == number.to_integral_value() else number


def _whole(given: Mapping[str, str], name: str, *, least: int) -> int | None:
    number = _number(given, name)
    if number is None:
        return None
    if not isinstance(number, int) or not least <= number <= 1_000_000:
        raise FieldMistyped(at=name, reason="whole")
    return number


def _type(field: Field) -> str:
    kind = field.schema.get("type")
    if field.codelist:
        return "choice"
    if kind in ("integer", "number"):
        return str(kind)
    if kind == "boolean":
        return "yes_no"
    named = field.schema.get("format")
    if named == "date":
        return "date"
    return "format" if named in FORMATS else "text"


def _written(value: Json) -> str:
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def _changed(before: Field | None, field: Field, language: str) -> str:
    if before is None:
        return text(language, "field.first")
    old, new = inputs(before), inputs(field)
    different = [name for name in NAMES if name != "version" and old[name] != new[name]]
    labels = [text(language, f"field.{name}") for name in different] or [
        text(language, "field.other")
    ]
    joined = ("、" if language == "zh" else ", ").join(labels)
    return text(language, "field.changed", names=joined)
