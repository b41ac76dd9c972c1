"""零报告 as the pages of a task show it: offered to whoever fills in, told to whoever checks."""

from collections.abc import Sequence
from typing import Any

from engine.work import Work
from forms import nil, surroundings
from forms.filing import Opened
from forms.validate import CellProblem


def offer(opened: Opened) -> dict[str, Any]:
    """What the filler's page tells where there may be nothing to report."""
    record = opened.record
    was = nil.is_nil(record)
    return {"was": was, "typed": 0 if was else nil.typed(opened), "remark": record.mark_reason}


def told(opened: Opened) -> str | None:
    """The remark of a nil return, perhaps empty; None for any other report."""
    return opened.record.mark_reason if nil.is_nil(opened.record) else None


def problems(work: Work, opened: Opened, language: str) -> Sequence[CellProblem]:
    """What whoever checks a report should look at; in a nil return there is nothing to check."""
    if nil.is_nil(opened.record):
        return ()
    return surroundings.problems(work, opened.form, opened.record, language=language, draft=False)
