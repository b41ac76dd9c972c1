"""Registers: one row a subject, each value with where it came from, every change kept."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from engine.dictionary.store import Dictionary
from engine.registers import bulk, store
from engine.registers.schema import table
from engine.registers.store import Change, KeyTaken, Origin
from engine.storage import sealed
from engine.work import HISTORY, System, Work
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER

ALL = (
    "id_number", "name", "sex", "birth_date", "phone", "residence", "allowance", "alone", "languages",
    "illnesses", "debt",
)  # fmt: skip


@pytest.fixture
def dictionary(system: System) -> Dictionary:
    return factories.load_dictionary(system)


def fields(dictionary: Dictionary, *names: str, subject: str = "person"):
    return [dictionary.field(f"{subject}.{name}") for name in names]


def fetched(system: System, dictionary: Dictionary, ids, *names: str):
    with system.read(TESTER) as work:
        return store.fetch(work, dictionary, "person", ids, fields(dictionary, *names))


def values(system: System, dictionary: Dictionary, person_id: str, *names: str) -> dict:
    """Values by field name of one person."""
    known = fetched(system, dictionary, [person_id], *(names or ALL)).get(person_id, {})
    return {code.partition(".")[2]: one.value for code, one in known.items()}


def set_values(system: System, dictionary: Dictionary, *changes: Change, source: str = "verified", reason: str = "") -> tuple[int, Origin]:  # fmt: skip
    """Set values by an origin of their own; gives how many changed, and the origin."""

    def command(work: Work):
        came = factories.origin(work, source, title="高龄津贴月报")
        return store.set_values(work, dictionary, changes, came, reason=reason), came

    return system.write(TESTER, command)


def history(system: System) -> list[dict]:
    with system.database.read() as connection:
        rows = connection.execute(select(HISTORY).order_by(HISTORY.c.id)).mappings().all()
        return [_opened(connection, row) for row in rows]


def _opened(connection, row) -> dict:
    place = f"history:{row['kind']}:{row['target']}:{row['at']}"
    states = {name: sealed.unseal(connection, row[name], place) for name in ("before", "after")}
    return {**row, **states}


def test_what_is_loaded_is_known_with_its_origin(system: System, dictionary: Dictionary) -> None:
    """Every kind of value, open or sealed; a field without a value is absent."""
    wang = factories.person(
        phone="13800138000", allowance=Decimal("180.50"), alone=False, languages=["普通话", "方言"],
        illnesses=["高血压"], debt=Decimal("-1200.05"),
    )  # fmt: skip
    li = factories.person(name="李四光", phone=None)
    came = factories.load_people(system, dictionary, [wang, li])
    assert came.id > 0
    assert values(system, dictionary, wang["id"]) == {name: wang[name] for name in ALL}
    assert values(system, dictionary, li["id"]).keys() == {"id_number", "name", "sex", "birth_date", "residence"}  # fmt: skip
    known = fetched(system, dictionary, [wang["id"]], "name", "phone")[wang["id"]]
    assert {one.origin for one in known.values()} == {came}
    assert known["person.name"].origin.title == "户籍库"


def test_unknown_subjects_and_no_fields_give_nothing(
    system: System, dictionary: Dictionary
) -> None:
    """Rather than an error: prefill asks for whatever stands in a list."""
    assert fetched(system, dictionary, ["nobody"], "name") == {}
    assert fetched(system, dictionary, [], "name") == {}
    assert fetched(system, dictionary, ["nobody"]) == {}


def test_many_subjects_are_fetched_in_few_queries(system: System, dictionary: Dictionary) -> None:
    """1,200 people with five fields: three queries for the rows and one for the origins."""
    people = [factories.person() for _ in range(1200)]
    factories.load_people(system, dictionary, people)
    asked = []
    with system.read(TESTER) as work:
        event.listen(work.connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        found = store.fetch(
            work, dictionary, "person", [p["id"] for p in people],
            fields(dictionary, "name", "id_number", "sex", "birth_date", "residence"),
        )  # fmt: skip
    assert len([statement for statement in asked if statement != "BEGIN"]) == 4
    assert {key: one["person.id_number"].value for key, one in found.items()} == {
        p["id"]: p["id_number"] for p in people
    }


def test_a_second_person_with_the_same_number_is_refused(system: System, dictionary: Dictionary) -> None:  # fmt: skip
    """One row per real person, though the number is sealed; in a load and one by one."""
    wang = factories.person()
    factories.load_people(system, dictionary, [wang])
    with pytest.raises(KeyTaken):
        factories.load_people(system, dictionary, [{**factories.person(), "id_number": wang["id_number"]}])  # fmt: skip
    with pytest.raises(KeyTaken) as told:
        set_values(system, dictionary, Change("person.id_number", "new", wang["id_number"]))
    assert "相同号码" in told.value.text()
    li = factories.person()
    factories.load_people(system, dictionary, [li])
    with pytest.raises(KeyTaken):
        set_values(system, dictionary, Change("person.id_number", li["id"], wang["id_number"]))


def test_people_are_found_by_their_number(system: System, dictionary: Dictionary) -> None:
    """Sealed keys by the blind index, open ones as they are; who is not there is absent."""
    people = [factories.person() for _ in range(3)]
    factories.load_people(system, dictionary, people)
    wanted = [p["id_number"] for p in people[:2]] + [factories.id_number()]
    with system.read(TESTER) as work:
        by_number = store.find(work, dictionary, dictionary.field("person.id_number"), wanted)
        by_place = store.find(
            work, dictionary, dictionary.field("person.birth_date"), ["1900-01-01"]
        )
    assert by_number == {p["id_number"]: p["id"] for p in people[:2]}
    assert by_place == {}


def test_a_changed_value_keeps_what_it_was(system: System, dictionary: Dictionary) -> None:
    """Who, why, before and after; what did not change is not in the history."""
    wang = factories.person(allowance=100)
    first = factories.load_people(system, dictionary, [wang])
    changed, second = set_values(
        system, dictionary,
        Change("person.allowance", wang["id"], Decimal("180.5")), Change("person.name", wang["id"], wang["name"]),
        reason="年满九十",
    )  # fmt: skip
    assert changed == 1
    known = fetched(system, dictionary, [wang["id"]], "allowance", "name", "sex")[wang["id"]]
    assert known["person.allowance"].value == Decimal("180.5")
    assert known["person.allowance"].origin == second
    assert known["person.sex"].origin == first
    (row,) = history(system)
    assert (row["kind"], row["target"], row["reason"]) == ("reg_person", wang["id"], "年满九十")
    assert (row["before"], row["after"]) == ({"allowance": 100}, {"allowance": Decimal("180.5")})


def test_a_value_that_is_already_so_is_confirmed_by_the_newer_origin(system: System, dictionary: Dictionary, clock: Clock) -> None:  # fmt: skip
    """Nothing changes, nothing is written in the history, and the value is fresh again."""
    wang = factories.person(phone="13800138000", allowance=Decimal("1.50"))
    factories.load_people(system, dictionary, [wang])
    clock.forward(days=400)
    assert fetched(system, dictionary, [wang["id"]], "phone")[wang["id"]]["person.phone"].stale
    changed, second = set_values(
        system, dictionary,
        Change("person.phone", wang["id"], "13800138000"), Change("person.allowance", wang["id"], Decimal("1.5")),
    )  # fmt: skip
    known = fetched(system, dictionary, [wang["id"]], "phone", "allowance")[wang["id"]]
    assert (changed, history(system)) == (0, [])
    assert [(one.origin, one.stale) for one in known.values()] == [(second, False)] * 2


def test_a_value_can_be_taken_away(system: System, dictionary: Dictionary) -> None:
    """It is then unknown, its number free, and the history has it."""
    wang = factories.person(phone="13800138000")
    factories.load_people(system, dictionary, [wang])
    set_values(system, dictionary, Change("person.phone", wang["id"], None), Change("person.id_number", wang["id"], None))  # fmt: skip
    assert values(system, dictionary, wang["id"], "phone", "id_number") == {}
    with system.read(TESTER) as work:
        number = dictionary.field("person.id_number")
        assert store.find(work, dictionary, number, [wang["id_number"]]) == {}
    assert history(system)[0]["after"] == {"phone": None, "id_number": None}


def test_a_new_subject_begins_with_what_is_set(system: System, dictionary: Dictionary) -> None:
    """A roster brings somebody nobody knew."""
    number = factories.id_number()
    changed, came = set_values(
        system, dictionary, Change("person.id_number", "p1", number), Change("person.name", "p1", "于淑兰")
    )  # fmt: skip
    known = fetched(system, dictionary, ["p1"], "name", "id_number", "phone")["p1"]
    assert changed == 2
    assert {code: one.value for code, one in known.items()} == {"person.name": "于淑兰", "person.id_number": number}  # fmt: skip
    assert {one.origin for one in known.values()} == {came}
    set_values(system, dictionary, Change("person.phone", "p1", "13800138000"))
    assert values(system, dictionary, "p1", "name", "phone") == {"name": "于淑兰", "phone": "13800138000"}  # fmt: skip


def test_a_failed_command_sets_nothing(system: System, dictionary: Dictionary) -> None:
    """Neither value nor origin nor history."""
    wang = factories.person()
    factories.load_people(system, dictionary, [wang])

    def fails(work: Work) -> None:
        came = factories.origin(work)
        store.set_values(work, dictionary, [Change("person.name", wang["id"], "x")], came)
        raise KeyError

    with pytest.raises(KeyError):
        system.write(TESTER, fails)
    assert values(system, dictionary, wang["id"], "name") == {"name": wang["name"]}
    assert history(system) == []


def test_two_who_set_different_fields_of_one_person_both_count(system: System, dictionary: Dictionary) -> None:  # fmt: skip
    """At the same time on different connections: each value keeps the origin it came by."""
    wang = factories.person()
    factories.load_people(system, dictionary, [wang])
    names = ("name", "phone", "allowance", "alone", "birth_date", "languages")
    given = dict(
        zip(names, ("于淑兰", "13900139000", 7, True, "1940-01-01", ["方言"]), strict=True)
    )
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(
            lambda name: set_values(system, dictionary, Change(f"person.{name}", wang["id"], given[name])), names
        ))  # fmt: skip
    known = fetched(system, dictionary, [wang["id"]], *names)[wang["id"]]
    assert {code.partition(".")[2]: one.value for code, one in known.items()} == given
    assert {code.partition(".")[2]: one.origin.id for code, one in known.items()} == {
        name: came.id for name, (_, came) in zip(names, done, strict=True)
    }


@pytest.mark.parametrize(("days", "stale"), [(0, False), (365, False), (366, True), (4000, True)])
def test_a_value_is_stale_when_its_field_says_so(system: System, dictionary: Dictionary, clock: Clock, days: int, stale: bool) -> None:  # fmt: skip
    """A phone number stays good for a year; a name for ever."""
    wang = factories.person(phone="13800138000")
    factories.load_people(system, dictionary, [wang])
    clock.forward(days=days)
    known = fetched(system, dictionary, [wang["id"]], "phone", "name")[wang["id"]]
    assert (known["person.phone"].stale, known["person.name"].stale) == (stale, False)


# -- values by period ------------------------------------------------------------------------------


def period(system: System, dictionary: Dictionary, ids, key: str) -> dict:
    with system.read(TESTER) as work:
        found = store.fetch(
            work, dictionary, "org", ids,
            fields(dictionary, "population", "income", subject="org"), period=key,
        )  # fmt: skip
    return {one: {c.partition(".")[2]: (v.value, v.period) for c, v in known.items()} for one, known in found.items()}  # fmt: skip


def test_a_value_holds_for_its_period(system: System, dictionary: Dictionary) -> None:
    """October's population is not November's; an earlier period stays as it was."""
    village = "370602011001"
    for key, people in (("2026-10", 812), ("2026-11", 815)):
        set_values(system, dictionary, Change("org.population", village, people, key))
    set_values(system, dictionary, Change("org.population", village, 811, "2026-10"))
    found = [
        period(system, dictionary, [village], key) for key in ("2026-09", "2026-10", "2026-11")
    ]
    assert found == [
        {}, {village: {"population": (811, "2026-10")}}, {village: {"population": (815, "2026-11")}},
    ]  # fmt: skip


def test_the_history_of_a_period_value_tells_the_period(
    system: System, dictionary: Dictionary
) -> None:
    """Or nobody could say what October's figure was before."""
    set_values(system, dictionary, Change("org.population", "37", 5, "2026-10"))
    set_values(system, dictionary, Change("org.population", "37", 6, "2026-10"))
    assert [(row["kind"], row["target"], row["before"]) for row in history(system)] == [
        ("per_org", "37@2026-10", {"population": None}), ("per_org", "37@2026-10", {"population": 5}),
    ]  # fmt: skip


