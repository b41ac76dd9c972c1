"""What loads what; the layers themselves are held by import-linter, which `make test` runs first."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tree

TABLE_READER = Path(
    "engine/messages/__init__.py"
)  # the texts' folder is the module that reads them
BY_PATH = Path("admin/migrations/versions")  # Alembic runs these files by their path

PURE_CORES = (
    "engine.formula.evaluate",
    "engine.formats",
    "engine.periods",
    "engine.dictionary.field",
    "forms.compile",
    "workflows.machine",
)
NOT_IN_A_PURE_CORE = ("sqlalchemy", "sqlmodel", "litestar", "engine.storage", "engine.clock")


def _docstring_only(module: ast.Module) -> bool:
    return len(module.body) == 1 and ast.get_docstring(module) is not None


def test_a_package_says_what_it_is_for_and_nothing_else() -> None:
    """`__init__.py` holds a docstring only: importing a package loads nothing."""
    wrong = [
        str(path)
        for path in tree.python(*tree.PACKAGES)
        if path.name == "__init__.py"
        and path != TABLE_READER
        and not _docstring_only(tree.parsed(path))
    ]
    assert wrong == []


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without `__init__.py` would be looked through by no tool."""
    folders = {path.parent for path in tree.python(*tree.PACKAGES)} - {BY_PATH}
    assert (
        sorted(
            str(folder) for folder in folders if not (tree.ROOT / folder / "__init__.py").is_file()
        )
        == []
    )


@pytest.mark.parametrize("module", PURE_CORES)
def test_a_pure_core_loads_no_database_no_web_no_clock(module: str) -> None:
    """Formulas, formats, the compiler and the flow machine decide from values alone."""
    script = (
        f"import importlib, pkgutil, sys, {module} as core\n"
        "for below in pkgutil.walk_packages(getattr(core, '__path__', []), core.__name__ + '.'):\n"
        "    importlib.import_module(below.name)\n"
        f"print([name for name in {NOT_IN_A_PURE_CORE!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.strip()) == ("", "[]")
