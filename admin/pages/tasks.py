"""The to-do list and the pages of one task: fill, verify, approve; the leader's many at once."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from admin.pages import typed
from admin.pages.task_done import leave_done
from admin.views import (
    approvals_view,
    bulk_view,
    form_moves_view,
    more_view,
    nil_view,
    notice_view,
    posted,
    signing_view,
    step_view,
    task_view,
    verify_view,
    waiting_view,
)
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.work import Work
from forms import filing
from forms.filing import DocumentIncomplete
from forms.nil import NilNotAllowed, NilWouldClear
from forms.validate import CellProblem
from workflows import bulk, commands, nil_returns, phrases, store, todo
from workflows.allowing import AllowanceUnknown, ChecksNotAllowed
from workflows.choosing import ChooseFirst, ChosenAway
from workflows.core.refusals import AtStep, DatedWrong
from workflows.store import TASK, TaskRecord

APPROVALS = 200
"""So many on a page of approvals: each is checked for exceptions before it is shown."""
TOLD = 8
"""So many reasons at most are told after a press."""


@get("/")
@threaded
def home(
    visit: Visiting,
    *,
    show: FromQuery[str] = "all",
    words: Annotated[str, QueryParameter(name="q")] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """What is waiting for this person, the most urgent first; or what they wait for others to do."""
    who = visit.who()
    roles = who.roles()
    if not roles & {"staff", "verifier", "leader"}:
        return Redirect(_other_home(roles))
    words = words.strip()[:50]
    with visit.read() as work:
        place = todo.place(work)
        counters = todo.counters(work, at=place)
        if show == "waiting":
            found = todo.waiting_for_others(work, after=after)
        else:
            found = todo.page(work, show, words=words, after=after, at=place)
        show = show if show in (*todo.TABS, "waiting") else "all"
        asked = {"show": show, "q": words, "after": found.after}
        more = urlencode({name: value for name, value in asked.items() if value})
        waiting = waiting_view.rows(work, found.tasks, visit.language) if show == "waiting" else []
        context: dict[str, Any] = {
            "show": show,
            "words": words,
            "counters": counters,
            "tasks": task_view.rows(work, found.tasks, visit.language) if not waiting else [],
            "waiting": waiting,
            "notices": notice_view.rows(work, visit.language),
            "more": f"/?{more}" if found.after else None,
            "done": task_view.done(work, visit.language),
            "pending_approvals": counters["all"] if "leader" in roles else 0,
        }
        if show == "waiting":
            context["tasks"] = []
    return html.page(visit, "home.html", **context)


def _other_home(roles: frozenset[str]) -> str:
    """Where those begin who have no to-do list."""
    for role, address in (
        ("department", "/dispatches"),
        ("designer", "/forms"),
        ("auditor", "/audit"),
        ("security", "/accounts"),
        ("system", "/organisations"),
    ):
        if role in roles:
            return address
    return "/account"


@get("/tasks/next")
@threaded
def next_task(visit: Visiting) -> Redirect:
    """The most urgent task."""
    with visit.read() as work:
        found = todo.page(work, limit=1).tasks
    return Redirect(f"/tasks/{found[0].id}" if found else "/")


@get("/tasks/{task_id:str}")
@threaded
def task_page(
    visit: Visiting, task_id: FromPath[str], show: FromQuery[str] = "all", plain: FromQuery[int] = 0
) -> Response[Any]:
    """One task, opened: a filler's is prefilled at the first look.

    `plain` is the page of large tables for a visitor without scripts; 0 shows those as sheets.
    """
    try:
        held = visit.write(lambda work: commands.open_task(work, task_id))
    except commands.TaskDone:
        return leave_done(visit, task_id)
    with visit.read() as work:
        return _shown(visit, work, held.task, show=show, plain=plain)


def again(visit: Visit, task_id: str) -> Response[str]:
    """A task's page after something posted from it was refused: `unsent` of the visit stands in it again."""
    with visit.read() as work:
        return _shown(visit, work, commands.hold(work, task_id).task, show="all")


@post("/tasks/{task_id:str}")
@threaded
def act(visit: Visiting, form: Posted, task_id: FromPath[str]) -> Response[Any]:
    """Do something to a task: the button's `action` says what. Pressed twice, it was done once."""
    try:
        return _acted(visit, form, task_id, form.get("action", "save"))
    except commands.TaskDone:
        return leave_done(visit, task_id, pressed=True)


