"""How much a single cell looks like a label rather than a value: a sum of small reasons, in log odds."""

import re
from dataclasses import dataclass

from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.labels import words
from forms.importers.excel.labels.weights import CELL

_SPACED = re.compile(r"^[\u4e00-\u9fff](?:[\s\u3000]+[\u4e00-\u9fff]){1,5}[:：]?$")
_SHORT = re.compile(r"[\u4e00-\u9fff]{2,3}[:：]?")
_LATIN = re.compile(r"[A-Za-z0-9]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+\-]*")
_FILL_IN = re.compile(
    r"^[（(]?(?:盖章|签章|签名|签字|公章)|年\s{1,}月\s{1,}日|_{3,}|[自至]?\s*年 月 日"
)
_PLACED = re.compile(
    r"[\s_＿]+(?:(?:省|市|县|区|乡镇|乡|镇|街道|村|社区|组|号)[\s_＿]*){2,}|(?:(?:省|市|县|区|乡镇|乡|镇|街道|村|社区|组|号)[\s_＿]+){2,}(?:村|社区|组|号)"
)
_SIGNED = re.compile(r"(?:签[章字名]|盖章|公章)[^\d]*年\s*月\s*日")
_OPINION = re.compile(
    r"\s*(?P<label>[^:：。\n]{0,24}(?:意见|结论|结果|摘要|理由|情况))\s*(?:[（(][^（()）\n]{1,12}[)）])?\s*[:：\n]"
)
_QUESTION = re.compile(r"^(?:是否|有无|能否|可否)|是否.{2,}$|[^，。]{2,20}[?？]$")
_QUANTITY = re.compile(r"^[约近超共≥≤><\s]*[-+]?\d[\d,.]*\s*[^\d\s]{1,4}(?:[（(].*[)）])?$")
_FIRM = re.compile(
    r"(?:公司|集团|银行|有限合伙[)）]?|事务所|大学|学院|医院|省|市|县|区|镇|乡|村|路|号)$"
)
_PERIOD = re.compile(
    r"(?:自年初|年初)?(?:\d{1,2}\s*[-—–至]\s*)?(?:本[年月季期旬]|上[年月季期]|去年|同期|上年同期|\d{1,2}月|[一二三四1-4]季度?|[上下]半年|全年)(?:末|份|止|累计|合计|数|同期|度)?"
)
_DATED = re.compile(
    r"(?:截[至止])?(?:(?:19|20)\d{2}年(?:度|末|底|初)?)?(?:(?:\d{1,2}\s*[-—–至]\s*)?\d{1,2}月份?(?:末|底|初)?)?(?:实绩|完成|目标|计划|预[计算测]|决算|实际|累计|任务|[\u4e00-\u9fff]{0,6}(?:[数额量率值]|人口|收入|支出|余额|面积|产量|产值|情况))(?:[（(].*[)）])?"
)
"""2023年实绩, 1-9月完成数: a head that tells its time, and no quantity."""
_BRACKET_OF_TIME = re.compile(
    r"\d+\s*(?:(?:个?月|[年天日岁])?\s*[-—–~至到]\s*\d+\s*(?:个月|[年天日岁])|(?:个月|[年天日岁])(?:及?以[内下上前]|至\d+(?:个月|[年天日岁])))(?:[（(][^（()）]*[)）])?"
)
_BRACKETED = re.compile(r"[（(][^（()）]+[)）]")
_MAX = 3.0


@dataclass(frozen=True, slots=True)
class Contrast:
    """Which looks tell labels apart on this sheet; a look that all cells share tells nothing."""

    bold: bool
    filled: bool
    spaced: bool


def contrast(grid: Grid) -> Contrast:
    """Bold and fill count when some written cells have them and most do not, as spread characters do."""
    written = [cell for cell in grid.cells if not cell.blank] or [Cell(1, 1)]
    bold = sum(cell.look.bold for cell in written) / len(written)
    filled = sum(cell.look.filled for cell in written) / len(written)
    short = [cell for cell in written if _SHORT.fullmatch(words.squeezed(cell.text))]
    spaced = sum(bool(_SPACED.match(cell.text.strip())) for cell in short) / max(len(short), 1)
    return Contrast(
        bold=0.01 < bold < 0.6, filled=0.01 < filled < 0.6, spaced=spaced < 0.6 or len(short) < 4
    )


def likeness(cell: Cell, looks: Contrast, *, room: bool = False) -> float:
    """Positive for a label, negative for a value; nought when it could be either."""
    found = reasons(cell, looks, room=room)
    return max(-_MAX, min(_MAX, sum(CELL[reason] * times for reason, times in found.items())))


