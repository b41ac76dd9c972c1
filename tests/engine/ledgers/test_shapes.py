"""Pages from kept statements are those of statements made anew, whatever is asked, on both databases."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ledgers import filters, page, shapes
from engine.ledgers.filters import Ask, Filter, FilterInvalid
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import Lens
from engine.ledgers.rows import Row
from engine.work import System, Work
from tests import factories
from tests.engine.ledgers.ground import clerk, lens, prepared, staff

FILTERS = st.one_of(
    st.builds(
        lambda op, value: Filter("sex", op, (value,)),
        st.sampled_from(("eq", "ne")),
        st.sampled_from("12"),
    ),
    st.builds(
        lambda op, value: Filter("allowance", op, (str(value),)),
        st.sampled_from(("eq", "lt", "ge")),
        st.integers(0, 300),
    ),
    st.builds(
        lambda values: Filter("allowance", "between", tuple(map(str, sorted(values)))),
        st.tuples(st.integers(0, 300), st.integers(0, 300)),
    ),
    st.builds(lambda age: Filter("age", "ge", (str(age),)), st.integers(80, 90)),
    st.sampled_from(
        (
            Filter("allowance", "blank"),
            Filter("remark", "blank"),
            Filter("name", "contains", ("甲1",)),
            Filter("sex", "in", ("1", "2")),
            Filter("residence", "starts", ("370602011001",)),
        )
    ),
)
ASKS = st.builds(
    Ask,
    st.lists(FILTERS, max_size=3).map(tuple),
    sort=st.sampled_from(("", "name", "allowance", "age", "remark")),
    descending=st.booleans(),
)


@pytest.fixture
def people(system: System) -> tuple[System, Lens]:
    """Thirty of them in two villages, some without an allowance."""
    known = prepared(system)
    rows = [
        factories.person(
            name=f"甲{number:02d}", sex="12"[number % 2],
            birth_date=f"19{30 + number % 16}-05-02",
            residence=f"37060201100{1 + number % 2}",
            allowance=None if number % 5 == 0 else number * 10,
        )
        for number in range(30)
    ]  # fmt: skip
    factories.load_people(system, known, rows)
    return system, lens(system, known)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ask=ASKS, limit=st.integers(1, 12), whole=st.booleans())
def test_a_kept_statement_gives_what_a_new_one_gives(
    people: tuple[System, Lens], ask: Ask, limit: int, whole: bool
) -> None:
    """All pages of a question, one after the other, by both ways."""
    with people[0].read(clerk() if whole else staff()) as work:
        here = ground(work, people[1])
        expected = [row.id for row in _anew(work, here, ask)]
        found: list[str] = []
        after = ""
        while True:
            part = page.page(work, here, ask, after=after, limit=limit)
            found += [row.id for row in part.rows]
            if part.next is None:
                break
            after = part.next
        assert found == expected


def _anew(work: Work, here: Ground, ask: Ask) -> Sequence[Row]:
    """The rows of a question by a statement that is made for it alone: `only` is never kept."""
    only = here.members()
    for one in filters.conditions(work, here, ask.filters):
        only = only & one
    return page.page(
        work, here, Ask(sort=ask.sort, descending=ask.descending), only=only, limit=500
    ).rows


def test_a_number_is_looked_for_by_its_mark(people: tuple[System, Lens]) -> None:
    """A sealed value stands in no kept question; another one asks the same statement."""
    with people[0].read(clerk()) as work:
        here = ground(work, people[1])
        rows = page.page(work, here, Ask(), limit=5).rows
        for row in rows:
            number = str(row.cell("id_number").value)
            ask = Ask((Filter("id_number", "eq", (number,)),))
            assert [one.id for one in page.page(work, here, ask).rows] == [row.id]


def test_a_mark_of_another_order_is_refused(people: tuple[System, Lens]) -> None:
    """As is one that is made up; nothing is kept of it."""
    with people[0].read(clerk()) as work:
        here = ground(work, people[1])
        mark = page.page(work, here, Ask(), limit=2).next
        assert mark is not None
        for wrong, ask in ((mark, Ask(sort="sex")), ("x", Ask())):
            with pytest.raises(FilterInvalid):
                page.page(work, here, ask, after=wrong)
        for column, values in (("allowance", ("x",)), ("allowance", ()), ("nothing", ("1",))):
            with pytest.raises(FilterInvalid):
                page.page(work, here, Ask((Filter(column, "eq", values),)))
    assert len(shapes._shapes) <= shapes.MOST
