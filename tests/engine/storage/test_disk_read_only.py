"""A disk that may only be read, as after an error of the device: nobody writes, people are told, it mends itself."""

from pathlib import Path

import pytest
from sqlalchemy import text

from engine.storage.failures import StorageUnavailable
from engine.work import System
from tests.engine.storage import notes, own_disk

ROOT = Path(__file__).resolve().parents[3]
STORY = """
import json, subprocess, sys
from engine.storage.database import Database
from engine.storage.failures import StorageUnavailable
from tests.engine.storage import notes
folder = sys.argv[1]
database = Database(f"sqlite:///{folder}/a.db")
notes.make(database)
database.write(notes.add(1))
def mount(how):
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)
database.close()  # an open file for writing keeps a disk from being made read-only
mount("ro")
database = Database(f"sqlite:///{folder}/a.db")
told = []
for number in (2, 3):
    try:
        database.write(notes.add(number))
    except StorageUnavailable as problem:
        told.append([problem.code, problem.text("zh"), problem.text("en")])
mount("rw")
database.write(notes.add(4))
print(json.dumps([told, notes.ids(database)]))
"""


def test_a_disk_that_turned_read_only_is_told_and_mends_itself(tmp_path: Path) -> None:
    """On a file system of its own, where this machine lets us mount one; no restart is needed."""
    told, after = own_disk.told_by(STORY, tmp_path, size="4m")
    assert [code for code, _, _ in told] == ["storage.unavailable"] * 2
    assert "没有保存" in told[0][1]
    assert "nothing was saved" in told[0][2]
    assert after == [1, 4]


@pytest.mark.postgres
def test_a_postgresql_that_only_reads_is_told_and_mends_itself(postgres_system: System) -> None:
    """A standby, or one that its operator has set so: looking goes on, a write is told as not done."""
    database = postgres_system.database
    notes.make(database)
    database.write(notes.add(1))

    def only_reading(connection) -> None:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        notes.add(2)(connection)

    with pytest.raises(StorageUnavailable):
        database.write(only_reading)
    assert notes.ids(database) == [1]
    database.write(notes.add(3))
    assert notes.ids(database) == [1, 3]
