"""The case gets its number, once."""

from workflows.core.run import Run
from workflows.events import Numbered


def number(run: Run, event: Numbered) -> None:
    """From now on it is called so; a second number is not taken."""
    run.case_number = run.case_number or event.number
