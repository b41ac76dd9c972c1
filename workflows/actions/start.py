"""Begin a case; begin an ended one anew."""

from workflows.core.refusals import AlreadyStarted, NotEnded
from workflows.core.run import Run
from workflows.core.state import ENDED
from workflows.core.tokens import Place, enter
from workflows.events import Restarted, Started


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
