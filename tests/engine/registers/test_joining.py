"""Merging two subjects, splitting one, undoing: rows, history, provenance, keys, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.dictionary.store import Dictionary
from engine.registers import acts, joining, lookup, pairs, references, store, unjoining
from engine.registers.acts import (  # fmt: skip
    JoinDone,
    JoinReasonMissing,
    LaterJoin,
    MergedAlready,
    NothingParted,
    SameSubject,
    SubjectChanged,
    UndoLoses,
    Wish,
)
from engine.registers.pairs import Likely
from engine.registers.store import Change
from engine.registers.whole import Register
from engine.work import HISTORY, System, Work
from tests import factories
from tests.factories import TESTER

HOUSEHOLD = {
    "subject": {"code": "household", "labels": {"zh": "家庭"}, "keys": ["number"], "home": "residence"},
    "fields": [
        {"code": "number", "labels": {"zh": "户编号"}, "schema": {"type": "string"}},
        {"code": "head_id_number", "labels": {"zh": "户主身份号码"}, "sensitivity": "L3",
         "schema": {"type": "string", "format": "resident-id"}},
        {"code": "residence", "labels": {"zh": "居住地"}, "schema": {"type": "string", "format": "division-code"}},
    ],
}  # fmt: skip


@pytest.fixture
def known(system: System) -> Dictionary:
    return factories.load_dictionary(system, factories.PERSON, factories.ORG, HOUSEHOLD)


@pytest.fixture
def two(system: System, known: Dictionary) -> tuple[dict, dict]:
    """One person twice: with an old phone and no illness, and with other facts from another source."""
    first = factories.person(id="a", phone="13800138000", alone=True)
    second = factories.person(id="b", name="王秀瑛", phone="13900139000", illnesses=["高血压"])
    factories.load_people(system, known, [first], title="户籍库")
    factories.load_people(system, known, [second], title="民政台账")
    return first, second


def wish(**given) -> Wish:
    return Wish(
        **{"subject": "person", "kept_id": "a", "other_id": "b", "reason": "同一人", **given}
    )


def merge(system: System, **given) -> str:
    return system.write(TESTER, lambda work: joining.merge(work, wish(**given), ()))


def undo(system: System, number: str, **options):
    return system.write(TESTER, lambda work: unjoining.undo(work, number, (), reason="弄错了", **options))  # fmt: skip


def everything(system: System, known: Dictionary) -> dict:
    """What the registers hold and what leads where, as people can ask for it."""
    found = {}
    with system.read(TESTER) as work:
        for subject in ("person", "household", "org"):
            ids = [
                row[0] for row in work.connection.exec_driver_sql(f"SELECT id FROM reg_{subject}")
            ]
            found[subject] = Register(work, known, subject).read(sorted(ids))
        found["pairs"] = {(one.first_id, one.second_id, one.state) for state in ("found", "different") for one in pairs.listed(work, "person", state)}  # fmt: skip
        found["former"] = work.connection.exec_driver_sql("SELECT sought, now_id FROM register_former").all()  # fmt: skip
    return found


def test_a_merge_takes_what_was_chosen_and_fills_what_was_blank(system, known, two) -> None:
    """With each value goes where it came from; the other's row is gone."""
    merge(system, taken=("phone",))
    fields = [known.field(f"person.{name}") for name in ("name", "phone", "alone", "illnesses")]
    with system.read(TESTER) as work:
        found = store.fetch(work, known, "person", ["a"], fields)["a"]
        assert store.existing(work, known, "person", ["a", "b"]) == {"a"}
    told = {code.partition(".")[2]: (one.value, one.origin.title) for code, one in found.items()}
    assert told == {
        "name": ("王秀英", "户籍库"),
        "phone": ("13900139000", "民政台账"),
        "alone": (True, "户籍库"),
        "illnesses": (["高血压"], "民政台账"),
    }


