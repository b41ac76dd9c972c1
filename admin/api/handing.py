"""What else is done with a task over the API: hand on, ask, add and remove signers, claim, take back."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, post
from litestar.params import Body, FromPath

from admin.api.tasks import Task, task_answer
from admin.web.answer import Remark, answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.work import Work
from workflows import store
from workflows.acting import claim, delegate, signers, take_back, transfer

Person = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
People = Annotated[list[Person], msgspec.Meta(min_length=1, max_length=100)]
Side = Literal["before", "after", "beside"]


class HandingOn(msgspec.Struct, forbid_unknown_fields=True):
    """To whom (account, log-in or name), and why."""

    to: Person
    comment: Remark = ""


class Saying(msgspec.Struct, forbid_unknown_fields=True):
    """What is said."""

    comment: Remark


class Adding(msgspec.Struct, forbid_unknown_fields=True):
    """Who must sign too, and when: before, after or beside the caller."""

    people: People
    where: Side = "beside"
    comment: Remark = ""


class Removing(msgspec.Struct, forbid_unknown_fields=True):
    """Who need not sign any longer."""

    people: People
    comment: Remark = ""


@post("/api/tasks/{task_id:str}/transfer", status_code=200)
@threaded
def transfer_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[HandingOn, Body()]
) -> Response[Task]:
    """转办: somebody else does it from now on; a reason is asked for."""
    caller.write(lambda work: transfer.transfer(work, task_id, data.to, comment=data.comment))
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/delegate", status_code=200)
@threaded
def delegate_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[HandingOn, Body()]
) -> Response[Task]:
    """委派: ask for an opinion; the task comes back to the caller, who decides."""
    caller.write(lambda work: delegate.delegate(work, task_id, data.to, comment=data.comment))
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/answer", status_code=200)
@threaded
def answer_task(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Saying, Body()]
) -> Response[Task]:
    """Give the opinion that was asked for."""
    caller.write(lambda work: delegate.answer(work, task_id, comment=data.comment))
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/signers", status_code=200)
@threaded
def add_signers(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Adding, Body()]
) -> Response[Task]:
    """加签: more people must agree, before, after or beside the caller."""
    caller.write(
        lambda work: signers.add(work, task_id, data.people, where=data.where, comment=data.comment)
    )
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/signers/remove", status_code=200)
@threaded
def remove_signers(
    caller: Visiting, task_id: FromPath[str], data: Annotated[Removing, Body()]
) -> Response[Task]:
    """减签: these need not sign any longer, if they have not acted."""
    caller.write(lambda work: signers.remove(work, task_id, data.people, comment=data.comment))
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/claim", status_code=200)
@threaded
def claim_task(caller: Visiting, task_id: FromPath[str]) -> Response[Task]:
    """认领: take a shared task."""
    caller.write(lambda work: claim.claim(work, task_id), brief=True)
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/unclaim", status_code=200)
@threaded
def unclaim_task(caller: Visiting, task_id: FromPath[str]) -> Response[Task]:
    """Give a claimed task back to the others."""
    caller.write(lambda work: claim.unclaim(work, task_id))
    return _now(caller, task_id)


@post("/api/tasks/{task_id:str}/take-back", status_code=200)
@threaded
def take_task_back(caller: Visiting, task_id: FromPath[str]) -> Response[Task]:
    """拿回: undo one's own pass before the next person has acted."""
    caller.write(lambda work: take_back.take_back(work, task_id))
    return _now(caller, task_id)


def _now(caller: Visit, task_id: str) -> Response[Task]:
    """The task as it stands now, also where it is no longer the caller's."""

    def look(work: Work) -> Task:
        return task_answer(store.task_by_id(work.connection, task_id))

    with caller.read() as work:
        return answer(look(work))
