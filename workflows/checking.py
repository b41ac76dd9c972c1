"""All checks of a report over everything that is there: each document of a dispatch, and their roll-up.

What does not hold can be sent back as a list to whoever works on the document now; a document is told
once a version of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.access import policy
from engine.errors import NotFound
from engine.formula.document import Document
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import Work
from forms import explaining, masking, rollup, store, surroundings, versions
from forms.checks import run
from forms.compiled import CompiledForm
from forms.validate import CellProblem
from workflows import allowing, dispatches
from workflows import store as store_of_tasks
from workflows.allowing import Allowance
from workflows.dispatches import Progress, Standing
from workflows.store import TaskRecord

CHECK = "check."
LISTED = 3
"""So many failures stand in a notice; the document's page shows all."""


@dataclass(frozen=True, slots=True)
class Failed:
    """One document in which checks do not hold."""

    standing: Standing
    problems: tuple[CellProblem, ...]
    allowed: Mapping[str, Allowance] = field(default_factory=dict)
    """What whoever verified allowed, by failure."""

    def explained(self, problem: CellProblem) -> str:
        """The reason that was given for a failure, if it is one."""
        record = self.standing.document
        if not explaining.explained(record.explanations, problem):
            return ""
        return str(record.explanations.get(f"{problem.code}:{problem.path}", ""))

    @property
    def under_way(self) -> bool:
        """Whether somebody has the document now; what came in already has to be sent back first."""
        return self.standing.document.status in ("open", "submitted")

    @property
    def open(self) -> tuple[CellProblem, ...]:
        """What nobody has given a reason for."""
        return tuple(
            one
            for one in self.problems
            if one.severity not in explaining.EXPLAINED or not self.explained(one)
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of running every check over a dispatch."""

    progress: Progress
    form: CompiledForm
    looked_at: int
    failed: tuple[Failed, ...]
    whole: tuple[CellProblem, ...]
    """What does not hold of the final documents added up."""


def check(work: Work, dispatch_id: str, language: str = "zh") -> Checked:
    """Run every check over what has been filled in so far, and over the roll-up of what is final."""
    found = dispatches.progress(work, dispatch_id)
    form = store.published(work.connection, found.dispatch.form_code, found.dispatch.form_version)
    begun = [one for one in found.standings if one.document.opened_at is not None]
    failed = tuple(
        Failed(one, problems, allowing.standing(work, one.document, problems))
        for one in begun
        if (problems := _failures(work, one, language))
    )
    records = versions.read_as(work, form, [one.document for one in found.standings])
    whole = Document(rollup.totals_document(form, records))
    final = any(record.status == "final" for record in records)
    told = run.told(form, run.failures(form, whole), language) if final else []
    told = masking.veil(work, form).untold(told, language)  # a list's rows are in it one by one
    return Checked(found, form, len(begun), failed, tuple(told))


def send_back(work: Work, dispatch_id: str, language: str = "zh") -> int:
    """Tell whoever has each document now what does not hold in it; gives how many were told.

    Raises NotFound for a dispatch of another office.
    """
    checked = check(work, dispatch_id, language)
    if not policy.covers(work.actor, "dispatch.create", owner=checked.progress.dispatch.owner):
        raise NotFound
    told = {one.standing.document.id: one for one in checked.failed if one.open}
    waiting = store_of_tasks.open_tasks(work.connection, list(told))
    count = notices.tell(work, [_notice(work, told[task.document_id], task) for task in waiting])
    if count:
        work.note("dispatch.checked", dispatch_id, told=count)
    return count


def _failures(work: Work, standing: Standing, language: str) -> tuple[CellProblem, ...]:
    """By the version of the form that the document is on."""
    record = standing.document
    form = store.published(work.connection, record.form_code, record.form_version)
    found: Sequence[CellProblem] = surroundings.problems(
        work, form, record, language=language, draft=True
    )
    checks = [one for one in found if one.code.startswith(CHECK)]
    return tuple(masking.veil(work, form, standing.document).untold(checks, language))


def _notice(work: Work, failed: Failed, task: TaskRecord) -> Notice:
    record = failed.standing.document
    text = " ".join(one.text for one in failed.open[:LISTED])
    return Notice(
        "check.notice.failed",
        task.account_id,
        None if task.account_id else task.organisation_code,
        "" if task.account_id else task.role,
        detail={"count": len(failed.open), "text": text, "by": work.actor.name},
        task_id=task.id,
        document_id=record.id,
        key=f"check {record.id} {record.revision} {task.id}",
    )
