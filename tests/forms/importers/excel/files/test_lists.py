"""Choices of a drop-down list stand in cells, mostly of a hidden sheet of codes: they are the item's choices."""

from typing import Any

import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from forms.importers.excel.draft import to_form
from forms.importers.excel.files.lists import MOST
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.propose import propose
from tests.forms.importers.excel import books

KINDS = ("特困人员", "低保对象", "孤儿")
EXTENDED = """<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">
<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list">
<x14:formula1><xm:f>S!$C$1:$C$2</xm:f></x14:formula1><xm:sqref>B2:B3</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"""


def roster(formula: str, many: int = 0) -> Any:
    """A list of persons with a kind each, to be chosen from what the formula says."""

    def fill(page: Any) -> None:
        page.append(["序号", "姓名", "困难类别"])
        page.append([1])
        page.append([2])
        codes = page.parent.create_sheet("代码 表")
        for row, kind in enumerate([*KINDS, *map(str, range(many))], 1):
            codes.cell(row, 2, kind)
        codes.sheet_state = "hidden"
        page.parent.defined_names["类别"] = DefinedName("类别", attr_text="'代码 表'!$B$1:$B$3")
        rule = DataValidation(type="list", formula1=formula)
        rule.add("C2:C3")
        page.add_data_validation(rule)

    return fill


@pytest.mark.parametrize(
    ("formula", "choices"),
    [
        ("='代码 表'!$B$1:$B$3", KINDS),
        ("='代码 表'!$B$2:$B$3", KINDS[1:]),
        ("='代码 表'!$B:$B", KINDS),
        ("=类别", KINDS),
        ("=$C$1:$C$1", ("困难类别",)),
        ('"甲,乙"', ("甲", "乙")),
        ("=没有这张表!$B$1:$B$3", ()),
        ("=没有这个名称", ()),
        ('=INDIRECT("类别")', ()),
    ],
)
def test_a_list_says_its_choices_wherever_they_stand(
    formula: str, choices: tuple[str, ...]
) -> None:
    """On a hidden sheet, in a whole column, under a name; what cannot be found leaves a text to be typed."""
    found = propose(open_sheet(books.book(roster(formula)))).columns()[-1]
    assert found.choices == choices
    assert found.type == "string"


def test_a_list_without_end_is_no_drop_down() -> None:
    """A register of persons behind a list is not copied into the form."""
    content = books.book(roster("='代码 表'!$B:$B", many=MOST))
    assert propose(open_sheet(content)).columns()[-1].choices == ()


def test_lists_that_excel_writes_among_the_extensions_are_read() -> None:
    """That is how Excel itself saves a list whose choices are on another sheet."""
    lines = (
        books.line(1, "姓名", "类别", "特困") + books.line(2, "", "", "低保") + books.line(3, "")
    )
    grid = open_sheet(books.parts(books.rows(lines, EXTENDED)))
    assert [(rule.type, rule.choices) for rule in grid.rules] == [("list", ("特困", "低保"))]


def test_a_column_that_the_sheet_reckons_above_its_total_is_not_asked() -> None:
    """小计 is =B+C in every row and =SUM in the line of totals: the form reckons it."""

    def fill(page: Any) -> None:
        page.append(["姓名", "慰问金（元）", "物资（元）", "小计（元）"])
        for row in range(2, 6):
            page.append([None, None, None, f"=B{row}+C{row}"])
        page.append(["合计", "=SUM(B2:B5)", "=SUM(C2:C5)", "=SUM(D2:D5)"])

    form = to_form(propose(open_sheet(books.book(fill))), code="form.x", owner="37")
    (table,) = form["properties"].values()
    assert [("compute" in one) for one in table["items"]["properties"].values()] == [
        False,
        False,
        False,
        True,
    ]
