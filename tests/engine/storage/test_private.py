"""Who else works on the machine reads nothing of the data."""

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.storage.database import Database


@pytest.fixture
def open_to_all() -> object:
    """The usual mask of a server, under which new files are readable by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_to_all")
def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    """The folder, the file and SQLite's log beside it; one that was there keeps what its owner gave."""
    place = tmp_path / "data" / "yibiao.db"
    database = Database(f"sqlite:///{place}")
    database.write(lambda connection: connection.execute(text("CREATE TABLE a (b TEXT)")))
    made = [place.parent, *place.parent.iterdir()]
    assert len(made) >= 3
    assert [one.name for one in made if stat.S_IMODE(one.stat().st_mode) & 0o077] == []
    place.chmod(0o640)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM a")).scalar_one() == 0
    database.close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
