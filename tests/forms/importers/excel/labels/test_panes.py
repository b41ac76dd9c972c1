"""Lists side by side on one sheet are lists of their own."""

from forms.importers.excel.propose import propose
from tests.forms.importers.excel.sheets import sheet

BESIDE = """
| 登记表 | >> | >> | >> | >> | >> | >> |
| 序号 | 困难户 | 金额 | | 序号 | 志愿者 | 次数 |
| 1 | | | | 1 | | |
| 2 | | | | 2 | | |
| 3 | | | | 3 | | |
| 合计 | | | | 4 | | |
| | | | | 合计 | | |
"""


def test_two_numbered_lists_beside_each_other_are_two_growing_ones() -> None:
    """Each with its own rows; the total of the shorter one stands beside rows of the other."""
    found = propose(sheet(BESIDE))
    assert [(one.kind, one.cols) for one in found.tables] == [
        ("floating", ("A", "C")),
        ("floating", ("E", "G")),
    ]
    assert [i.path[-1] for n in (0, 1) for i in found.columns(n) if i.role != "index"] == [
        "困难户", "金额", "志愿者", "次数",
    ]  # fmt: skip


def test_one_list_printed_in_two_panels_stays_one() -> None:
    """The same heads again are the same list."""
    found = propose(sheet(BESIDE.replace("志愿者", "困难户").replace("次数", "金额")))
    assert len(found.tables) == 1
