"""Keys from the command line: status, a rotation with everything sealed anew, the drill."""

import json
from pathlib import Path


def test_keys_are_rotated_and_the_old_ones_destroyed(run, tmp_path: Path) -> None:
    """A new generation, everything sealed anew, the drill, and only then the old key goes."""
    assert run("init").exit_code == 0
    before = json.loads(run("keys", "status", "--json").stdout)
    assert [one["generation"] for one in before["generations"]] == [1]
    assert before["sealed"]
    assert run("keys", "rotate", "--forget", 1).exit_code == 2
    assert run("keys", "rotate", "--now").exit_code == 0
    after = json.loads(run("keys", "status", "--json").stdout)
    assert [one["current"] for one in after["generations"]] == [False, True]
    assert after["left"] == 0
    assert run("keys", "drill").exit_code == 0
    assert run("keys", "rotate", "--forget", 1).exit_code == 0
    assert run("keys", "drill").exit_code == 0
    assert "keys.forgotten" not in run("audit", "verify").output


def test_another_key_encryption_key(run, tmp_path: Path) -> None:
    """The keys stay, and the old file no longer opens them."""
    assert run("init").exit_code == 0
    elsewhere = tmp_path / "elsewhere" / "kek.key"
    assert run("keys", "rotate", "--kek", elsewhere).exit_code == 0
    refused = run("keys", "status")
    assert refused.exit_code == 2
    assert "kek" in refused.output


def test_a_value_that_does_not_open_fails_the_drill(run, tmp_path: Path) -> None:
    """Keys of another installation in the place of one's own."""
    assert run("init").exit_code == 0
    assert run("pack", "load", Path(__file__).parents[3] / "packs" / "yantai").exit_code == 0
    assert run("keys", "drill").exit_code == 0
    folder = tmp_path / "var"
    for name in ("keys.json", "kek.key"):
        (folder / name).unlink()
    assert run("keys", "status").exit_code == 0
    assert run("keys", "drill").exit_code == 1
