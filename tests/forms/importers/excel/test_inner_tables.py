"""Records with a table of their own under one wide heading."""

from forms.importers.excel.propose import propose
from tests.forms.importers.excel.sheets import sheet

RECORDS = """
| 序号 | 设备名称 | 购置日期 | 技术参数 | >> | >> | >> | >> | >> |
| 1 | 排涝泵站一号机组 | 2019年12月 | 项目 | 单位 | 规格 | 项目 | 单位 | 规格 |
| ^^ | ^^ | ^^ | 扬程 | m | 12 | 功率 | kW | 55 |
| ^^ | ^^ | ^^ | 流量 | m³/h | 800 | 重量 | kg | 950 |
"""

SECOND = """
| 2 | 排涝泵站二号机组 | 2020年3月 | 项目 | 单位 | 规格 | 项目 | 单位 | 规格 |
| ^^ | ^^ | ^^ | 扬程 | m | 15 | 功率 | kW | 75 |
| ^^ | ^^ | ^^ | 流量 | m³/h | 900 | 重量 | kg | 990 |
"""

CARDS = """
| 序号 | 设备名称 | 购置日期 | 技术参数 | >> |
| 1 | 排涝泵站一号机组 | 2019年12月 | 型号 | PX-12 |
| ^^ | ^^ | ^^ | 额定功率 | 55kW |
| ^^ | ^^ | ^^ | 生产厂家 | 县农机站修造厂 |
"""


def test_headings_inside_a_record_head_columns_under_the_wide_heading() -> None:
    """The record's own cells stay values."""
    found = propose(sheet(RECORDS))
    paths = {item.path: item for item in found.items if item.axis == "column"}
    assert set(paths) >= {("技术参数", name) for name in ("项目", "单位", "规格")}
    item = paths["技术参数", "规格"]
    assert (item.cell, item.columns) == ("F2", ("F", "I"))
    assert "I2" in item.repeats
    labels = {cell.cell for cell in found.header.cells}
    assert not labels & {"B2", "C2", "F3", "I4"}


def test_labels_and_values_inside_a_record_are_no_table() -> None:
    """A card under the wide heading: every row is a label and its value, the record's cells are values."""
    found = propose(sheet(CARDS))
    labels = {cell.cell for cell in found.header.cells}
    assert {"D2", "D3", "D4"} <= labels
    assert not labels & {"B2", "C2", "E2", "E3", "E4"}


def test_the_next_record_has_the_same_headings_again() -> None:
    """However many records: their headings head the columns of the first."""
    found = propose(sheet(RECORDS + SECOND * 3))
    item = next(one for one in found.items if one.path == ("技术参数", "规格"))
    assert item.cell == "F2"
    assert {"I2", "F5", "F8", "F11"} <= set(item.repeats)
    labels = {cell.cell for cell in found.header.cells}
    assert {"E5", "I5", "E11", "I11"} <= labels
    assert not labels & {"B5", "C5", "F6", "B11", "I12"}
