"""The review of who may what: looked at by person and organisation, each position kept or ended."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter

from admin.views import words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import NotFound
from engine.identity import review
from engine.identity.review import Item
from engine.work import Work
from renderers import csv_table
from renderers.contract import Cell, Column, Row, Table

PAGE = 50
PATH = "/access-review"
HEADS = ("organisation", "name", "login", "role", "since", "until", "seen", "decision", "by", "at")


@get(PATH)
@threaded
def review_page(
    visit: Visiting,
    *,
    q: FromQuery[str] = "",
    show: FromQuery[str] = "left",
    start: Annotated[int, QueryParameter(name="from", ge=0, le=10**6)] = 0,
) -> Response[str]:
    """The review under way, or the last one."""
    words_, left = q.strip()[:100], show != "all"
    with visit.read() as work:
        found = review.latest(work)
        rows = [] if found is None else review.items(
            work, found.id, words=words_, left=left, limit=PAGE + 1, after=start
        )  # fmt: skip
        late = found is not None and found.closed_at is None and found.due_at < work.at
    more = None
    if len(rows) > PAGE:
        more = f"{PATH}?" + urlencode({"q": q, "show": show, "from": start + PAGE})
    me = visit.who()
    return html.page(
        visit,
        "access_review.html",
        q=q,
        show="left" if left else "all",
        review=None if found is None else {
            "id": found.id, "begun": words.moment(found.begun_at), "due": words.moment(found.due_at),
            "closed": words.moment(found.closed_at), "total": found.total, "left": found.left,
            "late": late,
        },
        may="security" in me.roles(),
        rows=[_row(one, visit.language, me.id) for one in rows[:PAGE]],
        more=more,
    )  # fmt: skip


@post("/access-review/begin")
@threaded
def begin(visit: Visiting, form: Posted) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """Begin a review."""
    try:
        visit.write(review.begin)
    except review.ReviewOpen as problem:
        visit.tell("late", problem.text(visit.language))
    return leave(visit, PATH)


@post("/access-review/decide")
@threaded
def decide(visit: Visiting, form: Posted) -> Response[Any]:
    """Keep or end one position, or keep all that were shown."""
    one = form.get("position")
    wanted = {one: form.get("decision")} if one else dict.fromkeys(form.all("shown"), review.KEPT)
    done = visit.write(lambda work: review.decide(work, form.get("review"), wanted))
    visit.tell("ok", text(visit.language, "review.told", n=done))
    question = urlencode({"q": form.get("q")[:100], "show": form.get("show")})
    return leave(visit, f"{PATH}?{question}")


@post("/access-review/close")
@threaded
def close(visit: Visiting, form: Posted) -> Response[Any]:
    """Finish the review."""
    try:
        visit.write(lambda work: review.close(work, form.get("review")))
    except review.ReviewUnfinished as problem:
        visit.tell("late", problem.text(visit.language))
    else:
        visit.tell("ok", text(visit.language, "review.told.closed"))
    return leave(visit, PATH)


@get("/access-review/list.csv")
@threaded
def export(visit: Visiting) -> Response[bytes]:
    """Who may what, with what was decided, as a file."""

    def inside(work: Work) -> tuple[str, list[Item]]:
        found = review.latest(work)
        if found is None:
            raise NotFound
        work.note("export", found.id, kind="csv", what="access-review")
        return found.begun_at[:10], review.items(work, found.id)

    day, rows = visit.write(inside)
    name = f"{text(visit.language, 'review.title')} {day}.csv"
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    content = csv_table.render(_table(visit, rows))
    return Response(content, media_type=csv_table.MEDIA_TYPE, headers=headers)


def _table(visit: Visit, rows: list[Item]) -> Table:
    told = [_row(one, visit.language, "") for one in rows]
    columns = tuple(Column((text(visit.language, f"review.{name}"),)) for name in HEADS)
    lines = tuple(Row(tuple(Cell(str(one[name] or "")) for name in HEADS)) for one in told)
    return Table(columns, lines, title=text(visit.language, "review.title"))


def _row(one: Item, language: str, me: str) -> dict[str, Any]:
    return {
        "id": one.position_id,
        "href": f"/accounts/{one.account_id}",
        "organisation": one.organisation,
        "name": one.name,
        "login": one.login,
        "service": one.kind == "service",
        "role": text(language, f"role.{one.role}"),
        "since": one.valid_from,
        "until": one.valid_to,
        "seen": words.moment(one.last_login),
        "decided": one.decided,
        "decision": text(language, f"review.{one.decided}") if one.decided else "",
        "by": one.decided_by,
        "at": words.moment(one.decided_at),
        "own": one.account_id == me,
    }
