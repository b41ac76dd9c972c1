"""From SQLite to PostgreSQL: everything comes along, work goes on there, and nothing half."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from admin import moving, packs, working
from admin.moving import MoveLost, MovePlaceTaken, NotFromHere
from engine.audit import trail
from engine.dictionary.store import dictionary
from engine.registers import lookup, words
from engine.work import System
from forms import documents
from tests import factories, installed
from tests.admin import reports
from workflows import commands

pytestmark = pytest.mark.postgres
NAME = "钱三多"


@pytest.fixture
def both(sqlite_system: System, postgres_url: str) -> Iterator[tuple[System, System]]:
    """An installation in SQLite, and an empty PostgreSQL database."""
    packs.load(sqlite_system, installed.PACK)
    working.load()
    target = System(
        replace(sqlite_system.settings, database_url=postgres_url), now=sqlite_system.now
    )
    yield sqlite_system, target
    target.close()


def _people(system: System) -> dict[str, Any]:
    one = factories.person(
        residence=installed.COMMUNITIES[0], name=NAME, phone="13964591111", annual_income="12345.67"
    )
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(system, known, [one])
    return one


def _counts(system: System) -> dict[str, int]:
    with system.read(installed.ANYBODY) as work:
        names = set(inspect(work.connection).get_table_names())
        return {
            name: work.connection.execute(select(func.count()).select_from(text(name))).scalar_one()
            for name in names
            if not name.startswith(moving.LEFT) and name != "audit"
        }


def test_a_report_handed_in_there_is_verified_here(both: tuple[System, System]) -> None:
    """What is sealed opens, what is looked up is found, the chain goes on, numbers go on."""
    source, target = both
    who = _people(source)
    sent = reports.sent(source)
    record = reports.handed_in(source, sent, remark="钱家的事另报")
    counts = moving.moved(source, target)
    assert counts["reg_person"] == 1
    assert _counts(target) == _counts(source)
    verifier = installed.person(target, "shenhe")
    task = reports.waiting(target, sent, "shenhe", "verify", record)
    target.write(verifier, lambda work: commands.pass_(work, task))
    with target.read(installed.ANYBODY) as work:
        assert trail.verify(work.connection).whole
        assert documents.get(work.connection, record).contents["remark"] == "钱家的事另报"
        known = dictionary(work.connection)
        fields = [known.field("person.name"), known.field("person.annual_income")]
        key = known.field("person.id_number")
        found = lookup.look_up(work, known, key, str(who["id_number"]), fields)
        assert found is not None
        values = [one.value for one in found[1].values()]
    assert [str(one) for one in values] == [NAME, "12345.67"]
    _people(target)  # a source of its own: PostgreSQL's counter goes on after those that came


def test_words_are_found_there_when_its_job_has_read_them(both: tuple[System, System]) -> None:
    """The index is made anew: SQLite's would be of no use."""
    source, target = both
    _people(source)
    moving.moved(source, target)
    runner = working.runner(target)
    runner.work_off()
    runner.stop()
    with target.read(installed.ANYBODY) as work:
        standing = work.connection.execute(select(words.INDEX.c.subject)).scalars()
        assert "person" in set(standing)


def test_nothing_is_left_there_when_something_is_lost(
    both: tuple[System, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row less, a broken chain, a column that nobody there knows: all of it is undone."""
    source, target = both
    original = moving._rows

    def less(*given: Any) -> Iterator[Any]:
        rows = original(*given)
        next(rows)
        return rows

    monkeypatch.setattr(moving, "_rows", less)
    with pytest.raises(MoveLost):
        moving.moved(source, target)
    with target.database.read() as connection:
        assert inspect(connection).get_table_names() == []
    monkeypatch.undo()
    assert moving.moved(source, target)["organisation"] > 0


def test_only_into_an_empty_postgresql(both: tuple[System, System]) -> None:
    """Nobody's data is written over; the way back is not offered."""
    source, target = both
    with pytest.raises(NotFromHere):
        moving.moved(source, source)
    with pytest.raises(NotFromHere):
        moving.moved(target, source)
    moving.moved(source, target)
    with pytest.raises(MovePlaceTaken):
        moving.moved(source, target)
