"""Likely duplicates in the registers: searching, two side by side, merging, splitting, undoing."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from admin.views import join_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.formats import registry as formats
from engine.registers import acts, duplicates, pairs, store
from engine.registers.acts import DONE, PROPOSED, Wish
from engine.registers.pairs import DIFFERENT, FOUND, Likely, Pair
from engine.work import Work
from forms import joining

PAGE = 30
STATES = (FOUND, DIFFERENT, "acts")
Short = Annotated[str, QueryParameter(max_length=60)]
ONE, OTHER = "first", "second"


@get("/registers/duplicates")
@threaded
def duplicates_page(
    visit: Visiting,
    *,
    subject: Short = "",
    show: Short = FOUND,
    start: Annotated[int, QueryParameter(name="from", ge=0, le=10**6)] = 0,
) -> Response[str]:
    """Pairs that may be one, those told apart, and what was merged and split."""
    wanted = show if show in STATES else FOUND

    def command(work: Work) -> dict[str, Any]:
        known = dictionary(work.connection)
        allowed = joining.subjects(work)
        if not allowed or (subject and subject not in allowed):
            raise NotFound
        chosen = subject or allowed[0]
        found: list[Pair] = []
        number = 0
        if wanted != "acts":
            found, number = joining.likely(work, chosen, wanted, limit=PAGE, offset=start)
        return {
            "subject": chosen,
            "subjects": [(one, join_view.subject_name(known, one, visit.language)) for one in allowed],
            "show": wanted,
            "shows": STATES,
            "pairs": join_view.pairs(work, found, visit.language),
            "number": number,
            "acts": [join_view.act(work, one, visit.language) for one in joining.newest(work, chosen)]
            if wanted == "acts"
            else [],
            "search": join_view.search(duplicates.newest(work, chosen)),
            "more": f"?subject={chosen}&show={wanted}&from={start + PAGE}"
            if start + PAGE < number
            else None,
        }  # fmt: skip

    with visit.read() as work:
        context = command(work)
    return html.page(visit, "duplicates.html", **context)


@post("/registers/duplicates")
@threaded
def seek(visit: Visiting, form: Posted) -> Redirect:
    """Have a register searched, in the background."""
    subject = form.get("subject")

    def command(work: Work) -> None:
        if subject not in joining.subjects(work):
            raise NotFound
        duplicates.begin(work, subject)

    visit.write(command)
    visit.tell("ok", text(visit.language, "joins.sought"))
    return leave(visit, f"/registers/duplicates?subject={subject}")


@get("/registers/duplicates/{number:str}")
@threaded
def pair_page(visit: Visiting, number: FromPath[str]) -> Response[str]:
    """Two side by side: every value with its source, to choose from."""
    return _pair(visit, number)


@post("/registers/duplicates/{number:str}")
@threaded
def settle_pair(visit: Visiting, form: Posted, number: FromPath[str]) -> Response[Any]:
    """Make one of the two, say that they are two, or ask again about such."""
    action = form.get("action")

    def command(work: Work) -> tuple[str, str]:
        found, both = joining.pair(work, number)
        if action == "different":
            joining.differ(work, number, form.get("reason")[:200])
            return "different", f"/registers/duplicates?subject={found.subject}"
        if action == "again":
            pairs.together(work, number)
            return "again", f"/registers/duplicates/{number}"
        older = both[0].made[""] <= both[1].made[""]
        ids = (found.first_id, found.second_id) if older else (found.second_id, found.first_id)
        chosen = OTHER if older else ONE
        names = [field.name for field in dictionary(work.connection).of(found.subject)]
        taken = tuple(name for name in names if form.get(f"f:{name}") == chosen)
        asked = joining.merge(
            work,
            Wish(
                found.subject, *ids, taken, (), form.get("reason")[:200], _seen(form, older=older)
            ),
        )
        return "merged" if asked.done else "asked", f"/registers/acts/{asked.id}"

    try:
        told, to = visit.write(command)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _pair(visit, number, problem)
    visit.tell("ok" if told != "asked" else "soon", text(visit.language, f"joins.done.{told}"))
    return leave(visit, to)


@get("/registers/acts/{number:str}")
@threaded
def act_page(visit: Visiting, number: FromPath[str]) -> Response[str]:
    """A merge or split: who, when, why; what undoing would do; the steward's word."""
    return _act(visit, number)


@post("/registers/acts/{number:str}")
@threaded
def settle_act(visit: Visiting, form: Posted, number: FromPath[str]) -> Response[Any]:
    """Undo it; or accept, refuse, take back one that was asked for."""
    action = form.pressed("undo", "accept", "refuse", "withdraw")
    reason = form.get("reason")[:200]

    def command(work: Work) -> None:
        if action == "undo":
            joining.undo(work, number, reason, lose=bool(form.get("lose")))
        elif action == "withdraw":
            joining.withdraw(work, number)
        else:
            joining.decide(work, number, accept=action == "accept", answer=reason)

    try:
        visit.write(command)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _act(visit, number, problem)
    visit.tell("ok", text(visit.language, f"joins.done.{action}"))
    return leave(visit, f"/registers/acts/{number}")


