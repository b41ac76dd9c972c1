"""Who may do in a try-out what is no task of theirs: as in an office, by duty or by a part in the case."""

from datetime import datetime

from engine.errors import Forbidden
from workflows.events import SYSTEM, Commented
from workflows.simulate.people import Town
from workflows.simulate.script import OFFICE, Action
from workflows.simulate.trial import Trial

OF_THE_OFFICE = (
    "suspended", "resumed", "restarted", "terminated", "assigned", "unassignable", "rerouted",
    "call_again", "hand_over", "extend", "exempt",
)  # fmt: skip
"""By whoever looks after flows; 撤销 by whoever filled it in, too."""
OF_THOSE_CONCERNED = ("urged", "copied", "commented")
"""By who has a part in the case or works in an office it is about, or above; who was let know may speak."""
WORKING = ("staff", "verifier", "leader", "department")


def refuse(town: Town, trial: Trial | None, now: datetime, action: Action) -> None:
    """Raises Forbidden for what is not this person's to do."""
    person = action.get("by") or SYSTEM
    if looks_after(town, person):
        return
    if action.do in OF_THE_OFFICE:
        revoked = action.do == "terminated" and action.get("outcome") == "revoked"
        if not (revoked and trial is not None and person in _fillers(trial)):
            raise Forbidden(reason="")
    elif action.do in OF_THOSE_CONCERNED and trial is not None:
        told = action.do == "commented" and person in _told(trial)
        if not (told or _concerned(town, trial, now, person)):
            raise Forbidden(reason="")


def looks_after(town: Town, person: str) -> bool:
    """Whether somebody looks after the flow: the office, the department that issued it, the steward.

    A script that names no people leaves it to anybody.
    """
    script = town.script
    known = town.people.get(person)
    posts = known.posts if known else ()
    return (
        person in (SYSTEM, OFFICE, script.steward)
        or not script.people
        or bool(script.issuer and ("department", script.issuer) in posts)
    )


def _fillers(trial: Trial) -> set[str]:
    fills = [task for task in trial.state.tasks if trial.flow.by_code[task.step].kind == "fill"]
    return {who for task in fills for who in (task.by, task.hand, *trial.people_of(task))}


def _concerned(town: Town, trial: Trial, now: datetime, person: str) -> bool:
    for task in trial.state.tasks:
        people = trial.people_of(task)
        if person in (*people, task.by, task.hand, task.added_by):
            return True
        if any(person in town.deputies(who, now) for who in people):
            return True
    known = town.people.get(person)
    return any(
        role in WORKING and _at_or_above(town, place, trial.organisation)
        for role, place in (known.posts if known else ())
    )


def _at_or_above(town: Town, place: str, organisation: str) -> bool:
    while organisation:
        if organisation == place:
            return True
        organisation = town.above(organisation, 1)
    return False


def _told(trial: Trial) -> set[str]:
    asked = {who for event in trial.history if isinstance(event, Commented) for who in event.to}
    return {*trial.state.copied, *asked}
