"""The fold “more” below a task: hand on, ask, add and remove signers, claim, refuse, let know."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from admin.pages.task_done import leave_done
from admin.pages.tasks import again
from admin.views import signing_view
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visiting
from engine.errors import NotFound, Problem
from engine.work import Work
from workflows import commands, store
from workflows.acting import claim, delegate, signers, take_back, talk, transfer

KEPT = ("action", "comment", "dated", "where")
Act = Callable[[Work, str, Form], None]


@post("/tasks/{task_id:str}/more")
@threaded
def more(visit: Visiting, form: Posted, task_id: FromPath[str]) -> Response[Any]:
    """Do what the button's `action` says; a refusal is told on the page it came from, with what was typed."""
    act = ACTS.get(form.get("action"))
    if act is None:
        raise NotFound
    try:
        visit.write(lambda work: act(work, task_id, form), brief=True)
    except Problem as problem:
        if problem.status == 404:
            raise
        visit.flash = [{"kind": "late", "text": problem.text(visit.language)}]
        visit.unsent = {**{name: form.get(name) for name in KEPT}, "people": form.all("person")}
        try:
            return again(visit, task_id)
        except commands.TaskDone:
            return leave_done(visit, task_id, pressed=True)
        except NotFound:  # somebody else has it by now
            visit.tell("late", problem.text(visit.language))
            return leave(visit, "/")
    visit.tell("ok", text(visit.language, f"more.done.{form.get('action')}"))
    with visit.read() as work:
        still = _still_theirs(work, task_id)
    return leave(visit, f"/tasks/{task_id}" if still else "/")


def _still_theirs(work: Work, task_id: str) -> bool:
    try:
        return store.task(work, task_id).status == "open"
    except NotFound:
        return False


def _transfer(work: Work, task_id: str, form: Form) -> None:
    transfer.transfer(work, task_id, form.get("person"), comment=form.get("comment"))


def _delegate(work: Work, task_id: str, form: Form) -> None:
    delegate.delegate(work, task_id, form.get("person"), comment=form.get("comment"))


def _answer(work: Work, task_id: str, form: Form) -> None:
    delegate.answer(work, task_id, comment=form.get("comment"))


def _add(work: Work, task_id: str, form: Form) -> None:
    where, people = form.get("where", "beside"), form.all("person")
    signers.add(work, task_id, people, where=where, comment=form.get("comment"))


def _remove(work: Work, task_id: str, form: Form) -> None:
    signers.remove(work, task_id, form.all("person"), comment=form.get("comment"))


def _claim(work: Work, task_id: str, _form: Form) -> None:
    claim.claim(work, task_id)


def _unclaim(work: Work, task_id: str, _form: Form) -> None:
    claim.unclaim(work, task_id)


def _reject(work: Work, task_id: str, form: Form) -> None:
    signed = signing_view.posted(form)
    commands.reject(
        work, task_id, comment=form.get("comment"), dated=form.get("dated"), signed=signed
    )


def _copy(work: Work, task_id: str, form: Form) -> None:
    task = store.task(work, task_id)
    talk.copy(work, task.case_id, form.all("person"), text=form.get("comment"))


def _take_back(work: Work, task_id: str, _form: Form) -> None:
    take_back.take_back(work, task_id)


ACTS: Mapping[str, Act] = {
    "transfer": _transfer,
    "delegate": _delegate,
    "answer": _answer,
    "add": _add,
    "remove": _remove,
    "claim": _claim,
    "unclaim": _unclaim,
    "reject": _reject,
    "copy": _copy,
    "take_back": _take_back,
}
