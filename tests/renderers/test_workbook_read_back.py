"""A filled workbook is read back cell for cell; what is wrong is told by cell."""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from renderers.ooxml.package import WorkbookUnreadable
from renderers.placements import (
    Block,
    CellFault,
    CellWrite,
    Column,
    Identity,
    Placements,
)
from renderers.workbook import WorkbookOfAnotherForm, fill, read_back, require_identity
from tests.renderers.department_sheet import SHEET, parts, roster, zipped

COLUMNS = (
    Column("B"),
    Column("C", "id", "spaced"),
    Column("E", "number"),
    Column("H", "date"),
)
ROWS = tuple(
    {"B": f"张{n}", "C": f"37060219410302{n:04d}", "E": Decimal("100.10"), "H": date(2026, 11, n)}
    for n in range(1, 8)
)
PLACEMENTS = Placements(
    cells=(
        CellWrite("A2", "惠安社区", after="填报单位"),
        CellWrite("A11", "刘主任", after="单位负责人"),
        CellWrite("E10", Decimal("700.70"), "number"),
    ),
    blocks=(Block(6, 9, COLUMNS, ROWS),),
)
FORM = Identity("civil.elderly_monthly", 3, "ab" * 32)


def edited(data: bytes, **cells: object) -> bytes:
    """The workbook after somebody typed into it with another program."""
    book = load_workbook(io.BytesIO(data))
    for address, value in cells.items():
        book[SHEET][address] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_what_was_written_is_read_again() -> None:
    """Cells, rows and values behind labels, each as the kind it was."""
    found = read_back(fill(roster(), PLACEMENTS), PLACEMENTS)
    assert found.blocks == (ROWS,)
    assert found.cells == {
        "A2#填报单位": "惠安社区",
        "A11#单位负责人": "刘主任",
        "E10": Decimal("700.70"),
    }
    assert found.addresses["E10"] == "E13"
    assert found.faults == ()


def test_rows_that_people_add_in_another_program_are_read() -> None:
    """The hidden name grows with the block when a row is inserted inside it."""
    filled = fill(roster(), PLACEMENTS)
    source = parts(filled)
    book = source["xl/workbook.xml"].decode()
    assert "$B$6:$H$12" in book
    source["xl/workbook.xml"] = book.replace("$B$6:$H$12", "$B$6:$H$13").encode()
    sheet = source["xl/worksheets/sheet1.xml"].decode()
    for row in range(14, 12, -1):
        sheet = sheet.replace(f'<row r="{row}"', f'<row r="{row + 1}"')
        for letter in "ABCDEFGH":
            sheet = sheet.replace(f'r="{letter}{row}"', f'r="{letter}{row + 1}"')
    sheet = sheet.replace("A14:H14", "A15:H15").replace("A13:B13", "A14:B14")
    extra = '<row r="13"><c r="B13" t="inlineStr"><is><t>新人</t></is></c></row><row r="14"'
    source["xl/worksheets/sheet1.xml"] = sheet.replace('<row r="14"', extra, 1).encode()
    found = read_back(zipped(source), PLACEMENTS)
    assert found.blocks[0][-1]["B"] == "新人"
    assert found.cells["A11#单位负责人"] == "刘主任"
    assert found.addresses["E10"] == "E14"


def test_empty_rows_are_left_out_and_gaps_closed() -> None:
    """A person removed by emptying the row is no row."""
    data = edited(fill(roster(), PLACEMENTS), B7=None, C7=None, E7=None, H7=None)
    assert [row["B"] for row in read_back(data, PLACEMENTS).blocks[0]] == [
        f"张{n}" for n in (1, 3, 4, 5, 6, 7)
    ]


