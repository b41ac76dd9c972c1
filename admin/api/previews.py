"""What a draft can be looked at with: organisations within the designer's area, periods, roles."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from admin.views import preview_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.identity import store as identity
from engine.registers import finding
from forms import publish, store
from workflows import previews

Words = Annotated[
    str,
    QueryParameter(name="q", max_length=50, description="Part of a name, pinyin initials, a code"),
]


class Named(msgspec.Struct):
    """One of what can be chosen."""

    code: str
    text: str


class PlaceHit(msgspec.Struct):
    """An organisation, and the one above it."""

    code: str
    name: str
    above: str


class PreviewChoices(msgspec.Struct):
    """Whom, when and as whom a draft can be looked at."""

    organisations: list[PlaceHit]
    periods: list[Named]
    roles: list[Named]


@get("/api/designs/{code:str}/preview")
@threaded
def preview_choices(
    caller: Visiting, code: FromPath[str], q: Words = ""
) -> Response[PreviewChoices]:
    """Organisations that fit the words, within the caller's area; those that fill in forms where none are given."""
    with caller.read() as work:
        work.require("form.design")
        areas = previews.areas(work)
        form = publish.compiled_now(work.connection, store.draft(work.connection, code).document)
        if q.strip():
            found = finding.organisations(work.connection, q, below=areas)
        else:
            staffed = [
                one
                for area in areas
                for one in identity.staffed(work.connection, "staff", area, now=work.now)
            ]
            found = staffed[: finding.LIMIT]
        names = identity.organisation_names(
            work.connection, sorted({one.parent_code for one in found if one.parent_code})
        )
        told = preview_view.choices(work, form, caller.language)
    return answer(
        PreviewChoices(
            [PlaceHit(one.code, one.name, names.get(one.parent_code or "", "")) for one in found],
            [Named(**one) for one in told["periods"]],
            [Named(**one) for one in told["roles"]],
        )
    )
