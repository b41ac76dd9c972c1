"""Carrying a flow on: an event goes through the machine, and what follows is written with it.

One call, one transaction: the event, the new state, tasks closed and opened, the document's status,
and the write-back to the registers when it is final.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.formula.document import Document as FormulaDocument
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.storage.postgresql import together
from engine.work import Work
from forms import documents, writeback
from forms import store as forms
from forms.documents import DocumentRecord
from workflows import decision as effects
from workflows import machine, store
from workflows.assignees import Place, find_place
from workflows.events import Event, Started, Unassignable
from workflows.flow import Flow
from workflows.state import State
from workflows.store import CaseRecord

STATUS = {"done": "final", "rejected": "rejected", "revoked": "withdrawn"}


@dataclass
class Course:
    """One event being carried out, and those that follow from it."""

    work: Work
    flow: Flow
    record: DocumentRecord
    case_id: str
    title: str
    due_at: str | None
    dispatch_id: str | None
    waiting: deque[Event] = field(default_factory=deque)
    opened: dict[str, dict[str, Any]] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    case: dict[str, Any] = field(default_factory=dict)
    finished: str = ""


def start(
    work: Work, flow: Flow, record: DocumentRecord, *, title: str, due_at: str | None
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Event]]:
    """A new case: its row, the rows of its first tasks, its events; for the caller to insert in bulk."""
    course = Course(work, flow, record, work.new_id(), title, due_at, record.dispatch_id)
    event = Started(at=work.now, by=work.actor.id)
    state, events = _run(course, State(), event)
    row = {
        "id": course.case_id,
        "flow_code": flow.code,
        "flow_version": flow.version,
        "document_id": record.id,
        "state": state.dump(),
        "revision": len(events),
        "status": "running",
        "started_at": work.at,
    }
    return row, list(course.opened.values()), events


def perform(
    work: Work,
    case: CaseRecord,
    record: DocumentRecord,
    event: Event,
    *,
    title: str,
    due_at: str | None,
) -> State:
    """Carry an event out on a running case. Raises the machine's refusals, Conflict."""
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    course = Course(work, flow, record, case.id, title, due_at, record.dispatch_id)
    state, events = _run(course, case.state, event)
    store.save_case(work, case, state, len(events), **course.case)
    with together(work.connection):
        store.add_events(work, case.id, case.revision, events)
        if course.opened:
            store.add_tasks(work, list(course.opened.values()))
        if course.document:
            documents.set_columns(work, record.id, **course.document)
    work.note(f"flow.{event.kind}", record.id, case=case.id, task=work.task_id)
    return state


def _run(course: Course, state: State, event: Event) -> tuple[State, list[Event]]:
    course.waiting.append(event)
    events = []
    while course.waiting:
        made = machine.step(course.flow, state, course.waiting.popleft(), _holds(course))
        state = made.state
        events.append(made.event)
        for effect in made.effects:
            if rule := _EFFECTS.get(type(effect)):
                rule(course, effect)
    return state, events


def _holds(course: Course) -> Callable[[str], bool | None]:
    def holds(formula: str) -> bool | None:
        values = FormulaDocument(course.record.contents, today=course.work.today)
        answer = evaluate(parse(formula), values)
        return answer if isinstance(answer, bool) else None

    return holds


def _open(course: Course, effect: effects.OpenTask) -> None:
    place: Place | None
    if effect.actor:
        place = Place(course.record.organisation_code, "", effect.actor)
    else:
        place = find_place(course.work, effect.assign, course.record)
    if place is None:
        course.waiting.append(Unassignable(at=course.work.now, by="system", task=effect.key))
        return
    course.opened[effect.key] = {
        "id": course.work.new_id(),
        "case_id": course.case_id,
        "document_id": course.record.id,
        "dispatch_id": course.dispatch_id,
        "key": effect.key,
        "step": effect.step,
        "kind": effect.kind,
        "title": course.title,
        "organisation_code": place.organisation,
        "role": place.role,
        "account_id": place.account or None,
        "subject_code": course.record.organisation_code,
        "status": "open",
        "returned": effect.returned,
        "created_at": course.work.at,
        "due_at": course.due_at,
        "closed_by": "",
        "outcome": "",
        "cells": dict(effect.cells) or None,
    }


def _close(course: Course, effect: effects.CloseTask) -> None:
    if course.opened.pop(effect.key, None) is None:
        store.close_task(course.work, course.case_id, effect.key, effect.outcome, effect.by)


def _change(course: Course, effect: effects.ChangeTask) -> None:
    store.change_task(course.work, course.case_id, effect.key, account_id=effect.actor or None)


def _lock(course: Course, _effect: effects.LockCells) -> None:
    course.document.update(status="submitted", submitted_at=course.work.at)


def _unlock(course: Course, _effect: effects.UnlockCells) -> None:
    course.document.update(status="open")


def _write_back(course: Course, _effect: effects.WriteBack) -> None:
    form = forms.published(
        course.work.connection, course.record.form_code, course.record.form_version
    )
    writeback.write_back(course.work, course.record, form, signed_by(course.work, course.case_id))


def _finished(course: Course, effect: effects.Finished) -> None:
    course.finished = effect.outcome
    status = STATUS.get(effect.outcome, effect.outcome)
    course.document.update(status=status)
    if status == "final":
        course.document.update(final_at=course.work.at)
    course.case.update(status=effect.outcome, ended_at=course.work.at)


def _notify(course: Course, effect: effects.Notify) -> None:
    """The people named, or whoever holds the position that the task waits for."""
    task = course.opened.get(effect.task) or store.open_task(
        course.work.connection, course.case_id, effect.task
    )
    people: list[dict[str, Any]] = [{"account_id": one} for one in dict.fromkeys(effect.people)]
    if not people and task:
        places = ("account_id",) if task["account_id"] else ("organisation_code", "role")
        people = [{name: task[name] for name in places}]
    detail = {
        "text": effect.text,
        "by": "" if course.work.actor.is_system else course.work.actor.name,
    }
    about = {"task_id": task["id"] if task else "", "document_id": course.record.id}
    notices.tell(
        course.work, [Notice(effect.about, detail=detail, **one, **about) for one in people]
    )


def _incident(course: Course, effect: effects.Incident) -> None:
    course.work.note(
        "flow.incident", course.record.id, step=effect.step, key=effect.key, reason=effect.reason
    )


def signed_by(work: Work, case_id: str) -> writeback.SignedBy:
    """Who filled, verified and approved last, by the history of the case and the act under way."""
    names = {"fill": "", "verify": "", "approve": ""}
    for task in store.closed_tasks(work.connection, case_id):
        if task.kind in names and task.closed_by:
            names[task.kind] = store.name_of(work, task.closed_by)
    return writeback.SignedBy(names["fill"], names["verify"], names["approve"])


_EFFECTS: Mapping[type[Any], Callable[[Course, Any], None]] = {
    effects.OpenTask: _open,
    effects.CloseTask: _close,
    effects.ChangeTask: _change,
    effects.LockCells: _lock,
    effects.UnlockCells: _unlock,
    effects.WriteBack: _write_back,
    effects.Finished: _finished,
    effects.Notify: _notify,
    effects.Incident: _incident,
}