def _acted(visit: Visit, form: Form, task_id: str, action: str) -> Response[Any]:
    if action in ("pass", "return", "previous", "keep"):
        return _decide(visit, form, task_id, action)
    if action in ("nil", "unnil"):
        return _nil(visit, form, task_id, action)
    try:
        with visit.read() as work:
            stale = typed.is_stale(work, form, task_id)
        visit.write(lambda work: typed.save(work, visit, form, task_id), brief=True)
        if stale:
            visit.tell("late", text(visit.language, "formmove.meanwhile"))
            return leave(visit, f"/tasks/{task_id}")
        if action in ("submit", "confirm"):
            visit.write(
                lambda work: commands.submit(
                    work,
                    task_id,
                    confirm=action == "confirm",
                    chosen=posted.chosen(form),
                    comment=form.get("late-remark"),
                    dated=form.get("dated"),
                    language=visit.language,
                ),
                brief=True,
            )
    except (DatedWrong, ChooseFirst, ChosenAway) as problem:
        visit.flash = [{"kind": "late", "text": problem.text(visit.language)}]
        visit.unsent = {name: form.get(name) for name in ("dated", "late-remark")}
        visit.unsent["chosen"] = posted.chosen(form)
        return again(visit, task_id)
    except DocumentIncomplete as refused:
        with visit.read() as work:
            task = commands.hold(work, task_id).task
            number = _page_of(form)
            return _shown(visit, work, task, show="all", refused=refused.problems, plain=number)
    if action in ("submit", "confirm"):
        visit.tell("ok", text(visit.language, "flash.submitted"))
        return leave(visit, "/")
    visit.tell("ok", text(visit.language, "flash.saved"))
    plain = f"&plain={_page_of(form)}" if _page_of(form) else ""
    return leave(visit, f"/tasks/{task_id}?show={form.get('show', 'all')}{plain}")


def _nil(visit: Visit, form: Form, task_id: str, action: str) -> Response[Any]:
    """Nothing to report; or, of what came back, that it is to be filled in after all."""
    if action == "unnil":
        visit.write(lambda work: nil_returns.undo(work, task_id))
        visit.tell("ok", text(visit.language, "nil.undone"))
        return leave(visit, f"/tasks/{task_id}")
    remark, clear = form.get("nil-remark"), bool(form.get("nil-clear"))
    try:
        visit.write(
            lambda work: nil_returns.submit(
                work,
                task_id,
                remark=remark,
                clear=clear,
                chosen=posted.chosen(form),
                dated=form.get("nil-dated"),
            )
        )
    except (NilNotAllowed, NilWouldClear, DatedWrong, ChooseFirst, ChosenAway) as problem:
        visit.tell("late", problem.text(visit.language))
        return leave(visit, f"/tasks/{task_id}")
    visit.tell("ok", text(visit.language, "flash.nil"))
    return leave(visit, "/")


def _page_of(form: Form) -> int:
    """Which page of large tables was posted; 0 from a page with scripts."""
    given = form.get("plain", "0")
    return int(given) if given.isdecimal() and len(given) < 6 else 0


@get("/approvals")
@threaded
def approvals(visit: Visiting, after: FromQuery[str] = "") -> Response[str]:
    """What waits for this leader, exceptions first; a page at a time."""
    with visit.read() as work:
        place = todo.place(work)
        found = todo.page(work, kind="approve", after=after, limit=APPROVALS, at=place)
        context = approvals_view.approvals_page(work, found.tasks, visit.language)
        context["waiting"] = todo.count(work, kind="approve", at=place)
        context["more"] = f"/approvals?{urlencode({'after': found.after})}" if found.after else None
    return html.page(visit, "approvals.html", **context)


@post("/approvals")
@threaded
def approve(visit: Visiting, form: Posted) -> Redirect:
    """Approve the ticked ones, each by itself; what could not be is told."""
    try:
        signed = signing_view.posted(form)
    except signing_view.REFUSED as problem:
        visit.tell("late", problem.text(visit.language))
        return leave(visit, "/approvals")
    results = list(bulk.pass_all(visit.write, form.all("task"), signed))
    done = sum(problem is None for _, problem in results)
    if done:
        visit.tell("ok", text(visit.language, "flash.approved", n=done))
    with visit.read() as work:
        for line in bulk_view.refused(work, results, visit.language):
            visit.tell("late", line)
    return leave(visit, "/approvals")


