"""Tasks over the API: what waits for the caller, and what they do with it."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.views import signing_view
from admin.web.answer import Limit, Remark, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.work import Work
from workflows import bulk, commands, nil_returns, store, todo
from workflows.store import TaskRecord

MOST = 300
Show = Annotated[
    str, QueryParameter(name="show", pattern="^(all|today|late|returned)$", description="Which tab")
]
Words = Annotated[str, QueryParameter(max_length=50, description="In the title or the unit's name")]
After = Annotated[str, QueryParameter(max_length=200, description="`next` of the answer before")]
TaskIds = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST)]
Reasons = Annotated[dict[str, Remark], msgspec.Meta(max_length=10_000)]


class Task(msgspec.Struct):
    """A step that waits, or waited, for somebody; `cells` are those returned, with the reasons."""

    id: str
    kind: str
    step: str
    title: str
    document: str
    organisation: str
    status: str
    outcome: str
    returned: bool
    created_at: str
    opened_at: str | None
    due_at: str | None
    closed_at: str | None
    cells: dict[str, str] | None


class TaskList(msgspec.Struct):
    """Open tasks, the most urgent first, and how many stand under each tab."""

    tasks: list[Task]
    counters: dict[str, int]
    more: bool
    next: str = ""
    """Send it back as `after` for the following tasks; empty when there are none."""


Day = Annotated[str, msgspec.Meta(max_length=10)]


class Submission(msgspec.Struct, forbid_unknown_fields=True):
    """Hand in; `confirm` confirms every value that still asks for it.

    `nil` hands in that there was nothing to report (零报告); `clear` takes what was typed away then.
    `dated` is the day it was handed in on paper, where it is entered afterwards (事后补录); `comment` says why.
    """

    confirm: bool = False
    nil: bool = False
    clear: bool = False
    comment: Remark = ""
    dated: Day = ""


Picture = Annotated[str, msgspec.Meta(max_length=4_000_000)]
Name = Annotated[str, msgspec.Meta(max_length=30)]


class Passing(msgspec.Struct, forbid_unknown_fields=True):
    """Verify or approve; `dated` is the day it was decided on paper, where it is entered afterwards.

    `allow` gives the reason why a check of severity `gated` may stand, by `<code>:<path>` as a refusal
    (`task.checks-not-allowed`) names them in `details.problems`.
    Where the step asks for a signature: `drawn`, a picture of it (PNG, JPEG, WebP) in base64, or `typed`,
    the signer's own name, where the step takes that.
    """

    comment: Remark = ""
    dated: Day = ""
    allow: Reasons = msgspec.field(default_factory=dict)
    drawn: Picture = ""
    typed: Name = ""


Signers = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]], msgspec.Meta(max_length=100)
]


class Returning(msgspec.Struct, forbid_unknown_fields=True):
    """Send back for some cells: a reason by cell path, and to which step.

    `resubmit` overrules the flow: handed in again, it walks the steps in between or comes straight back.
    `signers` (accounts) sign again where several signed; without them all who did. A nil return goes back without cells, for the reason in `comment`. `dated` as for passing.
    """

    cells: Reasons = msgspec.field(default_factory=dict)
    to: str = "fill"
    comment: Remark = ""
    dated: Day = ""
    resubmit: Literal["", "walk", "back"] = ""
    signers: Signers = []


class Rejecting(msgspec.Struct, forbid_unknown_fields=True):
    """Refuse for good; the comment says why. `dated`, `drawn` and `typed` as for passing."""

    comment: Remark
    dated: Day = ""
    drawn: Picture = ""
    typed: Name = ""


class Approvals(msgspec.Struct, forbid_unknown_fields=True):
    """Tasks to be passed, each by itself; one signature for those whose step asks for one."""

    tasks: TaskIds
    drawn: Picture = ""
    typed: Name = ""


class Approval(msgspec.Struct):
    """What became of one of many: done, or the code and text of why not."""

    task: str
    done: bool
    code: str | None = None
    text: str | None = None


class ApprovalResults(msgspec.Struct):
    """What became of many, in the order they were named."""

    done: int
    results: list[Approval]


@get("/api/tasks")
@threaded
def list_tasks(
    caller: Visiting, *, show: Show = "all", q: Words = "", after: After = "", limit: Limit = 50
) -> Response[TaskList]:
    """The caller's open tasks, the most urgent first; `next` asks for the following ones."""
    with caller.read() as work:
        place = todo.place(work)
        found = todo.page(work, show, words=q.strip(), after=after, limit=limit, at=place)
        counters = todo.counters(work, at=place)
    told = [task_answer(one) for one in found.tasks]
    return answer(TaskList(told, counters, more=bool(found.after), next=found.after))


