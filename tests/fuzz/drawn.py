"""What fuzzing feeds in: documents with parts changed, workbooks damaged or odd, formulas of loose words."""

import copy
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests import attacks
from tests.forms.importers.excel import books

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(attacks.strings()),
    st.just([]),
    st.just({}),
    st.recursive(st.text(max_size=3), lambda inner: st.lists(inner, max_size=2), max_leaves=6),
)
WORDS = (
    "sum", "count", "if", "len", "last", "person", "where", "within", "this", "and", "or", "not", "in", "blank",
    "true", "(", ")", ",", "+", "-", "*", "/", "=", "<>", "<=", "&", ".", "'", '"', "人口", "合计", "0", "1.50",
    "9" * 40, "1e9", "population", "elders", "\u3000", "（", "，", "％", "%", "^", "[", "]", "{", "@", "#", "\\",
)  # fmt: skip
FORMULAS = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=40).flatmap(
    lambda words: st.sampled_from((" ".join(words), "".join(words)))
)


@st.composite
def changed(draw: st.DrawFn, documents: Sequence[Any]) -> Any:
    """One of these documents with up to four places replaced, removed, doubled or filled from elsewhere."""
    document = copy.deepcopy(draw(st.sampled_from(list(documents))))
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(document))
        if not places:
            return document
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        act = draw(st.sampled_from(("replace", "remove", "graft", "rename")))
        if act == "replace":
            holder[key] = draw(ODD)
        elif act == "remove":
            del holder[key]
        elif act == "graft":
            other, name = places[draw(st.integers(0, len(places) - 1))]
            holder[key] = copy.deepcopy(other[name])
        elif isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = holder.pop(key)
        else:
            holder.append(copy.deepcopy(holder[key]))
    return document


def _places(node: Any) -> Any:
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    if not isinstance(node, dict | list):
        return
    for key, value in list(pairs):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


@st.composite
def damaged(draw: st.DrawFn, files: Sequence[bytes]) -> bytes:
    """One of these files with some bytes changed, a piece cut out, or its end missing."""
    content = bytearray(draw(st.sampled_from(list(files))))
    for _ in range(draw(st.integers(0, 6))):
        if not content:
            break
        at = draw(st.integers(0, len(content) - 1))
        match draw(st.sampled_from(("byte", "cut", "end", "insert"))):
            case "byte":
                content[at] = draw(st.integers(0, 255))
            case "cut":
                del content[at : at + draw(st.integers(1, 50))]
            case "end":
                del content[at:]
            case _:
                content[at:at] = draw(st.binary(max_size=20))
    return bytes(content)


@st.composite
def reworded(draw: st.DrawFn, packages: Sequence[bytes]) -> bytes:
    """A workbook whose parts are damaged inside, so that the archive itself still opens."""
    package = draw(st.sampled_from(list(packages)))
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w") as new:
        names = old.namelist()
        chosen = draw(st.sampled_from(names))
        for name in names:
            part = old.read(name)
            new.writestr(name, draw(damaged([part])) if name == chosen else part)
    return target.getvalue()


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    st.sampled_from(("合计", "序号", "姓名", "人口", "其中：男", "单位：人", "填表人：", "□是 □否", "01", "=SUM(B2:B3)", "甲", "—")),
    st.integers(-(10**9), 10**9),
)  # fmt: skip


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    """A small sheet of drawn cells with drawn merges."""
    rows = draw(st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=9))
    spans = st.tuples(st.integers(1, 9), st.integers(1, 7), st.integers(0, 3), st.integers(0, 3))
    merges = draw(st.lists(spans, max_size=4))

    def fill(sheet: Any) -> None:
        for row in rows:
            sheet.append(row)
        for top, left, down, across in merges:
            sheet.merge_cells(
                start_row=top, end_row=top + down, start_column=left, end_column=left + across
            )

    return books.book(fill)
