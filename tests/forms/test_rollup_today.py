"""Sums by the units of then and by those of today agree, whatever became of the units."""

from decimal import Decimal
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from engine.identity.store import OrganisationValue
from forms import rollup
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.rollup import Line, Rollup, RollupColumn
from forms.rollup_today import by_today

CODES = "abcdef"
units = st.fixed_dictionaries(
    {
        code: st.tuples(
            st.one_of(st.none(), st.integers(-5, 99), st.decimals("-9", "9", places=2)),
            st.booleans(),
            st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(tuple),
        )
        for code in CODES
    }
)


def place(code: str) -> OrganisationValue:
    return OrganisationValue(code, code, "village", "t", f"/t/{code}/")


@given(units)
def test_totals_are_those_of_the_lines_of_today(given_: dict[str, Any]) -> None:
    """Every number is in one line, and the lines that count add up to the same total."""
    record = cast("DocumentRecord", object())
    columns = (RollupColumn("/n", None, additive=True),)
    lines = tuple(
        Line(place(code), record if value is not None else None, (value,), counted=counted)
        for code, (value, counted, _) in given_.items()
    )
    total = rollup.added(line.values[0] for line in lines if line.counted)
    found = Rollup(cast("CompiledForm", None), None, columns, lines, (total,))
    today = {code: now for code, (_, _, now) in given_.items() if now != (code,)}
    after = by_today(found, today, {code: place(code) for code in CODES})
    assert after.totals == found.totals
    assert after.counted == found.counted
    there = [
        Decimal(one.values[0]) for one in after.lines if one.counted and one.values[0] is not None
    ]
    assert sum(there, Decimal(0)) == Decimal(total or 0)
    behind = [one.organisation.code for line in after.lines for one in line.was or (line,)]
    assert sorted(behind) == sorted(CODES)
