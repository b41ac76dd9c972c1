"""One event being carried out: what the effects share, and what is written when they are through."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from engine.formula.document import Document as FormulaDocument
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.work import Work
from forms.documents import DocumentRecord
from workflows import allowing
from workflows.core.state import State
from workflows.events import UNALLOWED, Event
from workflows.flow import Flow, Step


class Course(Struct):
    """An event on its way through the machine, with those that follow from it."""

    work: Work
    flow: Flow
    record: DocumentRecord
    case_id: str
    title: str
    due_at: str | None
    state: State = field(default_factory=State)
    below: bool = False
    """A flow below another: the document is the other's to finish."""
    event: Event | None = None
    """The event that effects are carried out for just now."""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Whom the person who acted chose for later steps."""
    allowed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """准强制 checks that they allowed."""
    waiting: deque[Event] = field(default_factory=deque)
    opened: dict[str, dict[str, Any]] = field(default_factory=dict)
    """New rows of tasks by key; they are written when all effects are known."""
    closed: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Tasks closed and not written yet: key, outcome, by whom, in whose name."""
    over: bool = False
    """The case has ended; what was stuck in it is no incident any more."""
    stopped: list[str] = field(default_factory=list)
    """Tasks closed in steps that have a clock."""
    waits: list[dict[str, Any]] = field(default_factory=list)
    """New clocks of steps that wait for nobody but the time."""
    document: dict[str, Any] = field(default_factory=dict)
    """Columns of the document that change."""

    def step(self, key: str) -> Step:
        """The step of a task."""
        return self.flow.by_code[key.rpartition(".")[0]]

    def value(self, formula: str) -> Any:
        """What a formula gives for the document as it is now."""
        values = FormulaDocument(self.record.contents, today=self.work.today)
        return evaluate(parse(formula), values)

    def holds(self, formula: str) -> bool | None:
        """Whether a condition holds; None when it cannot be told."""
        if formula == UNALLOWED:
            return allowing.stands(self.work, self.record, self.allowed)
        answer = self.value(formula)
        return answer if isinstance(answer, bool) else None
