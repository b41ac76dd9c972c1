"""The dictionary over the API: search fields by label, synonym or pinyin; add a field."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, QueryParameter

from admin.views import design_view
from admin.web.answer import Limit, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.dictionary import search
from engine.dictionary.field import Field, read_field
from engine.dictionary.store import dictionary
from engine.registers import fields

Text = Annotated[str, msgspec.Meta(max_length=2000)]
Words = Annotated[str, QueryParameter(name="q", max_length=100, description="Words to look for")]


class NewField(msgspec.Struct, forbid_unknown_fields=True):
    """A field to be added to the dictionary."""

    subject: Annotated[str, msgspec.Meta(max_length=48)]
    name: Annotated[str, msgspec.Meta(max_length=48)]
    label_zh: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    label_en: Annotated[str, msgspec.Meta(max_length=200)] = ""
    type: Literal["string", "integer", "number", "boolean"] = "string"
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    definition: Text = ""


class FieldHit(msgspec.Struct):
    """A field as the search shows it."""

    code: str
    label: str
    definition: str
    unit: str | None
    type: str


class FieldList(msgspec.Struct):
    """The fields that fit, the best first."""

    fields: list[FieldHit]


@get("/api/fields")
@threaded
def find_fields(caller: Visiting, q: Words = "", limit: Limit = 12) -> Response[FieldList]:
    """Fields whose label, synonym, code or pinyin initials fit the words, the best first."""
    with caller.read() as work:
        work.require("dictionary.read")
        known = dictionary(work.connection)
    hits = search.find(known.fields.values(), q, limit=limit)
    return answer(FieldList([_hit(one, caller.language) for one in hits]))


@post("/api/fields", status_code=201)
@threaded
def add_field(caller: Visiting, data: Annotated[NewField, Body()]) -> Response[FieldHit]:
    """Add a field to the dictionary; the register of its subject gets a column for it."""
    field = read_field(
        {
            "code": f"{data.subject}.{data.name}",
            "labels": {"zh": data.label_zh.strip(), "en": data.label_en.strip() or data.label_zh},
            "schema": {"type": data.type},
            "definition": data.definition.strip(),
            **({"unit": data.unit.strip()} if data.unit.strip() else {}),
        }
    )

    saved = caller.write(lambda work: fields.add(work, field))
    return answer(_hit(saved, caller.language), 201)


def _hit(field: Field, language: str) -> FieldHit:
    return FieldHit(**design_view.field_hit(field, language))
