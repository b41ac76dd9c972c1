"""Values go into the original workbook; nothing else of it changes."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from renderers.ooxml import inlabel
from renderers.ooxml.addresses import AddressInvalid
from renderers.ooxml.book import SheetMissing
from renderers.ooxml.values import TextTooLong
from renderers.placements import CellWrite, Identity, Placements
from renderers.workbook import fill, identity, read_back
from tests.renderers.department_sheet import looks, opened, parts, roster, zipped

SHEET_PART = "xl/worksheets/sheet1.xml"
FORM = Identity("civil.elderly_monthly", 3, "ab" * 32)


def written(*cells: CellWrite) -> Placements:
    """Placements of single cells."""
    return Placements(cells=cells)


def test_nothing_to_write_gives_the_template_itself() -> None:
    """Without values and identity not one byte changes."""
    template = roster()
    assert fill(template, Placements()) == template


def test_only_the_parts_that_values_touch_are_rewritten() -> None:
    """Pictures, drawings, theme, document properties and styles stay byte for byte."""
    template = roster()
    filled = fill(template, written(CellWrite("B6", "王秀英")))
    before, after = parts(template), parts(filled)
    changed = {name for name in before if before[name] != after[name]}
    # the second sheet remembered a result that depends on the first one
    assert changed <= {SHEET_PART, "xl/workbook.xml", "xl/worksheets/sheet2.xml"}
    assert list(before) == list(after)
    assert any(name.startswith("xl/media/") for name in before)


def test_a_value_keeps_the_look_of_its_cell() -> None:
    """Font, border, fill and number format of every cell are those of the template."""
    template = roster()
    filled = fill(template, written(CellWrite("E6", Decimal("1234.50"), "number")))
    assert list(looks(opened(filled))) == list(looks(opened(template)))
    assert opened(filled)["E6"].value == 1234.5


def test_layout_of_the_sheet_is_unchanged() -> None:
    """Merged areas, widths, heights, frozen panes, print area and validations stay."""
    template = roster()
    before, after = opened(template), opened(fill(template, written(CellWrite("B6", "王"))))
    assert before.merged_cells.ranges == after.merged_cells.ranges
    assert (before.freeze_panes, before.print_area) == (after.freeze_panes, after.print_area)
    assert before.print_title_rows == after.print_title_rows
    for letter in "ABCDEFGH":
        assert before.column_dimensions[letter].width == after.column_dimensions[letter].width
    rules = [(str(rule.sqref), rule.formula1) for rule in before.data_validations.dataValidation]
    again = [(str(rule.sqref), rule.formula1) for rule in after.data_validations.dataValidation]
    assert rules == again
    assert after.parent["代码"].sheet_state == "hidden"


def test_an_id_number_is_text_in_a_text_cell() -> None:
    """No 3.7E+17, no lost zero: the value is a string and the cell's format is text."""
    cell = opened(fill(roster(), written(CellWrite("C6", "37060219410302123X", "id"))))["C6"]
    assert (cell.value, cell.data_type, cell.number_format) == ("37060219410302123X", "s", "@")


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ("plain", "37060219410302123x"),
        ("upper", "37060219410302123X"),
        ("spaced", "370602 19410302 123x"),
        ("masked", "370602********123x"),
    ],
)
def test_an_id_number_is_written_as_the_column_asks(how: str, shown: str) -> None:
    """Every department wants it otherwise; nobody types it again."""
    item = CellWrite("C6", "37060219410302123x", "id", how)  # type: ignore[arg-type]  # parametrised
    assert opened(fill(roster(), written(item)))["C6"].value == shown


def test_boxes_take_one_character_each_and_step_over_merged_areas() -> None:
    """One digit a box; where a box is made of merged columns the next one is behind them."""
    item = CellWrite("A10", "12X", "id", "boxes")  # A10:B10 is merged
    sheet = opened(fill(roster(), written(item)))
    assert [sheet[address].value for address in ("A10", "C10", "D10")] == ["1", "2", "X"]


def test_a_date_is_typed_and_a_cell_without_date_format_gets_one() -> None:
    """A date is a day for the spreadsheet too, not text that looks like one."""
    cells = (CellWrite("H6", "2026-11-23", "date"), CellWrite("B7", date(2026, 1, 2), "date"))
    sheet = opened(fill(roster(), written(*cells)))
    assert (sheet["H6"].value.date(), sheet["H6"].number_format) == (
        date(2026, 11, 23),
        "yyyy-mm-dd",
    )
    assert (sheet["B7"].value.date(), sheet["B7"].number_format) == (date(2026, 1, 2), "yyyy-mm-dd")


