"""Hand in what was filled; pass what was verified or approved."""

from workflows.core.conclude import conclude
from workflows.core.guards import deciding
from workflows.core.refusals import OpinionNeeded, SignatureDrawn, SignatureNeeded, WrongAction
from workflows.core.run import Run
from workflows.events import Passed, Rejected, Submitted
from workflows.flow import Step


def submit(run: Run, event: Submitted) -> None:
    """A filled document goes on to whoever checks it."""
    _decide(run, event, "passed")


def pass_on(run: Run, event: Passed) -> None:
    """It is right: on to the next, or the last word."""
    _decide(run, event, "passed")


def reject(run: Run, event: Rejected) -> None:
    """No. The case ends, unless votes are counted and may still say yes."""
    _decide(run, event, "rejected")


def _decide(run: Run, event: Submitted | Passed | Rejected, verdict: str) -> None:
    task = deciding(run, event)
    step = run.step_of(task)
    if (step.kind == "fill") != isinstance(event, Submitted):
        raise WrongAction(step=step.code, titles=step.titles, action=event.kind)
    _check_needs(step, event)
    run.decide_task(task, verdict)
    conclude(run, run.visits[task.visit])


def _check_needs(step: Step, event: Submitted | Passed | Rejected) -> None:
    """A rejection always has a reason; the rest is as the step asks."""
    wanted = isinstance(event, Rejected) or "opinion" in step.needs
    if wanted and not event.comment.strip():
        raise OpinionNeeded(step=step.code, titles=step.titles)
    if isinstance(event, Submitted) or not step.signature:
        return
    if not event.handwriting:
        raise SignatureNeeded(step=step.code, titles=step.titles)
    if event.typed and step.signature == "drawn":
        raise SignatureDrawn(step=step.code, titles=step.titles)
