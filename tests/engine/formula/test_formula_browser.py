"""A formula means the same in the browser as on the server and in SQL, to the digit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.absence import KINDS, absent
from engine.formula import exact, sql
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.explain import explain, holds
from engine.formula.parse import parse
from engine.formula.printed import text
from engine.formula.tree import Arithmetic, Call, Compare, Expr, Name, Negate, Number, depth
from tests.engine.formula import trees
from tests.engine.formula.browser import answer, question
from tests.engine.formula.register import ROWS, TODAY, Registers, env
from tests.engine.formula.test_formula_sql import agree, expected
from tests.engine.formula.test_formula_vectors import TODAY as VECTOR_DAY
from tests.engine.formula.test_formula_vectors import VECTORS

DRAWN = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def told(expr: Expr, env: Document, tolerance: Decimal = exact.ZERO) -> dict:
    """What the server says of a formula, in the shape of the browser's answer."""
    relations = [
        {
            "left_text": one.left_text,
            "left": answer(one.left),
            "operator": one.operator,
            "right_text": one.right_text,
            "right": answer(one.right),
            "difference": answer(one.difference),
            "holds": one.holds,
        }
        for one in explain(expr, env, tolerance)
    ]
    return {
        "value": answer(evaluate(expr, env)),
        "text": text(expr),
        "holds": holds(expr, env, tolerance),
        "relations": relations,
    }


def test_every_vector_holds_in_the_browser(browser):
    """The shared cases, with their other periods, give the same value of the same kind."""
    asked = [
        question(
            parse(case["text"]),
            today=VECTOR_DAY,
            data=case["data"],
            last=case.get("last", {}),
            year_ago=case.get("year_ago", {}),
        )
        for case in VECTORS
    ]
    for case, found in zip(VECTORS, browser.ask(asked), strict=True):
        wanted = case["result"]
        value = found["value"]
        if isinstance(value, dict) and "date" in value:
            assert value["date"] == wanted, case
        elif isinstance(value, dict):
            assert Decimal(value["number"]) == expected(wanted), case
        else:
            assert (type(value), value) == (type(wanted), wanted), case


@DRAWN
@given(trees.CONDITIONS | trees.QUANTITIES | trees.STRINGS)
def test_drawn_formulas_are_the_same_in_server_browser_and_sqlite(sqlite, browser, expr):
    """One drawn formula over six people: three evaluators, one answer."""
    assume(depth(expr) <= sql.MAX_DEPTH)
    asked = [
        question(
            expr,
            today=TODAY,
            this=Registers.this,
            data={**row, "age": env(row).value("age")},
        )
        for row in ROWS
    ]
    for row, found in zip(ROWS, browser.ask(asked), strict=True):
        assert found == told(expr, env(row)), text(expr)
    agree(sqlite, expr)


@pytest.mark.postgres
def test_drawn_formulas_are_the_same_in_server_browser_and_postgresql(postgresql, browser):
    """And with the database at scale."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(trees.CONDITIONS | trees.QUANTITIES | trees.STRINGS)
    def drawn(expr):
        assume(depth(expr) <= sql.MAX_DEPTH)
        rows = [{**row, "age": env(row).value("age")} for row in ROWS]
        asked = [question(expr, today=TODAY, this=Registers.this, data=row) for row in rows]
        for row, found in zip(ROWS, browser.ask(asked), strict=True):
            assert found == told(expr, env(row)), text(expr)
        agree(postgresql, expr)

    drawn()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.decimals(-(10**12), 10**12, places=4, allow_nan=False),
    st.sampled_from(["", "男", "𠀀𠀁a", "ﬀ", "2026-02-28", "2024-02-29", "2026-W47-1", "0001-01-01", "370602"]),
    st.text(max_size=4),
    st.sampled_from(KINDS).map(absent),
    st.just({"absent": "later"}),
)  # fmt: skip
CELLS = st.dictionaries(st.sampled_from(["a", "b", "constructor", "人口"]), VALUES, max_size=3)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["a", "b", "t", "人口", "toString"]),
    VALUES | st.lists(CELLS, max_size=3) | st.dictionaries(st.sampled_from("pq"), CELLS),
    max_size=5,
)


@DRAWN
@given(trees.TREES, DOCUMENTS, DOCUMENTS, st.sampled_from(["0", "0.5", "1"]))
def test_any_tree_over_any_data_is_the_same_in_the_browser(browser, expr, data, last, tolerance):
    """Wrong kinds, tables, absent names, rare characters: nothing gives another answer."""
    around = Document(data, today=TODAY, this="370602", last_period=last)
    asked = question(expr, today=TODAY, this="370602", data=data, last=last, tolerance=tolerance)
    assert browser.ask([asked]) == [told(expr, around, Decimal(tolerance))]


WIDE = st.builds(
    lambda digits, shift: Decimal(digits).scaleb(shift),
    st.integers(-(10**36), 10**36),
    st.integers(-40, 40),
)
A, B, C = Name("a"), Name("b"), Name("c")
FORMULAS = [
    Arithmetic((A, B), ("+",)),
    Arithmetic((A, B, C), ("-", "+")),
    Arithmetic((A, B), ("*",)),
    Arithmetic((A, B, C), ("*", "*")),
    Arithmetic((A, B), ("/",)),
    Arithmetic((A, B, C), ("*", "/")),
    Negate(A),
    Compare((A, B, C), ("<=", "<>")),
    *(Call(name, (A,)) for name in ("ABS", "INT", "ROUND")),
    *(Call(name, (A, B, C)) for name in ("SUM", "AVG", "MIN", "MAX")),
    *(Call(name, (A, B)) for name in ("MOD", "CONCAT")),
    *(Call("ROUND", (A, Number(Decimal(places)))) for places in (1, 6, 12, 13)),
    *(Call("ROUND", (A, Negate(Number(Decimal(places))))) for places in (1, 3, 12)),
]


@DRAWN
@given(WIDE, WIDE, WIDE, st.integers(0, 400))
def test_numbers_of_any_width_are_rounded_alike(browser, a, b, c, power):
    """Beyond 34 digits and at the ends of the range, both round at the same place or give blank."""
    data = {"a": a, "b": b, "c": c.scaleb(power * 15 - 3000)}
    around = Document(data)
    found = browser.ask([question(expr, data=data, tolerance="0.5") for expr in FORMULAS])
    for expr, one in zip(FORMULAS, found, strict=True):
        assert one == told(expr, around, Decimal("0.5")), text(expr)


@given(st.dates(), st.dates())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_ages_and_days_between_any_two_dates(browser, one, other):
    """From year 1 to 9999, leap days included."""
    data = {"a": one.isoformat(), "b": other.isoformat()}
    exprs = [parse("AGE(a, b)"), parse("DAYS(a, b)"), parse("a < b"), parse("MIN(a, b)")]
    asked = [question(expr, data=data, today=date(2026, 1, 1)) for expr in exprs]
    for expr, found in zip(exprs, browser.ask(asked), strict=True):
        assert found == told(expr, Document(data, today=date(2026, 1, 1)))
