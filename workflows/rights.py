"""What whoever works at a step may do with each cell, and what must be filled in there. Pure.

A first filling opens every cell that the step does not close; a document that was returned with
cells opens those; who verifies or approves edits what the step opens to them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.core.refusals import AtStep
from workflows.core.state import Task, Visit
from workflows.flow import Step


class CellClosed(AtStep):
    """The cell is not open at this step (or not for this return)."""

    code, status = "flow.cell-closed", 403
    cell: str


class CellsMissing(AtStep):
    """The step asks for cells that are still blank."""

    code, status = "flow.cells-missing", 422
    cells: str


def right(step: Step, visit: Visit | None, task: Task, path: str) -> str:
    """edit, read or hide, for who has this task open."""
    given = step.right(path)
    if given != "edit" or task.side == "opinion":
        return "hide" if given == "hide" else "read"
    named = visit.cells if visit is not None and visit.returned and step.kind == "fill" else {}
    return "edit" if not named or any(_under(path, cell) for cell in named) else "read"


def missing(step: Step, document: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells that must be filled in at this step and are blank; a `*` asks for every row."""
    return tuple(
        path for pattern in step.required for path in _blank(document, pattern.split("/")[1:], "")
    )


def _under(path: str, cell: str) -> bool:
    return path == cell or path.startswith(f"{cell}/")


def _blank(value: Any, parts: list[str], path: str) -> Iterator[str]:
    if not parts:
        if value in (None, "", [], {}):
            yield path
        return
    first, rest = parts[0], parts[1:]
    if first == "*":
        for name, row in _rows(value):
            yield from _blank(row, rest, f"{path}/{name}")
        return
    found = next((one for name, one in _rows(value) if name == first), None)
    yield from _blank(found, rest, f"{path}/{first}")


def _rows(value: Any) -> list[tuple[str, Any]]:
    """Cells by name; rows of a table by their identity, else by their number."""
    if isinstance(value, Mapping):
        return [(str(name), one) for name, one in value.items()]
    if isinstance(value, list):
        return [
            (str(row.get("_id", number)) if isinstance(row, Mapping) else str(number), row)
            for number, row in enumerate(value)
        ]
    return []
