"""A file is read on a few screens, a function on one."""

import ast
from pathlib import Path

from tests.architecture import tree

MODULE_LINES, CLASS_LINES, FUNCTION_LINES = 400, 250, 60

EXCEPTIONS: dict[str, str] = {}
"""`path` or `path:name` and why it may be longer; an entry no longer needed fails the test below."""


def _too_long(path: Path) -> list[tuple[str, int]]:
    found = []
    if "versions" in path.parts:  # a migration lists its columns once and is never read again
        return found
    lines = tree.read(path).count("\n")
    if lines > MODULE_LINES:
        found.append((str(path), lines))
    if path.suffix == ".py":
        found += [
            (f"{path}:{node.name}", length)
            for node in ast.walk(tree.parsed(path))
            if (length := _length(node)) > _allowed(node)
        ]
    return found


def _length(node: ast.AST) -> int:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return 0
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _allowed(node: ast.AST) -> int:
    return CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES


def _all_too_long() -> dict[str, int]:
    files = [
        path for path in tree.tracked() if path.suffix in {".py", ".ts", ".vue", ".sh", ".html"}
    ]
    return {name: lines for path in files for name, lines in _too_long(path)}


def test_modules_classes_and_functions_are_short() -> None:
    """400 lines a module, 250 a class, 60 a function; longer ones are split, or listed with the reason."""
    assert {name: lines for name, lines in _all_too_long().items() if name not in EXCEPTIONS} == {}


def test_no_exception_outlives_its_need() -> None:
    """An exception that is no longer used is taken off the list."""
    assert set(EXCEPTIONS) <= set(_all_too_long())