def _shown(
    visit: Visit,
    work: Work,
    task: TaskRecord,
    *,
    show: str,
    refused: Sequence[CellProblem] | None = None,
    said: str | None = None,
    plain: int = 0,
    given: Mapping[str, str] | None = None,
    signed: Mapping[str, str] | None = None,
) -> Response[str]:
    held = commands.hold(work, task.id)
    opened = filing.opened(work, held.record)
    more = more_view.more(work, held, visit.language)
    status = 422 if refused or said or visit.unsent else 200
    here = step_view.at_step(work, task)
    if task.kind == "fill":
        context = task_view.fill_page(
            work,
            task,
            opened,
            language=visit.language,
            show="mine" if show == "mine" else "all",
            refused=refused,
            plain=plain or None,
            here=here,
        )
        changed = form_moves_view.on_task(work, held.record, opened.form, visit.language)
        context["document"]["version"] = held.record.form_version
        context["form_changed"] = changed
        if changed:
            form_moves_view.mark(context["sections"], [one["path"] for one in changed["new"]])
            returned, version = context["task"]["returned"], changed["version"]
            form_moves_view.spoken(returned, opened.form, version, visit.language)
        context["nil"] = nil_view.offer(opened) if nil_returns.is_allowed(work, held) else None
        return html.page(visit, "fill.html", http_status=status, more=more, **context)
    context = verify_view.verify_page(
        work, task, opened, language=visit.language, refused=said, plain=plain or None, here=here
    )
    for one in context["problems"]:
        one["given"] = (given or {}).get(one["allow"], "")
    usual = [text(visit.language, f"more.phrase.{n}") for n in (1, 2, 3)]
    said_often = [*more["phrases"], *usual]
    return html.page(
        visit,
        "verify.html",
        http_status=status,
        more=more,
        phrases=said_often,
        signed={"drawn": "", "typed": "", **(signed or {})},
        **context,
    )


def _decide(visit: Visit, form: Form, task_id: str, action: str) -> Response[Any]:
    cells = {path: form.get(f"reason:{path}") for path in form.all("return")}
    remark = form.get("remark").strip() or form.get("phrase").strip()
    said = text(visit.language, "flash.passed")
    try:
        visit.write(lambda work: typed.save(work, visit, form, task_id), brief=True)
        if action == "keep":
            visit.tell("ok", text(visit.language, "flash.saved"))
            return leave(visit, f"/tasks/{task_id}")
        if action in ("return", "previous"):
            to = form.get("to") if action == "return" else _previous(visit, task_id)
            said = _returned_to(visit, task_id, to)
            given = {"to": to, "comment": remark} | posted.returning(form, to)
            visit.write(lambda work: commands.return_(work, task_id, cells, **given), brief=True)
        elif cells:
            raise commands.PassWithReturns
        else:
            chosen, signed = posted.chosen(form), signing_view.posted(form)
            visit.write(
                lambda work: commands.pass_(
                    work,
                    task_id,
                    comment=remark,
                    chosen=chosen,
                    dated=form.get("dated"),
                    allow=posted.reasons(form, "allow:"),
                    signed=signed,
                    language=visit.language,
                ),
                brief=True,
            )
    except (
        commands.ReturnNeedsReason,
        commands.PassWithReturns,
        DatedWrong,
        ChecksNotAllowed,
        AllowanceUnknown,
        AtStep,
        *signing_view.REFUSED,
    ) as problem:
        return _not_decided(visit, form, task_id, problem.text(visit.language))
    except DocumentIncomplete as refused:
        told = "；".join(one.text for one in refused.problems[:TOLD])
        return _not_decided(visit, form, task_id, told)
    if form.get("keep") and remark:
        _keep_phrase(visit, remark)
    visit.tell("ok", said)
    with visit.read() as work:
        leader = "leader" in visit.who().roles() and store.tasks_of(
            work, TASK.c.status == "open", TASK.c.kind == "approve", limit=1
        )
    return leave(visit, "/approvals" if leader else "/")


def _not_decided(visit: Visit, form: Form, task_id: str, said: str) -> Response[Any]:
    with visit.read() as work:
        task = commands.hold(work, task_id).task
        given = posted.reasons(form, "allow:")
        visit.unsent = {"chosen": posted.chosen(form)}
        signed = {"typed": form.get("typed"), "drawn": ""}
        if form.get("drawn").startswith(signing_view.HEAD):
            signed["drawn"] = form.get("drawn")
        return _shown(visit, work, task, show="all", said=said, given=given, signed=signed)


def _keep_phrase(visit: Visit, remark: str) -> None:
    """What was decided stands, whether or not there is room for another phrase."""
    try:
        visit.write(lambda work: phrases.keep(work, remark))
    except phrases.PhraseWrong as problem:
        visit.tell("soon", problem.text(visit.language))


def _returned_to(visit: Visit, task_id: str, to: str) -> str:
    """What is told of a return: the filler gets it, or the step that was chosen."""
    with visit.read() as work:
        case = commands.hold(work, task_id).case
        step = store.flow(work.connection, case.flow_code, case.flow_version).by_code.get(to)
    if step is None or step.kind == "fill":
        return text(visit.language, "flash.returned")
    return text(visit.language, "flash.returned_to", step=step.title(visit.language))


def _previous(visit: Visit, task_id: str) -> str:
    """The step before this one that it can be returned to; none leaves it to the filler."""
    with visit.read() as work:
        held = commands.hold(work, task_id)
        steps = more_view.more(work, held, visit.language)["returns"]
    return str(steps[0]["code"]) if steps else ""
