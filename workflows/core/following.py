"""What follows from an event by itself: whether it is still wanted when its turn has come. Pure."""

from workflows.core.state import State
from workflows.events import SYSTEM, Assigned, Event, OnTask, Unassignable


def wanted(state: State, event: Event) -> bool:
    """Whether the task is still there to be answered: what followed before it may have ended the case.

    In one branch nobody is found and the whole is refused, while another branch was being given its people.
    """
    if not isinstance(event, OnTask):
        return True
    task = state.task(event.task)
    if state.status != "running" or task is None or not task.pending:
        return False
    if isinstance(event, Assigned | Unassignable) and event.by == SYSTEM:
        return task.status in ("asking", "open") and not task.owner
    return True
