"""Running cases over the API: where one is, what was said; urging, copies; the office's say over its course."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.api.handing import People, Person
from admin.web.answer import Limit, Remark, answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.access import policy
from engine.errors import Forbidden
from engine.work import Work
from workflows import beside, cases, store
from workflows.acting import by_office, course_of_case, incident, talk


class CaseTask(msgspec.Struct):
    """One person's (or position's) part: who has it, since when, what they said."""

    key: str
    step: str
    status: str
    owner: str
    by: str
    hand: str
    verdict: str
    reason: str


class CaseEvent(msgspec.Struct):
    """Something that happened."""

    kind: str
    at: str
    by: str
    acting_for: str
    comment: str


class Case(msgspec.Struct):
    """A case: where it is, what happened, who was let know."""

    id: str
    document: str
    flow: str
    version: int
    status: str
    tasks: list[CaseTask]
    events: list[CaseEvent]
    copied: list[str]
    number: str
    """What its flow's template made; empty without one."""


class Remarking(msgspec.Struct, forbid_unknown_fields=True):
    """A question or an answer, and who is told."""

    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    to: list[Person] = []


class Copying(msgspec.Struct, forbid_unknown_fields=True):
    """Who is let know."""

    people: People
    comment: Remark = ""


class Reason(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    comment: Remark = ""


class Ending(msgspec.Struct, forbid_unknown_fields=True):
    """Why, and whether it is terminated 终止 or voided 作废."""

    comment: Remark
    outcome: Literal["terminated", "voided"] = "terminated"


class Giving(msgspec.Struct, forbid_unknown_fields=True):
    """Which task, who does it from now on, and why."""

    task: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="Its `key`")]
    to: Person
    comment: Remark


class TakingOff(msgspec.Struct, forbid_unknown_fields=True):
    """Whose task, and why."""

    task: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="Its `key`")]
    comment: Remark


class Urging(msgspec.Struct):
    """How many tasks were reminded of."""

    reminded: int


class Incident(msgspec.Struct):
    """Something stuck."""

    id: str
    case: str
    document: str
    step: str
    reason: str
    title: str
    organisation: str
    opened_at: str
    solved_at: str | None


class Incidents(msgspec.Struct):
    """What is stuck, the oldest first."""

    incidents: list[Incident]


class Assigning(msgspec.Struct, forbid_unknown_fields=True):
    """Who does it."""

    people: People
    comment: Remark = ""


class Rerouting(msgspec.Struct, forbid_unknown_fields=True):
    """To which step, and why."""

    to: Person
    comment: Remark


@get("/api/cases/{case_id:str}")
@threaded
def read_case(caller: Visiting, case_id: FromPath[str]) -> Response[Case]:
    """A case the caller may see: within reach, a part in it, or let know of it."""
    with caller.read() as work:
        return answer(_told(work, case_id))


@post("/api/cases/{case_id:str}/comments", status_code=200)
@threaded
def comment_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Remarking, Body()]
) -> Response[Case]:
    """沟通: ask or answer; nothing moves."""
    return _does(
        caller, case_id, lambda work: talk.comment(work, case_id, data.comment, to=data.to)
    )


@post("/api/cases/{case_id:str}/copies", status_code=200)
@threaded
def copy_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Copying, Body()]
) -> Response[Case]:
    """抄送: let people know; they may look and cannot act."""
    return _does(
        caller, case_id, lambda work: talk.copy(work, case_id, data.people, text=data.comment)
    )


@post("/api/cases/{case_id:str}/urge", status_code=200)
@threaded
def urge_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Reason, Body()]
) -> Response[Urging]:
    """催办: remind whoever has it now, each task once an hour at most."""
    return answer(Urging(caller.write(lambda work: talk.urge(work, case_id, text=data.comment))))


@post("/api/cases/{case_id:str}/suspend", status_code=200)
@threaded
def suspend_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Reason, Body()]
) -> Response[Case]:
    """挂起: nobody decides and no clock runs."""
    return _does(
        caller, case_id, lambda work: course_of_case.suspend(work, case_id, comment=data.comment)
    )


@post("/api/cases/{case_id:str}/resume", status_code=200)
@threaded
def resume_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Reason, Body()]
) -> Response[Case]:
    """唤醒."""
    return _does(
        caller, case_id, lambda work: course_of_case.resume(work, case_id, comment=data.comment)
    )


