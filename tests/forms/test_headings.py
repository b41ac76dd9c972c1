"""Rows under merged headings: read from the sheet, named in both languages, told whole where it matters."""

from typing import Any

from admin.views import table_view
from forms.importers.excel.draft import to_form
from forms.importers.excel.propose import propose
from tests.forms import samples
from tests.forms.importers.excel.sheets import sheet

DRAWING = """
| 农业生产情况表 | >> | >> | >> | >> |
| 行业 | >> | >> | 面积 | 产量 |
| 种植业 | 粮食 | 小麦 | | |
| ^^ | ^^ | 玉米 | | |
| ^^ | 油料 | 花生 | | |
| 养殖业 | >> | 生猪 | | |
| 合计 | >> | >> | | |
"""


def form() -> dict[str, Any]:
    """The form that this sheet becomes, with two of its headings in English."""
    made = to_form(propose(sheet(DRAWING)), code="stats.farming", owner="370602-tjj")
    made["form"]["headings"] = {"种植业": {"en": "Crops"}, "粮食": {"en": "Grain"}}
    return dict(made)


def test_headings_of_rows_come_from_the_sheet_and_have_their_names_in_english() -> None:
    """What nobody translated stays Chinese; a row of its own has none."""
    (table,) = samples.compiled(form()).tables
    assert [row.path() for row in table.rows] == [
        ("种植业", "粮食", "小麦"),
        ("种植业", "粮食", "玉米"),
        ("种植业", "油料", "花生"),
        ("养殖业", "生猪"),
        ("合计",),
    ]
    assert table.rows[0].path("en") == ("Crops", "Grain", "小麦")
    assert table.rows[2].path("en") == ("Crops", "油料", "花生")


def test_a_cell_is_called_by_all_the_headings_of_its_row() -> None:
    """`小麦` alone may be any of several."""
    made = samples.compiled(form())
    labels = [item.full_label() for item in made.items]
    assert labels[0] == "种植业 › 粮食 › 小麦 · 面积"
    assert labels[-1] == "合计 · 产量"


def test_neighbours_share_their_headings_and_short_paths_reach_to_the_values() -> None:
    """Also where a page begins in the middle of a group."""
    rows = samples.compiled(form()).tables[0].rows
    depth = table_view.stub_depth(rows, "zh")
    found = table_view.stub_cells(rows, "zh", depth)
    told = [[(c["text"], c["rowspan"], c["colspan"]) for c in line] for line in found]
    assert told == [
        [("种植业", 3, 1), ("粮食", 2, 1), ("小麦", 1, 1)],
        [("玉米", 1, 1)],
        [("油料", 1, 1), ("花生", 1, 1)],
        [("养殖业", 1, 1), ("生猪", 1, 2)],
        [("合计", 1, 3)],
    ]
    part = table_view.stub_cells(rows[1:3], "zh", depth)
    assert [[c["text"] for c in line] for line in part] == [["种植业", "粮食", "玉米"], ["油料", "花生"]]  # fmt: skip
