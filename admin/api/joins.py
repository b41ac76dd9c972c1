"""Duplicates over the API: likely ones, two made one, one made two again by undoing."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.views import join_view
from admin.web.answer import Limit, Offset, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.dictionary.store import dictionary
from engine.registers import duplicates
from engine.registers.acts import Wish
from engine.work import Work
from forms import joining

Reason = Annotated[str, msgspec.Meta(max_length=200)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Show = Annotated[
    str, QueryParameter(name="show", pattern="^(found|different)$", description="found|different")
]


class LikelyPair(msgspec.Struct):
    """Two subjects that may be one: how alike of a hundred, and by which fields."""

    id: str
    first: str
    second: str
    names: list[str]
    score: int
    why: dict[str, int]
    found_at: str
    decided_by: str
    reason: str


class LikelyPairs(msgspec.Struct):
    """Likely duplicates within the caller's area, the likeliest first; `search` tells how far the last search is."""

    pairs: list[LikelyPair]
    total: int
    search: dict[str, Any] | None


class SearchBegun(msgspec.Struct):
    """A search in the background; one that is under way is joined."""

    id: str


class MergeWanted(msgspec.Struct, forbid_unknown_fields=True):
    """Which of two stays, the fields whose values are the other's, and why."""

    kept: Id
    other: Id
    reason: Reason
    taken: list[Annotated[str, msgspec.Meta(max_length=64)]] = msgspec.field(default_factory=list)


class UndoWanted(msgspec.Struct, forbid_unknown_fields=True):
    """Why it is undone; `lose` where values entered since may go."""

    reason: Reason
    lose: bool = False


class Settled(msgspec.Struct):
    """A merge: done, or waiting for the steward's word."""

    id: str
    done: bool


class Undone(msgspec.Struct):
    """What undoing left as it was changed since, and what it lost: labels of fields."""

    kept: list[str]
    lost: list[str]


@get("/api/registers/{subject:str}/duplicates")
@threaded
def likely_duplicates(
    caller: Visiting,
    subject: FromPath[str],
    *,
    show: Show = "found",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response[LikelyPairs]:
    """Subjects of a register that may be one, or that were told apart; names are as its page shows them."""
    with caller.read() as work:
        found, total = joining.likely(work, subject, show, limit=limit, offset=offset)
        names = join_view.pairs(work, found, caller.language)
        search = join_view.search(duplicates.newest(work, subject))
    told = [
        LikelyPair(
            one.id, one.first_id, one.second_id, shown["names"], one.score, dict(one.why),
            one.found_at, one.decided_by_name, one.reason,
        )
        for one, shown in zip(found, names, strict=True)
    ]  # fmt: skip
    return answer(LikelyPairs(told, total, search))


@post("/api/registers/{subject:str}/duplicates", status_code=202)
@threaded
def search_duplicates(caller: Visiting, subject: FromPath[str]) -> Response[SearchBegun]:
    """Have the whole register searched for likely duplicates, in the background."""

    def command(work: Work) -> str:
        joining.likely(work, subject, "found", limit=1)
        return duplicates.begin(work, subject)

    return answer(SearchBegun(caller.write(command)), 202)


@post("/api/registers/{subject:str}/merges", status_code=201)
@threaded
def merge_subjects(
    caller: Visiting, subject: FromPath[str], data: Annotated[MergeWanted, Body()]
) -> Response[Settled]:
    """Make one of two. Fields that are not in `taken` keep the kept one's value where it has one."""

    def command(work: Work) -> joining.Asked:
        known = dictionary(work.connection)
        for name in data.taken:
            known.field(f"{subject}.{name}")
        wish = Wish(subject, data.kept, data.other, tuple(data.taken), (), data.reason)
        return joining.merge(work, wish)

    asked = caller.write(command)
    return answer(Settled(asked.id, asked.done), 201)


@post("/api/registers/acts/{number:str}/undo", status_code=200)
@threaded
def undo_act(
    caller: Visiting, number: FromPath[str], data: Annotated[UndoWanted, Body()]
) -> Response[Undone]:
    """Take a merge or a split back; what was changed since stays as it was changed."""
    done = caller.write(lambda work: joining.undo(work, number, data.reason, lose=data.lose))
    return answer(Undone(list(done.kept), list(done.lost)))
