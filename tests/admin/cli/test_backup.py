"""The drill: a backup of a running installation, verified, restored to a new place, opened there."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from engine import clock
from engine.settings import Settings
from engine.storage import backups
from engine.work import System
from tests import installed, postgres
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


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def test_the_state_of_a_moment_comes_back(
    run, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """Of several backups that of the moment is verified and restored beside the running installation."""
    at_postgres = database == "postgres"
    server: postgres.Server | None = (
        request.getfixturevalue("postgres_server") if at_postgres else None
    )
    url = server.fresh_database() if server else ""
    assert run("init", url=url).exit_code == 0
    kept, moments = tmp_path / "kept", []
    system = System(Settings(data_dir=str(tmp_path / "var"), database_url=url))
    for number in range(3):
        system.write(installed.ANYBODY, lambda work, n=number: _change(work, n))
        assert run("backup", "-o", kept / f"{number}.backup", url=url).exit_code == 0
        moments.append(clock.now())
    system.close()
    verified = run("backup", "verify", kept / "1.backup", "--json", url=url)
    assert verified.exit_code == 0, verified.output
    assert json.loads(verified.stdout)["opened"] >= 2
    early = (moments[0] - timedelta(days=1)).isoformat()
    assert run("restore", kept, "--to", tmp_path / "never", "--at", early, url=url).exit_code == 2
    assert run("restore", kept, "--to", tmp_path / "never", "--at", "noon", url=url).exit_code == 2
    place = server.fresh_database() if server else tmp_path / "then"
    at = moments[1].isoformat()
    restored = run("restore", kept, "--to", place, "--at", at, url=url)
    assert restored.exit_code == 0, restored.output
    again = run("restore", kept, "--to", place, url=url)
    assert (again.exit_code, "已经有内容" in again.output) == (2, True), again.output
    where = {"url": place} if server else {"data": place}
    then = json.loads(run("audit", "verify", "--json", **where).stdout)
    assert (then["whole"], then["entries"]) == (True, backups.read_head(kept / "1.backup").entries)


def _change(work, number: int) -> None:
    work.record("phone", f"p{number}", before=None, after={"phone": "13864598765"})
    work.note("form.published", f"f{number}")


def test_only_what_changed_is_backed_up_and_the_whole_comes_back(run, tmp_path: Path) -> None:
    """The first is whole by itself; each later one names the one it goes on from, and is verified with it."""
    assert run("init").exit_code == 0
    kept = tmp_path / "kept"
    system = System(Settings(data_dir=str(tmp_path / "var")))
    said = []
    for number in range(3):
        system.write(installed.ANYBODY, lambda work, n=number: _change(work, n))
        made = run("backup", "--incremental", "-o", kept / f"{number}.backup")
        assert made.exit_code == 0, made.output
        said.append("0.backup" in made.stdout.splitlines()[1] or "1.backup" in made.stdout.splitlines()[1])  # fmt: skip
    system.close()
    assert said == [False, True, True]
    verified = run("backup", "verify", kept / "2.backup", "--json")
    assert verified.exit_code == 0, verified.output
    assert json.loads(verified.stdout)["whole"]
    assert run("restore", kept, "--to", tmp_path / "new").exit_code == 0
    (kept / "1.backup").unlink()
    refused = run("restore", kept / "2.backup", "--to", tmp_path / "never")
    assert refused.exit_code == 2
    assert "旁边" in refused.output
    assert not (tmp_path / "never" / "yibiao.db").exists()


@pytest.mark.postgres
def test_postgresql_is_told_to_keep_its_own_log(run, tmp_path: Path, postgres_server) -> None:
    """Also where there is no backup yet: nothing is written under the name of changes."""
    url = postgres_server.fresh_database()
    assert run("init", url=url).exit_code == 0
    refused = run("backup", "--incremental", "-o", tmp_path / "kept", url=url)
    assert refused.exit_code == 2
    assert "archive_command" in refused.output
    assert not list(tmp_path.glob("kept/*"))
