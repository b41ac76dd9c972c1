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

MODELS = """
| 设备名称 | 生产厂家 | 技术参数 | >> | >> | >> | >> |
| 排涝泵站一号机组 | 县农机站修造厂 | 参数名 | 单位 | 产品型号 | >> | >> |
| ^^ | ^^ | ^^ | ^^ | PX650-3 | PX850-3 | PX900-5 |
| ^^ | ^^ | 扬程 | m | 12 | 15 | 18 |
| ^^ | ^^ | 流量 | m³/h | 800 | 900 | 950 |
"""

PANELS = """
| 序号 | 设备名称 | 主要技术参数 | >> | >> | >> | >> | >> |
| 1 | 立式钻床两种 | 参数 | Z5125A | Z5132A | 参数 | Z5125A | Z5132A |
| ^^ | ^^ | 扬程 | 12 | 15 | 功率 | 55 | 75 |
| ^^ | ^^ | 流量 | 800 | 900 | 重量 | 950 | 990 |
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


def test_codes_under_a_divided_heading_inside_a_record_are_headings() -> None:
    """The tall cells beside end where they end: the columns go by these codes."""
    found = propose(sheet(MODELS))
    paths = {item.path for item in found.items if item.axis == "column"}
    models = {("技术参数", "产品型号", code) for code in ("PX650-3", "PX850-3", "PX900-5")}
    assert paths >= {*models, ("技术参数", "参数名"), ("技术参数", "单位")}


def test_codes_repeated_side_by_side_inside_a_record_are_headings() -> None:
    """Printed in two panels to save paper: one table, whatever its headings look like."""
    found = propose(sheet(PANELS))
    item = next(one for one in found.items if one.path == ("主要技术参数", "Z5132A"))
    assert (item.cell, item.columns, item.repeats) == ("E2", ("E", "H"), ("H2",))


REMARK = """
| 指标 | 代码 | 数量 |
| 耕地面积 | 01 |  |
| 注：耕地面积按年末实有数填报 | >> | >> |
| 水田 | 02 |  |
| 旱地 | 03 |  |
"""


def test_a_remark_between_the_rows_heads_nothing() -> None:
    """It is kept as a note, and the rows below go on under their own names."""
    found = propose(sheet(REMARK))
    rows = {item.path for item in found.items if item.axis == "row"}
    assert rows == {("耕地面积",), ("水田",), ("旱地",)}
    assert "按年末实有数填报" in found.notes
