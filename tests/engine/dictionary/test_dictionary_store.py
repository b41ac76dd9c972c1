"""The dictionary: versions that stay, changes that are seen at once, changes that are refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.audit.trail import AUDIT
from engine.dictionary import pack, store
from engine.dictionary.field import Field, FieldInvalid, FieldUnknown
from engine.errors import Forbidden
from engine.work import System
from tests import factories
from tests.factories import TESTER

NAME = Field("person.name", {"zh": "姓名"}, {"type": "string", "maxLength": 40})


def save(system: System, field: Field) -> Field:
    return system.write(TESTER, lambda work: store.save_field(work, field))


def read(system: System):
    with system.read(TESTER) as work:
        return store.dictionary(work.connection)


def test_a_new_field_is_version_one_whatever_it_says(system: System) -> None:
    """The dictionary counts, not the one who sends it."""
    assert save(system, replace(NAME, version=7)).version == 1
    assert read(system).field("person.name") == NAME


def test_a_change_is_a_new_version_and_the_old_one_stays(system: System) -> None:
    """A published form goes on with the version it was published with."""
    save(system, NAME)
    longer = save(system, replace(NAME, schema={"type": "string", "maxLength": 60}))
    assert longer.version == 2
    assert read(system).field("person.name") == longer
    with system.read(TESTER) as work:
        both = [
            store.versions(work.connection, [("person.name", number)])["person.name"]
            for number in (1, 2)
        ]
    assert both == [NAME, longer]


def test_an_unchanged_field_saves_nothing(system: System) -> None:
    """Loading a pack again makes no versions and leaves no trace."""
    full = replace(NAME, schema={"type": "number", "multipleOf": Decimal("0.01")}, freshness_days=0,
                   synonyms=("名字",), unit="元", standard="GB 1", status="draft")  # fmt: skip
    first = save(system, full)
    stamp = read(system).stamp
    assert save(system, replace(full, version=9)) == first
    assert read(system).stamp == stamp
    with system.database.read() as connection:
        actions = connection.execute(select(AUDIT.c.action)).scalars().all()
    assert actions == ["dictionary.field-saved"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": {"type": "integer"}}, "type-change"),
        ({"schema": {"type": "number"}}, "type-change"),
        ({"sensitivity": "L3"}, "secret-change"),
        ({"sensitivity": "L4"}, "secret-change"),
        ({"temporal": "period"}, "temporal-change"),
    ],
)
def test_a_change_under_which_kept_values_are_lost_is_refused(
    system: System, change, reason
) -> None:
    """Of another type, sealed instead of open, by period: that is another field."""
    save(system, NAME)
    with pytest.raises(FieldInvalid) as told:
        save(system, replace(NAME, **change))
    assert told.value.reason == reason
    instead = "另加一个数据项" if reason == "type-change" else "新建"
    assert instead in told.value.text()
    assert read(system).field("person.name") == NAME


def test_a_change_that_kept_values_survive_is_taken(system: System) -> None:
    """Labels, bounds, a level that does not seal."""
    save(system, NAME)
    changed = save(system, replace(NAME, sensitivity="L2", labels={"zh": "姓 名", "en": "Name"}))
    assert (changed.version, changed.sensitivity) == (2, "L2")


def test_a_retired_field_stays_known(system: System) -> None:
    """Forms that are out still need it."""
    save(system, NAME)
    save(system, NAME.retired())
    assert read(system).field("person.name").status == "retired"


def test_an_unknown_field_is_named(system: System) -> None:
    """In the dictionary and among the versions of a published form."""
    save(system, NAME)
    with pytest.raises(FieldUnknown) as told:
        read(system).field("person.nmae")
    assert told.value.field == "person.nmae"
    with system.read(TESTER) as work, pytest.raises(FieldUnknown):
        store.versions(work.connection, [("person.name", 1), ("person.name", 2)])


def test_only_a_designer_changes_the_dictionary(system: System) -> None:
    """Fields, subjects and code lists alike."""
    clerk = factories.actor(factories.post("staff", "37"))
    commands = [
        lambda work: store.save_field(work, NAME),
        lambda work: store.save_subject(work, factories.PERSON["subject"]),
        lambda work: store.save_codelist(work, factories.SEX),
    ]
    for command in commands:
        with pytest.raises(Forbidden):
            system.write(clerk, command)
    system.write(factories.actor(factories.post("designer", "37")), commands[0])


# -- the dictionary that is kept in memory ---------------------------------------------------------


def test_the_dictionary_is_read_once(system: System) -> None:
    """The same object until something changes."""
    factories.load_dictionary(system)
    assert read(system) is read(system)


def test_another_connections_change_is_seen_at_once(system: System, again) -> None:
    """Whether another process added a field, renamed a subject or changed a code list."""
    factories.load_dictionary(system)
    other = again()
    read(system)
    save(other, replace(NAME, code="person.nickname"))
    assert "person.nickname" in read(system).fields
    person = factories.PERSON["subject"]
    other.write(TESTER, lambda w: store.save_subject(w, {**person, "home": "address"}))
    assert read(system).subjects["person"].home == "address"
    third = {"code": "9", "labels": {"zh": "未说明"}}
    longer = {**factories.SEX, "values": [*factories.SEX["values"], third]}
    other.write(TESTER, lambda w: store.save_codelist(w, longer))
    assert read(system).codes()["GB/T 2261.1"] == ("1", "2", "9")


def test_two_changes_at_one_moment_are_two(system: System) -> None:
    """The clock of the test stands still, and that of another computer may be slow."""
    factories.load_dictionary(system)
    for home in ("address", "residence", "grid"):
        document = {**factories.PERSON["subject"], "home": home}
        system.write(TESTER, lambda w, d=document: store.save_subject(w, d))
        assert read(system).subjects["person"].home == home


def test_a_change_by_a_slow_clock_is_seen(system: System, clock) -> None:
    """A second computer whose clock is a minute behind."""
    factories.load_dictionary(system)
    read(system)
    clock.forward(minutes=-1)
    document = {**factories.PERSON["subject"], "home": "address"}
    system.write(TESTER, lambda w: store.save_subject(w, document))
    assert read(system).subjects["person"].home == "address"


def test_a_change_that_was_undone_is_not_remembered(system: System) -> None:
    """Though it was read in its own transaction, and the next change comes at the same moment."""
    factories.load_dictionary(system)

    def undone(work) -> None:
        store.save_field(work, replace(NAME, code="person.first"))
        assert "person.first" in store.dictionary(work.connection).fields
        raise KeyError

    with pytest.raises(KeyError):
        system.write(TESTER, undone)
    assert "person.first" not in read(system).fields
    save(system, replace(NAME, code="person.second"))
    assert {"person.first", "person.second"} & read(system).fields.keys() == {"person.second"}


def test_a_change_is_seen_in_its_own_transaction(system: System) -> None:
    """A pack makes fields and their registers in one go."""
    factories.load_dictionary(system)

    def command(work):
        read(system)
        store.save_field(work, replace(NAME, code="person.nickname"))
        return store.dictionary(work.connection)

    assert "person.nickname" in system.write(TESTER, command).fields


# -- reading declarations --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"code": "Name"}, "code"),
        ({"code": "a.b.c"}, "code"),
        ({"code": "n\n"}, "code"),
        ({"code": "x" * 49}, "code"),
        ({"code": 7}, "code"),
        ({"labels": {"en": "Name"}}, "labels"),
        ({"sensitivity": "L5"}, "sensitivity"),
        ({"temporal": "month"}, "temporal"),
        ({"schema": "string"}, "schema"),
        ({"synonym": ["名字"]}, "unknown: synonym"),
        ({"synonyms": "名字"}, "list"),
        ({"sources": [1]}, "list"),
        ({"labels": ["姓名"]}, "labels"),
        ({"status": "old"}, "status"),
    ],
)
def test_a_wrong_declaration_is_refused_with_the_reason(system: System, document, reason) -> None:
    """A misspelt key is an error, not a field without synonyms."""
    field = {"code": "name", "labels": {"zh": "姓名"}, "schema": {"type": "string"}, **document}
    one = {"subject": factories.PERSON["subject"], "fields": [field]}
    with pytest.raises(FieldInvalid) as told:
        system.write(TESTER, lambda work: pack.load_fields(work, [one]))
    assert told.value.reason == reason


def test_a_code_that_stands_twice_in_a_list_is_refused(system: System) -> None:
    """Which of the two labels would be shown?"""
    twice = {**factories.SEX, "values": factories.SEX["values"] * 2}
    with pytest.raises(FieldInvalid) as told:
        system.write(TESTER, lambda work: store.save_codelist(work, twice))
    assert told.value.reason == "duplicate"


def test_what_is_secret_follows_from_level_and_kind() -> None:
    """L4 always; L3 only as free text, since coded and counted facts are added up by the database."""
    text, coded, number = {"type": "string"}, {"codelist": "x"}, {"type": "integer"}
    levels = ("L1", "L2", "L3", "L4")
    secret = [
        [replace(NAME, schema=schema, sensitivity=level, **more).secret for level in levels]
        for schema, more in ((text, {}), (text, coded), (number, {}))
    ]
    assert secret == [[False, False, True, True], [False, False, False, True], [False, False, False, True]]  # fmt: skip
