"""Where a printed rule says which cell it means: `第3行第2列`, `(3行,2栏)`, `A表第3行`, `附表一第5栏合计`.

Each such place becomes a mark that looks like a code, so that the grammar of rules need not know it.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from forms.importers.excel.labels.words import figure

_MARK = re.compile(r"ZQ\d{1,4}")
_NUMERAL = r"(?:\d{1,4}|[一二三四五六七八九十]{1,3})"
_ROW = rf"(?:第\s*\(?\s*{_NUMERAL}\s*\)?\s*行|\(?\d{{1,4}}\)?\s*行|行次?\s*\d{{1,4}})"
_COLUMN = rf"(?:第\s*\(?\s*(?:{_NUMERAL}|[甲乙丙丁戊己庚辛A-Z])\s*\)?\s*[列栏]|\(?(?:\d{{1,4}}|[甲乙丙丁戊己庚辛])\)?\s*[列栏]|[列栏]次?\s*\d{{1,4}})"
_TOTAL = r"(?:的?\s*(?:合计|总计|小计)(?:数|[行列栏])?)"
_CELL = rf"(?:\(\s*(?:{_ROW}\s*的?[,、]?\s*{_COLUMN}|{_COLUMN}\s*的?[,、]?\s*{_ROW})\s*\)|{_ROW}\s*的?\s*{_COLUMN}(?!\s*[、至~])|{_COLUMN}\s*的?\s*{_ROW})"
_ONE = rf"(?:{_CELL}|{_COLUMN}\s*{_TOTAL}|{_ROW}|{_COLUMN}|{_TOTAL}|\d{{1,4}}(?!\s*[%.\d])|(?![各每均都应须必]|所有|全部)[\u4e00-\u9fff]{{1,16}})"
_TITLED = r"《[^《》]{1,40}》(?:表)?"
_COUNTED = r"附?表\s*(?:(?:[一二三四五六七八九十]{1,3}|[A-Z])(?![行列栏])|\d{1,2}(?:-\d{1,2})?(?![\d行列栏]))"
_CALLED = r"[\u4e00-\u9fffA-Z0-9-]{1,24}?表"
_TABLE = rf"(?P<table>\((?:{_TITLED}|{_COUNTED}|{_CALLED})\)|{_TITLED}|{_COUNTED}|{_CALLED})(?:[之的]?中|内|里)?的?\s*[::]?\s*"
_PLACE = re.compile(rf"{_TABLE}(?P<place>{_ONE})|(?P<cell>{_CELL})")
_TOTAL_OF = re.compile(rf"(?<![、,至~到和与及])(?P<place>{_COLUMN}\s*{_TOTAL})")
_APART = re.compile(
    r"(《[^《》]{1,40}》表?|(?:应当|应该|必须|应|须|要)?(?:不(?:得|能|应|可|应当|宜)?(?:大于|超过|高于|多于|超出|小于|少于|低于|等于)"
    r"|(?:大于|小于)?或?等于|大于|小于|多于|少于|高于|低于|[=<>≤≥≦≧⩽⩾≠﹤﹥+*/;；。|])"
    r"|加上|减去|[加减](?=第|\d|[A-Z本主附上下甲乙丙丁]?表)|[与和及或且](?=第|\d|[A-Z本主附上下甲乙丙丁]?表|\()|如果|若|则|那么"
    r"|上年同期|去年同期|上年末?|去年|上期末?|上月|上季度?|本期末?|本年|本月)"
)
NOW = ("本年", "本期", "本月", "本季", "本季度", "期末", "年末", "本年数", "本期数")
BEFORE = (
    "上年",
    "上期",
    "上月",
    "上季",
    "上季度",
    "上年同期",
    "去年同期",
    "上年末",
    "上年数",
    "上期数",
)
_BEFORE = r"(?:^|(?<=[\s=<>≤≥≦≧⩽⩾≠+*/×÷、,;:(与和及加减于过若如当凡则且或时]|-)|(?<=上年|去年|上期|上月|上季|本年|本期|本月)|(?<=同期)|(?<=如果|应为|等于|大于|小于))"
_BEHIND = r"(?=\s*(?:$|[\s=<>≤≥≦≧⩽⩾≠+*/×÷、,;)与和及加减应须必不大小等低高超之合时占比均都]|-|的|为0|为空|有数|无数|两|三|四|数))"
_NUMBER = re.compile(rf"{_NUMERAL}|[甲乙丙丁戊己庚辛A-Z](?=\s*\)?\s*[列栏])")


@dataclass(frozen=True, slots=True)
class Place:
    """What a rule names: a table, a row, a column, a total, or something by its words."""

    words: str
    table: str = ""
    row: str = ""
    column: str = ""
    total: bool = False
    code: str = ""  # a number of which nothing says whether it is a row's or a column's
    label: str = ""


def marked(passage: str) -> tuple[str, dict[str, Place]]:
    """The passage with a mark for every cell, and every row or column of a table that it names."""
    text = unicodedata.normalize("NFKC", passage)
    places: dict[str, Place] = {}
    parts = [one for one in _APART.split(text) if one]
    told = ""
    for n, part in enumerate(parts):
        titled = bool(_APART.fullmatch(part)) and part.startswith("《")
        if titled and n + 1 < len(parts):
            parts[n + 1] = part + parts[n + 1]
        else:
            told += (
                part
                if _APART.fullmatch(part) and not titled
                else _PLACE.sub(lambda match: _put(places, match), part)
            )
    return told, places


def with_totals(text: str, places: dict[str, Place]) -> str:
    """The same where a column's total is named beside another table: `第5栏合计=主表第3行`."""
    return _TOTAL_OF.sub(lambda match: _put(places, match), text)


