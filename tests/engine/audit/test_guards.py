"""The database itself refuses to change what was written; checkpoints hold against whoever can do it anyhow."""

import socketserver
import threading

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.audit import checkpoints, checks, shipping, trail
from engine.audit.checkpoints import CHECKPOINT
from engine.audit.trail import AUDIT, Verdict
from engine.crypto.vault import digest
from engine.errors import Problem
from engine.json_text import canonical
from engine.work import HISTORY, System
from forms.documents import CHANGE
from tests.tampering import tamper
from workflows.store import EVENT


def _write(system: System, actor, count: int = 5) -> None:
    def command(work) -> None:
        work.record("phone", "p1", before=None, after={"phone": "1"})
        for number in range(count):
            work.note("form.published", f"f{number}")

    system.write(actor, command)


@pytest.mark.parametrize(
    "statement",
    [
        update(AUDIT).values(target="x"),
        delete(AUDIT).where(AUDIT.c.seq == 3),
        update(CHECKPOINT).values(digest="0"),
        delete(CHECKPOINT),
        delete(HISTORY),
        update(HISTORY).values(actor_id="somebody"),
    ],
    ids=str,
)
def test_the_database_refuses_to_change_what_was_written(system: System, actor, statement) -> None:
    """Whoever asks, our own program as well."""
    _write(system, actor)
    system.write(actor, checks.run_check)
    with pytest.raises((DBAPIError, Problem)) as refused:
        system.database.write(lambda connection: connection.execute(statement))
    assert "append-only" in str(refused.value) + str(refused.value.__cause__)
    with system.database.read() as connection:
        assert trail.verify(connection).whole
        assert connection.execute(select(HISTORY.c.actor_id)).scalars().all() == ["system:test"]


def test_a_row_is_not_replaced_either(sqlite_system: System, actor) -> None:
    """SQLite takes a row away for one that comes in its place, and does not tell the guards unless asked to."""
    _write(sqlite_system, actor)
    for table in ("audit", "history", "cell_change", "flow_event"):
        again = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE rowid = 1"
        with sqlite_system.database.read() as connection:
            there = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
        if not there:
            continue
        with pytest.raises((DBAPIError, Problem)) as refused:
            sqlite_system.database.write(
                lambda connection, one=again: connection.exec_driver_sql(one)
            )
        assert "append-only" in str(refused.value) + str(refused.value.__cause__)


def test_every_history_is_guarded(system: System) -> None:
    """On SQLite a migration that makes a table anew would lose its guards in silence."""
    if system.database.is_sqlite:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with system.database.read() as connection:
        found = set(connection.execute(text(query)).scalars())
    tables = (AUDIT, CHECKPOINT, HISTORY, CHANGE, EVENT)
    wanted = {f"{one.name}_{what}" for one in tables for what in ("update", "delete")}
    assert wanted <= found


def _rewritten(connection) -> None:
    """All of the chain made anew with right digests, as somebody with the database may do."""
    rows = [dict(row) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).mappings()]
    previous = trail.FIRST
    for row in rows:
        row.pop("digest")
        row["target"] = "forged" if row["seq"] == 2 else row["target"]
        previous = digest(previous.encode(), canonical(row))
        row["digest"] = previous
    tamper(connection, delete(AUDIT), insert(AUDIT).values(rows))


def test_a_chain_that_was_made_anew_breaks_its_checkpoint(system: System, actor) -> None:
    """Every digest is right, and still the signed one is not among them."""
    _write(system, actor)
    assert system.write(actor, checks.run_check).whole
    system.database.write(_rewritten)
    with system.database.read() as connection:
        chain = trail.verify(connection)
        assert chain.whole
        found = checkpoints.check(connection, system.vault.public_key(), chain)
    assert found == Verdict(whole=False, entries=6, broken_at=5)


def test_a_checkpoint_kept_elsewhere_holds_when_those_here_are_gone(system: System, actor) -> None:
    """The line that somebody wrote down is enough."""
    _write(system, actor)
    system.write(actor, checks.run_check)
    with system.database.read() as connection:
        (signed,) = checkpoints.signed(connection)
    kept = checkpoints.read_line(signed.line())
    assert kept == signed
    system.database.write(_rewritten)
    system.database.write(lambda connection: tamper(connection, delete(CHECKPOINT)))
    with system.database.read() as connection:
        chain = trail.verify(connection)
        key = system.vault.public_key()
        assert checkpoints.check(connection, key, chain).whole
        assert checkpoints.check(connection, key, chain, [kept]).broken_at == 5


@pytest.mark.parametrize("line", ["", "5", "x a b c", "5 a b", "５ a b c"])
def test_a_line_that_is_no_checkpoint(line: str) -> None:
    """Told as such."""
    assert checkpoints.read_line(line) is None


def test_the_trail_goes_to_a_log_server(system: System, actor) -> None:
    """One line an entry, with its number and digest; a wrong address is told."""
    heard: list[bytes] = []

    class Hear(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            heard.append(self.rfile.read())

    _write(system, actor)
    with socketserver.TCPServer(("127.0.0.1", 0), Hear) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        log = shipping.Syslog(f"tcp://127.0.0.1:{server.server_address[1]}")
        with system.database.read() as connection:
            sent = list(shipping.lines(connection, after=2))
        for _, line in sent:
            log.send("2026-11-23T01:30:00Z", line)
        log.close()
        thread.join(10)
    assert [number for number, _ in sent] == [3, 4, 5]
    assert all(line.encode() in heard[0] for _, line in sent)
    for wrong in ("http://x", "udp://", "tcp://127.0.0.1:1", "tcp://127.0.0.1:x"):
        with pytest.raises(shipping.SyslogInvalid):
            shipping.Syslog(wrong)
