"""A backup is one moment of a running database, opens with its keys only, and is whole or no backup."""

import io
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.crypto.keyfile import KeyRing, Root
from engine.crypto.vault import Vault
from engine.storage import backups, increments
from engine.storage.backups import BackupInvalid, Head, NotIncremental, PlaceTaken
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


def _days(system: System, actor, folder: Path, days: int) -> list[Path]:
    """One whole backup, then one of changes a day."""
    made: list[Path] = []
    for day in range(days):
        _fill(system, actor)
        head = replace(HEAD, at=f"2026-11-{day + 1:02d}T01:30:00")
        file = folder / f"{day}.backup"
        backups.write(system.settings.url, system.vault, file, head, since=made[-1] if made else None)  # fmt: skip
        made.append(file)
    return made


def _only_sqlite(system: System) -> None:
    if not system.database.is_sqlite:
        pytest.skip("PostgreSQL has a log of its own; that it is refused is another test")


def test_each_backup_of_changes_restores_to_the_day_it_was_made(
    system: System, actor, tmp_path: Path
) -> None:
    """The first day's rows from the first, every day's from the last; the changes alone are small."""
    _only_sqlite(system)
    for _ in range(40):
        _fill(system, actor)
    made = _days(system, actor, tmp_path, 4)
    counts = []
    for number, file in enumerate(made):
        url = f"sqlite:///{tmp_path / str(number) / 'yibiao.db'}"
        assert backups.restore(file, system.vault, url).at.startswith(f"2026-11-{number + 1:02d}")
        restored = Database(url)
        with restored.read() as connection:
            counts.append(connection.execute(select(func.count()).select_from(HISTORY)).scalar())
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert trail.verify(connection).whole
        restored.close()
    assert [one - counts[0] for one in counts] == [0, 30, 60, 90]
    sizes = [file.stat().st_size for file in made]
    assert max(sizes[1:]) < sizes[0] / 2
    assert backups.newest(tmp_path) == made[-1]


def test_changes_without_what_they_go_on_from_are_not_restored(
    system: System, actor, new_place: str, tmp_path: Path
) -> None:
    """The one before is gone, or another of its name stands there: nothing is written, and it is said why."""
    _only_sqlite(system)
    first, second, third = _days(system, actor, tmp_path, 3)
    kept = second.read_bytes()
    second.unlink()
    for reason in ("missing", "another"):
        with pytest.raises(BackupInvalid) as told:
            backups.restore(third, system.vault, new_place)
        assert (told.value.reason, reason) == ("no-base", reason)
        backups.write(
            system.settings.url, system.vault, second, HEAD
        ) if reason == "missing" else None
    second.write_bytes(kept[:-10])
    with pytest.raises(BackupInvalid) as told:
        backups.restore(third, system.vault, new_place)
    assert told.value.reason == "altered"
    assert not Path(new_place.removeprefix("sqlite:///")).exists()
    second.write_bytes(kept)
    backups.restore(third, system.vault, new_place)
    assert backups.newest(tmp_path) == third
    first.unlink()
    assert backups.newest(tmp_path) is None


def test_of_postgresql_only_the_whole_is_backed_up(system: System, actor, tmp_path: Path) -> None:
    """A dump says nothing about pages: it is refused rather than written whole under another name."""
    if system.database.is_sqlite:
        pytest.skip("SQLite can")
    whole = _backup(system, tmp_path / "a.backup")
    with pytest.raises(NotIncremental):
        backups.write(system.settings.url, system.vault, tmp_path / "b.backup", HEAD, since=whole)
    assert not (tmp_path / "b.backup").exists()


@settings(max_examples=60, deadline=None)
@given(before=st.binary(max_size=200), now=st.binary(max_size=200), stretch=st.integers(1, 400))
def test_changes_make_of_any_file_any_other(before: bytes, now: bytes, stretch: int) -> None:
    """Longer, shorter, empty, the same: what comes out is the later one; cut off anywhere it is told."""
    with tempfile.TemporaryDirectory() as folder:
        earlier, later, changes = (Path(folder) / name for name in ("a", "b", "c"))
        earlier.write_bytes(before * stretch)
        later.write_bytes(now * stretch)
        with earlier.open("rb") as old, later.open("rb") as new, changes.open("wb") as to:
            written = increments.write(old, new, to)
        if before * stretch == now * stretch:
            assert written == 0
        whole = changes.read_bytes()
        if written:
            changes.write_bytes(whole[:-1])
            with changes.open("rb") as cut, pytest.raises(EOFError):
                increments.apply(cut, earlier)
            earlier.write_bytes(before * stretch)
        with io.BytesIO(whole) as content:
            increments.apply(content, earlier)
        assert earlier.read_bytes() == later.read_bytes()
