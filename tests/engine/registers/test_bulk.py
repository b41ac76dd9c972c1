"""Loads of any size: what may stand goes in, what may not is told, and all of it reads back."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.registers import bulk, lookup, store
from engine.registers.schema import table
from engine.registers.store import Change, KeyTaken, KnownValue, Origin
from engine.work import System, Work
from tests import factories
from tests.factories import TESTER

CAME = Origin("steward", "户籍库", "2026-11-20T00:00:00.000000+00:00")


@pytest.fixture
def dictionary(system: System) -> Dictionary:
    return factories.load_dictionary(system)


def count(system: System, dictionary: Dictionary) -> int:
    with system.read(TESTER) as work:
        return work.connection.execute(
            select(func.count()).select_from(table(dictionary, "person"))
        ).scalar_one()


def test_rows_that_pass_go_in_and_the_others_are_told(
    system: System, dictionary: Dictionary
) -> None:
    """By row, field and reason; a good row beside a bad one is not lost."""
    good = factories.person(
        allowance=Decimal("180.50"), languages=["普通话"], alone=True, phone=None
    )
    rows: list[dict[str, Json]] = [
        good,
        {**factories.person(), "sex": "3"},
        {**factories.person(), "id_number": "370602194103020012"},
        {**factories.person(), "allowance": "many"},
        {**factories.person(), "shoe_size": 42},
    ]
    loaded = bulk.stream(system, TESTER, "person", iter(rows), CAME)
    assert (loaded.count, loaded.rejected) == (1, 4)
    assert [(one.row, one.field, one.rule) for one in loaded.faults] == [
        (2, "person.sex", "enum"),
        (3, "person.id_number", "format"),
        (4, "person.allowance", "type"),
        (5, "shoe_size", "unknown"),
    ]
    for one in loaded.faults:
        assert one.text("zh") != one.text("en")
        assert "register." not in one.text("zh")
    key = dictionary.field("person.id_number")
    names = ("name", "id_number", "allowance", "languages", "alone", "phone")
    fields = [dictionary.field(f"person.{name}") for name in names]
    with system.read(TESTER) as work:
        found = lookup.look_up(work, dictionary, key, str(good["id_number"]), fields)
        nobody = lookup.look_up(work, dictionary, key, factories.id_number(), fields)
    assert nobody is None
    assert found is not None
    subject, known = found
    assert subject == good["id"]
    assert {code: one.value for code, one in known.items()} == {
        f"person.{name}": good[name] for name in names if name != "phone"
    }
    assert {one.origin.title for one in known.values()} == {"户籍库"}


def test_a_look_up_knows_what_fetching_knows(system: System, dictionary: Dictionary) -> None:
    """The fast way and the plain one give the same values, origins and staleness."""
    wang = factories.person(phone="13800138000", debt=Decimal("-3.5"), illnesses=["高血压"])
    factories.load_people(system, dictionary, [wang], at="2020-01-01T00:00:00.000000+00:00")
    fields = [field for field in dictionary.of("person") if not field.compute]
    with system.read(TESTER) as work:
        fetched = store.fetch(work, dictionary, "person", [wang["id"]], fields)[wang["id"]]
        key = dictionary.field("person.id_number")
        found = lookup.look_up(work, dictionary, key, wang["id_number"], fields)
    assert found == (wang["id"], fetched)
    assert fetched["person.phone"].stale
    assert not fetched["person.name"].stale


def test_a_value_that_came_later_has_its_own_origin(system: System, dictionary: Dictionary) -> None:
    """A row that came as a whole is read in another way than one that did not; all else reads alike."""
    wang = factories.person(phone="13800138000", debt=Decimal("-3.5"), illnesses=["高血压"])
    factories.load_people(system, dictionary, [wang], at="2020-01-01T00:00:00.000000+00:00")
    fields = [field for field in dictionary.of("person") if not field.compute]
    key = dictionary.field("person.id_number")

    def change(work: Work) -> None:
        later = store.add_origin(work, Origin("steward", "走访", work.at))
        change = Change("person.phone", wang["id"], "13900139000")
        store.set_values(work, dictionary, [change], later)

    def known() -> dict[str, KnownValue]:
        with system.read(TESTER) as work:
            found = lookup.look_up(work, dictionary, key, wang["id_number"], fields)
        assert found is not None
        return found[1]

    before = known()
    system.write(TESTER, change)
    after = known()
    phone = after.pop("person.phone")
    assert before.pop("person.phone").stale
    assert (phone.value, phone.origin.title, phone.stale) == ("13900139000", "走访", False)
    assert after == before


def test_a_large_load_is_many_transactions_of_one_origin(
    system: System, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows flow through: no more than a batch is held, and each batch is kept when it is in."""
    monkeypatch.setattr(bulk, "BATCH", 40)
    drawn = 0

    def rows() -> Iterator[dict[str, Json]]:
        nonlocal drawn
        for _ in range(100):
            drawn += 1
            yield factories.person()

    seen: list[tuple[int, int]] = []
    loaded = bulk.stream(
        system, TESTER, "person", rows(), CAME, say=lambda done: seen.append((done, drawn))
    )
    assert loaded.count == 100 == count(system, dictionary)
    assert [done for done, _ in seen] == [40, 80, 100]
    assert all(taken <= done for done, taken in seen)
    with system.read(TESTER) as work:
        origins = work.connection.execute(select(func.count()).select_from(store.ORIGIN))
        assert origins.scalar_one() == 1


def test_a_load_that_breaks_off_leaves_whole_batches(
    system: System, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of two people with one number stops it; nothing of that batch is in."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    wang = factories.person()
    rows = [wang, factories.person(), factories.person(), {**factories.person(), "id_number": wang["id_number"]}]  # fmt: skip
    with pytest.raises(KeyTaken):
        bulk.stream(system, TESTER, "person", rows, CAME)
    assert count(system, dictionary) == 2
