"""Some things are done in one place only."""

import ast
from pathlib import Path

from tests.architecture import tree

CLOCK_CALLS = {"now", "utcnow", "today"}
CLOCK_TYPES = {"datetime", "date", "dt"}


def _calls(path: Path) -> list[tuple[int, ast.Attribute]]:
    return [
        (node.lineno, node.func)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def test_only_storage_commits() -> None:
    """Whoever changes something leaves the with-block of a Work; the commit is made in engine/storage."""
    wrong = [
        f"{path}:{line}"
        for path in tree.python(*tree.PACKAGES)
        if path.parts[:2] != ("engine", "storage")
        for line, call in _calls(path)
        if call.attr == "commit"
    ]
    assert wrong == []


def test_only_the_clock_reads_the_time() -> None:
    """Everybody else is told `now`, so that a year of deadlines is tested in milliseconds."""
    wrong = [
        f"{path}:{line}"
        for path in tree.python(*tree.PACKAGES)
        if path != Path("engine/clock.py")
        for line, call in _calls(path)
        if call.attr in CLOCK_CALLS and _last_name(call.value) in CLOCK_TYPES
    ]
    assert wrong == []


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
