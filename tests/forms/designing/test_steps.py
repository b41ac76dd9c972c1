"""Steps of a designer: told, carried over, taken back, and where two of them clash."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.designing import design, steps
from tests.forms import samples

Form = dict[str, Any]
Operation = Callable[[Form], Form]

OPERATIONS: list[Operation] = [
    lambda form: design.rename(form, "/note", "说明"),
    lambda form: design.rename(form, "/male", "男性"),
    lambda form: design.configure(form, "/female", {"unit": "口", "maximum": 9}),
    lambda form: design.configure(form, "/crops/*/area", {"title": "面积"}),
    lambda form: design.add(form, "fresh", {"type": "string", "title": "新"}, position=0),
    lambda form: design.remove(form, "/kind"),
    lambda form: design.move(form, "/phone", 0),
    lambda form: design.set_required(form, "/note", True),
    lambda form: design.remove_check(form, "c3"),
]
"""Each about something of its own, so that in any order they lead to one form."""


def orders(form: Form) -> list[list[str]]:
    return [list(form["properties"]), [one["code"] for one in form["form"]["checks"]]]


@settings(deadline=None)
@given(st.permutations(OPERATIONS))
def test_a_step_leads_there_and_back(operations: list[Operation]) -> None:
    """Applied to what it was made on it gives what was made; its inverse gives back what was."""
    form = samples.form()
    for operation in operations:
        after = operation(form)
        changes = steps.difference(form, after)
        assert steps.applied(form, changes) == (after, ())
        back, clashes = steps.applied(after, steps.inverse(changes))
        assert (back, clashes, orders(back)) == (form, (), orders(form))
        assert [steps.read_change(one.to_json()) for one in changes] == list(changes)
        form = after


@settings(deadline=None)
@given(st.permutations(OPERATIONS), st.integers(0, len(OPERATIONS) - 1))
def test_any_step_can_be_taken_back_later(operations: list[Operation], which: int) -> None:
    """Without touching what was done after it: the others alone give the same form."""
    form, kept = samples.form(), samples.form()
    taken: tuple[steps.Change, ...] = ()
    for number, operation in enumerate(operations):
        after = operation(form)
        if number == which:
            taken = steps.difference(form, after)
        else:
            kept = operation(kept)
        form = after
    back, clashes = steps.applied(form, steps.inverse(taken))
    assert (back, clashes) == (kept, ())
    assert sorted(back["properties"]) == sorted(kept["properties"])


@settings(deadline=None)
@given(st.sampled_from(OPERATIONS), st.sampled_from(OPERATIONS))
def test_two_who_change_different_things_never_clash(one: Operation, two: Operation) -> None:
    """The step of the second carries over to what the first has made."""
    form = samples.form()
    first = steps.difference(form, one(form))
    second = steps.difference(form, two(form))
    assert steps.clashing(second, first) == ()
    if one is not two:
        both, clashes = steps.applied(one(form), second)
        assert (both, clashes) == (two(one(form)), ())


def test_two_who_name_one_item_differently_clash() -> None:
    """Both names are told; overruling takes mine."""
    form = samples.form()
    theirs = design.rename(form, "/note", "说明")
    mine = steps.difference(form, design.rename(form, "/note", "附注"))
    told = steps.Clash(("properties", "note", "title"), "附注", "说明")
    assert steps.clashing(mine, steps.difference(form, theirs)) == (told,)
    assert steps.applied(theirs, mine) == (theirs, (told,))
    forced, clashes = steps.applied(theirs, mine, force=True)
    assert (forced["properties"]["note"]["title"], clashes) == ("附注", ())


def test_to_remove_what_another_has_just_changed_is_a_clash() -> None:
    """Their work would go with it."""
    form = samples.form()
    theirs = steps.difference(form, design.rename(form, "/note", "说明"))
    mine = steps.difference(form, design.remove(form, "/note"))
    (clash,) = steps.clashing(mine, theirs)
    assert (clash.at, clash.mine) == (("properties", "note"), steps.ABSENT)


def test_what_is_gone_cannot_be_changed_back() -> None:
    """A step on an item that somebody removed is told, and does nothing."""
    form = samples.form()
    renamed = design.rename(form, "/note", "说明")
    gone = design.remove(renamed, "/note")
    back = steps.inverse(steps.difference(form, renamed))
    left, (clash,) = steps.applied(gone, back, force=True)
    assert (left, clash.theirs) == (gone, steps.ABSENT)


@settings(deadline=None)
@given(st.permutations("abcde"), st.permutations("abcde"), st.permutations("abcdefg"))
def test_an_order_is_carried_over(before: list[str], after: list[str], now: list[str]) -> None:
    """Nothing is lost or doubled, and to its own beginning it leads exactly."""
    assert sorted(steps.carried(before, after, now)) == sorted(now)
    assert steps.carried(before, after, before) == after
