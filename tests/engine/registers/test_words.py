"""Words are found wherever they stand, by the index exactly as by looking through everybody."""

from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import delete, func, select

from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.registers import store, words
from engine.registers.schema import table
from engine.registers.store import Change
from engine.work import System, Work
from tests import factories
from tests.factories import TESTER

LETTERS = "王秀英张三丰李𬭎㐂街道小区号楼12３４Ａbß%_'\"-（） \n"
ADDRESS = {"code": "address", "labels": {"zh": "住址"}, "schema": {"type": "string"}}
PERSON = {**factories.PERSON, "fields": [*factories.PERSON["fields"], ADDRESS]}


@pytest.fixture
def known(system: System) -> Dictionary:
    return factories.load_dictionary(system, PERSON, factories.ORG)


def made_up(chance: Random, most: int) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, most)))


def everybody(chance: Random, count: int = 60) -> list[dict[str, Json]]:
    return [
        factories.person(name=made_up(chance, 4), address=made_up(chance, 14)) for _ in range(count)
    ]


def read_all(system: System) -> None:
    while system.write(TESTER, lambda work: words.read_again(work, {}))["rows"]:
        pass


def found(system: System, known: Dictionary, word: str, *names: str) -> set[str]:
    of = [known.field(f"person.{name}") for name in names or ("name", "address")]
    register = table(known, "person")
    with system.read(TESTER) as work:
        condition = words.condition(work, known, "person", word, of)
        return set(work.connection.execute(select(register.c.id).where(condition)).scalars())


def standing(people: Sequence[dict[str, Json]], word: str, *names: str) -> set[str]:
    """Whoever has a word, by looking through everybody."""
    lines = {
        str(one["id"]): [
            words.folded(str(one[name])) for name in names or ("name", "address") if one[name]
        ]
        + [words.initials(str(one["name"]))] * (not names or "name" in names)
        for one in people
    }
    return {key for key, some in lines.items() if any(words.folded(word) in line for line in some)}


@pytest.mark.parametrize("most", [words.MOST, 0])
def test_the_index_finds_who_a_plain_search_finds(
    system: System, known: Dictionary, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """For any word of two letters or more, in all fields or one, with some changed or gone since."""
    monkeypatch.setattr(words, "MOST", most)
    chance = Random(most + 1)
    people = everybody(chance)
    factories.load_people(system, known, people)
    read_all(system)
    change_some(system, known, people, chance)
    hits = 0
    for _ in range(120):
        text = str(chance.choice(people)["address"]) + made_up(chance, 1) * chance.randint(0, 1)
        begin = chance.randint(0, max(0, len(text) - 2))
        word = text[begin : begin + chance.randint(2, 5)].strip()
        if len(words.folded(word)) >= 2:
            names = chance.choice([(), ("name",), ("address",)])
            right = standing(people, word, *names)
            assert found(system, known, word, *names) == right, (word, names)
            hits += len(right)
    assert hits > 60


def change_some(
    system: System, known: Dictionary, people: list[dict[str, Json]], chance: Random
) -> None:
    """New ones, others' texts changed or taken away, some gone: none of it read by the job yet."""
    new = everybody(chance, 5)
    factories.load_people(system, known, new)
    people += new

    def change(work: Work) -> None:
        came = factories.origin(work)
        for one in people[:10]:
            one["address"] = made_up(chance, 14) if chance.random() < 0.7 else None
            store.set_values(
                work, known, [Change("person.address", str(one["id"]), one["address"])], came
            )
        register = table(known, "person")
        gone = [str(people.pop()["id"]) for _ in range(3)]
        work.connection.execute(delete(register).where(register.c.id.in_(gone)))

    system.write(TESTER, change)


def test_a_large_load_is_found_before_it_is_read(
    system: System, known: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More are due than are looked at one by one: those are looked through in the register."""
    old, new = factories.person(name="王秀英"), factories.person(name="张秀英")
    factories.load_people(system, known, [{**old, "address": "幸福街道12号"}])
    read_all(system)
    monkeypatch.setattr(words, "MOST_DUE", 0)
    factories.load_people(system, known, [{**new, "address": "和平街道3号"}])
    assert found(system, known, "秀英") == {old["id"], new["id"]}
    assert found(system, known, "和平街") == {new["id"]}
    assert found(system, known, "幸福街") == {old["id"]}


def test_names_are_found_by_their_initials(system: System, known: Dictionary) -> None:
    """Of names only; and of what stands in another field nothing is found."""
    wang = factories.person(name="王秀英")
    factories.load_people(system, known, [{**wang, "address": "幸福街道12号"}])
    read_all(system)
    assert found(system, known, "wxy") == found(system, known, "XY", "name") == {wang["id"]}
    assert found(system, known, "xfjd") == found(system, known, "wxy", "address") == set()


def test_only_a_change_of_words_is_noted(system: System, known: Dictionary) -> None:
    """In the writer's transaction; another value costs nothing, and what was undone left nothing."""
    wang = factories.person()
    factories.load_people(system, known, [wang])
    read_all(system)

    def due() -> int:
        with system.read(TESTER) as work:
            return work.connection.execute(select(func.count()).select_from(words.DUE)).scalar_one()

    def change(work: Work, code: str, value: str) -> None:
        store.set_values(work, known, [Change(code, wang["id"], value)], factories.origin(work))

    def undone(work: Work) -> None:
        change(work, "person.name", "张三")
        raise LookupError

    system.write(TESTER, lambda work: change(work, "person.phone", "13864598765"))
    with pytest.raises(LookupError):
        system.write(TESTER, undone)
    assert due() == 0
    system.write(TESTER, lambda work: change(work, "person.name", "李四"))
    assert due() > 0
    read_all(system)
    assert due() == 0
    assert (found(system, known, "李四"), found(system, known, "王秀")) == ({wang["id"]}, set())


def test_a_new_text_makes_the_index_anew(system: System, known: Dictionary) -> None:
    """Until the job has come by, everybody is looked through."""
    wang = factories.person(name="王秀英")
    factories.load_people(system, known, [wang])
    read_all(system)
    nick = {"code": "nickname", "labels": {"zh": "别名"}, "schema": {"type": "string"}}
    person = {**PERSON, "fields": [*PERSON["fields"], nick]}
    more = factories.load_dictionary(system, person, factories.ORG)

    def change(work: Work) -> None:
        called = Change("person.nickname", wang["id"], "阿英子")
        store.set_values(work, more, [called], factories.origin(work))

    system.write(TESTER, change)
    assert found(system, more, "英子", "name", "nickname") == {wang["id"]}
    read_all(system)
    assert found(system, more, "英子", "name", "nickname") == {wang["id"]}
    assert found(system, more, "英子", "name") == set()
