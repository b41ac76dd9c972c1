"""Rows of a ledger: whose they are, in what order, page after page, filtered, searched, added up."""

from datetime import date
from itertools import pairwise

import pytest

from engine.errors import Forbidden, NotFound
from engine.ledgers import members, page
from engine.ledgers.filters import Ask, Filter, FilterInvalid
from engine.ledgers.ground import ground
from engine.ledgers.lens import Lens
from engine.registers import bulk, store
from engine.registers.store import Change
from engine.work import System
from tests import factories
from tests.engine.ledgers.ground import HAND, clerk, lens, officer, prepared, staff


@pytest.fixture
def old(system: System) -> Lens:
    """Twenty-four people of 80 to 91 in two villages, a child, and one household."""
    known = prepared(system)
    people = [
        factories.person(
            id=f"p{number:02d}",
            name=f"王{'甲乙丙丁'[number % 4]}{number:02d}",
            birth_date=f"{1935 + number % 12}-01-01",
            residence=f"370602011{number % 2 + 1:03d}",
            allowance=None if number % 3 == 0 else number * 10,
            household_number="H1" if number < 2 else None,
        )
        for number in range(24)
    ]
    people.append(factories.person(id="child", name="王小", birth_date="2018-05-05"))
    factories.load_people(system, known, people)

    def household(work):
        came = factories.origin(work)
        rows = [{"id": "h1", "number": "H1", "residence": "370602011001", "address": "南大街1号"}]
        bulk.load(work, known, "household", rows, came)

    system.write(factories.TESTER, household)
    return lens(system, known)


def ids(system: System, who, found: Lens, ask: Ask = Ask(), size: int = 5) -> list[str]:  # noqa: B008 - frozen
    """All rows of an ask, page by page."""
    told: list[str] = []
    with system.read(who) as work:
        here = ground(work, found)
        after = ""
        while True:
            one = page.page(work, here, ask, after=after, limit=size)
            told += [row.id for row in one.rows]
            if one.next is None:
                return told
            after = one.next


def test_a_rule_finds_its_members_within_the_area_of_who_looks(system: System, old: Lens) -> None:
    """The street sees both villages, a village itself, the office its district; nobody the child."""
    everybody = {f"p{number:02d}" for number in range(24)}
    assert set(ids(system, clerk(), old)) == everybody
    assert set(ids(system, staff(1), old)) == {f"p{number:02d}" for number in range(0, 24, 2)}
    assert set(ids(system, officer(), old)) == everybody


def test_who_has_no_post_for_it_sees_nothing(system: System, old: Lens) -> None:
    """No post at all: forbidden; an office that does not own the ledger: it is not there."""
    with pytest.raises(Forbidden), system.read(factories.actor()) as work:
        ground(work, old)
    factories.load_organisations(
        system, [factories.organisation("370602", "370602-tjj", kind="office")]
    )
    other = factories.actor(factories.post("department", "370602", "370602-tjj"))
    with pytest.raises(NotFound), system.read(other) as work:
        ground(work, old)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["", "name", "age", "allowance", "household_address"])
def test_pages_miss_no_row_and_show_none_twice(
    system: System, old: Lens, sort: str, descending: bool
) -> None:
    """Whatever the order and however many are equal or blank."""
    found = ids(system, clerk(), old, Ask(sort=sort, descending=descending), size=5)
    assert len(found) == len(set(found)) == 24


def test_blank_stands_last_whichever_way_it_is_sorted(system: System, old: Lens) -> None:
    """Unknown is neither the least nor the most."""
    for descending in (False, True):
        with system.read(clerk()) as work:
            here = ground(work, old)
            found = page.page(work, here, Ask(sort="allowance", descending=descending), limit=50)
        values = [row.cell("allowance").value for row in found.rows]
        known = [value for value in values if value is not None]
        assert values[len(known) :] == [None] * 8
        assert all((a >= b) if descending else (a <= b) for a, b in pairwise(known))


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ([("age", "ge", ("90",))], 4),
        ([("age", "between", ("85", "87"))], 6),
        ([("allowance", "blank", ())], 8),
        ([("allowance", "known", ()), ("allowance", "gt", ("100",))], 9),
        ([("name", "contains", ("甲",))], 6),
        ([("name", "starts", ("王乙",))], 6),
        ([("residence", "eq", ("370602011002",))], 12),
        ([("household_address", "contains", ("南大街",))], 2),
        ([("remark", "blank", ())], 24),
    ],
)
def test_filters_are_typed(system: System, old: Lens, filters, count: int) -> None:
    """Numbers, texts, codes, blanks, of own, related and local columns."""
    ask = Ask(filters=tuple(Filter(*one) for one in filters))
    assert len(ids(system, clerk(), old, ask)) == count
    with system.read(clerk()) as work:
        assert page.count(work, ground(work, old), ask) == count


@pytest.mark.parametrize(
    "wrong",
    [
        Filter("nothing", "eq", ("1",)),
        Filter("age", "contains", ("8",)),
        Filter("age", "ge", ("old",)),
        Filter("age", "between", ("8",)),
        Filter("name", "eq", ()),
        Filter("id_number", "contains", ("3706",)),
    ],
)
def test_a_filter_that_means_nothing_is_refused(system: System, old: Lens, wrong: Filter) -> None:
    """No such column, no such comparison, no such value: said, not ignored."""
    with pytest.raises(FilterInvalid), system.read(clerk()) as work:
        page.page(work, ground(work, old), Ask(filters=(wrong,)))