@post("/api/cases/{case_id:str}/terminate", status_code=200)
@threaded
def terminate_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Ending, Body()]
) -> Response[Case]:
    """终止 or 作废, with the reason."""
    return _does(
        caller,
        case_id,
        lambda work: course_of_case.terminate(
            work, case_id, comment=data.comment, outcome=data.outcome
        ),
    )


@post("/api/cases/{case_id:str}/restart", status_code=200)
@threaded
def restart_case(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Reason, Body()]
) -> Response[Case]:
    """重启 what had ended; its past stays."""
    return _does(
        caller, case_id, lambda work: course_of_case.restart(work, case_id, comment=data.comment)
    )


@post("/api/cases/{case_id:str}/give", status_code=200)
@threaded
def give_case_task(
    caller: Visiting, case_id: FromPath[str], data: Annotated[Giving, Body()]
) -> Response[Case]:
    """换人办: the issuing office gives a task to somebody else; both are told, the due date stays."""
    return _does(
        caller,
        case_id,
        lambda work: by_office.replace(work, case_id, data.task, data.to, comment=data.comment),
    )


@post("/api/cases/{case_id:str}/take-off", status_code=200)
@threaded
def take_off_case_task(
    caller: Visiting, case_id: FromPath[str], data: Annotated[TakingOff, Body()]
) -> Response[Case]:
    """减签: the issuing office takes a signer off, whom the flow named too; never the last."""
    return _does(
        caller,
        case_id,
        lambda work: by_office.take_off(work, case_id, data.task, comment=data.comment),
    )


@get("/api/incidents")
@threaded
def list_incidents(
    caller: Visiting,
    *,
    solved: Annotated[bool, QueryParameter(name="solved", description="Solved ones too")] = False,
    limit: Limit = 200,
) -> Response[Incidents]:
    """What is stuck in the cases that the caller's office looks after."""
    if not policy.reaches(caller.who(), "case.manage"):
        raise Forbidden(reason="")
    with caller.read() as work:
        found = beside.incidents(work, solved=solved, limit=limit)
    return answer(Incidents([_incident(one) for one in found]))


@post("/api/incidents/{incident_id:str}/assign", status_code=200)
@threaded
def assign_incident(
    caller: Visiting, incident_id: FromPath[str], data: Annotated[Assigning, Body()]
) -> Response[Incident]:
    """These people do it."""
    return _solved(
        caller,
        incident_id,
        lambda work: incident.assign(work, incident_id, data.people, comment=data.comment),
    )


@post("/api/incidents/{incident_id:str}/call", status_code=200)
@threaded
def call_again(caller: Visiting, incident_id: FromPath[str]) -> Response[Incident]:
    """Where a call of another program came to nothing: it is asked once more."""
    return _solved(caller, incident_id, lambda work: incident.call_again(work, incident_id))


@post("/api/incidents/{incident_id:str}/reroute", status_code=200)
@threaded
def reroute_incident(
    caller: Visiting, incident_id: FromPath[str], data: Annotated[Rerouting, Body()]
) -> Response[Incident]:
    """It goes on at another step of the same branch."""
    return _solved(
        caller,
        incident_id,
        lambda work: incident.reroute(work, incident_id, data.to, comment=data.comment),
    )


def _does(caller: Visit, case_id: str, command: Callable[[Work], Any]) -> Response[Case]:
    caller.write(command)
    with caller.read() as work:
        return answer(_told(work, case_id))


def _solved(caller: Visit, incident_id: str, command: Callable[[Work], Any]) -> Response[Incident]:
    caller.write(command)
    with caller.read() as work:
        return answer(_incident(beside.incident(work, incident_id)))


def _told(work: Work, case_id: str) -> Case:
    seen = cases.read(work, case_id)
    case = seen.case
    tasks = [
        CaseTask(
            one.key, one.step, one.status, one.owner, one.by, one.hand, one.verdict, one.reason
        )
        for one in case.state.tasks
    ]
    events = [
        CaseEvent(
            one["kind"],
            one["at"],
            one["actor_id"],
            one["document"].get("acting_for", ""),
            one["document"].get("comment", ""),
        )
        for one in store.events(work.connection, case_id)
    ]
    copied = [one["account_id"] for one in beside.copies(work.connection, case_id)]
    return Case(
        case.id, case.document_id, case.flow_code, case.flow_version, case.status, tasks, events, copied,
        case.number or "",
    )  # fmt: skip


def _incident(one: beside.IncidentRecord) -> Incident:
    return Incident(
        one.id,
        one.case_id,
        one.document_id,
        one.step,
        one.reason,
        one.title,
        one.subject_code,
        one.opened_at,
        one.solved_at,
    )
