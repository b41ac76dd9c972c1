"""The files of the repository, as the tests of this folder look at them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "forms", "workflows", "renderers", "admin")
TEXT = {
    ".py", ".sh", ".toml", ".json", ".md", ".lock", ".ts", ".vue", ".mjs", ".js", ".css", ".html", ".csv", ".ini",
    ".mako", ".txt", ".svg", "",
}  # fmt: skip


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows or would add, relative to the root."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(
        Path(name) for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file()
    )


@cache
def read(path: Path) -> str:
    """The text of a file, given relative to the root."""
    return (ROOT / path).read_text(encoding="utf-8")


def texts() -> list[Path]:
    """The files people read and write."""
    return [path for path in tracked() if path.suffix in TEXT]


def python(*tops: str) -> list[Path]:
    """The Python files below the given top folders; all of them when none is given."""
    return [
        path for path in tracked() if path.suffix == ".py" and (not tops or path.parts[0] in tops)
    ]


@cache
def parsed(path: Path) -> ast.Module:
    """A Python file as a tree."""
    return ast.parse(read(path), filename=str(path))