def test_faults_name_the_cell_as_it_stands_now() -> None:
    """Text for a number, nonsense for a date, an ID that Excel rounded, a broken formula."""
    data = edited(
        fill(roster(), PLACEMENTS), E6="约一百", H7="下月", C8=370602194103020000, E13="#REF!"
    )
    faults = {fault.address: fault for fault in read_back(data, PLACEMENTS).faults}
    assert faults == {
        "E6": CellFault("E6", "render.fault.not-a-number", "约一百"),
        "H7": CellFault("H7", "render.fault.not-a-date", "下月"),
        "C8": CellFault("C8", "render.fault.digits-lost", "370602194103020000"),
        "E13": CellFault("E13", "render.fault.formula-error", "#REF!"),
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,234.5", Decimal("1234.5")),
        (" １２ ", Decimal(12)),
        (0.1 + 0.2, Decimal("0.30000000000000004")),
    ],
)
def test_numbers_are_taken_as_people_type_them(typed: object, meant: Decimal) -> None:
    """Thousands, full-width digits; a binary fraction is its shortest decimal."""
    found = read_back(edited(fill(roster(), PLACEMENTS), E6=typed), PLACEMENTS).blocks[0][0]["E"]
    assert isinstance(found, Decimal)
    assert abs(found - meant) < Decimal("1e-15")


@pytest.mark.parametrize(
    "typed", ["2026年11月23日", "2026/11/23", "2026.11.23", date(2026, 11, 23)]
)
def test_dates_are_taken_as_people_type_them(typed: object) -> None:
    """A typed date and the usual notations are one day."""
    data = edited(fill(roster(), PLACEMENTS), H6=typed)
    assert read_back(data, PLACEMENTS).blocks[0][0]["H"] == date(2026, 11, 23)


def test_boxes_are_read_as_one_number() -> None:
    """One digit a box, put together again."""
    placements = Placements(cells=(CellWrite("C6", "12345X", "id", "boxes"),))
    assert read_back(fill(roster(), placements), placements).cells["C6"] == "12345X"


def test_a_masked_number_is_never_read_back() -> None:
    """Stars must not overwrite the number they stand for."""
    placements = Placements(cells=(CellWrite("C6", "37060219410302123X", "id", "masked"),))
    assert read_back(fill(roster(), placements), placements).cells["C6"] is None


def test_a_workbook_of_another_version_is_refused() -> None:
    """The error names both versions."""
    filled = fill(roster(), PLACEMENTS, identity=FORM)
    require_identity(filled, FORM)
    with pytest.raises(WorkbookOfAnotherForm) as refused:
        require_identity(filled, Identity("civil.elderly_monthly", 4, "cd" * 32))
    assert "v3" in refused.value.found
    assert "v4" in refused.value.expected
    with pytest.raises(WorkbookOfAnotherForm):
        require_identity(roster(), FORM)


def test_identity_survives_another_program() -> None:
    """Saved again elsewhere, the workbook still knows its form and its rows."""
    data = edited(fill(roster(), PLACEMENTS, identity=FORM), B6="改名")
    require_identity(data, FORM)
    assert read_back(data, PLACEMENTS).blocks[0][0]["B"] == "改名"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-a-workbook"),
        (b"hello", "not-a-workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "legacy-or-encrypted"),
        (roster()[:2000], "not-a-workbook"),
        (zipped({"a.txt": b"x"}), "not-a-workbook"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    """Empty, text, old format, cut off, any zip."""
    with pytest.raises(WorkbookUnreadable) as refused:
        fill(data, PLACEMENTS)
    assert refused.value.reason == reason
    assert len(refused.value.text("zh")) > 20


def test_entities_are_refused() -> None:
    """A document type declaration has no business in a workbook."""
    source = parts(roster())
    sheet = source["xl/worksheets/sheet1.xml"]
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet.split(b"?>", 1)[-1]
    source["xl/worksheets/sheet1.xml"] = bomb
    with pytest.raises(WorkbookUnreadable) as refused:
        fill(zipped(source), PLACEMENTS)
    assert refused.value.reason == "entities"
