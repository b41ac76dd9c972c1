"""What of a document is personal: only that goes, wherever it stands, and nothing else is touched."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from engine.erasure.redact import MARK
from forms.retaining import items as retaining

WANTED = [("name",), ("t", "*", "name"), ("t", "*", "income")]
_values = some.one_of(some.none(), some.integers(), some.text(min_size=1, max_size=5))
_rows = some.lists(
    some.fixed_dictionaries(
        {
            "_id": some.text(min_size=1, max_size=3),
            "name": _values,
            "income": _values,
            "age": _values,
        }
    ),
    max_size=4,
)


@given(some.fixed_dictionaries({"name": _values, "population": _values, "t": _rows}))
def test_only_what_is_personal_goes(contents: dict[str, Any]) -> None:
    """Names and incomes are blank, figures and the rows' identities stand; twice is the same as once."""
    left: Any = contents
    for one in WANTED:
        left = retaining.without(left, one)
    assert left["population"] == contents["population"]
    assert left["name"] in (None, "", MARK)
    for now, was in zip(left["t"], contents["t"], strict=True):
        assert (now["_id"], now["age"]) == (was["_id"], was["age"])
        assert {type(now[name]) for name in ("name", "income")} <= {str, type(None)}
        assert all(now[name] in (None, "", MARK) for name in ("name", "income"))
    again: Any = left
    for one in WANTED:
        again = retaining.without(again, one)
    assert again == left


def test_a_change_of_a_cell_a_row_or_a_table_is_stripped_alike() -> None:
    """Changes are kept by cell, and by row where one was added."""
    row = {"_id": "e1", "name": "钱三多", "age": 90}
    assert retaining.stripped("钱三多", "/t/e1/name", WANTED) == MARK
    assert retaining.stripped(90, "/t/e1/age", WANTED) == 90
    assert retaining.stripped(row, "/t/e1", WANTED) == {"_id": "e1", "name": MARK, "age": 90}
    assert retaining.stripped([row], "/t", WANTED) == [{"_id": "e1", "name": MARK, "age": 90}]
    assert retaining.stripped(["a/b.jpg"], "/name", WANTED) == []
    assert not retaining.goes("/t/e1/age", WANTED)
