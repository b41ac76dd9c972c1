"""Carrying a flow on: an event goes through the machine, and what follows is written with it.

One call, one transaction: the event, the new state, tasks closed and opened, the document's status,
clocks and incidents, and the write-back to the registers when it is final.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict
from engine.storage.postgresql import together
from engine.work import Work
from forms import documents
from forms.documents import DocumentRecord
from workflows import beside, children, machine, numbers, store
from workflows.core import decision, following
from workflows.core.refusals import TooLate
from workflows.core.state import State
from workflows.course import Course
from workflows.effects import around, calls, incidents, people, tasks, timers
from workflows.events import (
    SYSTEM,
    ChildEnded,
    ChildrenStarted,
    Event,
    Started,
    TakingBack,
    Terminated,
)
from workflows.flow import Flow
from workflows.store import CaseRecord


def start(
    work: Work,
    flow: Flow,
    record: DocumentRecord,
    *,
    title: str,
    due_at: str | None,
    above: tuple[str, str] | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Event]]:
    """A new case: its row, the rows of its first tasks, its events; for the caller to insert in bulk."""
    course = Course(work, flow, record, work.new_id(), title, due_at)
    course.below = record.case_id is not None
    events = _run(course, Started(at=work.now, by=work.actor.id))
    if course.over:
        beside.solve_incident(work, course.case_id)
    if flow.timed:
        timers.settle(course)
    row = {
        "id": course.case_id,
        "flow_code": flow.code,
        "flow_version": flow.version,
        "document_id": record.id,
        "title": title,
        "due_at": due_at,
        "parent_id": above[0] if above else None,
        "parent_key": above[1] if above else "",
        "state": course.state,
        "revision": len(events),
        "status": course.state.status,
        "started_at": work.at,
        "number": course.state.number or None,
    }
    return row, list(course.opened.values()), events


def perform(work: Work, case: CaseRecord, record: DocumentRecord, event: Event) -> State:
    """Carry an event out on a running case. Raises the machine's refusals, Conflict."""
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    course = Course(work, flow, record, case.id, case.title, case.due_at, case.state)
    course.chosen = getattr(event, "chosen", {})
    course.allowed = getattr(event, "allowed", {})
    course.below = record.case_id not in (None, case.id)
    events = _run(course, event)
    _keep(course, case, events)
    if flow.timed:
        timers.settle(course)
    if case.parent_id and course.state.ended and not case.state.ended:
        children.ended(work, case.parent_id, case.parent_key, case.id, course.state.status)
    dated = {"dated": event.dated} if event.dated else {}
    work.note(f"flow.{event.kind}", record.id, case=case.id, task=work.task_id, **dated)
    return course.state


def _keep(course: Course, case: CaseRecord, events: list[Event]) -> None:
    """What came of it, in one message. Raises Conflict if somebody was faster.

    Nobody looks there at how many rows were changed: two who began at the same revision write events of
    the same number, and the second is refused.
    """
    work = course.work
    try:
        with together(work.connection):
            store.save_case(work, case, course.state, len(events))
            tasks.put_closed(course)
            if course.over:
                beside.solve_incident(work, case.id)
            store.add_events(work, case.id, case.revision, events)
            if course.opened:
                store.add_tasks(work, list(course.opened.values()))
            if course.document:
                documents.set_columns(work, course.record.id, **course.document)
    except IntegrityError as error:
        raise Conflict(what=case.id) from error


def by_itself(work: Work, case_id: str, event: Event) -> State:
    """Carry out what no person did: a clock ran out, a flow below ended."""
    case = store.get_case(work.connection, case_id)
    return perform(work, case, documents.get(work.connection, case.document_id), event)


