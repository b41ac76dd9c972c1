"""Cells of a document: read and changed by path, rows by identity, nothing changed in place."""

import copy
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import json_text
from engine.json_text import Json
from forms import document
from forms.document import Cell
from tests.forms import samples

FORM = samples.compiled()


def test_a_change_gives_a_new_document_and_leaves_the_old() -> None:
    """Nothing that somebody else holds is ever patched."""
    before = samples.values()
    held = copy.deepcopy(before)
    after = document.put(FORM, before, "/elders/k1/name", "李四")
    after = document.put(FORM, after, "/crops/r01/area", Decimal("1.5"))
    after = document.remove(after, "/elders/k2")
    after = document.add_row(after, "/elders", "k9", {"name": "赵六"})
    assert before == held
    assert document.get(after, "/elders/k1/name") == "李四"
    assert document.row_ids(after, "/elders") == ["k1", "k9"]


def test_a_blank_value_removes_the_cell_but_not_the_row() -> None:
    """Null, white text and empty lists are the same nothing; zero is a value."""
    values = document.put(FORM, {}, "/crops/r01/area", 0)
    assert values == {"crops": {"r01": {"area": 0}}}
    assert document.put(FORM, values, "/crops/r01/area", " ") == {}
    roster = document.add_row({}, "/elders", "k1", {"name": "王", "months": None})
    assert document.put(FORM, roster, "/elders/k1/name", None) == {"elders": [{"_id": "k1"}]}


@pytest.mark.parametrize("path", ["/nothing", "/elders", "/elders/k1", "/elders/k1/_id", "/crops/r02/price", ""])  # fmt: skip
def test_only_cells_of_the_form_can_be_set(path: str) -> None:
    """Tables, rows, identities, closed and unknown cells are not cells."""
    with pytest.raises(document.CellUnknown):
        document.put(FORM, samples.values(), path, 1)


def test_a_row_that_is_gone_is_told() -> None:
    """Somebody deleted it meanwhile; no new row appears by accident."""
    with pytest.raises(document.RowUnknown):
        document.put(FORM, samples.values(), "/elders/k7/name", "x")
    assert document.get(samples.values(), "/elders/k7/name") is None
    assert document.remove(samples.values(), "/elders/k7") == samples.values()


def test_an_identity_is_used_once_in_a_table() -> None:
    """Two rows of one name could not be told apart."""
    with pytest.raises(document.RowTwice):
        document.add_row(samples.values(), "/elders", "k1")
    twice = {"elders": [{"_id": "a"}, {"_id": "a"}]}
    with pytest.raises(document.RowTwice):
        document.identified(FORM, twice)


def test_rows_from_outside_get_identities_of_their_own() -> None:
    """The same input gives the same identities, and none is taken twice."""
    values = {"elders": [{"name": "a"}, {"_id": "r1", "name": "b"}, {"name": "c"}]}
    named = document.identified(FORM, values)
    assert document.row_ids(named, "/elders") == ["r2", "r1", "r3"]
    assert document.identified(FORM, named) == named


def test_a_row_may_be_put_between_others() -> None:
    """Position counts from the top; beyond the end is the end."""
    values = document.add_row(samples.values(), "/elders", "k0", position=0)
    values = document.add_row(values, "/elders", "k9", position=99)
    assert document.row_ids(values, "/elders") == ["k0", "k1", "k2", "k9"]


def test_flattening_gives_every_filled_cell_by_its_path() -> None:
    """And putting them back one by one gives the same document."""
    flat = document.flatten(samples.values(), FORM)
    assert flat["/elders/k1/name"] == "张桂英"
    assert flat["/crops/r02/area"] == 8
    assert flat["/crop_codes"] == ["wheat"]
    rebuilt: dict[str, Json] = {}
    for row in ("k1", "k2"):
        rebuilt = document.add_row(rebuilt, "/elders", row)
    for path, value in flat.items():
        rebuilt = document.put(FORM, rebuilt, path, value)
    assert document.flatten(rebuilt, FORM) == flat


def test_cells_are_listed_for_the_rows_that_are_there() -> None:
    """Filled or not; a page and a progress bar count them."""
    paths = [path for path, _ in document.cells(FORM, samples.values())]
    assert "/elders/k2/sex" in paths
    assert len([path for path in paths if path.startswith("/elders/")]) == 14
    assert [path for path, _ in document.cells(FORM, {}) if "elders" in path] == []


def test_a_change_is_another_value_not_another_writing() -> None:
    """1 is 1.00 and a moved row is no change; yes is not 1."""
    before = samples.values()
    after = copy.deepcopy(before)
    after["elders"].reverse()
    after["population"] = Decimal("120.00")
    after["note"] = ""
    assert document.changed(FORM, before, after) == []
    after["male"] = 61
    after["elders"].pop()
    assert document.changed(FORM, before, after)[0] == "/male"
    assert "/elders/k1/name" in document.changed(FORM, before, after)
    assert not document.same(True, 1)


def test_what_is_known_of_cells_survives_storing() -> None:
    """State, source, what was offered and why it was returned; the value stands in the document."""
    values = samples.values()
    cells = {
        "/population": Cell(120, "known", {"source": "verified", "at": "2026-10-01"}, 120),
        "/elders/k1/name": Cell(
            "张桂英",
            "returned",
            known="张贵英",
            disputed=True,
            reason="请核对姓名",
            chosen={"source": "verified", "by": "陆景行"},
        ),
        "/note": Cell(None, "empty"),
    }
    stored = json_text.trusted(json_text.dumps(document.dump_cells(cells)))
    assert document.load_cells(stored, values) == cells
    assert "value" not in stored["/population"]


def test_a_cell_knows_that_it_deviates_from_what_was_offered() -> None:
    """That is what the verifier looks at first."""
    assert Cell(5, "typed", known=4).deviates
    assert not Cell(4, "confirmed", known=Decimal("4.0")).deviates
    assert not Cell(5, "typed").deviates
    assert not Cell(None).filled


def test_many_cells_are_set_as_one_by_one() -> None:
    """Root, fixed and floating ones; a row that is gone is told."""
    changes = {
        "/note": "x",
        "/crops/r01/area": None,
        "/elders/k1/name": "李",
        "/elders/k2/months": None,
        "/elders/k2/name": "周",
    }
    one_by_one = samples.values()
    for path, value in changes.items():
        one_by_one = document.put(FORM, one_by_one, path, value)
    assert document.put_all(FORM, samples.values(), changes) == one_by_one
    with pytest.raises(document.RowUnknown):
        document.put_all(FORM, samples.values(), {"/elders/k7/name": "x"})
    with pytest.raises(document.CellUnknown):
        document.put_all(FORM, samples.values(), {"/elders/k1/nothing": "x"})


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_that_no_database_takes_is_told(text: str) -> None:
    """Pasted from a broken program; it must not end a transaction with an error nobody understands."""
    with pytest.raises(document.TextUnstorable):
        document.put(FORM, samples.values(), "/note", text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 9)), max_size=12))
def test_what_was_put_is_what_is_got(moves: list[tuple[int, int]]) -> None:
    """Any sequence of changes: the last one of a cell stands, all other cells stay."""
    values: dict[str, Json] = samples.values()
    every = [path for path, _ in document.cells(FORM, values)]
    expected = document.flatten(values, FORM)
    for where, value in moves:
        path = every[where % len(every)]
        values = document.put(FORM, values, path, value if value > 2 else None)
        expected[path] = value
        if value <= 2:
            del expected[path]
    assert document.flatten(values, FORM) == expected
