"""A file system of a test's own, where this machine lets us mount one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


def told_by(story: str, folder: Path, *, size: str, name: str = "") -> Any:
    """Run a program on a disk of so many bytes mounted at `folder`; gives the JSON that it prints.

    The program's argument is the disk, or the file of that name on it.
    """
    script = f'mount -t tmpfs -o size={size} none "$1" && exec "$2" -c "$3" "$1{name}"'
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", str(folder),
         sys.executable, story],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"no file system of our own here: {done.stderr.strip()[:120]}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
