"""End a case from outside: revoked by its author 撤销, terminated 终止 or voided 作废 by the office."""

from workflows.core.refusals import Ended, NotStarted, OpinionNeeded, WrongAction
from workflows.core.run import Run
from workflows.core.tokens import finish
from workflows.events import Terminated

OUTCOMES = ("revoked", "terminated", "voided")


def terminate(run: Run, event: Terminated) -> None:
    """Each way of ending is a state of its own; what is done can still be voided."""
    first = run.flow.by_code[run.flow.start]
    if run.status == "new":
        raise NotStarted
    if event.outcome not in OUTCOMES:
        raise WrongAction(step=first.code, titles=first.titles, action=event.outcome)
    if run.status not in ("running", "suspended") and not (
        run.status == "done" and event.outcome == "voided"
    ):
        raise Ended(outcome=run.status)
    if not event.comment.strip():
        raise OpinionNeeded(step=first.code, titles=first.titles)
    finish(run, event.outcome)
