"""Fields of the dictionary changed over the API: what a change would find, renaming, undoing."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath

from admin.views import field_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.dictionary.field import Field, FieldUnknown
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.registers import fields
from engine.work import Work

Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
"""The field's version as the caller last saw it."""
Word = Annotated[str, msgspec.Meta(max_length=100)]
RULES = ("type", "format", "codelist", "minimum", "maximum", "max_length")


class FieldWhole(msgspec.Struct):
    """A field as it is now."""

    code: str
    """The code in force, which new forms and formulas use."""
    kept_by: str
    """The code it had first, under which its values are kept and answered for ever."""
    codes: list[str]
    """Every code that leads to it."""
    label: str
    version: int
    status: str
    schema: dict[str, Any]
    unit: str | None
    codelist: str | None
    sensitivity: str


class FieldRename(msgspec.Struct, forbid_unknown_fields=True):
    """Another name within the field's subject: `mobile` makes `person.phone` `person.mobile`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    version: Version


class FieldSeen(msgspec.Struct, forbid_unknown_fields=True):
    """The field's version as the caller last saw it."""

    version: Version


class FieldRules(msgspec.Struct, forbid_unknown_fields=True):
    """Other rules for a field; what is left out stays as it is."""

    type: Word | None = None
    """text, integer, number, date, choice, yes_no or format."""
    format: Word | None = None
    codelist: Word | None = None
    minimum: Word | None = None
    maximum: Word | None = None
    max_length: Word | None = None
    grain: Literal["month", "year"] = "month"
    """What days become where the new format is a period."""


class FieldConversion(msgspec.Struct, forbid_unknown_fields=True):
    """Other rules for a field whose kept values are turned into what means the same there."""

    rules: FieldRules
    version: Version


class TurnedValue(msgspec.Struct):
    """A kept value and what would become of it, masked where the field is protected."""

    value: str
    becomes: str
    count: int


class MisfitValue(msgspec.Struct):
    """A kept value that the rules would not take, masked where the field is protected."""

    value: str
    count: int


class MisfitReport(msgspec.Struct):
    """What a change of rules would find among the values that are kept; nothing was changed."""

    fits: bool
    count: int
    values: list[MisfitValue]
    """Those that stand most often."""
    turned: int
    """How many values a conversion turns into others that mean the same."""
    changes: list[TurnedValue]
    """Those of them that stand most often."""
    loses: str
    """What a conversion does not keep: day, month, or nothing."""


@get("/api/fields/{code:str}")
@threaded
def read_field(caller: Visiting, code: FromPath[str]) -> Response[FieldWhole]:
    """One field by any code it has or had."""
    with caller.read() as work:
        work.require("dictionary.read")
        return answer(_whole(_field(work, code), caller.language))


@post("/api/fields/{code:str}/check", status_code=200)
@threaded
def check_field(
    caller: Visiting, code: FromPath[str], data: Annotated[FieldRules, Body()]
) -> Response[MisfitReport]:
    """How many kept values other rules of a field would not take, and which; nothing is changed."""
    with caller.read() as work:
        work.require("dictionary.change")
        now = _field(work, code)
        field = _wanted(now, data)
        turned = fields.conversion_of(work, now, field, data.grain)
        can = turned.count or turned.misfits.count
        found = turned.misfits if can else fields.misfits_of(work, now, field)
        told = [MisfitValue(*one) for one in fields.told_values(now, found)]
        changes = [TurnedValue(*one) for one in fields.told_changes(now, turned)]
    return answer(
        MisfitReport(not found.count, found.count, told, turned.count, changes, turned.loses)
    )


@post("/api/fields/{code:str}/convert", status_code=200)
@threaded
def convert_field(
    caller: Visiting, code: FromPath[str], data: Annotated[FieldConversion, Body()]
) -> Response[FieldWhole]:
    """Give a field other rules and turn its kept values into what means the same there: words into
    codes by their labels, days into months or years. Refused as long as one has no counterpart.
    """
    with caller.read() as work:
        work.require("dictionary.change")
        field = _wanted(_field(work, code), data.rules)
    saved = caller.write(lambda work: fields.convert(work, field, data.version, data.rules.grain))
    return answer(_whole(saved, caller.language))


@post("/api/fields/{code:str}/rename", status_code=200)
@threaded
def rename_field(
    caller: Visiting, code: FromPath[str], data: Annotated[FieldRename, Body()]
) -> Response[FieldWhole]:
    """Give a field another code. Values stay where they are; the codes it had go on leading to it."""
    with caller.read() as work:
        work.require("dictionary.change")
        _field(work, code)
    saved = caller.write(lambda work: fields.rename(work, code, data.name, data.version))
    return answer(_whole(saved, caller.language))


@post("/api/fields/{code:str}/undo", status_code=200)
@threaded
def undo_field(
    caller: Visiting, code: FromPath[str], data: Annotated[FieldSeen, Body()]
) -> Response[FieldWhole]:
    """Give a field back the rules and the code of the version before, as a new version."""
    with caller.read() as work:
        work.require("dictionary.change")
        _field(work, code)
    saved = caller.write(lambda work: fields.undo(work, code, data.version))
    return answer(_whole(saved, caller.language))


def _wanted(now: Field, data: FieldRules) -> Field:
    given = msgspec.structs.asdict(data)
    typed = {name: given[name] for name in RULES if given[name] is not None}
    return field_view.read(field_view.inputs(now) | typed, now)


def _field(work: Work, code: str) -> Field:
    try:
        return dictionary(work.connection).field(code)
    except FieldUnknown as unknown:
        raise NotFound from unknown


def _whole(field: Field, language: str) -> FieldWhole:
    return FieldWhole(
        code=field.called,
        kept_by=field.code,
        codes=list(dict.fromkeys((field.called, field.code, *field.renamed))),
        label=field.label(language),
        version=field.version,
        status=field.status,
        schema=dict(field.schema),
        unit=field.unit,
        codelist=field.codelist,
        sensitivity=field.sensitivity,
    )
