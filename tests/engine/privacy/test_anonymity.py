"""Every released table is k-anonymous and l-diverse, and nothing that loses less would do."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.dictionary.field import CodeList, CodeValue
from engine.privacy import anonymity, hierarchies
from engine.privacy.anonymity import Demand, NotReleasable, ReleaseWrong, anonymise
from engine.privacy.anonymity_check import judge

AGES = hierarchies.bands((5, 10, 20))
PLACES = hierarchies.division()
SEXES = hierarchies.suppressed()
QUASI, SENSITIVE = ("age", "place", "sex"), ("illness", "aid")
LADDERS = (AGES, PLACES, SEXES)

row = st.tuples(
    st.integers(0, 99).map(str),
    st.sampled_from(("370602011001", "370602011002", "370602012001", "370613001001", "")),
    st.sampled_from("12"),
    st.sampled_from(("flu", "cold", "asthma", "")),
    st.sampled_from(("yes", "no")),
)
demands = st.builds(
    Demand, k=st.integers(2, 5), l=st.integers(1, 2), most_left_out=st.sampled_from((0, 0.1, 0.5))
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(row, min_size=5, max_size=60), demands)
def test_what_is_released_keeps_the_demand(rows: list[tuple[str, ...]], demand: Demand) -> None:
    """Judged by a checker that knows only the table; rows are kept or left out, never changed in
    what is sensitive; and each value stands in the one it was told as.
    """
    quasi, sensitive = [one[:3] for one in rows], [one[3:] for one in rows]
    try:
        found = anonymise(quasi, sensitive, LADDERS, demand)
    except NotReleasable:
        assert not will_do(quasi, sensitive, tuple(one.top for one in LADDERS), demand)
        return
    table = [dict(zip(QUASI + SENSITIVE, one, strict=True)) for one in found.rows]
    verdict = judge(table, QUASI, SENSITIVE)
    assert verdict.keeps(demand.k, demand.l)
    assert verdict.groups == found.groups
    assert len(table) == len(rows) - found.loss.left_out
    assert found.loss.left_out <= len(rows) * demand.most_left_out
    told = [
        tuple(
            one.steps[at](value)
            for one, at, value in zip(LADDERS, found.levels, each[:3], strict=True)
        )
        + each[3:]
        for each in rows
    ]
    left = list(told)
    for one in found.rows:
        left.remove(one)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(row, min_size=6, max_size=30), demands)
def test_no_node_that_will_do_loses_less(rows: list[tuple[str, ...]], demand: Demand) -> None:
    """Held against every node of the lattice, one by one, by brute force."""
    quasi, sensitive = [one[:3] for one in rows], [one[3:] for one in rows]
    search = anonymity._Search(quasi, sensitive, LADDERS, demand)
    every = product(*(range(one.top + 1) for one in LADDERS))
    good = [node for node in every if will_do(quasi, sensitive, node, demand)]
    if not good:
        with pytest.raises(NotReleasable):
            anonymise(quasi, sensitive, LADDERS, demand)
        return
    found = anonymise(quasi, sensitive, LADDERS, demand)
    assert found.levels in good
    assert found.loss.total == pytest.approx(min(search._loss(node, 0).total for node in good))


def will_do(
    quasi: list[tuple[str, ...]],
    sensitive: list[tuple[str, ...]],
    node: tuple[int, ...],
    demand: Demand,
) -> bool:
    """Whether a node reaches the demand, counted anew."""
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key, values in zip(quasi, sensitive, strict=True):
        told = tuple(
            one.steps[at](value) for one, at, value in zip(LADDERS, node, key, strict=True)
        )
        groups.setdefault(told, []).append(values)
    left_out = sum(
        len(group)
        for group in groups.values()
        if len(group) < demand.k
        or any(
            len({one for one in column if one}) < demand.l for column in zip(*group, strict=True)
        )
    )
    return left_out <= int(len(quasi) * demand.most_left_out) and left_out < len(quasi)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(("bands", "division", "day", "tree")), st.data())
def test_a_step_joins_and_never_parts(kind: str, data: st.DataObject) -> None:
    """What a level cannot tell apart, no level above it can; the last tells nothing."""
    tree = CodeList(
        "t",
        {"zh": "t"},
        values=tuple(
            CodeValue(code, {}, parent)
            for code, parent in (("1", None), ("11", "1"), ("12", "1"), ("111", "11"), ("2", None))
        ),
    )
    ladders = {
        "bands": (hierarchies.bands((5, 10, 50)), st.integers(-200, 200).map(str)),
        "division": (
            PLACES,
            st.sampled_from(("370602011001", "370602011002", "370613", "110101001001")),
        ),
        "day": (hierarchies.day(), st.dates().map(lambda one: one.isoformat())),
        "tree": (hierarchies.code_tree(tree), st.sampled_from(("1", "11", "12", "111", "2"))),
    }
    ladder, values = ladders[kind]
    one, other = data.draw(values | st.just("")), data.draw(values | st.just(""))
    alike = False
    for step in ladder.steps:
        now = step(one) == step(other)
        assert now or not alike
        alike = now
    assert ladder.steps[-1](one) == "*"


@pytest.mark.parametrize(("k", "l", "part"), [(1, 1, 0.1), (5, 6, 0.1), (5, 0, 0.1), (5, 2, 0.9)])
def test_a_demand_that_protects_nobody_is_refused(k: int, l: int, part: float) -> None:  # noqa: E741 - its name in the literature
    """Groups of one, more values than rows, half of the rows left out."""
    with pytest.raises(ReleaseWrong):
        Demand(k, l, part).check()


def test_a_checker_sees_what_is_not_anonymous() -> None:
    """It can say no: a group of one, and a group in which everybody has the same."""
    rows = [{"age": "30", "ill": "flu"}, {"age": "30", "ill": "flu"}, {"age": "40", "ill": "cold"}]
    assert not judge(rows, ["age"], ["ill"]).keeps(2, 1)
    assert judge(rows[:2], ["age"], ["ill"]).keeps(2, 1)
    assert not judge(rows[:2], ["age"], ["ill"]).keeps(2, 2)
