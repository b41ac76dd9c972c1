"""Tables that came out one after the other, held against an attacker who knows who stood in each."""

from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.privacy.together import OUTSIDE, Earlier, left_out

Rows = dict[str, tuple[str, str]]
"""Of each person the group and the sensitive value."""

PEOPLE = tuple(f"p{number:02d}" for number in range(24))
rows = st.dictionaries(
    st.sampled_from(PEOPLE),
    st.tuples(st.sampled_from("AB"), st.sampled_from(("ill", "well", ""))),
    max_size=24,
)


def keeps(people: list[str], table: Rows, k: int, l: int) -> bool:  # noqa: E741 - its name
    values = {table[one][1] for one in people} - {""}
    return len(people) >= k and len(values) >= l


def groups(table: Rows) -> dict[str, list[str]]:
    found = defaultdict(list)
    for who, (group, _) in table.items():
        found[group].append(who)
    return found


def earlier(table: Rows) -> Earlier:
    return Earlier(
        {who: (group,) for who, (group, _) in table.items()},
        {who: (value,) for who, (_, value) in table.items()},
    )


def released(table: Rows, before: list[Rows], k: int, l: int) -> Rows:  # noqa: E741 - as above
    """What of a table may come out."""
    out = left_out(
        {who: (group,) for who, (group, _) in table.items()},
        {who: (value,) for who, (_, value) in table.items()},
        [earlier(one) for one in before],
        k=k,
        l=l,
    )
    return {who: row for who, row in table.items() if who not in out}


def told_apart(table: Rows, before: list[Rows]) -> dict[tuple, dict[tuple, list[str]]]:
    """Who is alike in all tables before, and into which parts the new one cuts them."""
    found: dict[tuple, dict[tuple, list[str]]] = defaultdict(lambda: defaultdict(list))
    for who in {*table, *(one for each in before for one in each)}:
        marks = tuple(each[who][0] if who in each else OUTSIDE for each in before)
        found[marks][(table[who][0],) if who in table else OUTSIDE].append(who)
    return found


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.lists(rows, min_size=1, max_size=4), st.integers(2, 4), st.integers(1, 2))
def test_nobody_is_told_by_any_number_of_tables(drawn: list[Rows], k: int, l: int) -> None:  # noqa: E741 - as above
    """Each table keeps the demand; whoever was alike stays so, but for parts that keep it themselves."""
    before: list[Rows] = []
    for table in drawn:
        made = released(table, before, k, l)
        assert all(keeps(people, made, k, l) for people in groups(made).values())
        for marks, parts in told_apart(made, before).items():
            known = [each for each, mark in zip(before, marks, strict=True) if mark != OUTSIDE]
            cut = len(parts) > 1 or not known
            for part, people in parts.items():
                if part != OUTSIDE:
                    assert not cut or keeps(people, made, k, l)
                elif known and cut:
                    assert keeps(people, known[-1], k, l)
        before.append(made)


def test_who_came_and_who_went_is_not_found_by_taking_away() -> None:
    """Five of a village in the first table; one comes, one goes, one moves."""
    first = {who: ("A", "ill" if number % 2 else "well") for number, who in enumerate(PEOPLE[:12])}
    assert released(first, [], 4, 2) == first
    came = {**first, "new": ("A", "ill")}
    assert set(released(came, [first], 4, 2)) == set(first)
    went = {who: row for who, row in first.items() if who != "p00"}
    assert released(went, [first], 4, 2) == {}, "the others would tell whose row is gone"
    moved = {**first, "p00": ("B", "well")}
    assert released(moved, [first], 4, 2) == {}
    assert released(first, [first], 4, 2) == first
    halves = {who: ("AB"[number < 6], row[1]) for number, (who, row) in enumerate(first.items())}
    assert released(halves, [first], 4, 2) == halves, "parts that are large enough by themselves"
