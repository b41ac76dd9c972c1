"""Carrying a flow on: an event goes through the machine, and what follows is written with it.

One call, one transaction: the event, the new state, tasks closed and opened, the document's status,
clocks and incidents, and the write-back to the registers when it is final.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.storage.postgresql import together
from engine.work import Work
from forms import documents
from forms.documents import DocumentRecord
from workflows import decision, machine, store
from workflows.course import Course
from workflows.effects import around, incidents, people, tasks, timers
from workflows.events import Event, Started
from workflows.flow import Flow
from workflows.state import State
from workflows.store import CaseRecord


def start(
    work: Work, flow: Flow, record: DocumentRecord, *, title: str, due_at: str | None
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Event]]:
    """A new case: its row, the rows of its first tasks, its events; for the caller to insert in bulk."""
    course = Course(work, flow, record, work.new_id(), title, due_at)
    events = _run(course, Started(at=work.now, by=work.actor.id))
    if flow.timed:
        timers.settle(course)
    row = {
        "id": course.case_id,
        "flow_code": flow.code,
        "flow_version": flow.version,
        "document_id": record.id,
        "title": title,
        "due_at": due_at,
        "state": course.state.dump(),
        "revision": len(events),
        "status": "running",
        "started_at": work.at,
    }
    return row, list(course.opened.values()), events


def perform(work: Work, case: CaseRecord, record: DocumentRecord, event: Event) -> State:
    """Carry an event out on a running case. Raises the machine's refusals, Conflict."""
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    course = Course(work, flow, record, case.id, case.title, case.due_at, case.state)
    course.chosen = getattr(event, "chosen", {})
    events = _run(course, event)
    store.save_case(work, case, course.state, len(events))
    with together(work.connection):
        store.add_events(work, case.id, case.revision, events)
        if course.opened:
            store.add_tasks(work, list(course.opened.values()))
        if course.document:
            documents.set_columns(work, record.id, **course.document)
    if flow.timed:
        timers.settle(course)
    work.note(f"flow.{event.kind}", record.id, case=case.id, task=work.task_id)
    return course.state


def by_itself(work: Work, case_id: str, event: Event) -> State:
    """Carry out what no person did: a clock ran out, a flow below ended."""
    case = store.get_case(work.connection, case_id)
    return perform(work, case, documents.get(work.connection, case.document_id), event)


def _run(course: Course, event: Event) -> list[Event]:
    course.waiting.append(event)
    events = []
    while course.waiting:
        made = machine.step(course.flow, course.state, course.waiting.popleft(), course.holds)
        course.state, course.event = made.state, made.event
        events.append(made.event)
        for effect in made.effects:
            _EFFECTS[type(effect)](course, effect)
    return events


_EFFECTS: Mapping[type[Any], Callable[[Course, Any], None]] = {
    decision.OpenTask: tasks.open_,
    decision.AskSigners: tasks.ask_signers,
    decision.CloseTask: tasks.close,
    decision.ChangeTask: tasks.change,
    decision.UnlockCells: around.unlock,
    decision.LockCells: around.lock,
    decision.WriteBack: around.write_back,
    decision.Finished: around.finished,
    decision.Notify: people.notify,
    decision.CopyTo: people.copy_to,
    decision.Incident: incidents.opened,
    decision.IncidentSolved: incidents.solved,
    decision.ArmTimer: timers.arm_pause,
    decision.PauseTimers: timers.pause,
    decision.ResumeTimers: timers.resume,
}
"""A kind of effect that is not here would be forgotten in silence: it is a KeyError instead."""
