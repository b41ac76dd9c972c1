"""The dictionary over the API: search fields by label, synonym or pinyin; add a field."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import Body

from admin.views import design_view
from admin.web.threads import threaded
from admin.web.visit import Visit
from engine import json_text
from engine.dictionary import search
from engine.dictionary.field import Field, FieldInvalid, read_field
from engine.dictionary.store import dictionary, save_field
from engine.json_text import Json
from engine.registers import schema
from engine.work import Work


class NewField(msgspec.Struct, forbid_unknown_fields=True):
    """A field to be added to the dictionary."""

    subject: str
    name: str
    label_zh: str
    label_en: str = ""
    type: str = "string"
    unit: str = ""
    definition: str = ""


@get("/api/fields")
@threaded
def find_fields(caller: Visit, q: str = "", limit: int = 12) -> Response[bytes]:
    """Fields whose label, synonym, code or pinyin initials fit the words, the best first."""
    with caller.read() as work:
        work.require("dictionary.read")
        known = dictionary(work.connection)
    hits = search.find(known.fields.values(), q, limit=min(max(limit, 1), 100))
    return _json({"fields": [design_view.field_hit(one, caller.language) for one in hits]})


@post("/api/fields", status_code=201)
@threaded
def add_field(caller: Visit, data: Annotated[NewField, Body()]) -> Response[bytes]:
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

    def inside(work: Work) -> Field:
        known = dictionary(work.connection)
        if field.subject not in known.subjects:
            raise FieldInvalid(where=field.code, reason="subject")
        if field.code in known.fields:
            raise FieldInvalid(where=field.code, reason="duplicate")
        saved = save_field(work, field)
        schema.migrate(work.connection, dictionary(work.connection))
        return saved

    return _json(design_view.field_hit(caller.write(inside), caller.language), 201)


def _json(body: Json, status: int = 200) -> Response[bytes]:
    return Response(
        json_text.dumps(body).encode(), media_type="application/json", status_code=status
    )
