"""Organisations and people that a condition may name, found while it is picked."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from admin.api.picks import Hit, Hits, Words
from admin.views import condition_values
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.work import Work

Level = Annotated[
    str, QueryParameter(max_length=200, description="Kinds of organisation, with commas between")
]


@get("/api/conditions/values")
@threaded
def condition_candidates(
    caller: Visiting,
    pick: FromQuery[Literal["organisation", "person", "account"]] = "organisation",
    q: Words = "",
    levels: Level = "",
) -> Response[Hits]:
    """Whom or what a condition of a form or flow may name, for its designer; people within the caller's reach."""

    def inside(work: Work) -> list[Hit]:
        work.require("form.design")
        kinds = [one for one in levels.split(",") if one]
        found = condition_values.candidates(work, pick, q, kinds)
        return [Hit(one.value, one.label, one.note) for one in found]

    return answer(Hits(caller.write(inside)))
