"""The drill: a backup of a running installation, verified, restored to a new place, opened there."""

import json
import shutil
from pathlib import Path

from tests import installed
from tests.admin import reports


def test_the_drill(run, tmp_path: Path) -> None:
    """Back up, verify, lose everything but the keys, restore: the same report, and the trail whole."""
    system = installed.pack_only().copy(tmp_path / "var")
    sent = reports.sent(system)
    reports.final(system, sent)
    before = json.loads(run("audit", "verify", "--json").stdout)["entries"]
    made = run("backup", "-o", tmp_path / "kept")
    assert made.exit_code == 0, made.output
    assert "keys.json" in made.stdout
    (file,) = (tmp_path / "kept").iterdir()
    system.close()
    verified = run("backup", "verify", file, "--json")
    assert verified.exit_code == 0, verified.output
    assert json.loads(verified.stdout)["opened"] > 10
    for path in (tmp_path / "var").glob("yibiao.db*"):
        path.unlink()
    place = tmp_path / "restored"
    restored = run("restore", file, "--to", place)
    assert restored.exit_code == 0, restored.output
    assert run("restore", file, "--to", place).exit_code == 2
    again = json.loads(run("audit", "verify", "--json", data=place).stdout)
    assert (again["whole"], again["entries"]) == (True, before)
    assert run("keys", "drill", data=place).exit_code == 0
    shutil.rmtree(place)


def test_a_backup_without_its_keys_is_told(run, tmp_path: Path) -> None:
    """Keys are kept apart, and nothing is restored without them."""
    assert run("init").exit_code == 0
    assert run("backup", "-o", tmp_path / "kept").exit_code == 0
    (file,) = (tmp_path / "kept").iterdir()
    shutil.rmtree(tmp_path / "var")
    refused = run("restore", file, "--to", tmp_path / "new")
    assert refused.exit_code == 2
    assert not (tmp_path / "new").exists()
    assert run("backup", "verify", tmp_path / "nowhere.backup").exit_code == 2
