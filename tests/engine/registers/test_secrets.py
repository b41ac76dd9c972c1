"""L3 and L4 values are sealed wherever the database keeps them."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from engine.crypto.vault import KeyUnavailable
from engine.registers import store, words
from engine.registers.schema import table
from engine.registers.store import Change
from engine.work import System
from tests import factories
from tests.factories import TESTER

PHONE, OTHER_PHONE, ILLNESS = "13864598765", "13964591234", "阿尔茨海默症"


def _planted(system: System) -> tuple[dict, list[str]]:
    """A person whose secrets were loaded, changed and taken away; gives all that were ever there."""
    dictionary = factories.load_dictionary(system)
    wang = factories.person(phone=PHONE, illnesses=[ILLNESS], debt=73519)
    factories.load_people(system, dictionary, [wang])
    number = factories.id_number()

    def change(work, *changes: Change) -> None:
        store.set_values(work, dictionary, changes, factories.origin(work))

    first = Change("person.phone", wang["id"], OTHER_PHONE), Change("person.id_number", wang["id"], number)  # fmt: skip
    system.write(TESTER, lambda work: change(work, *first))
    system.write(TESTER, lambda work: change(work, Change("person.illnesses", wang["id"], None)))
    system.write(TESTER, lambda work: words.read_again(work, {}))
    return wang, [wang["id_number"], number, PHONE, OTHER_PHONE, ILLNESS, "73519"]


def test_no_secret_stands_in_the_files_of_sqlite(sqlite_system: System) -> None:
    """Neither in the database nor in its log: not in rows, not in the history, not on the trail."""
    wang, secrets = _planted(sqlite_system)
    folder = Path(sqlite_system.settings.data_path)
    files = [path for path in folder.iterdir() if path.name.startswith("yibiao.db")]
    assert {path.suffix for path in files} >= {".db", ".db-wal"}
    content = b"".join(path.read_bytes() for path in files)
    assert wang["name"].encode() in content  # what is open is there, so we look in the right place
    assert [one for one in secrets if one.encode() in content] == []


def test_no_secret_stands_in_a_table_of_postgresql(postgres_system: System) -> None:
    """Looked for in every row of every table, as text."""
    wang, secrets = _planted(postgres_system)
    with postgres_system.database.read() as connection:
        content = " ".join(
            str(
                connection.execute(
                    text(f'SELECT string_agg(x::text, chr(10)) FROM "{name}" x')
                ).scalar()
            )
            for name in inspect(connection).get_table_names()
        )
    assert wang["name"] in content
    assert [one for one in secrets if one in content] == []


def test_a_sealed_value_moved_to_another_person_does_not_open(system: System) -> None:
    """Nor to another field: it is tied to its place."""
    dictionary = factories.load_dictionary(system)
    wang, li = factories.person(phone=PHONE), factories.person()
    factories.load_people(system, dictionary, [wang, li])
    people = table(dictionary, "person")

    def steal(connection) -> None:
        sealed = select(people.c.f_phone).where(people.c.id == wang["id"])
        sealed_phone = connection.execute(sealed).scalar()
        connection.execute(
            update(people).where(people.c.id == li["id"]).values(f_phone=sealed_phone)
        )

    system.database.write(steal)
    with system.read(TESTER) as work, pytest.raises(KeyUnavailable):
        store.fetch(work, dictionary, "person", [li["id"]], [dictionary.field("person.phone")])


def test_a_sealed_value_moved_to_another_period_does_not_open(system: System) -> None:
    """Last year's income is not this year's."""
    dictionary = factories.load_dictionary(system)
    change = Change("org.income", "37", 100, "2025")
    system.write(TESTER, lambda w: store.set_values(w, dictionary, [change], factories.origin(w)))
    rows = table(dictionary, "org", period=True)
    system.database.write(lambda connection: connection.execute(update(rows).values(period="2026")))
    with system.read(TESTER) as work, pytest.raises(KeyUnavailable):
        store.fetch(
            work, dictionary, "org", ["37"], [dictionary.field("org.income")], period="2026"
        )


def test_equal_secrets_do_not_look_equal(system: System) -> None:
    """Two people with one phone number: only the blind index, which needs the key, tells."""
    dictionary = factories.load_dictionary(system)
    factories.load_people(system, dictionary, [factories.person(phone=PHONE) for _ in range(2)])
    people = table(dictionary, "person")
    with system.database.read() as connection:
        rows = connection.execute(select(people.c.f_phone, people.c.b_phone)).all()
    assert rows[0].f_phone != rows[1].f_phone
    assert rows[0].b_phone == rows[1].b_phone


def test_an_error_of_the_database_tells_no_values(system: System) -> None:
    """What is logged about a failed statement holds the statement, not the person."""
    dictionary = factories.load_dictionary(system)
    people = table(dictionary, "person")
    row = {"id": "p1", "created_at": None, "sources": {}, "f_name": "欧阳娜娜"}
    with pytest.raises(IntegrityError) as told:
        system.database.write(lambda connection: connection.execute(people.insert(), row))
    assert "f_name" in str(told.value)
    said, _, detail_of_postgresql = str(told.value).partition("DETAIL")
    assert "欧阳娜娜" not in said + detail_of_postgresql.partition("[SQL")[2]
