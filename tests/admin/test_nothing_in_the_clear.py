"""After a whole story no L3 or L4 value stands anywhere in the clear: looked for in every file."""

import io
import logging
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import column, table, update

from admin import packs
from admin.app import create_app
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.storage import backups
from engine.storage.backups import Head
from engine.work import System
from forms import documents
from tests import factories, installed, postgres
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows import commands, store

REASON = "电话应为13864598765，请核实"
"""What people write beside a cell may hold a number too."""
NOTE = "联系人13964591234"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """An installation with its people, whose rosters are filled from the registers."""
    opened = installed.with_people().copy(tmp_path / "data")
    yield opened
    opened.close()


def _told(system: System) -> tuple[str, set[str]]:
    """A report with a roster, returned, corrected, approved; its id and every secret in it."""
    sent = reports.sent(system)
    with system.read(installed.person(system, "huian")) as work:
        task = next(one.id for one in store.tasks_of(work) if one.dispatch_id == sent.id)
    who = installed.person(system, "huian")
    record = system.write(who, lambda work: commands.open_task(work, task)).record.id
    with system.read(installed.ANYBODY) as work:
        opened = documents.get(work.connection, record).contents
    reports.handed_in(system, sent)
    path = f"/elders/{opened['elders'][0]['_id']}"
    system.write(
        installed.person(system, "shenhe"),
        lambda work: commands.return_(
            work, _next(work), {f"{path}/note": REASON, f"{path}/phone": REASON}
        ),
    )
    reports.again(system, sent, "huian", {f"{path}/note": NOTE, f"{path}/phone": "13964591234"})
    for login in ("shenhe", "lingdao"):
        actor = installed.person(system, login)
        system.write(actor, lambda work: commands.pass_(work, _next(work)))
    with system.read(installed.ANYBODY) as work:
        final = documents.get(work.connection, record)
        assert final.status == "final"
        assert REASON in str(store.events(work.connection, final.case_id or ""))
        changed = documents.changes_since(work.connection, record, 0)
        assert NOTE in {one.after for one in changed}
    return record, _numbers(opened) | _numbers(final.contents) | _numbers(REASON)


def _next(work) -> str:
    return store.tasks_of(work, store.TASK.c.status == "open")[0].id


def _numbers(contents: object) -> set[str]:
    """Every number of identity and every telephone in it."""
    return set(re.findall(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dX])(?!\d)", str(contents)))


def test_no_secret_stands_in_any_file(
    system: System, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither in the database nor in its log, nor in temporary files, nor in what was logged."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    try:
        record, secrets = _told(system)
    finally:
        logging.getLogger().removeHandler(handler)
    assert len(secrets) > 20
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db", ".db-wal"}
    content = b"".join(path.read_bytes() for path in files) + heard.getvalue().encode()
    assert record.encode() in content
    assert [one for one in secrets if one.encode() in content] == []


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> System:
    """The pack with twenty planted persons of eighty in one community, on either database."""
    opened: System = request.getfixturevalue(f"{request.param}_system")
    packs.load(opened, installed.PACK)
    people = [
        factories.person(
            birth_date="1941-03-02",
            residence=installed.COMMUNITIES[0],
            phone=f"1396459{1000 + number * 7}",
            residency="1",
        )
        for number in range(20)
    ]
    with opened.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(opened, known, people)
    return opened


OUTSIDER = "13964597777"


def test_no_secret_is_left_by_pages_exports_and_backups(
    town: System,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    """Looked at, looked for, mistyped, exported without right, backed up: the numbers stand nowhere in the clear."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    structlog.reset_defaults()  # a command that was tried before may have sent the log elsewhere
    with TestClient(create_app(town.settings, town)) as client:
        told, secrets = _asked_for(town, client)
    backups.write(
        town.settings.url,
        town.vault,
        tmp_path / "b.backup",
        Head("2026-11-23T01:30:00", "", "", 0, "", ""),
    )
    assert len(secrets) > 40
    for place, content in told.items():
        assert [one for one in secrets if one.encode() in content] == [], place
    heard = "".join(capfd.readouterr())
    assert "route=" in heard or '"route"' in heard
    assert [one for one in secrets if one in heard] == []
    folders = [tmp_path]
    if not town.database.is_sqlite:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        with psycopg.connect(
            server.url("postgres").replace("+psycopg", ""), autocommit=True
        ) as own:
            own.execute("CHECKPOINT")
        folders.append(server.folder)
    wanted = tmp_path / "secrets"
    marker = "civil.elderly_ledger"
    assert _holding(folders, marker, wanted) != []
    assert _holding(folders, "\n".join(sorted(secrets)), wanted) == []


def _asked_for(system: System, client: TestClient[Litestar]) -> tuple[dict[str, bytes], set[str]]:
    """What people without the right to it are shown, by where; and every secret that there is."""
    sent = reports.sent(system)
    record = reports.final(system, sent)
    with system.read(installed.ANYBODY) as work:
        secrets = _numbers(documents.get(work.connection, record).contents)
    staff, auditor = (_with_password(system, client, one) for one in ("huian", "shenji"))
    number = min(one for one in secrets if len(one) == 18)
    ledger = "/ledgers/civil.elderly_ledger"
    told = {
        f"{kind} without right": staff.press(
            f"{ledger}/export", kind=kind, present="masked"
        ).content
        for kind in ("csv", "json", "sqlite")
    }
    book = staff.press(f"{ledger}/export", kind="xlsx", present="masked").content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        told["xlsx without right"] = b"".join(parts.read(one) for one in parts.namelist())
    told["page"] = staff.get(ledger).content
    told["trail"] = auditor.get("/audit").content
    asked = f"/api/registers/person?key=id_number&value={number[:-1]}{'0' if number[-1] != '0' else '1'}"
    told["wrong number"] = auditor.get(asked).content
    change = {"revision": "x", "changes": {"/elders/a/phone": OUTSIDER}}
    told["refused change"] = staff.patch(f"/api/documents/{record}/cells", change).content
    told["refused page"] = staff.press(f"{ledger}/members", key=f"{number}9").content
    return told, secrets | {OUTSIDER}


def _with_password(system: System, client: TestClient[Litestar], login: str) -> Caller:
    """Log somebody of the pack in, with a password set for the test."""
    password = "Yibiao-2026-长口令"
    digest = identity.hash_password(password)
    who = installed.person(system, login)
    system.write(
        installed.ANYBODY,
        lambda work: work.connection.execute(
            update(table("account", column("id"), column("password_hash")))
            .where(column("id") == who.id)
            .values(password_hash=digest)
        ),
    )
    return Caller(client, login, password)


def _holding(folders: list[Path], texts: str, patterns: Path) -> list[str]:
    """The files below these folders that hold one of the lines."""
    patterns.write_text(texts, encoding="utf-8")
    found = subprocess.run(
        ["grep", "-rlaF", "-f", str(patterns), *map(str, folders)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [one for one in found.stdout.splitlines() if one != str(patterns)]
