"""Where cells come from, told once: what is read is what was kept, and no source stands there twice."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.json_text import dumps, encoded, trusted
from forms.sources_once import SOURCES, packed, unpacked

SOURCE = st.fixed_dictionaries(
    {"source": st.sampled_from(["steward", "form"]), "title": st.sampled_from(["组织基础库", "低保台账"])},
    optional={"at": st.sampled_from(["2026-11-29T08:00:00+00:00"]), "age": st.integers(0, 3)},
)  # fmt: skip
META = st.fixed_dictionaries(
    {"state": st.sampled_from(["known", "typed", "empty"])},
    optional={"source": st.none() | SOURCE, "known": st.integers(), "reason": st.text(max_size=5)},
)
CELLS = st.dictionaries(st.text(min_size=1, max_size=6).map(lambda name: f"/{name}"), META)


@given(CELLS)
def test_what_is_read_is_what_was_kept(cells: dict[str, Any]) -> None:
    """Through the text of the database; what was given is not changed."""
    before = deepcopy(cells)
    kept = packed(cells)
    assert cells == before
    assert unpacked(trusted(encoded(kept))) == cells
    told = [encoded(one) for one in kept.get(SOURCES, [])]
    assert len(set(told)) == len(told)
    assert all(type(one.get("source") or 0) is int for path, one in kept.items() if path != SOURCES)


def test_forty_cells_of_one_register_tell_it_once() -> None:
    """That is what it is for."""
    source = {"source": "steward", "title": "组织基础库", "at": "2026-11-29T08:00:00+00:00"}
    cells = {f"/{n}": {"state": "known", "source": dict(source), "known": n} for n in range(40)}
    assert dumps(packed(cells)).count("组织基础库") == 1


def test_what_was_kept_before_reads_as_it_stands() -> None:
    """Cells of documents from before carry their sources themselves; some have none."""
    cells = {"/a": {"state": "known", "source": {"source": "form"}}, "/b": {"state": "typed"}}
    assert unpacked(deepcopy(cells)) == cells
    assert unpacked({}) == {}
    assert packed({"/b": {"state": "typed"}}) == {"/b": {"state": "typed"}}
