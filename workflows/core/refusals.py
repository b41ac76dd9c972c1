"""Every way the machine says no. A refused event changes nothing."""

from collections.abc import Mapping
from datetime import datetime

from engine import messages
from engine.errors import Problem


class AtStep(Problem):
    """Something cannot be done at a step; the text names it as people call it."""

    code, status = "flow.refused", 409
    step: str
    titles: Mapping[str, str]

    def text(self, language: str = "zh") -> str:
        """With the step's title instead of its code."""
        called = self.titles.get(language) or self.titles.get("zh") or self.step
        return messages.text(self.code, language, {**self.details(), "step": called})


def without_nobody(said: str) -> str:
    """A text without the brackets in which nobody stands."""
    for nobody in ("", "system"):
        said = said.replace(f" ({nobody})", "").replace(f"（{nobody}）", "")
    return said


class NotStarted(Problem):
    """The case has not begun."""

    code, status = "flow.not-started", 409


class AlreadyStarted(Problem):
    """The case has begun before."""

    code, status = "flow.already-started", 409


class Ended(Problem):
    """The case is over; `outcome` says how."""

    code, status = "flow.ended", 409
    outcome: str


class NotEnded(Problem):
    """Only what is over can be begun anew."""

    code, status = "flow.not-ended", 409


class OnHold(Problem):
    """The case is suspended."""

    code, status = "flow.on-hold", 409


class NotOnHold(Problem):
    """The case is not suspended."""

    code, status = "flow.not-on-hold", 409


class TaskUnknown(Problem):
    """The case has no such task."""

    code, status = "flow.task-unknown", 404
    task: str


class TaskClosed(AtStep):
    """Somebody was faster, or the task was taken away; `state` says which."""

    code, status = "flow.task-closed", 409
    task: str
    state: str
    by: str
    at: datetime | None = None

    def text(self, language: str = "zh") -> str:
        """Without empty brackets where nobody did it."""
        return without_nobody(super().text(language))


class TaskWaiting(AtStep):
    """Others must act before this task."""

    code, status = "flow.task-waiting", 409


class TaskStuck(AtStep):
    """Nobody was found for it; the office that looks after flows must name somebody first."""

    code, status = "flow.task-stuck", 409


class NotYours(AtStep):
    """The task is somebody else's."""

    code, status = "flow.not-yours", 403
    holder: str


class OwnWork(AtStep):
    """Nobody verifies or approves what they filled in themselves."""

    code, status = "flow.own-work", 403


class WrongAction(AtStep):
    """This step is not done that way."""

    code, status = "flow.wrong-action", 409
    action: str


class OpinionNeeded(AtStep):
    """The step asks for a written opinion, or the action for a reason."""

    code, status = "flow.opinion-needed", 422


class SignatureNeeded(AtStep):
    """The step asks for a signature."""

    code, status = "flow.signature-needed", 422


class SignatureDrawn(AtStep):
    """The step takes a signature drawn by hand, no typed name."""

    code, status = "flow.signature-drawn", 422


class DatedWrong(Problem):
    """A decision entered afterwards was taken between the task's beginning and today, and says why."""

    code, status = "task.dated-wrong", 422
    since: str


class CannotReturnThere(Problem):
    """Only steps passed before this one can be returned to."""

    code, status = "flow.cannot-return-there", 409
    to: str
    choices: str

    def text(self, language: str = "zh") -> str:
        """Where nothing was passed before, that is said instead of an empty list."""
        code = self.code if self.choices else f"{self.code}.nothing-passed"
        return messages.text(code, language, self.details())


class TooLate(AtStep):
    """The next person has acted (or seen it)."""

    code, status = "flow.too-late", 409
    by: str

    def text(self, language: str = "zh") -> str:
        """Without empty brackets where it was done in flows below."""
        return without_nobody(super().text(language))


class NothingToTakeBack(Problem):
    """There is nothing of this person's to take back."""

    code, status = "flow.nothing-to-take-back", 409


class ClaimedByOther(Problem):
    """Somebody else has claimed it."""

    code, status = "flow.claimed-by-other", 409
    holder: str


class ClaimFirst(AtStep):
    """A shared task is claimed before it is done."""

    code, status = "flow.claim-first", 409


class NotClaimable(AtStep):
    """The task belongs to one person by name."""

    code, status = "flow.not-claimable", 409


class OpinionOnly(AtStep):
    """Who was asked for an opinion cannot decide."""

    code, status = "flow.opinion-only", 409


class NobodyNamed(Problem):
    """The action needs people."""

    code, status = "flow.nobody-named", 422


class ToOneself(Problem):
    """A task cannot be handed to who has it."""

    code, status = "flow.to-oneself", 422


class AlreadySigner(Problem):
    """The person signs already."""

    code, status = "flow.already-signer", 409
    person: str


class CannotRemove(Problem):
    """The signer has acted, is the last, or does not sign at all."""

    code, status = "flow.cannot-remove", 409
    person: str


class NamedByFlow(AtStep):
    """The flow itself asks this person: a colleague cannot take them off."""

    code, status = "flow.named-by-flow", 409
    person: str


class UrgedTooOften(Problem):
    """Once an hour at most."""

    code, status = "flow.urged-too-often", 429
    again_at: datetime
    minutes: int
    """Until then."""


class CannotGoThere(Problem):
    """The step is in another branch, or does not exist."""

    code, status = "flow.cannot-go-there", 409
    to: str


class NotStuck(AtStep):
    """There is no incident to solve."""

    code, status = "flow.not-stuck", 409


class NotASigner(Problem):
    """Who is to sign again never signed."""

    code, status = "flow.not-a-signer", 422
    person: str


class CannotMove(Problem):
    """The other version of the flow lacks a step that the case stands on or has passed."""

    code, status = "flow.cannot-move", 409
    step: str


class CannotGiveBack(Problem):
    """It stands in several branches at once, or nobody filled it in before: there is no one way back."""

    code, status = "flow.cannot-give-back", 409
