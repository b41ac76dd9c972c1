"""Retention over the API: what is due, and its deletion asked for by one person and decided by a second."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath

from admin.views import retention_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.crypto.vault import witnessed
from engine.retention import store
from engine.retention.store import DONE, Due, Run
from engine.work import Work

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Answer = Annotated[str, msgspec.Meta(max_length=400)]
RUNS = "/api/retention/runs"


class Period(msgspec.Struct):
    """How long something is kept, and how much of it is due today and by the end of the month."""

    id: str
    kind: str
    code: str
    title: str
    months: int
    basis: str
    due: int
    due_this_month: int


class Deletion(msgspec.Struct):
    """What one run deletes of one thing: all from before a moment; `held` is what a hold kept."""

    kind: str
    code: str
    title: str
    before: str
    due: int
    changed: int
    held: int


class RetentionRun(msgspec.Struct):
    """A deletion that was asked for, and what became of it; the certificate when it is done."""

    id: str
    state: Literal["asked", "refused", "withdrawn", "running", "done"]
    parts: list[Deletion]
    asked_at: str
    asked_by: str
    decided_at: str
    decided_by: str
    answer: str
    done_at: str
    certificate: str
    signature: str
    signature_fits: bool


class Periods(msgspec.Struct):
    """The periods in force that the caller may see, and the runs, the newest first."""

    periods: list[Period]
    runs: list[RetentionRun]


class NewRun(msgspec.Struct, forbid_unknown_fields=True):
    """The periods, by id, of which what is due is to be deleted."""

    periods: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=500)]


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """A second person's word; a refusal says why."""

    approve: bool
    answer: Answer = ""


@get("/api/retention")
@threaded
def list_retention(caller: Visiting) -> Response[Periods]:
    """What is kept how long, what of it is due, and the deletions that were asked for."""
    with caller.read() as work:
        found = Periods(
            [_period(one, caller.language) for one in store.due(work)],
            [_run(work, one, caller.language) for one in store.runs(work)],
        )
    return answer(found)


@post(RUNS, status_code=201)
@threaded
def ask_retention_run(caller: Visiting, data: Annotated[NewRun, Body()]) -> Response[RetentionRun]:
    """Ask that what is due today by these periods be deleted; nothing is until a second person approves."""

    def command(work: Work) -> RetentionRun:
        own = store.ask(work, list(dict.fromkeys(data.periods)))
        return _run(work, store.get(work, own), caller.language)

    return answer(caller.write(command), 201)


@get(f"{RUNS}/{{run_id:str}}")
@threaded
def read_retention_run(caller: Visiting, run_id: FromPath[str]) -> Response[RetentionRun]:
    """One deletion; when it is done, its signed certificate."""
    with caller.read() as work:
        found = _run(work, store.get(work, run_id), caller.language)
    return answer(found)


@post(f"{RUNS}/{{run_id:str}}/decision", status_code=200)
@threaded
def decide_retention_run(
    caller: Visiting, run_id: FromPath[str], data: Annotated[Decision, Body()]
) -> Response[RetentionRun]:
    """Approve or refuse, by another person than who asked; what is approved is deleted by a durable job."""

    def command(work: Work) -> RetentionRun:
        store.decide(work, run_id, agreed=data.approve, answer=data.answer)
        return _run(work, store.get(work, run_id), caller.language)

    return answer(caller.write(command))


@post(f"{RUNS}/{{run_id:str}}/withdraw", status_code=200)
@threaded
def withdraw_retention_run(caller: Visiting, run_id: FromPath[str]) -> Response[RetentionRun]:
    """Whoever asked takes it back before it is decided."""

    def command(work: Work) -> RetentionRun:
        store.withdraw(work, run_id)
        return _run(work, store.get(work, run_id), caller.language)

    return answer(caller.write(command))


def _period(one: Due, language: str) -> Period:
    rule = one.rule
    return Period(
        id=rule.id,
        kind=rule.kind,
        code=rule.code,
        title=str(one.titles.get(language) or one.titles.get("zh") or rule.code),
        months=rule.months,
        basis=rule.basis,
        due=one.now,
        due_this_month=one.month,
    )


def _run(work: Work, one: Run, language: str) -> RetentionRun:
    done = one.state == DONE
    certificate = one.certificate() if done else ""
    return RetentionRun(
        id=one.id,
        state=one.state,  # type: ignore[arg-type]  # one of the five
        parts=[
            Deletion(
                kind=part["kind"],
                code=part["code"],
                title=retention_view.name(work, part["kind"], part["code"], language),
                before=part["before"],
                due=part["due"],
                changed=part.get("changed", 0),
                held=part.get("kept", 0),
            )
            for part in one.parts
        ],
        asked_at=one.asked_at,
        asked_by=one.asked_by_name,
        decided_at=one.decided_at or "",
        decided_by=one.decided_by_name,
        answer=one.answer,
        done_at=one.done_at or "",
        certificate=certificate,
        signature=one.signature,
        signature_fits=done and witnessed(certificate, one.signature, work.vault.public_key()),
    )
