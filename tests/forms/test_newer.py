"""Values carried from one version of a form to another: nothing is lost, and what does not fit is named."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import document, newer
from forms.compiled import CompiledForm
from forms.newer import Carried
from forms.validate import CellProblem
from tests.forms import samples


def changed(change: Any) -> CompiledForm:
    form = samples.form()
    change(form)
    return samples.compiled(form)


def moved(change: Any, values: Mapping[str, Any] | None = None) -> Carried:
    """The sample's document in a version that was changed."""
    lies = newer.between(samples.compiled(), changed(change))
    return newer.carried(lies, samples.values() if values is None else values)


def test_an_unchanged_version_carries_everything() -> None:
    """Nothing is gone, nothing turned, every cell stands where it stood."""
    came = moved(lambda form: form.update(title="新名"))
    assert (came.gone, came.taken, came.turned) == ({}, {}, {})
    form = samples.compiled()
    assert document.flatten(came.contents, form) == document.flatten(samples.values(), form)


def test_a_value_without_a_cell_is_given_back_with_its_path() -> None:
    """Of a column every row's value, each by its own row; the rows themselves stay."""

    def without(form: dict[str, Any]) -> None:
        form["form"]["checks"] = []
        del form["properties"]["elders"]["items"]["properties"]["months"]
        del form["properties"]["elders"]["items"]["properties"]["amount"]
        del form["properties"]["kind"]

    came = moved(without)
    assert came.gone["/kind"] == "a"
    assert came.gone["/elders/k2/months"] == 2
    assert document.row_ids(came.contents, "/elders") == ["k1", "k2"]
    assert "months" not in came.contents["elders"][0]


def test_a_list_that_is_gone_gives_back_its_rows() -> None:
    """No empty list stays behind."""

    def without(form: dict[str, Any]) -> None:
        del form["properties"]["elders"]
        form["required"] = ["population"]
        form["form"]["sections"] = []
        form["form"]["checks"] = []

    came = moved(without)
    assert "elders" not in came.contents
    assert came.gone["/elders/k1/name"] == "张桂英"


def test_a_renamed_item_keeps_its_value() -> None:
    """The same label in the same table under another name."""

    def rename(form: dict[str, Any]) -> None:
        form["properties"]["remark"] = form["properties"].pop("note")

    came = moved(rename, {**samples.values(), "note": "好"})
    assert came.contents["remark"] == "好"
    assert came.gone == {}


@pytest.mark.parametrize(
    ("schema", "value", "becomes"),
    [
        ({"type": "string"}, 60, "60"),
        ({"type": "string"}, Decimal("60.5"), "60.5"),
        ({"type": "number"}, 60, 60),
        ({"type": "boolean"}, 60, None),
        ({"type": "integer", "maximum": 50}, 60, 60),
        ({"oneOf": [{"const": 60, "title": "六十"}]}, 60, 60),
        ({"oneOf": [{"const": 61, "title": "六十一"}]}, 60, None),
    ],
)
def test_a_value_goes_into_its_new_type_or_is_named(
    schema: dict[str, Any], value: Any, becomes: Any
) -> None:
    """Numbers become the text that writes them; what is out of bounds stays, to be put right."""

    def retype(form: dict[str, Any]) -> None:
        form["properties"]["male"] = {"title": "男", **schema}
        form["form"]["checks"] = []
        del form["properties"]["total"]
        form["form"]["sections"] = []

    came = moved(retype, {**samples.values(), "male": value})
    assert came.contents.get("male") == becomes
    assert came.taken == ({} if becomes is not None else {"/male": value})
    told = {} if becomes is None or becomes == value else {"/male": value}
    assert came.turned == told


def test_of_several_choices_those_that_are_offered_stay() -> None:
    """What was taken out is told with all that was chosen."""

    def fewer(form: dict[str, Any]) -> None:
        form["properties"]["crop_codes"] = {
            "type": "array",
            "title": "作物",
            "items": {"type": "string", "enum": ["maize", "rice"]},
        }

    came = moved(fewer, {**samples.values(), "crop_codes": ["wheat", "rice"]})
    assert came.contents["crop_codes"] in (["rice"], ["wheat", "rice"])
    if came.contents["crop_codes"] == ["rice"]:
        assert came.taken == {"/crop_codes": ["wheat", "rice"]}


