"""A long roster costs one pass over its rows, not one pass for each of its cells."""

import time
from decimal import Decimal

import pytest

from forms import document
from forms.designing import design
from forms.document import RowTwice
from tests.forms import samples

ROSTER = {
    **design.empty("test.roster", "名册"),
    "properties": {
        "total": {"type": "number", "title": "合计"},
        "elders": {
            "type": "array",
            "title": "名册",
            "table": {"kind": "floating"},
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "title": "姓名"},
                    "amount": {"type": "number", "title": "金额"},
                },
            },
        },
    },
}


def _filled(count: int) -> tuple[dict[str, object], dict[str, object]]:
    form = samples.compiled(ROSTER)
    ids = [f"k{number}" for number in range(count)]
    changes: dict[str, object] = {"/total": 7}
    for one in ids:
        changes[f"/elders/{one}/name"] = f"某{one}"
        changes[f"/elders/{one}/amount"] = Decimal("1.5")
    contents = document.add_rows({}, "/elders", ids)
    return document.put_all(form, contents, changes), changes


def test_many_values_are_read_as_each_alone() -> None:
    """Cells of rows, cells at the root, rows that are not there: the same answers as `get`."""
    values, changes = _filled(5)
    asked = [*changes, "/elders/k9/name", "/nothing", "/elders", "/elders/k1"]
    assert document.get_all(values, asked) == {path: document.get(values, path) for path in asked}
    assert document.get_all(values, changes) == changes


def test_rows_are_added_in_order_and_none_twice() -> None:
    """An identity stands once in a table, among the rows there and among the new ones."""
    values = document.add_rows({}, "/elders", ["a", "b"])
    more = document.add_rows(values, "/elders", ["c"], [{"name": "张三", "age": "", "_id": "x"}])
    assert document.row_ids(more, "/elders") == [*"abc"]
    assert document.get(more, "/elders")[2] == {"name": "张三", "_id": "c"}
    for ids in (["a"], ["d", "d"]):
        with pytest.raises(RowTwice):
            document.add_rows(values, "/elders", ids)


def test_ten_thousand_rows_are_read_and_set_in_seconds() -> None:
    """One pass a cell would take minutes here."""
    started = time.process_time()
    values, changes = _filled(10_000)
    assert document.get_all(values, changes) == changes
    cells = document.load_cells({path: {"state": "typed"} for path in changes}, values)
    assert len(cells) == 20_001
    assert time.process_time() - started < 5