def test_whoever_asks_by_the_old_finds_the_survivor(system, known, two) -> None:
    """By id, by key, by a value that is still to be written."""
    first, second = two
    merge(system)
    key, phone = known.field("person.id_number"), known.field("person.phone")

    def change(work: Work) -> None:
        came = factories.origin(work)
        store.set_values(work, known, [Change("person.phone", "b", "13700137000")], came)

    system.write(TESTER, change)
    with system.read(TESTER) as work:
        old, new = second["id_number"], first["id_number"]
        assert store.find(work, known, key, [old, new]) == {old: "a", new: "a"}
        looked = lookup.look_up(work, known, key, old, [phone])
        assert looked is not None
        assert (looked[0], looked[1]["person.phone"].value) == ("a", "13700137000")
        fetched = store.fetch(work, known, "person", ["b"], [phone])
        assert fetched["b"]["person.phone"].value == "13700137000"
        assert store.existing(work, known, "person", ["b"]) == set()


def test_an_old_number_of_fifteen_digits_finds_its_owner(system, known) -> None:
    """As people have it on old papers."""
    number = factories.id_number("1941-03-02")
    factories.load_people(system, known, [factories.person(id="a", id_number=number)])
    old = number[:6] + number[8:17]
    with system.read(TESTER) as work:
        assert store.find(work, known, known.field("person.id_number"), [old]) == {old: "a"}


def test_whoever_named_the_other_by_its_key_names_the_survivor(system, known, two) -> None:
    """A household's head, sealed; undoing puts back the number and its origin."""
    first, second = two

    def house(work: Work) -> None:
        facts = {"number": "H1", "head_id_number": second["id_number"], "residence": "370602011001"}
        came = factories.origin(work, title="户口簿")
        store.set_values(work, known, [Change(f"household.{k}", "h", v) for k, v in facts.items()], came)  # fmt: skip

    system.write(TESTER, house)
    before = everything(system, known)
    number = merge(system)
    head = known.field("household.head_id_number")
    with system.read(TESTER) as work:
        now = store.fetch(work, known, "household", ["h"], [head])["h"][head.code]
        assert now.value == first["id_number"]
        assert references.count(work, known, "person", {"id_number": first["id_number"]}) == {
            head.code: 1
        }
    undo(system, number)
    assert everything(system, known) == before


def test_what_was_changed_since_stays_and_is_told(system, known, two) -> None:
    """Undoing a merge after an edit."""
    number = merge(system)

    def change(work: Work) -> None:
        store.set_values(work, known, [Change("person.phone", "a", "13700137000")], factories.origin(work))  # fmt: skip

    system.write(TESTER, change)
    with system.read(TESTER) as work:
        assert unjoining.effect(work, number).kept == ("电话",)
    assert undo(system, number).kept == ("电话",)
    phone = known.field("person.phone")
    with system.read(TESTER) as work:
        found = store.fetch(work, known, "person", ["a", "b"], [phone])
    assert found["a"][phone.code].value == "13700137000"
    assert found["b"][phone.code].value == "13900139000"
    with pytest.raises(JoinDone):
        undo(system, number)


def test_the_newest_act_is_undone_first(system, known, two) -> None:
    """A chain of merges leads to the last survivor, and is taken apart from its end."""
    factories.load_people(system, known, [factories.person(id="c")])
    before = everything(system, known)
    first = merge(system)
    second = merge(system, kept_id="c", other_id="a")
    with system.read(TESTER) as work:
        assert store.find(work, known, known.field("person.id_number"), [two[1]["id_number"]]) == {
            two[1]["id_number"]: "c"
        }
    with pytest.raises(LaterJoin):
        undo(system, first)
    undo(system, second)
    undo(system, first)
    assert everything(system, known) == before


def test_two_people_merging_at_once_make_one_merge(system, known, two) -> None:
    """The second is told, and into whom it went."""
    with ThreadPoolExecutor(2) as both:
        tries = [both.submit(merge, system), both.submit(merge, system, kept_id="b", other_id="a")]
    outcomes = [one.exception() for one in tries]
    (told,) = [one for one in outcomes if one is not None]
    assert isinstance(told, MergedAlready)
    assert told.into in ("a", "b")
    with system.read(TESTER) as work:
        assert len(acts.newest(work, "person")) == 1