def with_labels(text: str, places: dict[str, Place], labels: Collection[str]) -> str:
    """The same where a cell is named by its row and the words over its column: `第4行本年≤第2行本年`."""
    if not labels:
        return text
    longest = "|".join(re.escape(one) for one in sorted(labels, key=len, reverse=True))
    pattern = re.compile(
        rf"(?P<row>{_ROW}|{_MARK.pattern})\s*的?[\"“《(]?(?P<label>{longest})[\"”》)]?(?:[数栏列])?(?!\s*[\u4e00-\u9fff]*[行列栏表])"
    )

    def put(match: re.Match[str]) -> str:
        before = places.get(match["row"])
        if before is not None:
            if not before.row or before.column:
                return match[0]
            places[match["row"]] = replace(
                before, words=unmarked(match[0], places), label=match["label"]
            )
            return match["row"]
        mark = f"ZQ{len(places) + 1}"
        places[mark] = Place(match[0], row=_number(match["row"]), label=match["label"])
        return mark

    return pattern.sub(put, text)


def with_times(text: str, places: dict[str, Place], labels: Collection[str]) -> str:
    """`上年01` where a column is called 上年: that cell of the row, and nothing of an earlier report."""
    there = [one for one in (*NOW, *BEFORE) if one in labels]
    if not there:
        return text
    longest = "|".join(sorted(there, key=len, reverse=True))
    pattern = re.compile(
        rf"(?P<label>{longest})(?:的|数)?\s*(?P<row>第?\s*\d{{1,4}}\s*行?)(?![\d列栏])"
    )

    def put(match: re.Match[str]) -> str:
        mark = f"ZQ{len(places) + 1}"
        places[mark] = Place(match[0], row=_number(match["row"]), label=match["label"])
        return mark

    return pattern.sub(put, text)


def with_names(text: str, places: dict[str, Place], names: Mapping[str, str]) -> str:
    """The same where a row or column is called by its name: `总人口=男+女`. `names` tell the printed ones."""
    if not names:
        return text
    longest = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"{_BEFORE}[\"“]?(?P<name>{longest})[\"”]?{_BEHIND}")

    def put(match: re.Match[str]) -> str:
        mark = f"ZQ{len(places) + 1}"
        places[mark] = Place(match[0], label=names[match["name"]])
        return mark

    return pattern.sub(put, text)


def unmarked(text: str, places: Mapping[str, Place]) -> str:
    """The words as they are printed."""
    return _MARK.sub(lambda match: places[match[0]].words if match[0] in places else match[0], text)


def named(text: str) -> list[str]:
    """The marks in a text."""
    return _MARK.findall(text)


def _put(places: dict[str, Place], match: re.Match[str]) -> str:
    found = match.groupdict()
    place = _read(found.get("place") or found.get("cell") or "")
    table = (found.get("table") or "").strip("()《》 ")
    mark = f"ZQ{len(places) + 1}"
    places[mark] = replace(place, words=match[0], table=table)
    return mark


def _read(text: str) -> Place:
    """`第3行第2列` is row 3, column 2; `第5栏合计` the total of column 5."""
    row, column = re.search(_ROW, text), re.search(_COLUMN, text)
    total = bool(re.search(rf"{_TOTAL}$", text))
    if row or column:
        return Place(
            text,
            row=_number(row[0]) if row else "",
            column=_number(column[0]) if column else "",
            total=total and not row,
        )
    if re.fullmatch(_TOTAL, text):
        return Place(text, total=True, label=text)
    return Place(text, code=text) if text.isdigit() else Place(text, label=text)


def _number(text: str) -> str:
    found = _NUMBER.search(text)
    return figure(found[0]) if found else ""
