"""A workbook as departments send them: a cover, two tables, a summary that asks them, notes, a hidden list of codes."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

COVER, VILLAGES, PEOPLE, SUMMARY, NOTES, CODES = "封面", "表一", "表二", "表三", "填报说明", "代码"
TITLES = {
    COVER: "农村基本情况统计年报",
    VILLAGES: "农村基层组织情况",
    PEOPLE: "种植大户名册",
    SUMMARY: "汇总情况",
}
LIST = (4, 6)
"""The first and last row of the list on 表二."""
_THIN = Side(style="thin")


def workbook() -> bytes:
    """The bytes of it."""
    book = Workbook()
    cover = book.active
    assert isinstance(cover, Worksheet)
    cover.title = COVER
    _cover(cover)
    _villages(book.create_sheet(VILLAGES))
    _people(book.create_sheet(PEOPLE))
    _summary(book.create_sheet(SUMMARY))
    notes = book.create_sheet(NOTES)
    notes["A1"] = "填报说明"
    notes["A2"] = "一、本表由各村（社区）填报，统计截至本年末，按实际情况填写，不得漏报、虚报。"
    notes["A3"] = "二、种植大户是指经营耕地五十亩以上的农户，按户主逐户登记，不重复计算。"
    codes = book.create_sheet(CODES)
    for number, text in enumerate(("山区", "丘陵", "平原"), 1):
        codes.cell(number, 1, text)
    codes.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cover(sheet: Worksheet) -> None:
    sheet["A1"] = TITLES[COVER]
    sheet["A1"].font = Font(size=20, bold=True)
    sheet.merge_cells("A1:D1")
    sheet["A4"] = "填报单位："
    sheet["A5"] = "填报人："
    sheet["A6"] = "报出日期："


def _villages(sheet: Worksheet) -> None:
    sheet["A1"] = TITLES[VILLAGES]
    sheet.merge_cells("A1:D1")
    _lines(
        sheet,
        3,
        [
            ["指标名称", "代码", "户数（户）", "人口（人）"],
            ["合计", "01", None, None],
            ["东片", "02", None, None],
            ["西片", "03", None, None],
        ],
    )
    for letter in "CD":
        for row in range(4, 7):
            sheet[f"{letter}{row}"].number_format = "0"
    sheet["A7"] = "审核关系：01=02+03；第1行第1列≤表三第1行第1列。"
    sheet.merge_cells("A7:D7")


def _people(sheet: Worksheet) -> None:
    sheet["A1"] = TITLES[PEOPLE]
    sheet.merge_cells("A1:D1")
    _lines(sheet, 3, [["序号", "姓名", "耕地面积（亩）", "备注"]])
    for row in range(LIST[0], LIST[1] + 1):
        _lines(sheet, row, [[row - LIST[0] + 1, None, None, None]])
        sheet.cell(row, 3).number_format = "0.00"
    _lines(sheet, 7, [["合计", None, "=SUM(C4:C6)", None]])
    sheet.cell(7, 3).font = Font(bold=True)


def _summary(sheet: Worksheet) -> None:
    sheet["A1"] = TITLES[SUMMARY]
    sheet.merge_cells("A1:C1")
    _lines(
        sheet,
        3,
        [
            ["指标名称", "代码", "数量"],
            ["总户数", "01", "=表一!C4"],
            ["大户耕地面积", "02", "=SUM(表二!C4:C6)"],
            ["户均耕地", "03", "=表二!C7/表一!C4"],
            ["去年上报", "04", "=表二!D99"],
        ],
    )


def _lines(sheet: Worksheet, first: int, lines: Sequence[Sequence[object]]) -> None:
    for row, line in enumerate(lines, first):
        for column, said in enumerate(line, 1):
            cell = sheet.cell(row, column, said)
            cell.border = Border(_THIN, _THIN, _THIN, _THIN)
