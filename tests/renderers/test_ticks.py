"""Boxes that a sheet prints: ticked and read back, the words stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderers.ooxml import ticks

LAND = ("平原", "丘陵", "山区")


@pytest.mark.parametrize(
    ("text", "label", "options", "value", "wanted"),
    [
        ("□男 □女", "性别", ("男", "女"), "女", "□男 ☑女"),
        ("☑男 □女", "性别", ("男", "女"), "女", "□男 ☑女"),
        ("性别：□ 男　□ 女", "性别", ("男", "女"), "男", "性别：☑ 男　□ 女"),
        ("○是 ○否", "", ("是", "否"), "否", "○是 ●否"),
        ("01地势 □ 1 平原 2 丘陵 3 山区", "地势", LAND, "丘陵", "01地势 ② 1 平原 2 丘陵 3 山区"),
        ("01地势 ③ 1 平原 2 丘陵 3 山区", "地势", LAND, "平原", "01地势 ① 1 平原 2 丘陵 3 山区"),
        ("07通公交 □ 1是 2否  08通电话 □ 1是 2否", "通电话", ("是", "否"), "否", "07通公交 □ 1是 2否  08通电话 ② 1是 2否"),
        ("有车 □是 □否 有房 □是 □否", "有房", ("是", "否"), "是", "有车 □是 □否 有房 ☑是 □否"),
        ("□大 病 □意外", "困难类型", ("大病", "意外"), "大病", "☑大 病 □意外"),
    ],
)  # fmt: skip
def test_a_box_is_ticked_and_read_back(
    text: str, label: str, options: tuple[str, ...], value: str, wanted: str
) -> None:
    """One box each, or one for the number; of two questions in a cell the right one; undone when changed."""
    assert ticks.tick(text, label, options, value) == wanted
    assert ticks.ticked(wanted, label, options) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [("√男 □女", "男"), ("□√男 □女", "男"), ("□男 ■女", "女"), ("□男 □女", None), ("☑男 ☑女", "男、女")],
)  # fmt: skip
def test_ticks_that_people_type_are_read(text: str, told: str | None) -> None:
    """In place of the box or behind it; two at once are both told, and then refused with their cell."""
    assert ticks.ticked(text, "性别", ("男", "女")) == told


def test_what_has_no_such_boxes_is_not_touched() -> None:
    """Other words, another number of options: the value goes the usual way."""
    assert ticks.tick("□同意 □不同意", "", ("男", "女"), "男") is None
    assert ticks.tick("男", "", ("男", "女"), "男") is None
    assert ticks.tick("□男 □女", "", ("男", "女"), "其他") is None


@given(
    options=st.lists(st.text("甲乙丙丁戊己庚辛", min_size=2, max_size=4), min_size=2, max_size=5, unique=True),
    chosen=st.integers(0, 4),
    gap=st.sampled_from([" ", "　", "\n", "； "]),
    box=st.sampled_from("□☐○"),
)  # fmt: skip
def test_whatever_is_printed_comes_back(options: list[str], chosen: int, gap: str, box: str) -> None:  # fmt: skip
    """Any options: what is ticked is read, the words are as they were, and unticking gives the blank sheet."""
    told = tuple(options)
    value = told[chosen % len(told)]
    text = gap.join(f"{box}{one}" for one in told)
    done = ticks.tick(text, "", told, value)
    assert done is not None
    assert ticks.ticked(done, "", told) == value
    assert done.replace("☑", box).replace("●", box) == text
