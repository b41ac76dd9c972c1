"""Roll-up: exact totals over final documents, and the way from a total back to the cells."""

from decimal import Decimal
from typing import Any

import pytest

from engine import json_text
from engine.formula.document import Document
from engine.identity.store import OrganisationValue
from forms import rollup
from forms.checks import compute
from forms.documents import DocumentRecord
from tests.forms import samples

FORM = samples.compiled()
PLACES = {
    code: OrganisationValue(code, f"{code}社区", "village", None, f"/{code}/") for code in "abc"
}


def record(code: str, contents: Any, status: str = "final") -> DocumentRecord:
    """A document of one organisation."""
    return DocumentRecord(
        id=f"d-{code}",
        form_code=FORM.code,
        form_version=1,
        organisation_code=code,
        organisation_path=f"/{code}/",
        owner="o",
        period="2026-11",
        dispatch_id="x",
        case_id=None,
        status=status,
        revision=1,
        contents=contents,
        cells={},
        explanations={},
        created_at="",
        opened_at=None,
        submitted_at=None,
        final_at=None,
    )


def rolled(*records: DocumentRecord, part: str = "") -> rollup.Rollup:
    """A part of the form rolled up."""
    return rollup.roll_up(FORM, records, PLACES, part)


def total(found: rollup.Rollup, path: str) -> Any:
    """A total by its column's path."""
    return found.totals[found.place(path)]


def test_totals_add_final_documents_only() -> None:
    """What may still be returned is nobody's number yet: the organisation stands there as missing."""
    found = rolled(
        record("a", {"population": 120}),
        record("b", {"population": 80}, status="submitted"),
        record("c", {"population": 5}),
    )
    assert total(found, "/population") == 125
    assert [line.missing for line in found.lines] == [False, True, False]
    assert found.counted == 2


def test_totals_are_exact_to_the_last_digit() -> None:
    """Thirty digits and more are added without rounding, as no double could."""
    parts = ["0.1", "0.2", "100000000000000000000000000000000000.05"]
    rows = [{"_id": str(n), "rate": Decimal(text)} for n, text in enumerate(parts)]
    found = rolled(record("a", {"elders": rows}), part="/elders")
    assert total(found, "/elders/*/rate") == Decimal("100000000000000000000000000000000000.35")


def test_texts_and_blanks_have_no_total() -> None:
    """A blank total is not zero: nobody reported anything; a zero that was reported is one."""
    found = rolled(record("a", {"note": "无", "male": 0}), record("b", {"note": "有"}))
    assert total(found, "/note") is None
    assert total(found, "/female") is None
    assert total(found, "/male") == 0


def test_floating_rows_are_counted_and_their_amounts_added() -> None:
    """A roster rolls up to its number of rows and the sums of its amounts, not of its ages."""
    found = rolled(record("a", samples.values()), record("b", samples.values()), part="/elders")
    paths = [column.path for column in found.columns]
    assert "/elders/*/name" not in paths
    assert total(found, "/elders") == 4
    assert total(found, "/elders/*/amount") == Decimal(601)


def test_rows_behind_a_number_are_those_it_is_made_of() -> None:
    """Each row with its organisation and its identity; the count of them is the number."""
    found = rolled(
        record("a", samples.values()),
        record("b", samples.values()),
        record("c", samples.values(), status="open"),
        part="/elders",
    )
    behind = list(rollup.rows_behind(found))
    assert len(behind) == total(found, "/elders")
    assert sum(one.row["amount"] for one in behind) == total(found, "/elders/*/amount")
    assert {one.organisation.code for one in rollup.rows_behind(found, "b")} == {"b"}


def with_yield(formula: str) -> Any:
    """The form with a column computed from the others."""
    document = samples.form()
    document["$defs"]["crops_row"]["properties"]["yield"]["compute"] = formula
    document["form"]["checks"] = []
    return samples.compiled(document)


@pytest.mark.parametrize(
    ("formula", "expected"), [("output / area", 175), ("output / 2", 1750), ("output * 2", 7000)]
)
def test_a_rate_is_computed_again_from_the_totals(formula: str, expected: int) -> None:
    """The mean of two yields is not the yield of both; dividing by a plain number is no rate."""
    form = with_yield(formula)
    records = [
        record(code, compute.computed(form, Document({"crops": {"r01": cells}})))
        for code, cells in (
            ("a", {"area": 5, "output": 1000}),
            ("b", {"area": 15, "output": 2500}),
        )
    ]
    found = rollup.roll_up(form, records, PLACES, "/crops")
    assert total(found, "/crops/r01/yield") == expected


def test_the_whole_as_one_document_keeps_every_row() -> None:
    """Rows of two organisations with one identity both stand in it; totals stand in the cells."""
    records = [record("a", samples.values()), record("b", samples.values())]
    whole = rollup.totals_document(FORM, [*records, record("c", samples.values(), status="open")])
    assert whole["population"] == 240
    assert [row["name"] for row in whole["elders"]] == ["张桂英", "王福", "张桂英", "王福"]
    assert len({row["_id"] for row in whole["elders"]}) == 4
    assert json_text.canonical(whole["crops"]["r01"]["area"]) == b"21"


def test_an_unknown_part_or_cell_is_told() -> None:
    """A made-up address is a problem with words, not a fault."""
    with pytest.raises(rollup.RollupTableUnknown):
        rolled(record("a", {}), part="/nothing")
    with pytest.raises(rollup.RollupCellUnknown):
        rolled(record("a", {})).place("/nothing")


def test_a_street_and_its_communities_are_not_added_twice() -> None:
    """The communities' own figures are in the total; the street's stands beside them, told apart."""
    places = {
        "s": OrganisationValue("s", "某街道", "town", None, "/s/"),
        "a": OrganisationValue("a", "甲社区", "village", "s", "/s/a/"),
        "b": OrganisationValue("b", "乙社区", "village", "s", "/s/b/"),
        "t": OrganisationValue("t", "某镇", "town", None, "/t/"),
    }
    values = {"s": 999, "a": 120, "b": 80, "t": 7}
    records = [
        record(code, {"population": value})._replace(organisation_path=places[code].path)
        for code, value in values.items()
    ]
    found = rollup.roll_up(FORM, records, places)
    assert total(found, "/population") == 207
    assert [line.counted for line in found.lines] == [False, True, True, True]
    lines = rollup.by_level(found, places, "/")
    column = found.place("/population")
    assert {line.organisation.code: line.values[column] for line in lines} == {"s": 200, "t": 7}
    assert rollup.totals_document(FORM, records)["population"] == 207


def test_sums_kept_of_rows_that_are_gone_are_in_the_totals() -> None:
    """When amounts in rows went since their period was over, their sum goes on being added."""
    column = next(one.path for one in FORM.items if "*" in one.path and rollup.is_amount(FORM, one))
    table = column.rpartition("/*")[0]
    name = column.rpartition("/")[2]
    rows = {table.strip("/"): [{"_id": "r1", name: 5}]}
    gone = {table.strip("/"): [{"_id": "r1", name: None}]}
    blanked = record("b", gone)._replace(kept={column: Decimal("2.5")})
    found = rolled(record("a", rows), blanked, part=table)
    assert total(found, column) == Decimal("7.5")
    assert total(found, table) == 2
