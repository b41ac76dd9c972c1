"""The trail is one chain, and whatever is done to an entry shows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from engine.audit import trail
from engine.audit.trail import AUDIT, Verdict
from engine.crypto.vault import digest
from engine.json_text import canonical
from engine.work import System
from tests.tampering import tamper

ENTRIES = 6


def _write_six(system: System, actor) -> None:
    def command(work) -> None:
        for number in range(ENTRIES // 2):
            work.note("form.published", f"f{number}", version=number, rate=Decimal("0.50"))

    for _ in range(2):
        system.write(actor, command)


def _verdict(system: System) -> Verdict:
    with system.database.read() as connection:
        return trail.verify(connection)


def _altered(system: System, *statements) -> Verdict:
    system.database.write(lambda connection: tamper(connection, *statements))
    return _verdict(system)


def test_what_is_noted_is_on_the_trail(system: System, actor) -> None:
    """Who, what, to what, when, in which request; numbered without gaps."""
    system.write(actor, lambda work: work.note("form.published", "f1", version=2), request_id="r1")
    with system.database.read() as connection:
        row = connection.execute(select(AUDIT)).mappings().one()
        assert trail.count(connection) == 1
    assert {name: row[name] for name in row if name not in ("digest", "at")} == {
        "seq": 1,
        "actor_id": "system:test",
        "actor_name": "test",
        "action": "form.published",
        "target": "f1",
        "detail": {"version": 2},
        "request_id": "r1",
    }
    assert row["at"] == "2026-11-23T01:30:00.000000+00:00"


def test_an_empty_trail_is_whole(system: System) -> None:
    """Nothing was done, nothing is missing."""
    assert _verdict(system) == Verdict(whole=True, entries=0)


def test_an_untouched_trail_is_whole(system: System, actor) -> None:
    """Several transactions, one chain."""
    _write_six(system, actor)
    assert _verdict(system) == Verdict(whole=True, entries=ENTRIES)


@pytest.mark.parametrize(
    "change",
    [
        {"actor_id": "somebody"}, {"actor_name": "于"}, {"action": "form.withdrawn"}, {"target": "x"},
        {"at": "2026-11-23T01:30:01.000000+00:00"}, {"detail": {"version": 0}}, {"detail": None},
        {"request_id": "r"}, {"digest": "0" * 64},
    ],
)  # fmt: skip
def test_an_altered_entry_is_found(system: System, actor, change) -> None:
    """Whichever of its columns it was."""
    _write_six(system, actor)
    verdict = _altered(system, update(AUDIT).where(AUDIT.c.seq == 4).values(**change))
    assert verdict == Verdict(whole=False, entries=4, broken_at=4)


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_removed_entry_is_found(system: System, actor, seq: int) -> None:
    """At the entry that no longer fits."""
    _write_six(system, actor)
    assert _altered(system, delete(AUDIT).where(AUDIT.c.seq == seq)).broken_at == seq + 1


def test_a_removed_entry_is_found_though_the_others_are_renumbered(system: System, actor) -> None:
    """The number is part of what the digest covers."""
    _write_six(system, actor)
    moved = update(AUDIT).where(AUDIT.c.seq == 4).values(seq=3)
    last = [update(AUDIT).where(AUDIT.c.seq == n).values(seq=n - 1) for n in (5, 6)]
    verdict = _altered(system, delete(AUDIT).where(AUDIT.c.seq == 3), moved, *last)
    assert verdict.broken_at == 3


def test_exchanged_entries_are_found(system: System, actor) -> None:
    """Both entries are genuine; their order is not."""
    _write_six(system, actor)
    swap = [update(AUDIT).where(AUDIT.c.seq == old).values(seq=new) for old, new in ((2, 99), (3, 2), (99, 3))]  # fmt: skip
    assert _altered(system, *swap).broken_at == 2


def test_an_entry_put_in_between_is_found(system: System, actor) -> None:
    """Nobody can add to the past."""
    _write_six(system, actor)
    with system.database.read() as connection:
        row = dict(connection.execute(select(AUDIT).where(AUDIT.c.seq == 6)).mappings().one())
    forged = {**row, "seq": 7, "target": "forged"}
    assert _altered(system, insert(AUDIT).values(forged)).broken_at == 7


def test_a_failed_command_leaves_no_entry_and_no_gap(system: System, actor) -> None:
    """What did not happen is not on the trail."""

    def fails(work) -> None:
        work.note("form.published", "f")
        raise KeyError("f")

    _write_six(system, actor)
    with pytest.raises(KeyError):
        system.write(actor, fails)
    _write_six(system, actor)
    assert _verdict(system) == Verdict(whole=True, entries=2 * ENTRIES)


def test_a_note_while_only_looking_is_refused(system: System, actor) -> None:
    """It would be lost in silence; a look worth noting is a write."""
    with system.read(actor) as work, pytest.raises(RuntimeError, match="note it in a write"):
        work.note("register.looked", "p1")


def test_twelve_writers_keep_one_chain(system: System, actor) -> None:
    """On PostgreSQL every transaction is on a connection of its own; the chain stays one."""
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: system.write(actor, lambda w: w.note("a.b", str(n))), range(120)))
    assert _verdict(system) == Verdict(whole=True, entries=120)
    with system.database.read() as connection:
        targets = set(connection.execute(select(AUDIT.c.target)).scalars())
    assert targets == {str(number) for number in range(120)}


def test_two_processes_keep_one_chain(system: System, actor, again) -> None:
    """Two installations opened on one database take turns."""
    both = (system, again())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: both[n % 2].write(actor, lambda w: w.note("a.b", str(n))), range(40)))  # fmt: skip
    assert _verdict(system) == Verdict(whole=True, entries=40)


def test_any_text_is_chained_alike_on_both_databases(system: System, actor) -> None:
    """PostgreSQL makes the digest itself; both must mean the same by the same text."""
    odd = [
        "",
        '"',
        "\\",
        "a\nb",
        "\x01\x7f",
        "于 👵 é",
        "%s %(at)s %%",
        '","seq":9,"target":"',
        "'; --",
    ]

    def command(work) -> None:
        for text in odd:
            work.note("a.b", text, text=text, number=Decimal("1.50"), many=[1, text, None])
        work.note("a.b", "nothing more")

    person = replace(actor, name="于 \"'\\ 👵")
    for _ in range(2):
        system.write(person, command, request_id="\\x00")
    assert _verdict(system) == Verdict(whole=True, entries=2 * (len(odd) + 1))
    with system.database.read() as connection:
        rows = connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).mappings().all()
    previous = trail.FIRST
    for row in rows:
        content = {name: value for name, value in row.items() if name != "digest"}
        previous = digest(previous.encode(), canonical(content))
        assert row["digest"] == previous


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(str.isidentifier),
        st.none() | st.booleans() | st.integers() | st.text(max_size=20)
        | st.decimals(allow_nan=False, allow_infinity=False, places=6)
        | st.floats(allow_nan=False, allow_infinity=False) | st.dates()
        | st.lists(st.integers() | st.tuples(st.text(max_size=3)), max_size=3),
        max_size=4,
    )
)  # fmt: skip
@examples(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_the_digest_holds_for_any_detail(sqlite_system: System, actor, detail) -> None:
    """Decimals, whole floats, dates, tuples: the entry is verified as it is read back."""
    sqlite_system.write(actor, lambda work: work.note("a.b", "t", **{"x_" + k: v for k, v in detail.items()}))  # fmt: skip
    assert _verdict(sqlite_system).whole


def test_the_digest_holds_for_decimals_and_dates(system: System, actor) -> None:
    """On both databases."""
    system.write(
        actor,
        lambda work: work.note(
            "a.b", "t", rate=Decimal("1.50"), big=Decimal("1E+20"), on=date(2026, 1, 2), ms=12.0
        ),
    )
    assert _verdict(system).whole