def test_bad_wishes_are_told_and_write_nothing(system, known, two) -> None:
    """Oneself, no reason, nobody, something else than was seen, a split of nothing or all."""
    before = everything(system, known)
    with pytest.raises(SameSubject):
        merge(system, other_id="a")
    with pytest.raises(JoinReasonMissing):
        merge(system, reason=" ")
    with pytest.raises(SubjectChanged):
        merge(system, seen="something else")
    for taken in ((), tuple(field.name for field in known.of("person"))):
        with pytest.raises(NothingParted):
            system.write(TESTER, lambda work, one=taken: joining.split(work, wish(taken=one)))
    assert everything(system, known) == before


def test_a_split_makes_two_and_is_undone(system, known, two) -> None:
    """Values go with their origins; the two are never offered as one again."""
    before = everything(system, known)
    number, own = system.write(TESTER, lambda work: joining.split(work, wish(taken=("phone", "id_number"), copied=("name",))))  # fmt: skip
    fields = [known.field(f"person.{name}") for name in ("name", "phone", "id_number")]
    with system.read(TESTER) as work:
        found = store.fetch(work, known, "person", ["a", own], fields)
    assert found["a"].keys() == {"person.name"}
    assert {one.origin.title for one in found[own].values()} == {"户籍库"}
    assert everything(system, known)["pairs"] == {(*sorted(["a", own]), "different")}
    undo(system, number)
    after = everything(system, known)
    assert after["person"] == before["person"]
    assert after["former"] == [(own, "a")]


def test_undoing_a_split_does_not_lose_silently(system, known, two) -> None:
    """Both were changed since: somebody must say that one may go."""
    number, own = system.write(TESTER, lambda work: joining.split(work, wish(taken=("phone",))))

    def change(work: Work) -> None:
        both = [
            Change("person.phone", "a", "13700137000"),
            Change("person.phone", own, "13600136000"),
        ]
        store.set_values(work, known, both, factories.origin(work))

    system.write(TESTER, change)
    with pytest.raises(UndoLoses) as told:
        undo(system, number)
    assert told.value.fields == "电话"
    assert undo(system, number, lose=True).lost == ("电话",)


def test_the_decision_that_two_differ_goes_with_the_survivor(system, known, two) -> None:
    """Who was told apart from the other is told apart from the survivor, until it is undone."""
    factories.load_people(system, known, [factories.person(id="c")])

    def prepare(work: Work) -> None:
        pairs.keep(work, "person", [Likely("a", "b", 90, {}), Likely("b", "c", 80, {})])
        pairs.apart(work, "person", "c", "b", "是两个人")

    system.write(TESTER, prepare)
    before = everything(system, known)
    number = merge(system)
    assert everything(system, known)["pairs"] == {("a", "c", "different")}
    system.write(TESTER, lambda work: pairs.keep(work, "person", [Likely("c", "a", 99, {})]))
    assert everything(system, known)["pairs"] == {("a", "c", "different")}
    undo(system, number)
    assert everything(system, known) == before


def test_the_history_has_both_lives(system, known, two) -> None:
    """The other's end and the survivor's gain stand in the history, with the reason."""
    merge(system, taken=("phone",))
    with system.read(TESTER) as work:
        rows = work.connection.execute(
            select(HISTORY.c.target, HISTORY.c.reason)
            .where(HISTORY.c.kind == "reg_person")
            .order_by(HISTORY.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [("b", "同一人"), ("a", "同一人")]


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["王秀英", "王秀瑛", None]),
        "phone": st.sampled_from(["13800138000", "13900139000", None]),
        "allowance": st.integers(0, 3),
        "alone": st.booleans(),
        "languages": st.lists(st.sampled_from(["普通话", "方言"])),
        "illnesses": st.lists(st.sampled_from(["高血压"])),
    },
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FACTS, FACTS, st.sets(st.sampled_from(["name", "phone", "id_number", "illnesses", "alone"])))
def test_merging_and_undoing_is_as_if_nothing_had_been(system, known, mine, theirs, taken) -> None:
    """Whatever the two know and whatever is chosen: every value, origin, period, key and pair."""
    rows = [factories.person(**mine), factories.person(**theirs)]
    factories.load_people(system, known, [rows[0]], title="户籍库")
    factories.load_people(system, known, [rows[1]], title="民政台账")
    ids = {"kept_id": str(rows[0]["id"]), "other_id": str(rows[1]["id"])}
    before = everything(system, known)
    undo(system, merge(system, taken=tuple(taken), **ids))
    assert everything(system, known) == before
