"""A full disk: what was acknowledged stays, nothing half-written, and it is told in words."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text

from engine.storage.database import Database
from engine.storage.failures import StorageFull
from engine.work import System
from tests.engine.storage import notes, own_disk

ROOT = Path(__file__).resolve().parents[3]
UNTIL_FULL = """
import json, sys
from engine.storage.database import Database
from engine.storage.failures import StorageFull, StorageUnavailable
from tests.engine.storage import notes
database = Database("sqlite:///" + sys.argv[1])
notes.make(database)
kept, told = [], ""
for number in range(4000):
    try:
        database.write(notes.add(number, "x" * 3000))
    except (StorageFull, StorageUnavailable) as problem:
        told = problem.code
        break
    kept.append(number)
print(json.dumps([kept, told, notes.ids(database)]))
"""


def _limit(database: Database, pages: int) -> None:
    """A database that may grow by a few pages only, as on a disk that is nearly full."""
    with database.read() as connection:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(raw, _record) -> None:
        raw.execute(f"PRAGMA max_page_count={now + pages}")

    event.listen(database.writers, "connect", limit)


def test_a_full_disk_is_told_and_undoes_only_what_did_not_fit(sqlite_system: System) -> None:
    """Neighbours in the same transaction that fitted are kept, and small things go on."""
    database = sqlite_system.database
    _limit(database, 60)
    notes.make(database)
    told = notes.in_one_batch(database, notes.add(1), notes.add(2, "x" * 2_000_000), notes.add(3))
    failures = [future.exception() for future in told]
    assert isinstance(failures[1], StorageFull)
    kept = [number for number, failure in zip((1, 2, 3), failures, strict=True) if not failure]
    assert notes.ids(database) == kept
    assert all(isinstance(failure, StorageFull) for failure in failures if failure)
    database.write(notes.add(4))
    assert notes.ids(database) == [*kept, 4]


def test_a_full_disk_is_told_in_words(sqlite_system: System) -> None:
    """The clerk hears that nothing of this was saved, and whom to tell."""
    _limit(sqlite_system.database, 60)
    with pytest.raises(StorageFull) as told:
        sqlite_system.database.write(
            lambda connection: connection.execute(
                text("CREATE TABLE big AS SELECT randomblob(9000000) AS x")
            )
        )
    assert "磁盘已满" in told.value.text()
    assert "disk" in told.value.text("en")


def test_a_file_that_may_not_grow_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    """The operating system refuses to write more: every acknowledged note is there, and no other."""
    done = subprocess.run(
        [sys.executable, "-c", UNTIL_FULL, str(tmp_path / "a.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)),
    )
    assert done.returncode == 0, done.stderr
    kept, told, seen = json.loads(done.stdout)
    assert told in ("storage.full", "storage.unavailable")
    assert kept
    assert seen == kept
    reopened = Database(f"sqlite:///{tmp_path / 'a.db'}")
    assert notes.ids(reopened) == kept
    reopened.write(notes.add(9999))
    reopened.close()


def test_a_disk_that_is_really_full_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    """The same on a file system of one megabyte of its own, where this machine lets us mount one."""
    kept, told, seen = own_disk.told_by(UNTIL_FULL, tmp_path, size="1m", name="/a.db")
    assert told == "storage.full"
    assert len(kept) > 20
    assert seen == kept
