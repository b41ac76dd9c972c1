"""Which cells take 不详, 不适用 and 拒答, and what a document with them is told."""

from dataclasses import replace

import pytest

from engine.absence import absent
from forms import document, validate
from forms.dialect import problems as form_problems
from tests.forms import samples


def _form():
    form = samples.form()
    form["properties"]["population"]["absences"] = ["unknown"]
    form["properties"]["note"]["absences"] = ["refused", "inapplicable"]
    form["properties"]["kind"]["absences"] = ["unknown"]
    form["properties"]["elders"]["items"]["properties"]["months"]["absences"] = ["unknown"]
    form["$defs"]["crops_row"]["properties"]["area"]["absences"] = ["inapplicable"]
    return form


FIELDS = {
    **samples.FIELDS,
    "person.sex": replace(samples.FIELDS["person.sex"], absences=("unknown", "refused")),
}
FORM = samples.compiled(_form(), FIELDS)
PLACES = {
    "/population": ("unknown",),
    "/note": ("refused", "inapplicable"),
    "/kind": ("unknown",),
    "/elders/k1/months": ("unknown",),
    "/elders/k1/sex": ("unknown", "refused"),
    "/crops/r01/area": ("inapplicable",),
    "/crops/r02/area": ("inapplicable",),
}


def told(path: str, value) -> dict[str, str]:
    values = document.put(FORM, samples.values(), path, value)
    return {one.path: one.code for one in validate.problems(FORM, values)}


@pytest.mark.parametrize("kind", ["unknown", "inapplicable", "refused"])
@pytest.mark.parametrize("path", [*PLACES, "/male", "/phone", "/elders/k1/name", "/elders/k1/rate"])
def test_a_cell_takes_the_answers_it_is_declared_to_take(path, kind) -> None:
    """Bound or not, root, floating or fixed, by the form's word or the field's; no other cell does."""
    allowed = kind in PLACES.get(path, ())
    assert told(path, absent(kind)) == ({} if allowed else {path: "absence"})


def test_an_answer_fulfils_what_is_required_and_a_blank_does_not() -> None:
    """`population` must be answered, and 不详 is an answer."""
    assert told("/population", absent("unknown")) == {}
    assert told("/population", None) == {"/population": "required"}
    problem = validate.problems(FORM, {**samples.values(), "male": absent("refused")})[0]
    assert problem.text == "「男」不能填“拒答”，请填写实际的值。"


@pytest.mark.parametrize("value", [{"absent": "tomorrow"}, {"absent": 1}, {}, {"absent": "unknown", "x": 1}, {"x": 1}])  # fmt: skip
def test_what_only_looks_like_an_answer_is_refused(value) -> None:
    """A made-up kind, another shape: told, never stored as something else."""
    values = {**samples.values(), "note": value}
    assert not validate.is_valid(FORM, values)


def test_the_rules_for_values_stay_as_they_were() -> None:
    """A cell that takes an absence complains of a wrong value in the same words."""
    plain = samples.compiled()
    for path, value in (("/population", -1), ("/note", "字" * 21), ("/kind", "z"), ("/elders/k1/sex", "7"), ("/crops/r02/area", -1)):  # fmt: skip
        values = document.put(FORM, samples.values(), path, value)
        assert validate.problems(FORM, values) == validate.problems(plain, values)


def test_a_form_without_the_keyword_is_the_form_it_was() -> None:
    """Its schema is the bundle itself, so nothing published before is judged otherwise."""
    plain = samples.compiled()
    assert plain.judged_by is plain.bundle
    assert FORM.judged_by != FORM.bundle


def test_an_absence_that_is_none_is_no_form() -> None:
    """The meta-schema knows three kinds."""
    form = samples.form()
    form["properties"]["male"]["absences"] = ["tomorrow"]
    assert [one.pointer for one in form_problems(form)] == ["/properties/male/absences/0"]
