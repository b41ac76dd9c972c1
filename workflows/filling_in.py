"""Cells that a step opens to whoever works there: a verifier adds the findings, a leader the opinion.

What a first filler may do is everything that the step does not close; after a return it is the cells
that were named; whoever verifies or approves edits what the flow opens to their step, and nothing else.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.json_text import Json
from engine.work import Work
from forms import documents, filing, masking, versions
from forms.documents import DocumentRecord
from forms.filing import CellLocked, DocumentClosed, DocumentIncomplete, Edit, Saved
from workflows import rights, store
from workflows.flow import Step
from workflows.rights import CellsMissing
from workflows.store import TASK, TaskRecord

WRITERS = ("fill", "verify", "approve")


@dataclass(frozen=True)
class Open(Collection[str]):
    """The cells that are open to whoever has a task: a collection that answers by pattern."""

    step: Step
    cells: Mapping[str, str] | None = None
    """Those named by a return; None: no such bounds."""

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str) or self.step.right(path) != "edit":
            return False
        return self.cells is None or any(
            path == one or path.startswith(f"{one}/") for one in self.cells
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.step.editable)

    def __len__(self) -> int:
        return len(self.step.editable)


def step_of(work: Work, task: TaskRecord) -> Step:
    """The step that a task is at, as its case's flow declares it."""
    case = store.get_case(work.connection, task.case_id)
    return store.flow(work.connection, case.flow_code, case.flow_version).by_code[task.step]


def opened_to(work: Work, task: TaskRecord) -> Collection[str] | None:
    """The cells that whoever has a task may change; None: all of them.

    An opinion that was asked for changes nothing.
    """
    step = step_of(work, task)
    if task.kind not in WRITERS:
        return ()
    if step.kind == "fill":
        return Open(step, task.cells) if step.rights else task.cells
    return Open(step) if step.editable else ()


def writing_task(work: Work, document_id: str) -> TaskRecord:
    """The actor's open task by which they may write in a document, a filler's before any other.

    Raises NotFound, DocumentClosed.
    """
    found = store.tasks_of(work, TASK.c.document_id == document_id, TASK.c.kind.in_(WRITERS))
    if not found:
        documents.read(work, document_id)
        raise DocumentClosed
    waiting = [one for one in found if one.status == "open"]
    waiting.sort(key=lambda one: WRITERS.index(one.kind))
    for task in waiting:
        if task.kind == "fill" or opened_to(work, task):
            return task
    raise DocumentClosed


def save(work: Work, document_id: str, edit: Edit, *, language: str) -> Saved:
    """Save what somebody typed, by whichever task lets them: with history and task, as every change.

    Raises CellLocked, NotFound, DocumentClosed.
    """
    task = writing_task(work, document_id)
    work.task_id = task.id
    record = documents.get(work.connection, document_id)
    _refuse_withheld(work, record, edit)
    return filing.save(work, record, edit, only=opened_to(work, task), language=language)


def as_handed_in(work: Work, document_id: str, since: str) -> None:
    """What later steps had filled in since a document was handed in is put back, with history.

    Whoever takes it back has it as they gave it; what was begun on it was about other values.
    """
    around = store.tasks_around(work.connection, document_id)
    later = {one.id for one in around if one.kind != "fill" and one.created_at >= since}
    before: dict[str, Json] = {}
    for change in documents.changes_since(work.connection, document_id, 0):
        if change.task_id in later:
            before.setdefault(change.path, change.before)
    if before:
        record = documents.get(work.connection, document_id)
        filing.save(work, record, Edit(record.revision, before), only=None)


def _refuse_withheld(work: Work, record: DocumentRecord, edit: Edit) -> None:
    """What a rule does not let somebody see they cannot change either. Raises CellLocked."""
    form = filing.opened(work, record).form
    veil = masking.veil(work, form, record, in_hand=True)
    gone = (f"{table}/{own}" for table, rows in edit.removed.items() for own in rows)
    named = [*edit.changes, *edit.confirm, *gone]
    if versions.is_older(record, edit.version):
        lies = versions.lies(work, record, edit.version)
        named += [there for path in named if (there := lies.target(path)) is not None]
    for path in named:
        if veil.hides(path):
            raise CellLocked(path=path, label=form.name_of(path, "zh"))


def check(work: Work, step: Step, record: DocumentRecord, *, language: str) -> None:
    """Before a step is passed: what must be filled in here is, and what was filled in here is right.

    Raises CellsMissing, DocumentIncomplete.
    """
    blank = rights.missing(step, record.contents)
    if blank:
        form = filing.opened(work, record).form
        names = "、".join(form.name_of(path, language) for path in blank[:20])
        raise CellsMissing(step=step.code, titles=step.titles, cells=names)
    if step.kind == "fill" or not step.editable:
        return
    _, found = filing.obstacles(work, record, language=language)
    here = [one for one in found if one.path in Open(step)]
    if here:
        raise DocumentIncomplete(count=len(here), problems=tuple(here))
