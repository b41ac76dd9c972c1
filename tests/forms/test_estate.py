"""The estate of forms: what is asked twice, which merges spare most; quick at a county's size."""

from random import Random

import pytest

from forms import estate
from forms.estate import Asker


def asker(code: str, *facts: str, times: int = 12, own: int = 0) -> Asker:
    """A form that asks for these facts, and some of its own."""
    return Asker(code, {"zh": code}, "office", times, len(facts) + own, frozenset(facts))


FIVE = ("a", "b", "c", "d", "e")


def test_facts_are_counted_once_and_told_with_whoever_asks() -> None:
    """The most often asked first, with how often a year an organisation is asked."""
    found = estate.estate([asker("one", *FIVE, own=3), asker("two", "a", "b", times=4), asker("three", "a", times=1)])  # fmt: skip
    assert (found.items, found.bound, len(found.asked), found.repeated) == (11, 8, 5, 2)
    first = found.asked[0]
    assert (first.field, {one.code for one in first.by}, first.times) == ("a", {"one", "two", "three"}, 17)  # fmt: skip
    assert found.pairs == ()


def test_the_merge_that_spares_most_for_what_it_adds_comes_first() -> None:
    """A form contained in another costs nothing; one with many facts of its own costs those."""
    inside = asker("inside", *FIVE)
    beside = asker("beside", *FIVE, *(f"x{n}" for n in range(20)))
    large = asker("large", *FIVE, *(f"y{n}" for n in range(30)))
    found = estate.estate([beside, large, inside])
    assert {found.pairs[0].one.code, found.pairs[0].other.code} in ({"beside", "inside"}, {"inside", "large"})  # fmt: skip
    assert (found.pairs[0].spared, found.pairs[0].added, found.pairs[0].share) == (60, 0, 1.0)
    assert found.pairs[-1].added == 20


@pytest.mark.parametrize(
    ("facts", "alike"),
    [(FIVE, True), ((*FIVE, "x", "y"), True), ((*FIVE, "x", "y", "z"), False), (FIVE[:4], False)],
)  # fmt: skip
def test_a_form_is_a_duplicate_from_seven_tenths_on(facts: tuple[str, ...], alike: bool) -> None:
    """And from five facts on; a form is never its own duplicate."""
    other = asker("other", *FIVE, "more")
    found = estate.most_alike(asker("new", *facts), [other, asker("new", *facts)])
    assert (found is not None) == alike
    if found is not None:
        assert (found.other.code, found.shared) == ("other", len(set(facts) & set(FIVE)))


def test_a_countys_forms_are_looked_at_pair_by_shared_fact() -> None:
    """257 forms of 60 facts each: as many facts as a dictionary has, and the best merges of all."""
    chance = Random(257)
    facts = [f"person.f{number}" for number in range(1500)]
    forms = [asker(f"f{n}", *chance.sample(facts, 60), times=chance.choice((1, 4, 12))) for n in range(257)]  # fmt: skip
    twin = asker("twin", *sorted(forms[100].facts)[:55], times=forms[100].times)
    found = estate.estate([*forms, twin])
    assert found.items == 257 * 60 + 55
    assert {found.pairs[0].one.code, found.pairs[0].other.code} == {"f100", "twin"}
    assert len(found.asked) <= 1500
    assert sum(len(one.by) for one in found.asked) == found.bound == found.items
