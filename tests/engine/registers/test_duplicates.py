"""Likely duplicates: what counts as alike, and a search through a register turn by turn."""

from typing import Any

import pytest

from engine.dictionary.store import Dictionary
from engine.errors import NotFound
from engine.formats.resident_id import check_digit
from engine.registers import bulk, duplicates, likeness, pairs
from engine.work import System
from tests import factories
from tests.factories import TESTER

ADDRESS = {"code": "address", "labels": {"zh": "住址"}, "schema": {"type": "string"}}
PERSON = {**factories.PERSON, "fields": [*factories.PERSON["fields"], ADDRESS]}


@pytest.fixture
def known(system: System) -> Dictionary:
    return factories.load_dictionary(system, PERSON, factories.ORG)


def search(system: System, subject: str = "person") -> duplicates.Search:
    return duplicates.whole(system, TESTER, subject)


def likely(system: System) -> dict[tuple[str, str], int]:
    with system.read(TESTER) as work:
        return {
            (one.first_id, one.second_id): one.score
            for one in pairs.listed(work, "person", "found")
        }


def card(**facts: str) -> dict[str, str]:
    number = factories.id_number("1941-03-02")
    return {
        "id_number": number, "name": "王秀英", "birth_date": "1941-03-02", "residence": "370602011001",
        "address": "惠安小区3号楼2单元12号", **facts,
    }  # fmt: skip


def score(known: Dictionary, one: dict[str, str], other: dict[str, str]) -> int:
    return likeness.compare(likeness.facets(known, "person"), one, other)[0]


def without(one: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in one.items() if name not in names}


def test_the_same_person_written_in_two_ways_is_alike(known: Dictionary) -> None:
    """Sounded out, a digit swapped, spaces and full-width digits in the address, no number yet."""
    one = card()
    assert score(known, one, without(card(), "id_number")) == 100
    assert score(known, one, without(card(name="王秀瑛"), "id_number")) >= 90
    assert score(known, one, without(card(birth_date="1941-02-03"), "id_number")) >= 85
    assert (
        score(known, one, without(card(address="惠安小区 ３号楼２单元１２号"), "id_number")) == 100
    )
    assert score(known, one, card(id_number=one["id_number"][:6] + one["id_number"][8:17])) == 100


def test_different_people_are_not(known: Dictionary) -> None:
    """Twins, a namesake elsewhere, a neighbour, somebody of whom nothing but the name is known."""
    one = card()
    first17 = one["id_number"][:14] + "777"
    twin = card(name="王秀兰", id_number=first17 + check_digit(first17))
    assert score(known, one, twin) < likeness.LEAST
    elsewhere = card(birth_date="1955-07-08", residence="370611001001", address="福山路1号")
    assert score(known, one, elsewhere) < likeness.LEAST
    assert score(known, one, card(name="李桂兰", birth_date="1950-01-01")) < likeness.LEAST
    assert score(known, {"name": "王秀英"}, one) == 0


def test_a_search_finds_them_and_asks_once(system: System, known: Dictionary) -> None:
    """In a register of others; what was decided is not asked again, and the search tells its progress."""
    facts = {"address": "惠安小区3号楼", "birth_date": "1941-03-02"}
    number = factories.id_number("1938-05-06")
    old = number[:6] + number[8:17]
    rows: list[dict[str, Any]] = [
        factories.person(id="a", **facts),
        factories.person(id="b", name="王秀瑛", **facts, id_number=None),
        factories.person(id="n", name="张明", birth_date="1938-05-06", id_number=number),
        factories.person(id="o", name="章鸣", residence=None, id_number=old) | {"birth_date": None},
        *(factories.person(name=f"路人{at}", birth_date=f"19{50 + at}-01-02") for at in range(30)),
    ]
    factories.load_people(system, known, rows)
    done = search(system)
    assert (done.state, done.percent, done.found, done.rows, done.done) == ("done", 100, 2, 34, 34)
    assert likely(system) == {("a", "b"): 96, ("n", "o"): 100}
    assert search(system).found == 0
    system.write(TESTER, lambda work: pairs.apart(work, "person", "b", "a", "姐妹"))
    search(system)
    assert likely(system) == {("n", "o"): 100}


def test_crowds_are_counted_not_compared(system: System, known: Dictionary) -> None:
    """Half a village of one name and one day of birth says nothing; it is told, not passed over."""
    crowd = [factories.person(id=f"x{at}", name="王伟", birth_date="1950-01-01") for at in range(duplicates.CROWD + 1)]  # fmt: skip
    factories.load_people(system, known, crowd)
    done = search(system)
    assert done.crowded == 3
    assert likely(system) == {}


def test_one_search_at_a_time_goes_on_where_it_was(system: System, known: Dictionary) -> None:
    """Whoever asks meanwhile joins it; a turn done twice finds nothing new."""
    factories.load_people(system, known, [factories.person(id="a"), factories.person(id="b", id_number=None)])  # fmt: skip
    first = system.write(TESTER, lambda work: duplicates.begin(work, "person", job=False))
    assert system.write(TESTER, lambda work: duplicates.begin(work, "person", job=False)) == first
    assert search(system).id == first
    with system.read(TESTER) as work:
        again = duplicates.look(work, duplicates.Search(**{**_plain(duplicates.read(work, first)), "turn": 1}))  # fmt: skip
    assert again.likely
    assert system.write(TESTER, lambda work: pairs.keep(work, "person", again.likely)) == 0
    with pytest.raises(NotFound):
        system.write(TESTER, lambda work: duplicates.begin(work, "nothing"))


def test_a_register_without_national_numbers_is_searched_too(system: System) -> None:
    """Households by head and address; their own numbers tell nothing."""
    household = {
        "subject": {"code": "household", "labels": {"zh": "家庭"}, "keys": ["number"], "home": "residence"},
        "fields": [
            {"code": "number", "labels": {"zh": "户编号"}, "schema": {"type": "string"}},
            {"code": "head_name", "labels": {"zh": "户主"}, "schema": {"type": "string"}},
            {"code": "residence", "labels": {"zh": "居住地"}, "schema": {"type": "string"}},
            ADDRESS,
        ],
    }  # fmt: skip
    known = factories.load_dictionary(system, household)
    rows = [{"id": f"h{at}", "number": f"H{at}", "head_name": "王秀英", "residence": "370602011001", "address": "惠安小区3号楼"} for at in range(2)]  # fmt: skip
    came = system.write(TESTER, factories.origin)
    system.write(TESTER, lambda work: bulk.load(work, known, "household", rows, came))
    assert search(system, "household").found == 1


def _plain(found: duplicates.Search) -> dict[str, Any]:
    return {name: getattr(found, name) for name in duplicates.Search.__slots__}
