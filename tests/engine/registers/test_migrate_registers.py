"""The registers follow the dictionary: tables, columns and indexes are added, rows stay."""

import copy

import pytest
from sqlalchemy import inspect

from engine.dictionary import pack
from engine.dictionary import store as dictionary_store
from engine.registers import schema, store
from engine.registers.store import Change, KeyTaken
from engine.work import System
from tests import factories
from tests.factories import TESTER

EMAIL = {"code": "email", "labels": {"zh": "邮箱"}, "schema": {"type": "string"}}
CARD = {"code": "card", "labels": {"zh": "卡号"}, "sensitivity": "L4", "schema": {"type": "string"}}


def with_fields(*fields: dict, **subject) -> dict:
    """The persons' declaration with more fields."""
    document = copy.deepcopy(factories.PERSON)
    document["fields"] += fields
    document["subject"].update(subject)
    return document


def columns(system: System, name: str) -> set[str]:
    with system.database.read() as connection:
        return {column["name"] for column in inspect(connection).get_columns(name)}


def test_a_new_field_is_a_new_column_of_a_table_with_rows(system: System) -> None:
    """What was known stays known; the new value is unknown, and can be set at once."""
    wang = factories.person(phone="13800138000")
    before = factories.load_dictionary(system)
    factories.load_people(system, before, [wang])
    after = factories.load_dictionary(system, with_fields(EMAIL, CARD))
    assert {"f_email", "f_card", "b_card"} <= columns(system, "reg_person")
    changes = [
        Change("person.email", wang["id"], "a@b.cn"),
        Change("person.card", wang["id"], "6222"),
    ]
    system.write(TESTER, lambda w: store.set_values(w, after, changes, factories.origin(w)))
    with system.read(TESTER) as work:
        asked = [after.field(f"person.{name}") for name in ("name", "phone", "email", "card")]
        known = store.fetch(work, after, "person", [wang["id"]], asked)[wang["id"]]
    assert [one.value for one in known.values()] == [wang["name"], "13800138000", "a@b.cn", "6222"]


def test_an_open_reader_is_not_disturbed(system: System) -> None:
    """Somebody is looking while a field is added; both go on."""
    before = factories.load_dictionary(system)
    wang = factories.person()
    factories.load_people(system, before, [wang])
    name = [before.field("person.name")]
    with system.read(TESTER) as work:
        work.connection.exec_driver_sql("SELECT 1")
    factories.load_dictionary(system, with_fields(EMAIL))
    with system.read(TESTER) as work:
        found = store.fetch(work, before, "person", [wang["id"]], name)
    assert found[wang["id"]]["person.name"].value == wang["name"]


def test_a_new_key_gets_its_index(system: System) -> None:
    """A second natural key is unique from then on, in a table that was there before."""
    factories.load_dictionary(system)
    dictionary = factories.load_dictionary(system, with_fields(EMAIL, keys=["id_number", "email"]))
    with system.database.read() as connection:
        names = {index["name"]: index["unique"] for index in inspect(connection).get_indexes("reg_person")}  # fmt: skip
    assert names == {"key_person_id_number": 1, "key_person_email": 1, "home_person": 0}
    twice = [factories.person(email="a@b.cn") for _ in range(2)]
    with pytest.raises(KeyTaken):
        factories.load_people(system, dictionary, twice)


def test_the_first_period_field_makes_a_table(system: System) -> None:
    """A kind of subject that had none until now."""
    before = factories.load_dictionary(system, factories.PERSON)
    assert not schema.has_periods(before, "person")
    steps = {
        "code": "steps",
        "labels": {"zh": "步数"},
        "temporal": "period",
        "schema": {"type": "integer"},
    }
    after = factories.load_dictionary(system, with_fields(steps))
    assert schema.has_periods(after, "person")
    assert columns(system, "per_person") == {
        "subject_id",
        "period",
        "created_at",
        "sources",
        "absent",
        "f_steps",
    }


def test_what_was_done_is_told_and_doing_it_again_does_nothing(system: System) -> None:
    """For the operator's eyes."""
    factories.load_dictionary(system, factories.ORG)

    def command(work) -> list[list[str]]:
        dictionary_store.save_subject(work, {"code": "house", "labels": {"zh": "房屋"}})
        dictionary = dictionary_store.dictionary(work.connection)
        return [schema.migrate(work.connection, dictionary) for _ in range(2)]

    assert system.write(TESTER, command) == [["+ reg_house"], []]


def test_a_retired_field_keeps_its_values(system: System) -> None:
    """They are asked for by nobody new and lost for nobody old."""
    dictionary = factories.load_dictionary(system)
    wang = factories.person(phone="13800138000")
    factories.load_people(system, dictionary, [wang])
    retired = dictionary.field("person.phone").retired()
    system.write(TESTER, lambda work: dictionary_store.save_field(work, retired))

    def command(work):
        now = dictionary_store.dictionary(work.connection)
        schema.migrate(work.connection, now)
        return store.fetch(work, now, "person", [wang["id"]], [now.field("person.phone")])

    assert system.write(TESTER, command)[wang["id"]]["person.phone"].value == "13800138000"


def test_a_failed_change_of_the_dictionary_leaves_no_column(system: System) -> None:
    """Tables belong to the transaction too."""
    factories.load_dictionary(system)
    with pytest.raises(KeyError):
        system.write(TESTER, lambda work: [_load(work, with_fields(EMAIL)), {}["stop"]])
    assert "f_email" not in columns(system, "reg_person")


def _load(work, document) -> None:
    pack.load_fields(work, [document])
