"""Parts of pages on which organisations are chosen, and the named groups that an office keeps."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.views import target_view, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.access import policy
from engine.errors import Forbidden, NotFound, Problem
from engine.identity import store as identity
from engine.work import Work
from forms import store as forms
from workflows.dispatching import targets
from workflows.dispatching.targets import Targets, TargetsInvalid


@post("/targets/{owner:str}", status_code=200)
@threaded
def chosen(visit: Visiting, form: Posted, owner: FromPath[str]) -> Response[str]:
    """Whom a choice means, while it is being made; nothing is kept."""
    with visit.read() as work:
        here = target_view.place(work, owner)
        told = target_view.preview(work, here, target_view.posted(form), visit.language)
    return html.page(visit, "components/targets_chosen.html", whom={"owner": owner, **told})


@get("/targets/{owner:str}/tree")
@threaded
def tree(visit: Visiting, owner: FromPath[str], at: FromQuery[str] = "") -> Response[str]:
    """What lies below an organisation, when it is unfolded."""
    with visit.read() as work:
        rows = target_view.branches(work, target_view.place(work, owner), at)
    return html.page(visit, "components/targets_rows.html", rows=rows, owner=owner, folds=True)


@get("/targets/{owner:str}/search")
@threaded
def search(visit: Visiting, owner: FromPath[str], find: FromQuery[str] = "") -> Response[str]:
    """Organisations by a part of their name."""
    sought = find.strip()[:50]
    with visit.read() as work:
        here = target_view.place(work, owner)
        rows = target_view.search(work, here, sought) if sought else []
    return html.page(
        visit, "components/targets_rows.html", rows=rows, owner=owner, folds=False, sought=sought
    )


@get("/groups")
@threaded
def groups(visit: Visiting) -> Response[str]:
    """The groups of organisations that the visitor's offices keep."""
    with visit.read() as work:
        rows = [row for owner in _offices(work) for row in _listed(work, owner, visit.language)]
        first = _offices(work)[0]
    return html.page(visit, "groups.html", groups=rows, owner=first)


@get("/groups/{group_id:str}")
@threaded
def group_page(
    visit: Visiting, group_id: FromPath[str], owner: FromQuery[str] = ""
) -> Response[str]:
    """One group; `new` begins one."""
    with visit.read() as work:
        if group_id == "new":
            begun = {"id": "new", "name": "", "owner": owner or _offices(work)[0]}
            return _page(visit, work, begun, Targets())
        row = targets.group(work, group_id)
        return _page(visit, work, row, targets.choice_of(row))


@post("/groups/{group_id:str}")
@threaded
def keep_group(visit: Visiting, form: Posted, group_id: FromPath[str]) -> Response[Any]:
    """Keep a group; what is wrong is told and nothing kept."""
    number = "" if group_id == "new" else group_id
    with visit.read() as work:
        owner = targets.group(work, number)["owner"] if number else form.get("owner")
        target_view.place(work, owner)
    picked, problem = Targets(), None
    try:
        picked = target_view.posted(form)
        if not target_view.asks_again(form):
            visit.write(
                lambda work: targets.keep_group(
                    work, owner, form.get("name"), picked, group_id=number
                )
            )
            visit.tell("ok", text(visit.language, "flash.group_kept"))
            return leave(visit, "/groups")
    except (Forbidden, NotFound):
        raise
    except Problem as refused:
        problem = refused
    with visit.read() as work:
        typed = {"id": group_id, "name": form.get("name"), "owner": owner}
        return _page(visit, work, typed, picked, problem)


@post("/groups/{group_id:str}/forget")
@threaded
def forget_group(
    visit: Visiting,
    group_id: FromPath[str],
    form: Posted,  # noqa: ARG001 - taking the form checks its token
) -> Redirect:
    """Remove a group; one that is in use stays."""
    try:
        visit.write(lambda work: targets.forget_group(work, group_id))
    except targets.GroupInUse as problem:
        visit.tell("late", problem.text(visit.language))
        return leave(visit, f"/groups/{group_id}")
    visit.tell("ok", text(visit.language, "flash.group_gone"))
    return leave(visit, "/groups")


def _offices(work: Work) -> list[str]:
    """The offices for which the visitor may send. Raises Forbidden."""
    found = [one.code for one in policy.reaches(work.actor, "dispatch.create") if one.code]
    if not found:
        raise Forbidden
    return found


def _page(
    visit: Visit,
    work: Work,
    group: Mapping[str, Any],
    picked: Targets,
    problem: Problem | None = None,
) -> Response[str]:
    here = target_view.place(work, group["owner"])
    return html.page(
        visit,
        "group.html",
        http_status=200 if problem is None else problem.status,
        group={name: group[name] for name in ("id", "name", "owner")},
        error=problem.text(visit.language) if problem else None,
        whom=target_view.chooser(work, here, picked, visit.language, without_groups=True),
    )


def _listed(work: Work, owner: str, language: str) -> list[dict[str, Any]]:
    here = target_view.place(work, owner)
    rows = targets.groups(work, owner)
    used = targets.used_by(work, rows)
    people = identity.account_names(work.connection, {row["changed_by"] for row in rows})
    office = identity.organisation_names(work.connection, [owner]).get(owner, owner)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "office": office,
            "how": _how(targets.choice_of(row), language),
            "count": _count(work, here, targets.choice_of(row)),
            "used": [
                forms.published(work.connection, code).title(language) for code in used[row["id"]]
            ],
            "by": people.get(row["changed_by"], ""),
            "at": words.moment(row["changed_at"]),
        }
        for row in rows
    ]


def _count(work: Work, here: target_view.Place, picked: Targets) -> int | None:
    try:
        return len(targets.resolve(work, here.owner, here.area, picked, here.able))
    except TargetsInvalid:  # a rule about a field that is gone
        return None


def _how(picked: Targets, language: str) -> str:
    told = [text(language, f"level.{level}") for level in picked.levels]
    if picked.rule:
        told.append(picked.rule)
    hands = len(picked.picked) + len(picked.trees)
    if hands:
        told.append(text(language, "group.by_hand", n=hands))
    if picked.without:
        told.append(text(language, "group.without", n=len(picked.without)))
    return " · ".join(told)