def test_a_sealed_column_is_found_by_its_whole_value_only(system: System, old: Lens) -> None:
    """By filter and by the search box; a part finds nobody."""
    with system.read(clerk()) as work:
        here = ground(work, old)
        number = str(page.one(work, here, "p05").cell("id_number").value)
    assert ids(system, clerk(), old, Ask(filters=(Filter("id_number", "eq", (number,)),))) == [
        "p05"
    ]
    assert ids(system, clerk(), old, Ask(words=number.lower())) == ["p05"]
    assert ids(system, clerk(), old, Ask(words=number[:12])) == []


def test_words_are_found_wherever_they_stand(system: System, old: Lens) -> None:
    """Each of several words must stand somewhere; a percent sign is a percent sign."""
    assert set(ids(system, clerk(), old, Ask(words="甲"))) == {f"p{n:02d}" for n in range(0, 24, 4)}
    assert ids(system, clerk(), old, Ask(words="王 甲00")) == ["p00"]
    assert ids(system, clerk(), old, Ask(words="%")) == []


def test_totals_add_up_what_is_known(system: System, old: Lens) -> None:
    """A sum over the filtered rows; of nothing known there is no sum, which is not nought."""
    with system.read(clerk()) as work:
        here = ground(work, old)
        number, sums = page.totals(work, here, Ask())
        assert (number, sums["allowance"]) == (24, sum(n * 10 for n in range(24) if n % 3))
        blank = Ask(filters=(Filter("allowance", "blank"),))
        assert page.totals(work, here, blank) == (8, {"allowance": None})


def test_cells_tell_where_they_came_from(system: System, old: Lens) -> None:
    """Own, computed and related cells, each with its origin; a row without a household has none."""
    with system.read(clerk()) as work:
        here = ground(work, old)
        first, other = page.one(work, here, "p00"), page.one(work, here, "p05")
    assert first.cell("household_address").value == "南大街1号"
    assert first.subjects["household_address"] == "h1"
    assert first.cell("household_address").origin.title == "户籍库"
    assert first.cell("age").value == 91
    assert "household_address" not in other.subjects
    assert other.cell("household_address").value is None


def test_a_changed_fact_moves_its_subject_into_and_out_of_a_ledger(
    system: System, old: Lens
) -> None:
    """Nobody edits the list of members: it follows from the register."""
    known = prepared_again(system)

    def born(work):
        came = factories.origin(work)
        store.set_values(work, known, [Change("person.birth_date", "p01", "2000-01-01")], came)

    system.write(factories.TESTER, born)
    assert "p01" not in ids(system, clerk(), old)


def test_a_ledger_kept_by_hand_has_whom_people_enter(system: System, old: Lens) -> None:
    """From the day of entry to the day of leaving, each with its reason; once at a time."""
    known = prepared_again(system)
    hand = lens(system, known, HAND, "")
    assert ids(system, clerk(), hand) == []
    system.write(
        clerk(), lambda work: members.enter(work, hand, "p01", on="2026-11-01", reason="新批")
    )
    assert ids(system, clerk(), hand) == ["p01"]
    with pytest.raises(members.MemberTwice):
        system.write(
            clerk(), lambda work: members.enter(work, hand, "p01", on="2026-11-02", reason="x")
        )
    with pytest.raises(members.ReasonMissing):
        system.write(
            clerk(), lambda work: members.leave(work, hand, "p01", on="2026-11-20", reason=" ")
        )
    with pytest.raises(members.DayWrong):
        system.write(
            clerk(), lambda work: members.leave(work, hand, "p01", on="2026-10-20", reason="x")
        )
    system.write(
        clerk(), lambda work: members.leave(work, hand, "p01", on="2026-11-20", reason="迁出")
    )
    assert ids(system, clerk(), hand) == []
    with system.read(clerk()) as work:
        then = ground(work, hand, on=date(2026, 11, 10))
        assert [row.id for row in page.page(work, then, Ask()).rows] == ["p01"]
        assert [one.exit_reason for one in members.stays(work, hand, "p01")] == ["迁出"]


def test_nobody_is_entered_by_hand_where_a_rule_decides(system: System, old: Lens) -> None:
    """The rule is told instead."""
    with pytest.raises(members.MembersByRule):
        system.write(
            clerk(), lambda work: members.enter(work, old, "child", on="2026-11-01", reason="x")
        )


def test_a_mark_of_another_order_or_a_made_up_one_is_refused(system: System, old: Lens) -> None:
    """The place where a page ended is sealed; whoever changes it is told so."""
    with system.read(clerk()) as work:
        here = ground(work, old)
        mark = page.page(work, here, Ask(sort="name"), limit=2).next
        assert mark
        for wrong in (mark[:-8], "x", "%%%", mark.swapcase()):
            with pytest.raises(FilterInvalid):
                page.page(work, here, Ask(sort="name"), after=wrong)
        with pytest.raises(FilterInvalid):
            page.page(work, here, Ask(), after=mark)


def prepared_again(system: System):
    """The dictionary in force."""
    from engine.dictionary.store import dictionary

    with system.read(factories.TESTER) as work:
        return dictionary(work.connection)
