"""After a whole story no L3 or L4 value stands anywhere in the clear: looked for in every file."""

import io
import logging
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.work import System
from forms import documents
from tests import installed
from tests.admin import reports
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
