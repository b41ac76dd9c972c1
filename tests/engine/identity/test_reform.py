"""Changes of the tree of organisations: what follows below, what is refused, and undoing as identity."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Problem
from engine.identity import division_list, reform
from engine.identity.division_list import DivisionListWrong
from engine.identity.reform import Kept, Part, Reform, ReformInvalid, Unit, Wish
from engine.identity.reform_plan import CodeOutside, CodeTaken, UnitGone, UnitsBelow, plan

CITY, COUNTY, NORTH, SOUTH = "3706", "370602", "370602001", "370602002"
CODES = {
    "37": "", CITY: "37", COUNTY: CITY, NORTH: COUNTY, SOUTH: COUNTY, f"{COUNTY}-mzj": COUNTY,
    **{f"{town}{number:03d}": town for town in (NORTH, SOUTH) for number in (1, 2, 201)},
}  # fmt: skip


def small() -> dict[str, Unit]:
    """A province down to six villages, and one office."""
    found: dict[str, Unit] = {}
    for code, parent in CODES.items():
        level = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}.get(
            len(code), "office"
        )
        path = f"{found[parent].path}{code}/" if parent else f"/{code}/"
        found[code] = Unit(code, f"n{code}", level, parent, path)
    return found


def wish(kind: str, *units: str, **more: object) -> Wish:
    """A wish of today."""
    return Wish.read(
        {"kind": kind, "units": list(units), "effective": "2026-11-23", "number": "1", **more}
    )


def planned(tree: Mapping[str, Unit], asked: Wish) -> Reform:
    """What comes of it, where no code was ever used but those in force."""
    return plan(tree, asked, {code: unit.name for code, unit in tree.items()})


def whole(tree: Mapping[str, Unit]) -> None:
    """Every unit stands below one that is there, and its path says so."""
    for code, unit in tree.items():
        assert unit.code == code
        above = tree[unit.parent].path if unit.parent else "/"
        assert unit.path == f"{above}{code}/"


def test_the_one_that_stays_may_stand_among_those_that_merge() -> None:
    """As people write it; alone it is no merge."""
    one, other = f"{NORTH}001", f"{NORTH}002"
    both = planned(small(), wish("merge", one, other, into=one))
    assert both == planned(small(), wish("merge", other, into=one))
    with pytest.raises(ReformInvalid):
        planned(small(), wish("merge", one, into=one))


def test_a_town_with_a_new_code_takes_its_villages_along() -> None:
    """Their codes begin with the town's, and an office keeps its own."""
    after = reform.applied(small(), planned(small(), wish("recode", NORTH, code="370602011")))
    assert {"370602011", "370602011001", "370602011002", "370602011201"} <= set(after)
    assert NORTH not in after
    whole(after)
    county = reform.applied(small(), planned(small(), wish("recode", COUNTY, code="370603")))
    assert county[f"{COUNTY}-mzj"].path == f"/37/{CITY}/370603/{COUNTY}-mzj/"
    whole(county)


def test_merging_towns_gives_villages_the_next_free_code_of_their_series() -> None:
    """001-199 are communities and 200-399 villages: each stays in its series."""
    after = reform.applied(small(), planned(small(), wish("merge", NORTH, into=SOUTH)))
    villages = sorted(code for code, unit in after.items() if unit.parent == SOUTH)
    assert villages == [f"{SOUTH}{n}" for n in ("001", "002", "003", "004", "201", "202")]
    whole(after)


def test_a_part_may_keep_the_code_and_villages_go_where_it_is_said() -> None:
    """Whoever is not named belongs to the first part."""
    asked = wish(
        "split", NORTH,
        parts=[{"code": NORTH, "name": "A"}, {"code": "370602007", "name": "B", "below": [f"{NORTH}002"]}],
    )  # fmt: skip
    after = reform.applied(small(), planned(small(), asked))
    assert after[NORTH].name == "A"
    assert after["370602007002"].parent == "370602007"
    assert f"{NORTH}001" in after
    assert f"{NORTH}002" not in after
    whole(after)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (wish("rename", "999", name="x"), UnitGone),
        (wish("recode", NORTH, code=SOUTH), CodeTaken),
        (wish("recode", NORTH, code="370611001"), CodeOutside),
        (wish("abolish", NORTH), UnitsBelow),
        (wish("merge", COUNTY, into=NORTH), ReformInvalid),
        (wish("move", COUNTY, parent=NORTH), ReformInvalid),
        (wish("split", NORTH, parts=[{"code": "370602008", "name": "A", "below": ["x"]},
                                     {"code": "370602009", "name": "B"}]), UnitGone),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(asked: Wish, problem: type[Problem]) -> None:
    """Before anything is written, with what is wrong."""
    with pytest.raises(problem):
        planned(small(), asked)


