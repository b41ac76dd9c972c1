"""Codes with levels: `pick: leaf` lets in only those with none below, for any validator."""

from hypothesis import given, settings
from hypothesis import strategies as st

from admin.views import tree_view
from engine.dictionary.field import CodeList, Codes, CodeValue
from engine.dictionary.store import Dictionary
from forms.bundle import bundle
from forms.compiled import Item, Option
from tests.forms import samples

LEVELS = CodeList(
    "trade",
    {"zh": "行业"},
    values=(
        CodeValue("A", {"zh": "农业"}),
        CodeValue("01", {"zh": "种植"}, "A"),
        CodeValue("02", {"zh": "林业"}, "A"),
        CodeValue("B", {"zh": "采矿"}),
    ),
)


def made(**item: object) -> dict[str, object]:
    """The item of a form with one, as its bundle has it."""
    form = {
        "$schema": "urn:yibiao:dialect:form:1",
        "form": {"code": "test.pick", "kind": "report"},
        "properties": {"trade": item},
    }
    field = samples.FIELDS["person.sex"]
    codes = {"trade": Codes.of(LEVELS), str(field.codelist): Codes.of(LEVELS)}
    schema, complaints = bundle(form, samples.FIELDS, codes)
    assert complaints == []
    found: dict[str, object] = schema["properties"]["trade"]
    return found


def test_only_codes_with_none_below_are_let_in() -> None:
    """For an item of the form's own, and beside a field of the dictionary."""
    own = {"type": "string", "codelist": "trade"}
    assert made(**own)["enum"] == ["A", "01", "02", "B"]
    assert made(**own, pick="any")["enum"] == ["A", "01", "02", "B"]
    assert made(**own, pick="leaf")["enum"] == ["01", "02", "B"]
    assert made(**{"$ref": "field:person.sex"}, pick="leaf")["enum"] == ["01", "02", "B"]


@st.composite
def _lists(draw: st.DrawFn) -> tuple[CodeList, set[str]]:
    """Any list of codes with any parents (loops too), and which of the codes a form allows."""
    count = draw(st.integers(1, 25))
    codes = [str(n) for n in range(count)]
    parents = draw(st.lists(st.sampled_from([None, *codes]), min_size=count, max_size=count))
    values = tuple(
        CodeValue(code, {"zh": code}, parent) for code, parent in zip(codes, parents, strict=True)
    )
    return CodeList("any", {"zh": "x"}, values=values), draw(st.sets(st.sampled_from(codes)))


@settings(deadline=None)  # the first look loads the tables of pinyin
@given(_lists())
def test_every_code_stands_below_the_one_it_belongs_to(drawn: tuple[CodeList, set[str]]) -> None:
    """Each once, directly under its branch, and a branch only where something below it is allowed."""
    known, allowed = drawn
    parent = {one.code: one.parent for one in known.values}
    item = Item(
        "/x", {"zh": "x"}, "string", codelist="any", options=tuple(map(Option, sorted(allowed)))
    )
    shown = tree_view.options(item, Dictionary({}, {}, {"any": known}, ""), "zh")
    trail: list[str] = []
    for one in shown:
        trail[one["depth"] :] = [one["value"]]
        assert len(trail) == one["depth"] + 1
        assert parent[one["value"]] == (trail[-2] if one["depth"] else None)
        assert one["leads"] == (one["value"] not in allowed)
    values = [one["value"] for one in shown]
    assert len(set(values)) == len(values)
    reached = {code for code in allowed if _root(parent, code)}
    assert reached <= set(values)


def _root(parent: dict[str, str | None], code: str) -> bool:
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at not in seen:
        seen.add(at)
        at = parent[at]
    return at is None
