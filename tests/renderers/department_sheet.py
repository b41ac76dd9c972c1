"""A department's workbook as they come: three-level merged header, totals, a picture, hidden sheets."""

import io
import zipfile
from collections.abc import Iterator, Mapping

from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

SHEET = "高龄老人"
MERGES = ("A1:H1", "A2:D2", "E2:H2", "A3:A5", "B3:D3", "B4:B5", "C4:D4", "E3:G3", "E4:F4",
          "G4:G5", "H3:H5", "A10:B10", "A11:H11")  # fmt: skip
_THIN, _THICK = Side(style="thin"), Side(style="medium")


def roster() -> bytes:
    """Floating rows 6 to 9, a total in row 10, sign-off in row 11, and everything a sheet can have."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    _head(sheet)
    _body(sheet)
    _extras(book, sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _head(sheet: Worksheet) -> None:
    texts = {"A1": "高龄老人津贴发放花名册", "A2": "填报单位（盖章）：", "E2": "填报人：          日期：",
             "A3": "序号", "B3": "基本信息", "B4": "姓名", "C4": "证件", "C5": "身份证号", "D5": "性别",
             "E3": "发放情况", "E4": "金额", "E5": "本月", "F5": "累计", "G4": "合计", "H3": "发放日期"}  # fmt: skip
    for address, text in texts.items():
        sheet[address] = text
        sheet[address].alignment = Alignment(horizontal="center", vertical="center")
    sheet["A1"].font = Font(name="宋体", size=18, bold=True)
    for area in MERGES:
        sheet.merge_cells(area)
    for row in range(3, 11):
        for column in range(1, 9):
            bottom = _THICK if row == 9 else _THIN
            sheet.cell(row, column).border = Border(_THIN, _THIN, _THIN, bottom)


def _body(sheet: Worksheet) -> None:
    for row in range(6, 10):
        sheet.cell(row, 1, row - 5)
        sheet.cell(row, 5).number_format = "#,##0.00"
        sheet.cell(row, 7, f"=E{row}+F{row}")
        sheet.cell(row, 8).number_format = "yyyy-mm-dd"
        sheet.row_dimensions[row].height = 21
    sheet["A10"] = "合计"
    sheet["E10"] = "=SUM(E6:E9)"
    sheet["F10"] = "=SUM($F$6:$F$9)"
    sheet["G10"] = "=E10+F10"
    sheet["H10"] = "=IF(COUNTA(B6:B9)=0,0,E10/COUNTA(B6:B9))"
    sheet["A11"] = "单位负责人：        审核人：        联系电话："
    sheet.row_dimensions[10].height = 33
    for letter, width in zip("ABCDEFGH", (5, 12, 24, 6, 12, 12, 12, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet["E6"].fill = PatternFill("solid", fgColor="FFEECC")


def _extras(book: Workbook, sheet: Worksheet) -> None:
    sheet.freeze_panes = "C6"
    sheet.print_area = "A1:H11"
    sheet.print_title_rows = "1:5"
    sheet.page_setup.orientation = "landscape"
    sheet.row_breaks.append(Break(id=10))
    sex = DataValidation(type="list", formula1='"男,女"', sqref="D6:D9")
    small = DataValidation(type="decimal", operator="lessThan", formula1="$E$10", sqref="F9 F10")
    for rule in (sex, small):
        sheet.add_data_validation(rule)
    red = PatternFill("solid", bgColor="FF0000")
    sheet.conditional_formatting.add("E6:E9", CellIsRule("greaterThan", ["1000"], fill=red))
    sheet.conditional_formatting.add("A6:H9", FormulaRule(["$E6>$E$10"], fill=red))
    picture = io.BytesIO()
    Picture.new("RGB", (40, 40), "red").save(picture, "PNG")
    image = Image(picture)
    image.anchor = "G11"
    sheet.add_image(image)
    hidden = book.create_sheet("代码")
    hidden.sheet_state = "hidden"
    hidden["A1"], hidden["B1"] = "合计金额", f"='{SHEET}'!E10"
    sheet.column_dimensions["D"].hidden = False
    book.defined_names["总额"] = DefinedName("总额", attr_text=f"'{SHEET}'!$E$10")
    book.defined_names["名单"] = DefinedName("名单", attr_text=f"'{SHEET}'!$B$6:$B$9")


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def zipped(source: Mapping[str, bytes]) -> bytes:
    """Parts as a workbook."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in source.items():
            archive.writestr(name, data)
    return target.getvalue()


def opened(data: bytes) -> Worksheet:
    """The first sheet, as another library reads it."""
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def looks(sheet: Worksheet) -> Iterator[tuple[str, str, str, str]]:
    """Format of every cell: font, border, fill and number format, without the values."""
    for row in sheet.iter_rows():
        for cell in row:
            yield (
                cell.coordinate,
                repr(cell.font),
                repr(cell.border) + repr(cell.fill),
                cell.number_format,
            )