def test_period_values_are_loaded_at_once(system: System, dictionary: Dictionary) -> None:
    """Sealed ones too; and lasting and period fields of one subject do not mix."""

    def command(work: Work) -> None:
        came = factories.origin(work)
        rows = [{"id": str(n), "population": n, "income": Decimal(n) / 4} for n in range(5)]
        bulk.load(work, dictionary, "org", rows, came, period="2026-10")
        bulk.load(work, dictionary, "org", [{"id": "1", "code": "37", "name": "山东省"}], came)

    system.write(TESTER, command)
    assert period(system, dictionary, ["1", "3"], "2026-10") == {
        "1": {"population": (1, "2026-10"), "income": (Decimal("0.25"), "2026-10")},
        "3": {"population": (3, "2026-10"), "income": (Decimal("0.75"), "2026-10")},
    }
    changes = [Change("org.name", "1", "山东"), Change("org.population", "1", 9, "2026-10")]
    changed, _ = set_values(system, dictionary, *changes)
    assert changed == 2


# -- lists -----------------------------------------------------------------------------------------


def test_a_list_is_read_in_order_and_by_pages(system: System, dictionary: Dictionary) -> None:
    """Those a condition names, with what is known of each; the count is of all pages."""
    factories.load_people(
        system, dictionary,
        [factories.person(id=f"p{n}", name=str(9 - n), allowance=n) for n in range(10)],
    )  # fmt: skip
    people = table(dictionary, "person")
    with system.read(TESTER) as work:
        condition = people.c.f_allowance >= 3
        page = store.rows_where(
            work, dictionary, "person", condition, fields(dictionary, "id_number", "allowance"),
            order=[people.c.f_name], limit=3, offset=1,
        )  # fmt: skip
    assert list(page) == ["p8", "p7", "p6"]
    assert [known["person.allowance"].value for known in page.values()] == [8, 7, 6]
    assert all(known["person.id_number"].origin.title == "户籍库" for known in page.values())