def test_a_formula_stays_and_shows_the_given_result() -> None:
    """The total's formula is the department's; only the remembered result is ours."""
    filled = fill(roster(), written(CellWrite("E10", Decimal("5.5"), "number")))
    assert opened(filled)["E10"].value == "=SUM(E6:E9)"
    results = load_workbook(io.BytesIO(filled), data_only=True).worksheets[0]
    assert results["E10"].value == 5.5
    assert b'fullCalcOnLoad="1"' in parts(filled)["xl/workbook.xml"]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1"])
def test_text_is_never_a_formula(text: str) -> None:
    """What reads like a formula is a typed string, unchanged."""
    cell = opened(fill(roster(), written(CellWrite("B6", text))))["B6"]
    assert cell.value == text
    assert b"<f>1+1" not in parts(fill(roster(), written(CellWrite("B6", text))))[SHEET_PART]


@pytest.mark.parametrize(
    "text", ["a\x00b", "退格\x08", "_x0041_", "行1\n行2", " 前后 ", "𠮷&<>\"'"]
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """Control characters, blanks, line ends and rare characters survive."""
    placements = written(CellWrite("B6", text))
    assert read_back(fill(roster(), placements), placements).cells["B6"] == text


def test_a_number_too_long_for_the_spreadsheet_is_text() -> None:
    """Sixteen digits would be rounded; they are kept instead."""
    cell = opened(fill(roster(), written(CellWrite("E6", 6222021234567890123, "number"))))["E6"]
    assert cell.value == "6222021234567890123"


def test_a_value_goes_behind_its_label_in_the_same_cell() -> None:
    """`填报人：      日期：` takes two values and keeps both labels apart."""
    cells = (
        CellWrite("A2", "惠安社区居民委员会", after="填报单位"),
        CellWrite("E2", "李四", after="填报人"),
        CellWrite("E2", "2026年11月23日", after="日期"),
    )
    sheet = opened(fill(roster(), written(*cells)))
    assert sheet["A2"].value == "填报单位（盖章）：惠安社区居民委员会"
    assert sheet["E2"].value == "填报人：李四        日期：2026年11月23日"


def test_none_empties_a_cell_and_keeps_its_look() -> None:
    """A sample value in the template goes, the border stays."""
    sheet = opened(fill(roster(), written(CellWrite("A6", None))))
    assert sheet["A6"].value is None
    assert sheet["A6"].border.left.style == "thin"


def test_a_cell_inside_a_merged_area_is_its_first_one() -> None:
    """Writing to D1 of the merged title writes the title."""
    assert opened(fill(roster(), written(CellWrite("D1", "新标题"))))["A1"].value == "新标题"


def test_a_cell_outside_the_used_range_is_made() -> None:
    """A remark far to the right gets a cell, and the used range grows to it."""
    filled = fill(roster(), written(CellWrite("K20", "备注")))
    assert opened(filled)["K20"].value == "备注"
    assert b'<dimension ref="A1:K20"/>' in parts(filled)[SHEET_PART]


def test_the_workbook_knows_its_form() -> None:
    """Form, version and hash are in a hidden name and can be read again."""
    template = roster()
    filled = fill(template, Placements(), identity=FORM)
    assert identity(filled) == FORM
    assert identity(roster()) is None
    again = fill(filled, Placements(), identity=Identity("x.y", 4, "00"))
    assert identity(again) == Identity("x.y", 4, "00")
    after = parts(filled)
    changed = {name for name, data in parts(template).items() if after[name] != data}
    assert changed == {"xl/workbook.xml"}


def test_a_sheet_written_with_a_namespace_prefix_is_filled_alike() -> None:
    """Some programs write <x:c>; the result is the same cell."""
    source = parts(roster())
    text = re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", source[SHEET_PART].decode())
    source[SHEET_PART] = text.replace("xmlns=", "xmlns:x=").encode()
    filled = fill(zipped(source), written(CellWrite("B6", "王"), CellWrite("K9", 1, "number")))
    assert (opened(filled)["B6"].value, opened(filled)["K9"].value) == ("王", 1)


def test_wrong_places_are_named() -> None:
    """A sheet or an address that is not there, and text that no cell holds, are told."""
    with pytest.raises(SheetMissing) as missing:
        fill(roster(), Placements((CellWrite("A1", "x"),), sheet="没有"))
    assert missing.value.available == "高龄老人、代码"
    with pytest.raises(AddressInvalid):
        fill(roster(), written(CellWrite("XFE1", "x")))
    with pytest.raises(TextTooLong):
        fill(roster(), written(CellWrite("B6", "长" * 40_000)))


def test_a_merged_area_that_is_to_hold_several_values_is_taken_apart() -> None:
    """No value is lost because a sheet merges what the form keeps apart; other areas stay."""
    sheet = opened(fill(roster(), written(CellWrite("A3", "甲"), CellWrite("A4", "乙"))))
    assert (sheet["A3"].value, sheet["A4"].value) == ("甲", "乙")
    areas = {str(area) for area in sheet.merged_cells.ranges}
    assert "A3:A5" not in areas
    assert "H3:H5" in areas


@pytest.mark.parametrize(
    ("before", "label", "value", "after"),
    [
        ("填报单位（盖章）：", "填报单位", "甲", "填报单位（盖章）：甲"),
        ("单位：____  日期：____", "单位", "惠安", "单位：惠安    日期：____"),
        ("单位：旧单位  日期：", "单位", "新", "单位：新  日期："),
        ("报出日期：20  年  月  日", "报出日期", "2026年1月2日", "报出日期：2026年1月2日"),
        ("单位：日期：", "单位", "甲", "单位：甲  日期："),
        ("填表人", "日期", "今天", "填表人 日期：今天"),
        ("说明：", "", "无", "说明：无"),
        ("单位：", "单位", None, "单位："),
        ("村委会意见：\n（盖章）", "村委会意见", "同意", "村委会意见：同意\n（盖章）"),
        ("信用代码 □□□□□", "信用代码", "91370", "信用代码 91370"),
        (
            "单位名称：            2016年    有效期：",
            "单位名称",
            "惠安社区",
            "单位名称：惠安社区        2016年    有效期：",
        ),
        ("填报日期：  2016年5月", "填报日期", "2026年11月", "填报日期：2026年11月"),
    ],
)
def test_a_label_keeps_its_neighbours(
    before: str, label: str, value: str | None, after: str
) -> None:
    """The blank or an older value behind the label is replaced, nothing else."""
    assert inlabel.insert(before, label, CellWrite("A1", value)) == after
    if value is not None:
        assert inlabel.extract(after, label) == value


def test_a_value_takes_the_place_of_the_words_it_stands_for() -> None:
    """The period in a title becomes this report's; what stands around it, and its spaces, stay."""
    template = roster()
    before = opened(template)["A1"].value
    title = CellWrite("A1", "2026年第一季度", instead=str(before)[:2])
    filled = opened(fill(template, Placements((title,))))["A1"].value
    assert filled == "2026年第一季度" + str(before)[2:]
    spread = CellWrite("A1", "2026年", instead="20 年")
    assert (
        inlabel.replaced("综合机关名称：   20  年   有效期至：", spread)
        == "综合机关名称：   2026年   有效期至："
    )
    assert inlabel.replaced("没有这几个字", spread) == "没有这几个字"


def test_a_formula_that_asks_nothing_of_what_was_written_keeps_its_result() -> None:
    """A heading that is worked out can be read where nobody calculates; what changed, and what asks it, is forgotten."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet["A1"] = 2026
    texts = {
        "B1": '=A1&"年"', "C1": "=B1", "D1": "=SUM(A2:A3)", "E1": "=D1*2", "F1": "=TODAY()",
        "G1": "=Sheet!A2", "H1": "=没有的名称",
    }  # fmt: skip
    for address, text in texts.items():
        sheet[address] = text
    target = io.BytesIO()
    book.save(target)
    data = with_results(target.getvalue(), dict.fromkeys(texts, 7))
    filled = fill(data, Placements((CellWrite("A2", 5, "number"),)))
    kept = load_workbook(io.BytesIO(filled), data_only=True).active
    assert isinstance(kept, Worksheet)
    left = {address: kept[address].value for address in texts}
    assert left == {"B1": 7, "C1": 7, "D1": None, "E1": None, "F1": None, "G1": None, "H1": None}


def with_results(data: bytes, results: dict[str, int]) -> bytes:
    """The workbook as a program leaves it that has calculated."""
    name = "xl/worksheets/sheet1.xml"
    text = parts(data)[name].decode()
    for address, value in results.items():
        text = re.sub(rf'(<c r="{address}"[^>]*><f>[^<]*</f>)<v ?/?>(?:</v>)?', rf"\g<1><v>{value}</v>", text)  # fmt: skip
    assert text.count("<v>7</v>") == len(results)
    return zipped({**parts(data), name: text.encode()})