@get("/api/tasks/{task_id:str}")
@threaded
def read_task(caller: Visiting, task_id: FromPath[str]) -> Response[Task]:
    """One task of the caller, open or done."""
    with caller.read() as work:
        return answer(task_answer(store.task(work, task_id)))


@post("/api/tasks/{task_id:str}/open", status_code=200)
@threaded
def open_task(caller: Visiting, task_id: FromPath[str]) -> Response[Task]:
    """Open a task: at the first look a filler's document is prefilled with what is known."""

    def inside(work: Work) -> Task:
        commands.open_task(work, task_id)
        return task_answer(store.task(work, task_id))

    return answer(caller.write(inside))


@post("/api/tasks/{task_id:str}/submit", status_code=200)
@threaded
def submit_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Submission, Body()]
) -> Response[Task]:
    """Hand in a filled document. What stands in the way is told cell by cell in `details`."""

    def inside(work: Work) -> Task:
        if data.nil:
            nil_returns.submit(
                work, task_id, remark=data.comment, clear=data.clear, dated=data.dated
            )
        else:
            commands.submit(
                work,
                task_id,
                confirm=data.confirm,
                comment=data.comment,
                dated=data.dated,
                language=caller.language,
            )
        return task_answer(store.task(work, task_id))

    return answer(caller.write(inside, brief=True))


@post("/api/tasks/{task_id:str}/pass", status_code=200)
@threaded
def pass_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Passing, Body()]
) -> Response[Task]:
    """Verify or approve: signs the release and the values as they stand."""
    signed = signing_view.given(data.drawn, data.typed)

    def inside(work: Work) -> Task:
        commands.pass_(
            work,
            task_id,
            comment=data.comment,
            dated=data.dated,
            allow=data.allow,
            signed=signed,
            language=caller.language,
        )
        return task_answer(store.task(work, task_id))

    return answer(caller.write(inside, brief=True))


@post("/api/tasks/{task_id:str}/return", status_code=200)
@threaded
def return_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Returning, Body()]
) -> Response[Task]:
    """Send back for the named cells; the rest stays locked."""

    def inside(work: Work) -> Task:
        commands.return_(
            work,
            task_id,
            data.cells,
            to=data.to,
            comment=data.comment,
            resubmit=data.resubmit,
            signers=data.signers,
            dated=data.dated,
        )
        return task_answer(store.task(work, task_id))

    return answer(caller.write(inside, brief=True))


@post("/api/tasks/{task_id:str}/reject", status_code=200)
@threaded
def reject_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Rejecting, Body()]
) -> Response[Task]:
    """Refuse for good, with the reason."""
    signed = signing_view.given(data.drawn, data.typed)

    def inside(work: Work) -> Task:
        commands.reject(work, task_id, comment=data.comment, dated=data.dated, signed=signed)
        return task_answer(store.task(work, task_id))

    return answer(caller.write(inside, brief=True))


@post("/api/approvals", status_code=200)
@threaded
def pass_many(caller: Visiting, data: Annotated[Approvals, Body()]) -> Response[ApprovalResults]:
    """Pass many tasks, each by itself; what could not be passed is told, the others are done."""
    signed = signing_view.given(data.drawn, data.typed)
    results = [
        Approval(task_id, True)
        if problem is None
        else Approval(task_id, False, problem.code, problem.text(caller.language))
        for task_id, problem in bulk.pass_all(caller.write, data.tasks, signed)
    ]
    return answer(ApprovalResults(sum(one.done for one in results), results))


def task_answer(task: TaskRecord) -> Task:
    """A task as the API tells it."""
    return Task(
        id=task.id,
        kind=task.kind,
        step=task.step,
        title=task.title,
        document=task.document_id,
        organisation=task.subject_code,
        status=task.status,
        outcome=task.outcome,
        returned=task.returned,
        created_at=task.created_at,
        opened_at=task.opened_at,
        due_at=task.due_at,
        closed_at=task.closed_at,
        cells=dict(task.cells) if task.cells is not None else None,
    )