@pytest.mark.parametrize(
    "given_",
    [
        {"name": ""}, {"kind": "burn"}, {"units": "x"}, {"effective": "soon"}, {"number": ""},
        {"kind": "split", "units": ["1"], "parts": [{"code": "1", "name": "a"}]}, {"more": 1},
        {"kind": "merge", "units": []}, {"kind": "recode", "units": ["1"], "code": "<b>"},
    ],
)  # fmt: skip
def test_a_wish_that_says_nothing_sensible_is_refused(given_: dict[str, object]) -> None:
    """From its JSON already."""
    usual = {
        "kind": "rename",
        "units": ["1"],
        "name": "n",
        "effective": "2026-01-01",
        "number": "1",
    }
    with pytest.raises(ReformInvalid):
        Wish.read({**usual, **given_})


codes = st.sampled_from(sorted(CODES))
fresh = st.integers(1, 99).map(lambda n: f"370602{n:03d}")
wishes = st.one_of(
    st.builds(lambda unit, name: wish("rename", unit, name=name), codes, st.sampled_from("甲乙丙")),
    st.builds(lambda unit, code: wish("recode", unit, code=code), codes, fresh),
    st.builds(lambda unit, into: wish("merge", unit, into=into), codes, codes),
    st.builds(lambda unit, above, code: wish("move", unit, parent=above, code=code), codes, codes, fresh),
    st.builds(lambda unit: wish("abolish", unit), codes),
    st.builds(lambda code: wish("found", parent=COUNTY, code=code, name="新", level="town"), fresh),
    st.builds(
        lambda unit, one, two: Wish("split", (unit,), "2026-11-23", "1", parts=(Part(one, "a"), Part(two, "b"))),
        codes, st.one_of(codes, fresh), fresh,
    ),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(wishes, min_size=1, max_size=6))
def test_changes_leave_a_whole_tree_and_undoing_them_backwards_is_identity(
    asked: list[Wish],
) -> None:
    """And after every change each unit that ever was is found in units of today, or nowhere if it ended."""
    first = small()
    tree, used = dict(first), {code: unit.name for code, unit in first.items()}
    made: list[tuple[dict[str, Unit], Reform]] = []
    for one in asked:
        if one.kind == "split" and len({part.code for part in one.parts}) < 2:
            continue
        try:
            found = plan(tree, one, used)
        except Problem:
            continue
        made.append((tree, found))
        tree = reform.applied(tree, found)
        whole(tree)
        used |= {code: unit.name for code, unit in tree.items()}
        kept = [Kept(str(n), "2026-11-23", each.steps) for n, (_, each) in enumerate(made)]
        for row in reform.former(kept, {code: unit.path for code, unit in tree.items()}):
            assert not row.now or row.now_path == tree[row.now].path
    for before, found in reversed(made):
        tree = reform.undone(tree, found)
        assert tree == before
    assert tree == first


HEAD = "code,name,level,parent_code\n"


def listing(tree: Mapping[str, Unit]) -> bytes:
    """The national list that says just what a tree is."""
    lines = [f"{u.code},{u.name},{u.kind},{u.parent}" for u in tree.values() if not u.is_office]
    return (HEAD + "\n".join(lines)).encode()


def test_the_list_of_today_proposes_nothing_and_that_of_next_year_what_changed() -> None:
    """A town with a new code brings its villages; who is gone is asked for; who is new is proposed."""
    tree = small()
    assert division_list.proposals(tree, division_list.read(listing(tree)), {}) == []
    next_year = reform.applied(tree, planned(tree, wish("recode", NORTH, code="370602011")))
    next_year = reform.applied(next_year, planned(next_year, wish("rename", SOUTH, name="南")))
    next_year = reform.applied(next_year, planned(next_year, wish("abolish", f"{SOUTH}001")))
    next_year = reform.applied(
        next_year, planned(next_year, wish("found", parent=SOUTH, code=f"{SOUTH}009", name="新", level="village"))
    )  # fmt: skip
    found = division_list.proposals(tree, division_list.read(listing(next_year)), {})
    assert [(one.kind, one.unit, one.open) for one in found] == [
        ("rename", SOUTH, False), ("recode", NORTH, False), ("merge", f"{SOUTH}001", True),
        ("found", f"{SOUTH}009", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "line", "where"),
    [
        (b"", 1, "code"), (b"a,b\n", 1, "code"), (HEAD.encode() + b"x,n,town,\n", 2, "code"),
        (HEAD.encode() + b"37,,province,\n", 2, "name"), (HEAD.encode() + b"37,n,moon,\n", 2, "name"),
        (HEAD.encode() + b"37,a,province,\n37,b,province,\n", 3, "code"),
        (HEAD.encode() + b"37,a,province,36\n", 2, "parent_code"), (b"\xff\xff\x80", 1, "utf-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_its_line(
    content: bytes, line: int, where: str
) -> None:
    """What, and where."""
    with pytest.raises(DivisionListWrong) as caught:
        division_list.read(content)
    assert (caught.value.line, caught.value.where) == (line, where)
