"""Begin a case; begin an ended one anew."""

from workflows.events import Restarted, Started
from workflows.refusals import AlreadyStarted, NotEnded
from workflows.run import Run
from workflows.state import ENDED
from workflows.tokens import Place, enter


def start(run: Run, _event: Started) -> None:
    """The first step opens."""
    if run.status != "new":
        raise AlreadyStarted
    run.status = "running"
    enter(run, run.flow.start, Place())


def restart(run: Run, _event: Restarted) -> None:
    """What had ended begins at the first step; the past stays in its history."""
    if run.status not in ENDED:
        raise NotEnded
    run.status = "running"
    enter(run, run.flow.start, Place())
