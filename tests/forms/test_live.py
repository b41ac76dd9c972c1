"""What the page computes and checks while somebody types is what the server says of the same values."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.formula.document import Document
from engine.formula.exact import written
from forms import document, live
from forms.checks import compute, run
from tests.forms import samples
from tests.in_node import InNode

MORE = [
    {"code": "d1", "formula": "SUM(elders.amount) <= population", "severity": "explain"},
    {"code": "d2", "formula": "months <= last(months) + 1", "over": "elders:rows", "text": "月数"},
    {"code": "d3", "formula": "amount <= total * 2 and name <> note", "over": "elders:rows"},
    {"code": "d4", "formula": "SUM(crops.area) < 100", "severity": "gated"},
    {"code": "d5", "formula": "IF(kind = \"a\", population >= total, not male > female)"},
    {"code": "d6", "formula": "01 <= crops.r01.output", "over": "crops:columns"},
    {"code": "d7", "formula": "phone <> note or ISBLANK(note)"},
]  # fmt: skip


def _form():
    made = samples.form()
    made["form"]["checks"] += [one for one in MORE if one["code"] != "d6"]
    return samples.compiled(made)


FORM = _form()
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InNode]:
    """The page's own module."""
    found = InNode("live", tmp_path_factory.mktemp("live"))
    yield found
    found.close()


NUMBERS = st.one_of(
    st.none(),
    st.integers(-5, 400),
    st.decimals(0, 1000, places=3, allow_nan=False),
    st.just(Decimal("12345678901234567.89")),
)
TEXTS = st.sampled_from([None, "张三", "a", "0535-6012345"])
CELLS = st.one_of(
    st.tuples(st.sampled_from(["/population", "/male", "/female"]), NUMBERS),
    st.tuples(st.sampled_from(["/note", "/phone"]), TEXTS),
    st.tuples(st.just("/kind"), st.sampled_from([None, "a", "b"])),
    st.tuples(
        st.builds("/elders/{}/{}".format, st.sampled_from(["k1", "k2", "n1"]), st.sampled_from(["months", "rate"])),
        NUMBERS,
    ),
    st.tuples(st.builds("/elders/{}/name".format, st.sampled_from(["k1", "n1"])), TEXTS),
    st.tuples(
        st.builds("/crops/{}/{}".format, st.sampled_from(["r01", "r02"]), st.sampled_from(["area", "yield", "output"])),
        NUMBERS,
    ),
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(CELLS, max_size=8), st.booleans(), st.sampled_from(["zh", "en"]))
def test_typing_gives_the_same_values_and_failures_as_the_server(page, changes, removing, language):
    """After any changes, rows added and removed: same computed cells, same sentences, same places."""
    before = {**samples.values(), "population": 300}
    start = {"today": TODAY, "this": "370602", "last_period": before}
    values = document.add_row(samples.values(), "/elders", "n1")
    for path, value in changes:
        values = document.put(FORM, values, path, value)
    if removing:
        values = document.remove(values, "/elders/k1")
    done = compute.computed(FORM, Document(values, **start))
    failed = run.told(FORM, run.failures(FORM, Document(done, **start)), language)
    found = page.ask(
        {
            "plan": live.plan(FORM, language),
            "around": live.surroundings(FORM, Document(samples.values(), **start)),
            "added": [["/elders", "n1"]],
            "changes": [[path, live.exactly(value)] for path, value in changes],
            "removed": [["/elders", "k1"]] if removing else [],
        }
    )
    assert found["failures"] == [
        {"path": one.path, "severity": one.severity, "text": one.text, "code": one.code, "paths": list(one.paths)}
        for one in failed
    ]  # fmt: skip
    for path, value in found["computed"].items():
        if not (removing and path.startswith("/elders/k1/")):
            wanted = document.get(done, path)
            assert value == (None if wanted is None else {"number": written(Decimal(wanted))}), path


def test_what_registers_answered_is_given_to_the_page(page):
    """A count over a register does not turn blank when its document is typed into."""
    made = samples.form()
    made["properties"]["aged"] = {
        "type": "integer",
        "title": "八十岁以上",
        "compute": "COUNT(person where age >= 80) + male",
    }
    form = samples.compiled(made)
    around = Document(samples.values(), registers=lambda _asked: Decimal(7))
    found = page.ask(
        {
            "plan": live.plan(form, "zh"),
            "around": live.surroundings(form, around),
            "added": [], "removed": [], "changes": [["/male", 3]],
        }
    )  # fmt: skip
    assert found["computed"]["/aged"] == {"number": "10"}


def test_a_plan_of_a_large_fixed_table_stays_small():
    """Cells that are alike are told once; two hundred rows of sixty columns are no megabyte."""
    made = samples.form()
    row = {"type": "object", "properties": {f"c{n}": {"type": "number", "title": f"第{n}栏"} for n in range(60)}}  # fmt: skip
    made["$defs"]["wide"] = row
    made["properties"]["wide"] = {
        "type": "object",
        "title": "大表",
        "table": {"kind": "fixed"},
        "properties": {f"r{n}": {"$ref": "#/$defs/wide", "title": f"第{n}行"} for n in range(200)},
    }
    told = live.plan(samples.compiled(made), "zh")
    wide = next(one for one in told["tables"] if one["path"] == "/wide")
    assert len(str(wide)) < 80_000
    assert len(told["kinds"]) < 20
