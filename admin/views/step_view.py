"""What the step that somebody is at opens to them and keeps from them, for the pages of a task."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from admin.views import document_view, veils
from engine.dictionary.store import dictionary
from engine.work import Work
from forms import documents, filing, store, surroundings
from forms.filing import Opened
from forms.masking import Veil
from forms.validate import CellProblem
from workflows import filling_in
from workflows.flow import Step
from workflows.store import TaskRecord

Hides = Callable[[str], bool]


def NOTHING_HIDDEN(_path: str) -> bool:  # noqa: N802 - a constant that happens to be a function
    """Where no step has a say."""
    return False


@dataclass(frozen=True)
class AtStep:
    """One task's step: which cells may be changed by it, and which are not shown."""

    step: Step
    only: Collection[str] | None
    veil: Veil

    def hides(self, path: str) -> bool:
        """Whether the step, or a rule, keeps a cell from whoever works there."""
        return self.step.right(path) == "hide" or self.veil.hides(path)

    def seen(self, work: Work, opened: Opened) -> Opened:
        """The document without what a rule withholds; what is signed and saved is the whole."""
        return opened if self.veil.empty else filing.opened(work, self.veil.record(opened.record))

    def open(self, problems: Iterable[CellProblem]) -> list[CellProblem]:
        """Without those at cells that a rule withholds."""
        return [one for one in problems if not self.veil.hides(one.path)]

    def hides_or_edits(self, path: str) -> bool:
        """What is not shown for reading: hidden, or shown above to be filled in."""
        if self.only is None:
            return self.hides(path)
        inside = any(one.startswith(f"{path}/") for one in self.step.editable)
        return self.hides(path) or inside or path in self.only

    def sections(
        self, work: Work, opened: Opened, language: str, files: str = ""
    ) -> list[dict[str, Any]]:
        """The cells and tables that a later step fills in, and nothing else; page by page if large."""
        if not self.only:
            return []
        found = document_view.sections(
            opened,
            dictionary(work.connection),
            language=language,
            editable=True,
            only=self.only,
            hides=self.hides,
            now=work.now,
            told=surroundings.conditioned(work, opened.form, opened.record)[0],
            sheets=True,
            plain=1,
            files=files,
        )
        kept = [{**one, "items": list(filter(_writable, one["items"]))} for one in found]
        for cell in (cell for one in kept for item in one["items"] for cell in _cells(item)):
            if opened.form.pattern(cell["path"]) in self.step.required:
                blank = cell["state"] == "blank"
                cell.update(required=True, state="todo" if blank else cell["state"])
        return [one for one in kept if one["items"]]


def _writable(item: dict[str, Any]) -> bool:
    """Whether anything of it may be changed."""
    return any(not cell.get("readonly", True) for cell in _cells(item))


def _cells(item: dict[str, Any]) -> list[dict[str, Any]]:
    if item["kind"] == "cell":
        return [item["cell"]]
    return [cell for row in item.get("rows", ()) for cell in row["cells"] if not cell["closed"]]


def at_step(work: Work, task: TaskRecord) -> AtStep:
    """Where somebody stands who has a task."""
    record = documents.get(work.connection, task.document_id)
    form = store.published(work.connection, record.form_code, record.form_version)
    step, only = filling_in.step_of(work, task), filling_in.opened_to(work, task)
    return AtStep(step, only, veils.at_task(work, form, record))
