"""The trail from the command line: a checkpoint kept elsewhere, and a copy in a file."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path


def test_a_trail_is_held_against_a_checkpoint_kept_elsewhere(run, tmp_path: Path) -> None:
    """Cut off at the end, with every guard and checkpoint removed: only the kept line tells."""
    assert run("init").exit_code == 0
    assert run("keys", "drill").exit_code == 0
    line = run("audit", "checkpoint").stdout.strip().splitlines()[-1]
    kept = tmp_path / "kept.txt"
    kept.write_text(line + "\n", encoding="utf-8")
    assert run("audit", "verify", "--checkpoint", kept).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "var" / "yibiao.db")) as database, database:
        for name in ("audit_delete", "audit_checkpoint_delete"):
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM audit")
        database.execute("DELETE FROM audit_checkpoint")
    assert run("audit", "verify").exit_code == 0
    result = run("audit", "verify", "--checkpoint", kept, "--json")
    assert (result.exit_code, json.loads(result.stdout)["whole"]) == (1, False)
    kept.write_text("anything\n", encoding="utf-8")
    assert run("audit", "verify", "--checkpoint", kept).exit_code == 2


def test_the_trail_is_copied_to_a_file(run, tmp_path: Path) -> None:
    """A line an entry, from a number on."""
    assert run("init").exit_code == 0
    assert run("keys", "drill").exit_code == 0
    assert run("keys", "drill").exit_code == 0
    file = tmp_path / "trail.jsonl"
    assert run("audit", "export", "--after", 1, "-o", file).exit_code == 0
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(one["seq"], one["action"]) for one in lines] == [(2, "keys.drilled")]
    assert run("audit", "export", "--syslog", "http://x").exit_code == 2
