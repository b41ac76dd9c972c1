"""Ids in a copy: others than in the original, the same one wherever it stands."""

from hypothesis import given
from hypothesis import strategies as st

from admin.copying.ids import OURS, Ids, row_ids
from engine.work import new_id

KEY = b"k" * 32


def test_an_id_is_replaced_wherever_it_stands() -> None:
    """As a value, in a path, as a name, within a longer mark; a moment keeps its hour."""
    ids, one = Ids(KEY), new_id()
    other = ids.of(one)
    assert OURS.fullmatch(other)
    assert other != one
    value = {
        "document": one,
        f"/elders/{one}/note": [f"case {one}", "370602011001", "0123456789"],
        "at": "2026-11-29T07:38:20.164469+00:00",
        "due": "2026-12-25T15:59:59+00:00",
    }
    assert ids.within(value) == {
        "document": other,
        f"/elders/{other}/note": [f"case {other}", "370602011001", "0123456789"],
        "at": "2026-11-29T07:00:00.000000+00:00",
        "due": "2026-12-25T15:59:59+00:00",
    }
    assert Ids(b"x" * 32).of(one) != other


def test_rows_that_pages_named_are_replaced_with_their_paths() -> None:
    """A cell that happens to say the same keeps its value; a row of an organisation keeps its code."""
    ids = Ids(KEY)
    contents = {"elders": [{"_id": "k3", "note": "k3"}, {"_id": "370602-mzj", "note": "甲"}]}
    rows = frozenset(row_ids(contents))
    assert rows == {"k3"}
    assert ids.within(contents, rows) == {
        "elders": [{"_id": ids.of("k3"), "note": "k3"}, {"_id": "370602-mzj", "note": "甲"}]
    }
    assert ids.within({"/elders/k3/note": 1}, rows) == {f"/elders/{ids.of('k3')}/note": 1}


def test_numbers_tell_no_order() -> None:
    """Each has another, from one on; by another key others."""
    ids, given_ = Ids(KEY), range(7, 107)
    other = ids.numbers(given_)
    assert sorted(other) == list(given_)
    assert sorted(other.values()) == list(range(1, 101))
    ordered = [other[one] for one in given_]
    assert ordered != sorted(ordered)
    assert Ids(b"x" * 32).numbers(given_) != other


def test_marks_are_given_to_each_other() -> None:
    """The same ones, in another order."""
    given_ = [f"民〔2026〕{number:04d}号" for number in range(1, 60)]
    other = Ids(KEY).among(given_)
    assert sorted(other.values()) == sorted(other) == given_
    assert [other[one] for one in given_] != given_


@given(st.lists(st.text(max_size=30), unique=True, max_size=30))
def test_two_never_become_one(given_: list[str]) -> None:
    """However alike they are."""
    ids = Ids(KEY)
    assert len({ids.of(one) for one in given_}) == len(given_)