def reasons(cell: Cell, looks: Contrast, *, room: bool = False) -> dict[str, float]:
    """What speaks for or against a label, by name."""
    if cell.blank:
        return {"blank": 1}
    if cell.formula:
        return {"formula": 1}
    kind = _of_kind(cell)
    found: dict[str, float] = {kind: 1} if kind else _of_text(cell.text)
    if room:
        found["room"] = 1
    if not looks.spaced:
        found.pop("spaced", None)
    if looks.bold:
        found["bold" if cell.look.bold else "not_bold"] = 1
    if looks.filled:
        found["filled" if cell.look.filled else "not_filled"] = 1
    return found


def value_kind(cell: Cell) -> str:
    """A coarse kind of value, by which the cells of one column are kin."""
    text = cell.text.strip()
    if not text or words.is_closed(text):
        return "any"
    if cell.kind == "number" or words.is_number(text):
        return "number"
    if cell.kind == "date" or words.is_date(text):
        return "date"
    if _BRACKET_OF_TIME.fullmatch(text) or _is_dated(text):
        return "text"
    if words.is_measure(text) or _QUANTITY.match(text):
        return "measure"
    return "long" if len(text) > 20 else "text"


def is_fill_in(text: str) -> bool:
    """Room for a seal, a signature or a day: `（盖章）　　年　月　日`."""
    return bool(_FILL_IN.search(text.strip()) or _PLACED.fullmatch(text))


def is_to_be_signed(text: str) -> bool:
    """Room for somebody's hand, after whatever words: `审核人：（签字）　　年　月　日`."""
    return is_fill_in(text) or bool(_SIGNED.search(text))


def opinion_of(text: str) -> str:
    """Whose opinion a cell asks for that has room for it and for a signature: `村委会意见：\\n（盖章）`."""
    found = _OPINION.match(text) if is_to_be_signed(text) else None
    return words.label(found["label"]) if found else ""


def _is_dated(text: str) -> bool:
    flat = words.squeezed(text)
    return flat[:1].isdigit() and bool(_DATED.fullmatch(flat)) and not words.is_date(flat)


def _of_kind(cell: Cell) -> str | None:
    text = cell.text.strip()
    if cell.kind in ("number", "date", "time", "bool", "error") or words.is_number(text):
        return "year_number" if words.is_year(text) else "value_kind"
    if words.is_year(text):
        return "year"
    if words.is_date(text) or words.is_contact(text):
        return "date"
    if words.is_closed(text):
        return "closed"
    if _BRACKET_OF_TIME.fullmatch(text):
        return "bracket_of_time"
    if words.is_measure(text) and not _is_dated(text):
        return "measure"
    if words.is_unit(text):
        return "unit_only"
    if text in ("男", "女"):
        return "sex"
    return "plain_data" if words.is_plain_data(text) else None


def _of_text(text: str) -> dict[str, float]:
    flat = words.squeezed(text)
    size = len(flat)
    found: dict[str, float] = {_size(size): 1}
    latin = len(_LATIN.findall(flat)) / max(size, 1)
    coded = bool(_CODE.fullmatch(flat)) and any(char.isdigit() for char in flat)
    tail = words.ends_like_label(flat) and size <= 20
    dated = _is_dated(text)
    for reason, holds in (
        ("choice", words.has_choice(text) or is_fill_in(text)),
        ("colon", flat.endswith((":", "："))),
        ("spaced", bool(_SPACED.match(text.strip()))),
        ("label_tail", tail),
        ("question", bool(_QUESTION.search(flat))),
        ("unit", bool(words.unit_of(text)[1])),
        ("listed", words.is_enumerated(text) and size <= 30),
        ("quantity", bool(_QUANTITY.match(flat)) and not _PERIOD.fullmatch(flat) and not dated),
        ("period", bool(_PERIOD.fullmatch(flat)) or dated),
        ("firm", not tail and size >= 3 and bool(_FIRM.search(flat))),
        ("bracketed", bool(_BRACKETED.fullmatch(flat))),
        ("code", coded),
        ("latin", not coded and latin > 0.5 and not dated),
    ):
        if holds:
            found[reason] = 1
    found["sentence"] = min(words.sentence_marks(flat), 3)
    found["pause"] = min(flat.count("、"), 3)
    return found


def _size(size: int) -> str:
    for limit in (1, 8, 14, 22, 40):
        if size <= limit:
            return f"size_{limit}"
    return "size_more"
