"""A backup is one moment of a running database, opens with its keys only, and is whole or no backup."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.crypto.keyfile import KeyRing, Root
from engine.crypto.vault import Vault
from engine.storage import backups
from engine.storage.backups import BackupInvalid, Head, PlaceTaken
from engine.storage.database import Database
from engine.work import HISTORY, System
from tests import postgres

SECRET = "13864598765"
HEAD = Head("2026-11-23T01:30:00", "", "0.1.0", 0, "", "")


def _fill(system: System, actor, count: int = 30) -> None:
    def command(work) -> None:
        for number in range(count):
            work.record("phone", f"p{number}", before=None, after={"phone": SECRET})
        work.note("form.published", "f")

    system.write(actor, command)


@pytest.fixture
def new_place(system: System, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A URL where a database of the same kind can be restored."""
    if system.database.is_sqlite:
        return f"sqlite:///{tmp_path / 'new' / 'yibiao.db'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.fresh_database()


def _backup(system: System, to: Path) -> Path:
    backups.write(system.settings.url, system.vault, to, HEAD)
    return to


def test_what_was_there_is_there_again(system: System, actor, new_place, tmp_path: Path) -> None:
    """Every row; and nothing may be in the place already."""
    _fill(system, actor)
    file = _backup(system, tmp_path / "a.backup")
    head = backups.restore(file, system.vault, new_place)
    assert head.database == backups.kind_of(system.settings.url)
    restored = Database(new_place)
    with restored.read() as connection, system.database.read() as before:
        for table in (HISTORY, AUDIT):
            assert connection.execute(select(table)).all() == before.execute(select(table)).all()
        assert trail.verify(connection).whole
    restored.close()
    if system.database.is_sqlite:
        with pytest.raises(PlaceTaken):
            backups.restore(file, system.vault, new_place)


def test_a_backup_made_while_people_write_is_one_moment(
    system: System, actor, new_place, tmp_path: Path
) -> None:
    """History and trail are written together; in the copy they are as many."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            system.write(
                actor,
                lambda work: [work.record("x", "y", before=None, after={}), work.note("a.b", "c")],
            )

    writers = [threading.Thread(target=write) for _ in range(3)]
    for one in writers:
        one.start()
    file = _backup(system, tmp_path / "a.backup")
    stop.set()
    for one in writers:
        one.join()
    backups.restore(file, system.vault, new_place)
    restored = Database(new_place)
    with restored.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar()
            for table in (HISTORY, AUDIT)
        ]
        assert counts[0] == counts[1]
        assert trail.verify(connection).whole
    restored.close()


def test_nothing_in_a_backup_is_in_the_clear(system: System, actor, tmp_path: Path) -> None:
    """Neither values nor names of tables; nothing is left beside it."""
    _fill(system, actor)
    folder = tmp_path / "backups"
    file = _backup(system, folder / "a.backup")
    content = file.read_bytes()
    for word in (SECRET, "history", "system:test", "SQLite format", "PGDMP"):
        assert word.encode() not in content
    assert [path.name for path in folder.iterdir()] == ["a.backup"]
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(PlaceTaken):
        _backup(system, file)


@pytest.mark.parametrize("system", ["sqlite"], indirect=True)
def test_what_is_no_whole_backup_is_told(system: System, actor, tmp_path: Path) -> None:
    """Cut off, altered anywhere, put together anew, or sealed by other keys."""
    _fill(system, actor)
    good = _backup(system, tmp_path / "a.backup").read_bytes()
    wrong = {
        "empty": b"",
        "other": b"PK\x03\x04" + bytes(100),
        "cut": good[:-50],
        "longer": good + b"x",
        "head": good.replace(b'"entries": 0', b'"entries": 9'),
        "bit": good[:-9] + bytes([good[-9] ^ 1]) + good[-8:],
    }
    for name, content in wrong.items():
        file = tmp_path / f"{name}.backup"
        file.write_bytes(content)
        with pytest.raises(BackupInvalid):
            backups.restore(file, system.vault, f"sqlite:///{tmp_path / name / 'x.db'}")
        assert not (tmp_path / name / "x.db").exists()
    stranger = Vault(KeyRing({1: Root(b"x" * 32, "AES-256-GCM", "")}, b"y" * 32, "sha256", sealed=True))  # fmt: skip
    with pytest.raises(BackupInvalid) as told:
        backups.restore(tmp_path / "a.backup", stranger, f"sqlite:///{tmp_path / 'b.db'}")
    assert told.value.reason == "other-keys"
