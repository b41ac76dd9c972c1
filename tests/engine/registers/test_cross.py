"""Cross-tables count what plain Python counts."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.dictionary.store import Dictionary
from engine.formula.problems import FormulaNotInDatabase
from engine.registers import bulk, cross
from engine.registers.cross import Axis, CrossTableWrong
from engine.work import System, Work
from tests import factories
from tests.conftest import MORNING
from tests.factories import TESTER

TODAY = MORNING.date()
BANDS = (0, 18, 60, 80)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "birth_date": st.none() | st.sampled_from(["1946-11-23", "1966-11-24", "2008-11-23"]),
            "sex": st.sampled_from(["1", "2", None]),
            "residence": st.sampled_from(["370602011001", "370602011002", "370611001001"]),
            "alone": st.sampled_from([True, False, None]),
        }
    ),
    max_size=12,
)


class Undo(Exception):  # noqa: N818 - it ends an example, nothing went wrong
    """Leaves the transaction of an example."""


@pytest.fixture
def dictionary(system: System) -> Dictionary:
    return factories.load_dictionary(system)


def band(row: dict) -> int | None:
    if row["birth_date"] is None:
        return None
    birth = date.fromisoformat(row["birth_date"])
    age = TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day))
    return max(at for at, bound in enumerate(BANDS) if age >= bound)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=PEOPLE)
def test_a_cross_table_counts_what_python_counts(system, dictionary, people) -> None:
    """Village by band of age by sex, with a condition and within an area."""

    def command(work: Work) -> None:
        rows = [{"id": f"p{number}", **row} for number, row in enumerate(people)]
        bulk.load(work, dictionary, "person", rows, factories.origin(work))
        found = cross.cross_table(
            work, dictionary, "person",
            [Axis("residence"), Axis.read("age:0,18,60,80"), Axis("sex")],
            where="alone = true and residence within this", this="370602",
        )  # fmt: skip
        assert found.cells == Counter(
            (row["residence"], band(row), row["sex"])
            for row in people
            if row["alone"] and row["residence"].startswith("370602")
        )
        assert found.total == sum(found.cells.values())
        raise Undo

    with pytest.raises(Undo):
        system.write(TESTER, command)


@pytest.mark.parametrize("text", ["", "age:", "age:x", "age:3,2", "age:1,1", "a b", "age;drop", "age:" + "9" * 12])  # fmt: skip
def test_an_axis_that_cannot_be_read_is_refused(text: str) -> None:
    """Bands rise and are whole numbers; a name is one word."""
    if text == "age:":
        assert Axis.read(text) == Axis("age")
        return
    with pytest.raises(CrossTableWrong):
        Axis.read(text)


def test_a_sealed_field_is_no_axis(system: System, dictionary: Dictionary) -> None:
    """The database cannot tell sealed values apart, and nobody is counted by ID number."""
    with system.read(TESTER) as work, pytest.raises(FormulaNotInDatabase):
        cross.cross_table(work, dictionary, "person", [Axis("id_number")])
    with system.read(TESTER) as work, pytest.raises(CrossTableWrong):
        cross.cross_table(work, dictionary, "person", [])


def test_bands_are_told_in_words() -> None:
    """`60-79`, and the last without an end."""
    axis = Axis.read("age:60,80")
    assert [axis.label(key) for key in (-1, 0, 1, None)] == ["<60", "60-79", "80+", ""]
    assert Axis("sex").label("1") == "1"
