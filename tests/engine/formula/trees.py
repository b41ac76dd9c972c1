"""Drawn formulas: any tree at all for the parser, and typed trees over a register for SQL."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from engine.absence import KINDS
from engine.formula.build import compare
from engine.formula.parse import WORDS
from engine.formula.tree import (
    NOWHERE,
    Aggregate,
    Arithmetic,
    Blank,
    Boolean,
    Call,
    Compare,
    Expr,
    In,
    Join,
    Logic,
    Name,
    Negate,
    Not,
    Number,
    Previous,
    Text,
    Within,
)

COMPARATORS = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
SEGMENTS = st.from_regex(r"[a-z人口_][a-z0-9_合计]{0,5}", fullmatch=True).filter(
    lambda name: name not in WORDS
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map(".".join)
NUMBERS = st.decimals(0, 10**9, places=3, allow_nan=False).map(lambda one: Number(abs(one)))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).map(Text)
LEAVES = st.one_of(
    NUMBERS,
    TEXTS,
    st.booleans().map(Boolean),
    st.just(Blank()),
    PATHS.map(Name),
    st.builds(Previous, st.sampled_from(("last", "same_period_last_year")), PATHS),
)


def chain(operands, operators, build):
    """A flat chain of two to four operands with operators drawn between them."""
    return st.lists(operands, min_size=2, max_size=4).flatmap(
        lambda many: st.lists(operators, min_size=len(many) - 1, max_size=len(many) - 1).map(
            lambda signs: build(tuple(many), tuple(signs))
        )
    )


def many(operands):
    """Two to four operands."""
    return st.lists(operands, min_size=2, max_size=4).map(tuple)


def _branches(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    plain = st.recursive(NUMBERS | TEXTS | SEGMENTS.map(Name), lambda one: one.map(Negate))
    return st.one_of(
        chain(inner, st.sampled_from("+-"), Arithmetic),
        chain(inner, st.sampled_from("*/"), Arithmetic),
        chain(inner, COMPARATORS, lambda many, signs: compare(many, signs, NOWHERE)),
        many(inner).map(Join),
        many(inner).map(lambda both: Logic("and", both)),
        many(inner).map(lambda both: Logic("or", both)),
        inner.map(Not),
        inner.map(Negate),
        st.builds(In, inner, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Within, inner, inner),
        st.builds(Call, st.just("IF"), st.tuples(inner, inner, inner)),
        st.builds(
            Call, st.sampled_from(("ABS", "ISBLANK", "KNOWN", "ABSENCE", "LEN")), st.tuples(inner)
        ),
        st.builds(Call, st.sampled_from(("SUM", "MAX", "COALESCE")), st.tuples(inner, inner)),
        st.builds(
            Aggregate, st.just("COUNT"), SEGMENTS, st.none(), chain(plain, COMPARATORS, Compare)
        ),
        st.builds(Aggregate, st.sampled_from(("SUM", "AVG")), PATHS, SEGMENTS, plain),
    )


TREES = st.recursive(LEAVES, _branches, max_leaves=20)

# ---- typed trees over the register of test_formula_sql.py

_WHOLE = st.integers(0, 12).map(lambda one: Number(Decimal(one)))
_CENTS = st.integers(0, 999).map(lambda one: Number(Decimal(one).scaleb(-2)))
_DAYS = st.dates(min_value=date(1930, 1, 1), max_value=date(2027, 12, 31))
_NUMBER_LEAVES = st.one_of(
    st.sampled_from([Name("staff"), Name("rooms"), Name("amount"), Name("age")]), _WHOLE, _CENTS
)
_TEXT_LEAVES = st.one_of(
    st.sampled_from([Name("sex"), Name("name")]),
    st.sampled_from(["1", "2", "张三", "a%b", "A", "王", "𠮷", "_", "\\", "é"]).map(Text),
)
_INDEX = st.one_of(
    st.integers(0, 4).map(lambda one: Number(Decimal(one))),
    st.sampled_from(
        [Negate(Number(Decimal(1))), Number(Decimal("1.5")), Number(Decimal(10) ** 20)]
    ),
)
_WRITTEN = st.builds(
    lambda *parts: Call("DATE", tuple(Number(Decimal(part)) for part in parts)),
    st.sampled_from((1900, 1946, 2000, 2023, 2024, 2026, 0, 10000)),
    st.integers(0, 13),
    st.sampled_from((0, 1, 23, 28, 29, 30, 31, 32)),
)
DAY_LEAVES = st.one_of(
    st.just(Name("birth_date")),
    _DAYS.map(lambda day: Text(day.isoformat())),
    st.just(Call("TODAY", ())),
    _WRITTEN,
)


def _numbers(inner):
    return st.one_of(
        chain(inner, st.sampled_from("+-"), Arithmetic),
        st.tuples(inner, inner).map(lambda both: Arithmetic(both, ("*",))),
        inner.map(Negate),
        st.builds(
            lambda one, n: Call("ROUND", (one, Number(Decimal(n)))), inner, st.integers(0, 3)
        ),
        st.builds(
            lambda one, n: Call("ROUND", (one, Negate(Number(Decimal(n))))),
            inner,
            st.integers(1, 2),
        ),
        st.builds(
            lambda both: Call("ROUND", (Arithmetic(both, ("/",)), Number(Decimal(2)))),
            st.tuples(_NUMBER_LEAVES, _NUMBER_LEAVES),
        ),
        inner.map(lambda one: Call("ABS", (one,))),
        inner.map(lambda one: Call("INT", (one,))),
        inner.map(lambda one: Call("ROUND", (one,))),
        st.builds(
            lambda test, one: Call("IF", (test, one)), st.deferred(lambda: CONDITIONS), inner
        ),
        st.builds(
            Call,
            st.sampled_from(("SUM", "MIN", "MAX", "COUNT", "COALESCE", "MOD")),
            st.tuples(inner, inner),
        ),
        st.builds(
            lambda test, both: Call("IF", (test, *both)),
            st.deferred(lambda: CONDITIONS),
            st.tuples(inner, inner),
        ),
        st.builds(lambda one: Call("LEN", (one,)), st.deferred(lambda: STRINGS)),
        st.builds(
            lambda part, day: Call(part, (day,)),
            st.sampled_from(("YEAR", "MONTH", "DAY", "AGE")),
            DAY_LEAVES,
        ),
        st.builds(
            Call,
            st.sampled_from(("DAYS", "AGE")),
            st.tuples(DAY_LEAVES, DAY_LEAVES),
        ),
    )


_FIELDS = st.sampled_from(
    [Name(one) for one in ("staff", "rooms", "amount", "sex", "name", "birth_date", "alone")]
)
_ABSENCES = _FIELDS.map(lambda one: Call("ABSENCE", (one,)))


def _strings(inner):
    return st.one_of(
        st.builds(Call, st.sampled_from(("LEFT", "RIGHT")), st.tuples(inner, _INDEX)),
        st.builds(lambda *given: Call("MID", given), inner, _INDEX, _INDEX),
        many(inner).map(Join),
        many(inner).map(lambda parts: Call("CONCAT", parts)),
        st.builds(lambda one, count: Call("CONCAT", (one, count)), inner, st.just(Name("staff"))),
        st.builds(lambda one, day: Join((one, day)), inner, DAY_LEAVES),
        st.builds(
            lambda test, both: Call("IF", (test, *both)),
            st.deferred(lambda: CONDITIONS),
            st.tuples(inner, inner),
        ),
        st.builds(lambda *both: Call("COALESCE", both), inner, inner),
        _ABSENCES,
    )


def _conditions(inner):
    return st.one_of(
        many(inner).map(lambda both: Logic("and", both)),
        many(inner).map(lambda both: Logic("or", both)),
        inner.map(Not),
    )


QUANTITIES = st.recursive(_NUMBER_LEAVES, _numbers, max_leaves=6)
STRINGS = st.recursive(_TEXT_LEAVES, _strings, max_leaves=4)
_AGES = st.integers(-2, 100).map(
    lambda one: Number(Decimal(one)) if one >= 0 else Negate(Number(Decimal(-one)))
)
CONDITIONS = st.recursive(
    st.one_of(
        chain(_NUMBER_LEAVES, COMPARATORS, Compare),
        chain(QUANTITIES, COMPARATORS, Compare),
        st.builds(lambda sign, n: Compare((Name("age"), n), (sign,)), COMPARATORS, _AGES),
        st.builds(lambda sign, n: Compare((n, Name("age")), (sign,)), COMPARATORS, _AGES),
        chain(STRINGS, COMPARATORS, Compare),
        chain(DAY_LEAVES, COMPARATORS, Compare),
        st.just(Name("alone")),
        st.builds(
            lambda flag, sign: Compare((Name("alone"), Boolean(flag)), (sign,)),
            st.booleans(),
            st.sampled_from(("=", "<>")),
        ),
        st.builds(
            In, st.just(Name("sex")), st.lists(_TEXT_LEAVES, min_size=1, max_size=3).map(tuple)
        ),
        st.builds(In, _NUMBER_LEAVES, st.lists(_NUMBER_LEAVES, min_size=1, max_size=3).map(tuple)),
        st.builds(
            lambda function, one: Call(function, (one,)),
            st.sampled_from(("ISBLANK", "KNOWN")),
            QUANTITIES | STRINGS | _FIELDS,
        ),
        st.builds(
            lambda one, kind: Compare((one, Text(kind)), ("=",)), _ABSENCES, st.sampled_from(KINDS)
        ),
        st.builds(lambda one, part: Call("CONTAINS", (one, part)), STRINGS, STRINGS),
        st.builds(
            Within,
            st.just(Name("residence")),
            st.sampled_from([Name("this"), Text("3706"), Text("370602011000"), Text("370602-mzj")]),
        ),
    ),
    _conditions,
    max_leaves=5,
)
