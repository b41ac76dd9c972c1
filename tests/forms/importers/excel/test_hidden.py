"""Helper rows and columns that are hidden in a workbook: asked of nobody, and never written to."""

from openpyxl.worksheet.worksheet import Worksheet

from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.books import book, opendocument
from tests.forms.importers.excel.sheets import sheet


def roster(page: Worksheet) -> None:
    """A hidden column B of keys, a hidden row 3 of field codes, and a hidden sum in column G."""
    page.append(["高龄津贴名册"])
    page.append(["序号", "查找键", "姓名", "年龄", "金额", "备注", "校验"])
    page.append(["XH", "KEY", "XM", "NL", "JE", "BZ", "CHK"])
    for row in range(4, 8):
        page.append([row - 3, f"=C{row}&D{row}", None, None, None, None, f"=E{row}*12"])
    page.merge_cells("A1:G1")
    page.row_dimensions[3].hidden = True
    for letter in "BG":
        page.column_dimensions[letter].hidden = True


def test_what_is_hidden_is_no_item_and_addresses_are_the_workbooks_own() -> None:
    """Columns keep their letters, rows to come begin below the hidden row, and it is told."""
    found = propose(open_sheet(book(roster)))
    columns = {item.path[-1]: item.columns for item in found.columns()}
    assert columns == {"序号": ("A",), "姓名": ("C",), "年龄": ("D",), "金额": ("E",), "备注": ("F",)}  # fmt: skip
    [table] = found.tables
    assert (table.kind, table.header_rows, table.body) == ("floating", (2, 2), (4, 7))
    assert found.title == "高龄津贴名册"
    assert [(one.code, one.text) for one in found.warnings] == [("sheet.hidden-left-out", "B G 3")]


def test_rows_to_come_end_before_a_hidden_row() -> None:
    """Nothing is written into it; more rows are put in above it."""

    def fill(page: Worksheet) -> None:
        roster(page)
        page.row_dimensions[6].hidden = True

    [table] = propose(open_sheet(book(fill))).tables
    assert table.body == (4, 5)


def test_a_sheet_that_is_hidden_altogether_is_read_all_the_same() -> None:
    """Somebody who sends only hidden columns means them."""

    def fill(page: Worksheet) -> None:
        page.append(["姓名", "年龄"])
        for letter in "AB":
            page.column_dimensions[letter].hidden = True

    found = propose(open_sheet(book(fill)))
    assert [item.path[-1] for item in found.columns()] == ["姓名", "年龄"]


def test_hidden_columns_of_an_open_document_are_passed_over_too() -> None:
    """The same roster as .ods, a helper before its second column and its second row."""
    grid = sheet("""
        | 姓名 | 年龄 | 金额 |
        | 张三 | 81 | 100 |
        | 李四 | 92 | 200 |
        """)
    found = propose(open_sheet(opendocument(grid, hidden=(2,))))
    assert [(item.path[-1], item.columns) for item in found.columns()] == [
        ("姓名", ("A",)),
        ("年龄", ("C",)),
        ("金额", ("D",)),
    ]
    assert found.tables[0].body == (3, 4)
