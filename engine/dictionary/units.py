"""Units of measure: written in Chinese in the dictionary and on sheets, and what English pages call them.

What counts things one by one has a word of its own for each kind of thing in Chinese and none in English.
"""

import re
from collections.abc import Mapping
from typing import Final

_ONE_BY_ONE = "个家所处只套台栋幢座张部具眼条件辆艘间项份宗起例名位"

ENGLISH: Final[Mapping[str, str]] = {
    **dict.fromkeys(_ONE_BY_ONE, "no."),
    "人": "persons",
    "万人": "10,000 persons",
    "人次": "person-times",
    "户": "households",
    "户次": "household-times",
    "头": "head",
    "羽": "birds",
    "株": "plants",
    "床": "beds",
    "张床": "beds",
    "层": "floors",
    "次": "times",
    "元": "yuan",
    "万元": "10,000 yuan",
    "亿元": "100 million yuan",
    "亩": "mu",
    "万亩": "10,000 mu",
    "公顷": "ha",
    "平方米": "m²",
    "平方公里": "km²",
    "立方米": "m³",
    "米": "m",
    "公里": "km",
    "千米": "km",
    "克": "g",
    "公斤": "kg",
    "千克": "kg",
    "斤": "jin",
    "吨": "t",
    "万吨": "10,000 t",
    "升": "l",
    "千瓦": "kW",
    "千瓦时": "kWh",
    "万千瓦时": "10,000 kWh",
    "度": "kWh",
    "岁": "years",
    "年": "years",
    "个月": "months",
    "月": "months",
    "天": "days",
    "日": "days",
    "小时": "hours",
    "分钟": "minutes",
    "分": "points",
    "元/人": "yuan per person",
    "元/月": "yuan per month",
    "元/年": "yuan per year",
    "公斤/亩": "kg per mu",
    "人/平方公里": "persons per km²",
}

_OF_ONE_KIND: Final = (
    frozenset(("元", "百元", "千元", "万元", "百万元", "亿元")),
    frozenset(("亩", "万亩", "公顷", "千公顷", "平方米", "万平方米", "平方公里")),
    frozenset(("克", "斤", "公斤", "千克", "吨", "万吨")),
    frozenset(("人", "万人")),
    frozenset(("户", "万户")),
)
_PERSONS: Final = frozenset("人名位个")


def alike(one: str, other: str) -> bool:
    """Whether a number in one unit is the same number in the other: 个 and 家 are, 元 and 万元 are not."""
    same = one == other or ENGLISH.get(one, one) == ENGLISH.get(other, other)
    return same or {one, other} <= _PERSONS


def of_its_kind(told: str, unit: str) -> str | None:
    """Which of the units that a sheet names for all of its figures is that of money, of land, …"""
    kind = next((one for one in _OF_ONE_KIND if unit in one), frozenset())
    named = re.split(r"[、，,;；/和及\s]+", told)
    return next((one for one in named if one in kind), None)


def in_language(unit: str | None, language: str) -> str:
    """A unit as it is read; one that has no English name stays as it is written."""
    told = unit or ""
    return ENGLISH.get(told, told) if language == "en" else told
