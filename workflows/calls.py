"""Steps that call another program: done by jobs, with patience, and never twice by mistake.

The network is used while nothing is locked. Every try of one visit bears the same `Idempotency-Key`, so
that a program that heard a call whose answer was lost can tell that it is the same one.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from engine import json_text, outward
from engine.dictionary.store import dictionary
from engine.errors import Conflict, Problem
from engine.jobs.registry import JOBS
from engine.json_text import Json
from engine.outward import CallFailed, CallRefused
from engine.work import Work
from forms import document, documents, filing, masking
from forms import store as forms
from forms.documents import DocumentRecord
from forms.filing import Edit
from workflows import calling, perform, store
from workflows.calling import Call, CallAnswer
from workflows.core.refusals import AtStep
from workflows.core.state import Task
from workflows.events import SYSTEM, CallEnded, CallGivenUp, Event
from workflows.flow import Step
from workflows.store import CaseRecord

LONGEST_WAIT = 60 * 12
"""Minutes between two tries at most."""
ON_HOLD = timedelta(minutes=20)


class Wanted(NamedTuple):
    """A call that its case waits for."""

    case: CaseRecord
    task: Task
    step: Step
    call: Call


class CallSensitive(AtStep):
    """A cell of level L3 or L4, or one the step hides, is not sent unless the flow names it."""

    code, status = "flow.call-sensitive", 403
    cell: str


def _ask(work: Work, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Make the call, if it is still wanted; gives what came of it."""
    found = _wanted(work, payload)
    if found is None:
        return {"wanted": False}
    case, call = found.case, found.call
    record = documents.get(work.connection, case.document_id)
    host = urlsplit(call.url).hostname or ""
    try:
        request = _request(work, found, record)
        answer = outward.judged(
            host,
            outward.call(
                work.settings, request.method, request.url, request.headers, request.body,
                seconds=call.seconds,
            ),
        )  # fmt: skip
        taken = calling.taken(call, _read(answer.body, host)) if call.answer else {}
    except CallFailed as problem:
        return {"wanted": True, "problem": problem.text(), "again": problem.again}
    except (CallRefused, CallAnswer, CallSensitive) as problem:
        return {"wanted": True, "problem": problem.text(), "again": False}
    return {"wanted": True, "problem": "", "taken": taken, "status": answer.status}


@JOBS.job("flow.call", look=_ask, lease=timedelta(minutes=10))
def over(work: Work, payload: Mapping[str, Any]) -> str:
    """Put what was answered into the document and let the case go on; or try later; or give up."""
    seen = payload["seen"]
    found = _wanted(work, payload)
    if found is None or not seen["wanted"]:
        return _on_hold(work, payload)
    case, task, step, call = found
    tries = int(payload["tries"]) + 1
    work.note(
        "outward.called",
        case.document_id,
        case=case.id,
        step=step.code,
        host=urlsplit(call.url).netloc,
        cells=calling.cells(call),
        status=seen.get("status", 0),
    )
    if seen["problem"]:
        if seen["again"] and tries < call.tries:
            wait = min(2 ** (tries - 1), LONGEST_WAIT)
            run_at = (work.now + timedelta(minutes=wait)).isoformat(timespec="microseconds")
            again = {"case": case.id, "key": task.key, "tries": tries}
            work.later("flow.call", again, run_at=run_at)
            return "again"
        return _give_up(work, case, task, seen["problem"])
    try:
        with work.attempt():
            _keep(work, case, step, seen["taken"])
            _tell(work, case, CallEnded(at=work.now, by=SYSTEM, task=task.key))
    except Conflict:
        raise  # somebody acts just now: the job is tried again
    except Problem as problem:
        return _give_up(work, case, task, problem.text())
    return "answered"


def _wanted(work: Work, payload: Mapping[str, Any]) -> Wanted | None:
    """What is to be called, if its case still waits for it."""
    case = store.get_case(work.connection, payload["case"])
    task = case.state.task(payload["key"])
    if case.status != "running" or task is None or task.status != "running":
        return None
    step = store.flow(work.connection, case.flow_code, case.flow_version).by_code[task.step]
    return None if step.call is None else Wanted(case, task, step, step.call)


def _on_hold(work: Work, payload: Mapping[str, Any]) -> str:
    case = store.get_case(work.connection, payload["case"])
    if case.status != "suspended":
        return "late"
    run_at = (work.now + ON_HOLD).isoformat(timespec="microseconds")
    work.later(
        "flow.call", {name: payload[name] for name in ("case", "key", "tries")}, run_at=run_at
    )
    return "waits"


def _request(work: Work, wanted: Wanted, record: DocumentRecord) -> calling.Request:
    """Raises CallSensitive, CallRefused."""
    case, task, step, call = wanted
    _refuse_sensitive(work, step, call, record)
    known = outward.secrets(work.settings)
    said = {
        "number": case.number or "", "case": case.id,
        "organisation": record.organisation_code, "period": record.period,
    }  # fmt: skip

    def value(name: str) -> Json:
        if name.startswith("/"):
            return document.get(record.contents, name)
        if name.startswith(calling.SECRET):
            secret = name.removeprefix(calling.SECRET)
            if secret not in known:
                raise CallRefused(host=urlsplit(call.url).hostname or "", reason="secret")
            return known[secret]
        return said[name]

    made = calling.filled(call, value)
    ours = {
        "Idempotency-Key": f"{case.id}.{task.visit}",
        "Accept": "application/json",
        **({} if made.body is None else {"Content-Type": "application/json"}),
    }
    return calling.Request(made.method, made.url, {**ours, **made.headers}, made.body)


def _refuse_sensitive(work: Work, step: Step, call: Call, record: DocumentRecord) -> None:
    form = forms.published(work.connection, record.form_code, record.form_version)
    fields = dictionary(work.connection)
    for path in calling.cells(call):
        pattern = form.pattern(path)
        inside = [
            one for one in form.items if one.path == pattern or one.path.startswith(f"{pattern}/")
        ]
        secret = any(
            one.format in masking.PERSONAL
            or (one.field is not None and fields.field(one.field).sensitivity in ("L3", "L4"))
            for one in inside
        )
        if (secret and path not in call.sensitive) or step.right(path) == "hide":
            raise CallSensitive(step=step.code, titles=step.titles, cell=form.name_of(path))


def _read(body: bytes, host: str) -> Json:
    try:
        return json_text.loads(body)
    except Problem as problem:
        raise CallFailed(host=host, reason="json", again=False) from problem
    except ValueError as error:
        raise CallFailed(host=host, reason="json", again=False) from error


def _keep(work: Work, case: CaseRecord, step: Step, taken: Mapping[str, Json]) -> None:
    """With history, as every change. Raises CallAnswer for a value that does not fit its cell."""
    if not taken:
        return
    record = documents.get(work.connection, case.document_id)
    saved = filing.save(
        work, record, Edit(record.revision, dict(taken)), only=list(taken), language="zh"
    )
    wrong = next(
        (one for one in saved.problems if one.path in taken and one.severity == "error"), None
    )
    if wrong is not None and wrong.code != "required":
        raise CallAnswer(where=wrong.text, cell=step.call.answer[wrong.path] if step.call else "")


def _give_up(work: Work, case: CaseRecord, task: Task, problem: str) -> str:
    _tell(work, case, CallGivenUp(at=work.now, by=SYSTEM, task=task.key, comment=problem))
    return "given up"


def _tell(work: Work, case: CaseRecord, event: Event) -> None:
    perform.by_itself(work, case.id, event)
