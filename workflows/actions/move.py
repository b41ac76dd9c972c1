"""Follow another version of the flow: `run.flow` is the new one, and must know every step that was met."""

from workflows.core.refusals import CannotMove, Ended, NotStarted
from workflows.core.run import Run
from workflows.events import Moved


def move(run: Run, _event: Moved) -> None:
    """Nothing opens or closes; whoever has a task keeps it."""
    if run.status == "new":
        raise NotStarted
    if run.status not in ("running", "suspended"):
        raise Ended(outcome=run.status)
    for visit in run.visits.values():
        if visit.step not in run.flow.by_code:
            raise CannotMove(step=visit.step)