def _start_children(course: Course, effect: decision.StartSubflow) -> None:
    """Begin the flows below, each a case of its own, in the same transaction."""
    work, flow = course.work, store.flow(course.work.connection, effect.flow)
    above, at = (course.case_id, effect.key), work.now
    waits = course.flow.by_code[effect.step].wait
    ids, over = [], []
    for child in children.wanted(course, effect.step, effect.each):
        row, tasks_, events = start(
            work, flow, child.record, title=child.title, due_at=course.due_at,
            above=above if waits else None,
        )  # fmt: skip
        store.add_cases(work, [row])
        store.add_first_events(work, [(row["id"], child.record.id, events)])
        if tasks_:
            store.add_tasks(work, tasks_)
        if child.record.case_id is None:
            documents.set_cases(work, {child.record.id: row["id"]})
        ids.append(row["id"])
        if row["status"] != "running":
            over.append((row["id"], row["status"]))
    if not waits:
        return
    key = effect.key
    # at once: whatever ends the case after this must know whom to end with it
    course.waiting.appendleft(ChildrenStarted(at=at, by=SYSTEM, task=key, children=tuple(ids)))
    for child_id, outcome in over:
        ended = ChildEnded(at=at, by=SYSTEM, task=key, child=child_id, outcome=outcome)
        course.waiting.append(ended)


def _cancel_children(course: Course, effect: decision.CancelSubflows) -> None:
    """The case they belong to went elsewhere; they end with it, or the whole act is refused."""
    for child in effect.children:
        case = store.get_case(course.work.connection, child)
        if isinstance(course.event, TakingBack) and _acted(course.work, case):
            step = course.step(case.parent_key)
            raise TooLate(step=step.code, titles=step.titles, by="")
        if not case.state.ended:
            why = f"{course.title}: {course.event.kind if course.event else ''}"
            end = Terminated(at=course.work.now, by=SYSTEM, comment=why)
            by_itself(course.work, child, end)


def _acted(work: Work, case: CaseRecord) -> bool:
    """Whether somebody has done something in a flow below, or in those below it."""
    below = (child for task in case.state.tasks for child in task.children)
    return case.state.acted_in or any(
        _acted(work, store.get_case(work.connection, child)) for child in below
    )


def _run(course: Course, event: Event) -> list[Event]:
    course.waiting.append(event)
    events = []
    while course.waiting:
        one = course.waiting.popleft()
        if one is not event and not following.wanted(course.state, one):
            continue
        made = machine.step(course.flow, course.state, one, course.holds)
        course.state, course.event = made.state, made.event
        events.append(made.event)
        for effect in made.effects:
            if not isinstance(effect, _BLIND):
                tasks.put_closed(course)
            _EFFECTS[type(effect)](course, effect)
    return events


_BLIND = (
    decision.CloseTask, decision.OpenTask, decision.UnlockCells, decision.LockCells,
    decision.WriteBack, decision.Finished, decision.GiveNumber,
)  # fmt: skip
"""Effects that ask nothing of the rows of tasks: what was closed is written after them."""
_EFFECTS: Mapping[type[Any], Callable[[Course, Any], None]] = {
    decision.OpenTask: tasks.open_,
    decision.AskSigners: tasks.ask_signers,
    decision.CloseTask: tasks.close,
    decision.ChangeTask: tasks.change,
    decision.OpenCells: tasks.open_cells,
    decision.UnlockCells: around.unlock,
    decision.LockCells: around.lock,
    decision.WriteBack: around.write_back,
    decision.Finished: around.finished,
    decision.Notify: people.notify,
    decision.CopyTo: people.copy_to,
    decision.Incident: incidents.opened,
    decision.IncidentSolved: incidents.solved,
    decision.StartSubflow: _start_children,
    decision.CancelSubflows: _cancel_children,
    decision.GiveNumber: numbers.give,
    decision.CallOut: calls.begin,
    decision.ArmTimer: timers.arm_pause,
    decision.PauseTimers: timers.pause,
    decision.ResumeTimers: timers.resume,
}
"""A kind of effect that is not here would be forgotten in silence: it is a KeyError instead."""