@get("/registers/{subject:str}/{own:str}/split")
@threaded
def split_page(visit: Visiting, subject: FromPath[str], own: FromPath[str]) -> Response[str]:
    """One subject with all its values: which belong to somebody else, or with whom it is one."""
    return _split(visit, subject, own)


@post("/registers/{subject:str}/{own:str}/split")
@threaded
def split(visit: Visiting, form: Posted, subject: FromPath[str], own: FromPath[str]) -> Response[Any]:  # fmt: skip
    """Make two of it; or put it beside another that is found by its number."""

    def command(work: Work) -> str:
        if form.get("action") == "beside":
            return f"/registers/duplicates/{_beside(work, subject, own, form.get('key'))}"
        names = [field.name for field in dictionary(work.connection).of(subject)]
        by = {name: form.get(f"f:{name}") for name in names}
        wish = Wish(
            subject, own, "",
            tuple(name for name in names if by[name] == "goes"),
            tuple(name for name in names if by[name] == "both"),
            form.get("reason")[:200], form.get("seen"),
        )  # fmt: skip
        return f"/registers/acts/{joining.split(work, wish)[0]}"

    try:
        to = visit.write(command)
    except Problem as problem:
        if problem.status == 403 or (problem.status == 404 and form.get("action") != "beside"):
            raise
        return _split(visit, subject, own, problem)
    if form.get("action") != "beside":
        visit.tell("ok", text(visit.language, "joins.done.split"))
    return leave(visit, to)


def _beside(work: Work, subject: str, own: str, key: str) -> str:
    """The pair of a subject and of who has a number, to be looked at side by side."""
    joining.held(work, subject, [own])
    known = dictionary(work.connection)
    for name in known.subjects[subject].keys:
        field = known.field(f"{subject}.{name}")
        value = formats.normalised(str(field.schema.get("format", "")), key)
        other = store.find(work, known, field, [value]).get(value) if value else None
        if other is None:
            continue
        if other == own:
            raise acts.SameSubject
        joining.held(work, subject, [other])
        pairs.keep(work, subject, [Likely(own, other, 0, {})])
        work.note("register.looked-up", subject, key=name, found=True, id=other)
        return pairs.between(work, subject, own, other)
    raise NotFound


def _pair(visit: Visit, number: str, problem: Problem | None = None) -> Response[str]:
    def command(work: Work) -> dict[str, Any]:
        found, both = joining.pair(work, number)
        ids = [found.first_id, found.second_id]
        work.note("register.compared", found.subject, first=found.first_id, second=found.second_id)
        known = dictionary(work.connection)
        return {
            "pair": join_view.pairs(work, [found], visit.language)[0],
            "subject": found.subject,
            "register": join_view.subject_name(known, found.subject, visit.language),
            "rows": join_view.cards(work, found.subject, both, visit.language),
            "attached": join_view.attached(work, found.subject, ids, visit.language),
            "seen": join_view.seen(work, both),
            "seen_turned": join_view.seen(work, both[::-1]),
            "asks": known.subjects[found.subject].asks
            and joining.steward(work, known, found.subject) != "",
        }

    context = visit.write(command)
    return _told(visit, "duplicate.html", problem, **context)


def _act(visit: Visit, number: str, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        found = joining.act(work, number)
        later = ""
        effect = None
        try:
            effect = joining.effect(work, number) if found.state == DONE else None
        except acts.LaterJoin as told:
            later = told.join
        offices = {post.organisation for post in work.actor.posts_as("department")}
        waiting = found.state == PROPOSED
        context = {
            "act": join_view.act(work, found, visit.language),
            "effect": effect,
            "later": f"/registers/acts/{later}" if later else None,
            "decide": waiting and found.decider in offices,
            "withdraw": waiting and found.by == work.actor.id,
        }
    return _told(visit, "join.html", problem, **context)


def _split(visit: Visit, subject: str, own: str, problem: Problem | None = None) -> Response[str]:
    def command(work: Work) -> dict[str, Any]:
        both = joining.held(work, subject, [own])
        known = dictionary(work.connection)
        work.note("register.compared", subject, first=own)
        return {
            "subject": subject,
            "own": own,
            "register": join_view.subject_name(known, subject, visit.language),
            "title": join_view.title(work, known, subject, both[0], visit.language),
            "rows": join_view.cards(work, subject, both, visit.language),
            "attached": join_view.attached(work, subject, [own], visit.language),
            "acts": [join_view.act(work, one, visit.language) for one in acts.about(work, subject, own)],
            "seen": join_view.seen(work, both),
        }  # fmt: skip

    context = visit.write(command)
    return _told(visit, "split.html", problem, **context)


def _told(visit: Visit, template: str, problem: Problem | None, **context: Any) -> Response[str]:
    return html.page(
        visit,
        template,
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else "",
        may_lose=isinstance(problem, acts.UndoLoses),
        **context,
    )


def _seen(form: Any, *, older: bool) -> str:
    """What was seen, as the merge has it: the one that stays first."""
    return str(form.get("seen" if older else "seen_turned"))