def test_a_check_is_newly_failing_by_what_it_says() -> None:
    """Under another code it is the same check; under the same code another one is new."""

    def swap(form: dict[str, Any]) -> None:
        form["form"]["checks"][0]["code"] = "first"
        form["form"]["checks"][1] = {"code": "c2", "formula": "male >= 100"}

    lies = newer.between(samples.compiled(), changed(swap))
    before = [CellProblem("/total", "error", "", "check.c1")]
    after = [
        CellProblem("/total", "error", "", "check.first"),
        CellProblem("/male", "error", "", "check.c2"),
    ]
    assert [one.path for one in newer.newly(lies, before, after)] == ["/male"]


def test_a_reason_answers_only_for_the_check_it_was_given_for() -> None:
    """One whose check changed is kept, and answers for nothing."""

    def swap(form: dict[str, Any]) -> None:
        form["form"]["checks"][2]["formula"] = "amount <= 400"

    lies = newer.between(samples.compiled(), changed(swap))
    said = {"check.c3:/elders/k1/amount": "补发三个月", "check.c2:/population": "外出多"}
    kept = newer.explanations_of(lies, said)
    assert kept["check.c2:/population"] == "外出多"
    assert "check.c3:/elders/k1/amount" not in kept
    assert "补发三个月" in kept.values()


def test_what_the_form_computed_and_a_person_is_asked_now_has_to_be_confirmed() -> None:
    """What a register computed stays what it was: nobody confirms it anew because the form changed."""

    def asked(form: dict[str, Any]) -> None:
        del form["properties"]["total"]["compute"]

    lies = newer.between(samples.compiled(), changed(asked))
    came = newer.carried(lies, samples.values())
    stored = {"/total": {"state": "computed"}, "/population": {"state": "computed"}}
    kept = newer.cells_of(lies, stored, came)
    assert (kept["/total"]["state"], kept["/population"]["state"]) == ("carried", "computed")


_NAMES = ("male", "female", "kind", "note", "crop_codes", "phone")
_LEAVES = st.sampled_from([0, 7, "a", "b", "好", "0535-6012345"])


@given(
    gone=st.sets(st.sampled_from(_NAMES)),
    retyped=st.sets(st.sampled_from(_NAMES)),
    columns=st.sets(st.sampled_from(["sex", "address", "months", "rate"])),
    values=st.dictionaries(st.sampled_from(_NAMES), _LEAVES),
    rows=st.lists(
        st.dictionaries(st.sampled_from(["name", "sex", "address"]), st.text(min_size=1))
    ),
)
def test_every_value_is_carried_or_named(
    gone: set[str],
    retyped: set[str],
    columns: set[str],
    values: dict[str, Any],
    rows: list[dict[str, str]],
) -> None:
    """Whatever the versions and the values: each stands in its cell, or is given back; none twice."""

    def change(form: dict[str, Any]) -> None:
        form["form"]["checks"], form["form"]["sections"] = [], []
        del form["properties"]["total"]
        own = form["properties"]["elders"]["items"]["properties"]
        del own["amount"]
        for name in columns:
            del own[name]
        for name in gone:
            del form["properties"][name]
        for name in retyped - gone:
            title = form["properties"][name].get("title", name)
            form["properties"][name] = {"type": "string", "title": title}

    old, new = samples.compiled(), changed(change)
    filled = {**values, "elders": [{"_id": f"k{n}", **row} for n, row in enumerate(rows)]}
    lies = newer.between(old, new)
    came = newer.carried(lies, filled)
    there = document.flatten(came.contents, new)
    for path, value in document.flatten(filled, old).items():
        target = lies.target(path)
        if target is None:
            assert came.gone[path] == value
        elif target in came.taken:
            assert came.taken[target] == value
        else:
            assert document.same(there[target], value) or came.turned[target] == value
