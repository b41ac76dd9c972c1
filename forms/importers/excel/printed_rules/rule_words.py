"""Printed rules as people write them, brought to one notation: signs for words, one relation a piece.

Only the notation changes here; what a code means, and what cannot be read, is told in `rules`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from forms.importers.excel.printed_rules.rule_spoken import (
    BOTH,
    CODE,
    EITHER,
    EVERY,
    EVERY_FIGURE,
    SPOKEN,
)

RELATION = re.compile(r"<=|>=|<>|[=<>]")
_COUNTED = re.compile(r"[①-⑳](?=\s*[（(\[【]?\s*(?:第|行|列|栏|各|每)?\s*[A-Za-z]{0,2}\d)")
_SIGNS = (
    (
        r"[≤≦⩽]|=<|<\s*=|小于或?等于|不(?:得|能|应|可|应当|宜)?(?:大于|超过|高于|多于|超出)",
        "<=",
    ),
    (
        r"[≥≧⩾]|=>|>\s*=|大于或?等于|不(?:得|能|应|可|应当|宜)?(?:小于|少于|低于)",
        ">=",
    ),
    (r"≠|不等于|!=", "<>"),
    (r"行次(?=\s*[A-Za-z]{0,2}\d)", "行"),
    (r"栏次(?=\s*[A-Za-z]{0,2}\d)", "栏"),
    (r"(?:序号|编号)(?=\s*[A-Za-z]{0,2}\d)", ""),
    (r"(?:的合计|合计|的和)数?(?=\s*(?:应|须|必|[<>=≥≤]|大于|小于|等于|不))", "之和"),
    (r"(?<=[<>=＞＜＝≥≤])([^()]*)\([^()]*[=＝<>≤≥等大小]于?[^()]*\)\s*$", r"\1"),
    (r"==|等于", "="),
    (r"大于|(?<=\d)高于|多于", ">"),
    (r"小于|(?<=\d)低于|少于", "<"),
    (r"加上?(?=\s*[（(]?\s*(?:第|行|列|栏)?\s*[A-Za-z]{0,2}\d)", "+"),
    (r"减去?(?=\s*[（(]?\s*(?:第|行|列|栏)?\s*[A-Za-z]{0,2}\d)", "-"),
    (r"乘以?|[×✕╳xX](?=\s*\d)", "*"),
    (r"除以|÷", "/"),
    (r"的(?=\s*\d+(?:\.\d+)?%)", "*"),
    (r"(?<=[=<>])\s*零", "0"),
    (r"也(?=\s*(?:应|须|必|要|不|为|[=<>]))", ""),
    (r"[—–−－]", "-"),
    (r"[〔【\[]", "("),
    (r"[〕】\]]", ")"),
)
LONGEST = 1_000
"""Signs of one relation, or of what stands between two ends of sentences."""
_ENDLESS = re.compile(rf"[^;；。\n]{{{LONGEST - 1}}}")
_PLAIN = tuple((re.compile(pattern), sign) for pattern, sign in _SIGNS)
_MUST = re.compile(r"(?:应当|应该|必须|应|须|要)(?=\s*[=<>])")
_NUMBERED_PLACE = re.compile(r"\(\s*(\d{1,3})\s*\)(?=\s*(?:行|列|栏|项))")
_SUM = re.compile(
    r"(?:∑|Σ|SUM|sum)\s*\(?\s*([A-Za-z]{0,2}\d+\s*[行列栏项]?)\s*[:~至-]\s*([A-Za-z]{0,2}\d+\s*[行列栏项]?)\s*\)?"
)
_AND = re.compile(rf"(?<=[\d行栏列项])\s*(?:以及|与|和|及)\s*(?={CODE})")
_COUNTED_SUM = re.compile(
    rf"({CODE}(?:\s*+[,、]\s*+{CODE}){{1,80}})\s*(?:等?\s*(?:[一二两三四五六七八九十]+|(?<!\d)\d+)\s*[项行栏列])\s*(?=之和|合计|相加)"
)
_FIGURE = re.compile(
    r"(?<=[\d行栏列项])(?:的)?(?:数值|数据|数额|数)(?=\s*(?:[=<>+*/、)-]|应|之和|与|和|及|$))"
)
_NAMED = re.compile(
    r"(?P<word>[A-Za-z\u4e00-\u9fff]{1,16})\((?P<code>\d{1,4})\)(?!\s*(?:行|列|栏|项))"
)
_TIME_FIRST = re.compile(r"上年同期|去年同期|上年末?|上期末?|上月|上季度?")
_QUOTED = re.compile(r"(?<=[\d行列栏项])\s*[“”\"「『][^“”\"「」『』]{1,24}[”\"」』]")
_CALLED = re.compile(
    r"(?:^|(?<=[=<>+*/(、]))\s*(?P<word>[\u4e00-\u9fff]{2,16})\s*(?P<code>0\d{1,3}|\d{1,3}(?=\s*[行列栏]))(?!\d)"
)
_NOT_CALLED = re.compile(r"[第行列栏表若当如凡各每与和及于不或且]|合计|之和|相加|误差")
_MILD = re.compile(r"(?:一般|原则上|通常)(?=\s*(?:应|须|要|不|在|介于|[<>=大小等高低]))")
_TOTALS = ("合计", "总计", "小计")
_FUNCTION = re.compile(r"max|min|abs|round|int|sum", re.IGNORECASE)
_OTHER_TIME = re.compile(r"(?:上年|去年|同期|上期|上月|上季|末|本期|本年|之和|时|若|当|则|误差)$")
_RANGE = re.compile(
    r"((?:第|行|栏|列)?\s*[A-Za-z]{0,2}\d{1,5}\s*(?:行|栏|列|项)?)\s*-\s*((?:第|行|栏|列)?\s*\d{1,5}\s*(?:行|栏|列|项)?\s*(?:之和|合计|相加|各|均|都|分别))"
)
_SAID = r"(?:[=<>≤≥≦≧⩽⩾≠]|[大小等]于|不(?:得|能|应|可|应当|宜)?(?:超过|超出|[低少高多]于)|[有无]数|有值|为[0零空负]|[得能可应]空|必填|必须填|应填|须填|整数|非负|倍)"
_PART = r"[^,，;；。\n]*?"
_IF = re.compile(
    rf"(?:有[^,，;；。\n]{{1,16}}的[,，]|{_PART}{_SAID}{_PART}[,，](?=[^,，;；。\n]*?也)|{_PART}{_SAID}{_PART}时(?=\s*第?\s*[（(]?\d)"
    rf"|(?:若|如果|如|当|凡|只要){_PART}{_SAID}{_PART}(?:[,，]|(?=则|那么))|{_PART}{_SAID}{_PART}时[,，]"
    rf"|{_PART}{_SAID}{_PART}[,，](?=\s*(?:则|那么|就)))"
    rf"\s*(?:则|那么|就)?\s*{_PART}{_SAID}[^,，;；。\n]*"
)
_CUT = re.compile(r"[;；。\n]|[,，]|(?<=[\d)行列栏项])\s*(?:并且|且)\s*(?=\S)")
_LISTED_RULE = re.compile(
    rf"(?<=[\d行列栏项)])、(?=\s*\(?{CODE}\)?\s*(?:应|须|必|[=<>≤≥＝＜＞﹤﹥≦≧]|等于|大于|小于|不))"
)
_NEXT = re.compile(r"(?<=[\d)行列栏项])\s+(?=\(?(?:第|行|列|栏)?\s*[A-Za-z]{0,2}\d)")
_EXPLAINED = re.compile(
    rf"(?:若|如果|如|当|凡)?(?P<what>{_PART}{_SAID}{_PART})(?P<tail>(?:的|时)*\s*[,，]?\s*(?:则|就)?\s*(?:需要?|须|请|应|要)(?:予以|进行|加以)?(?:核实|核对|说明|解释|注明)(?:具体)?(?:原因|情况|理由)?)"
)
_FLAG, _TAIL = "\ue004", "\ue005"  # around what is no mistake but wants a word
_OWN_FONT = re.compile(r"[\ue000-\uf8ff]")  # before these characters are marks of ours
_WITHIN = re.compile(r"(?:^|(?<=[;；。,，、\n]))\s*表[内中]\s*[:：]?(?=\s*第?\s*[（(]?\d)")
_COMMA = "\ue000"  # stands for the comma inside a condition
_INNER = "\ue003"  # stands for the comma inside brackets
_AND_ALSO = re.compile(r"(?:并且|而且|同时|且)")
_OR_ELSE = re.compile(r"或者?(?!等于|=)")
_AS_PRINTED = str.maketrans(
    {_COMMA: "，", _INNER: ",", BOTH: "且", EITHER: "或", _FLAG: None, _TAIL: None}
)
_LEADS = re.compile(r"^\s*(?:则|那么|就)\s*")
_ENDS = re.compile(r"^\s*(?:\(\d{1,2}\)\s*)?(?:若|如果|如|当|凡|只要)|(?:的?时候?)\s*$")
_ITEM = re.compile(
    r"^(?P<number>[1-9]\d?)(?:[.、](?P<apart>\s+)|[.、](?=\D*\d|[\u4e00-\u9fff]{2}))"
)
_LISTED = re.compile(r"(?:^|(?<=[\s;；。,，]))(\d{1,2})[.．、](?=\s*[\d(第]*\S)")
_FEWEST = 2
_NAMED_NEXT = re.compile(r"\d{1,2}[.．]\s*[\u4e00-\u9fff]{2}")
_CHAPTER = re.compile(
    r"(?:(?<=[\n;；。])|^)\s*[（(]?[一二三四五六七八九十]{1,3}[)）]?\s*[、.．]\s*(?=\D{0,3}\d)|(?:(?<=[\n;；。])|^)\s*[（(][一二三四五六七八九十]{1,3}[)）]\s*"
)
_NOISE = re.compile(
    r"^(?:第?\d{1,4}(?:行|列|栏)[:：](?=.*[=<>])|其中|且|并且|同时|即|和|\(\d{1,2}\)(?=\s*(?:第\s*)?[A-Za-z]{0,2}\d))\s*[:：]?"
)
_OVER = re.compile(
    r"^(?:对于|在)?(?:各|每|所有|全部)(?:一)?(?P<over>行|列|栏|项目)(?:次|中|的|都|均|有)*\s*[:：,，]?\s*"
)
_PLACES = re.compile(r"\s*[(（]?\s*保留\s*(?P<n>[一二两三四1-4])\s*位小数\s*[)）]?")
_PLACES_APART = re.compile(r"[,，](?=\s*保留\s*[一二两三四1-4]\s*位小数)")
_COUNT = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_TOLERANCE = re.compile(
    r"[,，]?\s*\(?\s*(?:允许|容许)?(?:的)?误差(?:不超过|范围|为|在|<=|=|±|[:：])*\s*(?P<by>\d+(?:\.\d+)?)\s*(?:以内|之内)?\s*\)?"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One relation: its words, the same in plain notation, what it is over, how far sides may differ."""

    words: str
    plain: str
    condition: str = ""
    hint: str = ""  # "row" or "column": what its numbers must mean
    tolerance: Decimal = Decimal(0)
    flagged: bool = False  # what it says wants an explanation, `20>5000需核实`


def plain(text: str) -> str:
    """Half-width, with signs in place of words; what is longer than any relation is none."""
    flat = unicodedata.normalize("NFKC", text)
    if len(flat) > LONGEST:
        return flat
    for pattern, sign in _PLAIN:
        flat = pattern.sub(sign, flat)
    flat = _MUST.sub("", _MILD.sub("", flat))
    flat = _CALLED.sub(_only_number, _QUOTED.sub("", flat))
    flat = _NUMBERED_PLACE.sub(r"\1", flat)
    flat = _NAMED.sub(_only_code, _FIGURE.sub("", flat))
    for pattern, told in SPOKEN:
        flat = pattern.sub(told, flat)
    flat = _AND.sub("、", flat)
    flat = _SUM.sub(r"\1至\2之和", flat)
    return _RANGE.sub(r"\1至\2", flat)


def _only_code(match: re.Match[str]) -> str:
    """合计(01) is item 01; 上年同期(01) is not only that."""
    kept = _OTHER_TIME.search(match["word"]) or _FUNCTION.fullmatch(match["word"])
    return match[0] if kept else _time_of(match["word"]) + match["code"]


def _only_number(match: re.Match[str]) -> str:
    """合计01 is item 01; 上年合计01 is that of last year."""
    time = _time_of(match["word"])
    rest = match["word"].removeprefix(time)
    kept = (
        not rest or (_NOT_CALLED.search(rest) and rest not in _TOTALS) or _OTHER_TIME.search(rest)
    )
    return match[0] if kept else time + match["code"]


def _time_of(word: str) -> str:
    found = _TIME_FIRST.match(word)
    return found[0] if found else ""


def states_a_relation(text: str) -> bool:
    """Whether two things are compared in it, or every figure of a table with something."""
    if len(text) > LONGEST:
        return any(states_a_relation(one[:LONGEST]) for one in _bearable(text).splitlines())
    if RELATION.search(plain(text)):
        return True
    parts = (one.strip() for one in _CUT.split(text) if one)
    return any(RELATION.search(plain(one)) for part in parts if (one := EVERY_FIGURE.sub(EVERY, part)) != part)  # fmt: skip


def pieces(passage: str) -> Iterator[Piece]:
    """One relation each: cut at commas and semicolons, and where one relation ends and another begins."""
    bare = _COUNTED.sub("\n", _CHAPTER.sub("", _bearable(passage)))
    flat = unicodedata.normalize("NFKC", bare)
    flat = _on_lines(_PLACES_APART.sub(" ", flat))
    flat = _COUNTED_SUM.sub(lambda match: match[1].replace(",", "、"), flat)
    parts = [part.strip(" .．、:：") for part in _CUT.split(_flagged(_shielded(flat)))]
    parts = _without_numbers(parts)
    hint = ""
    for text in parts:
        bare, by = _tolerance(text)
        bare = EVERY_FIGURE.sub(EVERY, bare)
        over = _OVER.match(bare)
        if over:
            hint = "column" if over["over"] == "行" else "row"
            bare = bare[over.end() :]
        bare = _NOISE.sub("", bare).strip()
        runs = list(_split_run_on(bare)) if bare else []
        for one in runs:
            words = (one if len(runs) > 1 else text).translate(_AS_PRINTED)
            told, flagged, _ = one.replace(_INNER, ",").partition(_TAIL)
            when, mark, then = told.partition(_COMMA)
            if flagged:
                yield Piece(words, plain(told.replace(_FLAG, "")), "", hint, by, flagged=True)
            elif mark:
                yield Piece(
                    words, plain(_LEADS.sub("", then)), plain(_ENDS.sub("", when)), hint, by
                )
            else:
                yield Piece(words, plain(when).strip(), "", hint, by)


def _bearable(text: str) -> str:
    """Cut where nobody could read on: each part is searched from every sign of it to its end."""
    return _ENDLESS.sub("\\g<0>\n", text) if len(text) > LONGEST else text


def _flagged(text: str) -> str:
    """Conditions stay with what follows from them, and what wants an explanation with these words."""

    def told(match: re.Match[str]) -> str:
        tail = re.sub(r"[,，]", _COMMA, match["tail"])
        return f"{_FLAG}{match['what']}{_TAIL}{tail}"

    return _IF.sub(_implied, _EXPLAINED.sub(told, text))


def apart(passage: str) -> str:
    """`①01=02 ②03=04` on lines of their own: a ring must not become a digit of the code behind it."""
    return _WITHIN.sub("", _OWN_FONT.sub("", _COUNTED.sub("\n", passage)))


def _shielded(text: str) -> str:
    """Commas inside brackets separate no rules: `max((1),(2))`."""
    chars, opened, inside = list(text), list[int](), list[int]()
    for place, char in enumerate(chars):
        if char == "(":
            opened.append(place)
        elif char == ")" and opened:
            start = opened.pop()
            inside.extend(n for n in range(start, place) if chars[n] in ",，")
        elif char in ";；。\n":
            opened.clear()
    for place in inside:
        chars[place] = _INNER
    return "".join(chars)


def _tolerance(text: str) -> tuple[str, Decimal]:
    """The words without what they say of differences, and how far the sides may differ."""
    said = _TOLERANCE.search(text)
    if said:
        return text[: said.start()] + text[said.end() :], Decimal(said["by"])
    places = _PLACES.search(text)
    if places:
        digits = int(_COUNT.get(places["n"], places["n"]))
        return text[: places.start()] + text[places.end() :], Decimal(5).scaleb(-digits - 1)
    return text, Decimal(0)


def _implied(match: re.Match[str]) -> str:
    """A condition and what follows from it stay together."""
    whole = match[0]
    if not re.search(r"[,，]", whole):
        whole = re.sub(r"(?=则|那么)|(?<=时)(?=\s*第?\s*[（(]?\d)", ",", whole, count=1)
    whole = _OR_ELSE.sub(EITHER, _AND_ALSO.sub(BOTH, whole))
    return re.sub(r"[,，]", _COMMA, whole, count=1)


def _on_lines(text: str) -> str:
    """`1.01=02+03 2.05=06+07`: what is counted from one on stands on lines of its own."""
    found = list(_LISTED.finditer(text))
    if len(found) < _FEWEST or [int(one[1]) for one in found] != list(range(1, len(found) + 1)):
        return text
    return _LISTED.sub(lambda match: f"\n{match[1]}、", text)


def _without_numbers(parts: list[str]) -> list[str]:
    """`1、2=3+4; 2、5≤6` is a numbered list; `7、9≤5` is none."""
    found = [_ITEM.match(part) for part in parts]
    numbers = [int(one["number"]) for one in found if one]
    counted = len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))
    return [
        part[one.end() :] if one and (counted or one["apart"] or _NAMED_NEXT.match(part)) else part
        for part, one in zip(parts, found, strict=True)
    ]


def _split_run_on(text: str) -> Iterator[str]:
    """`11=12+13 19≥20+21`: a blank between two codes ends a relation."""
    start = 0
    listed = () if _COMMA in text else _LISTED_RULE.finditer(text)
    for match in sorted((*_NEXT.finditer(text), *listed), key=re.Match.start):
        head = text[start : match.start()]
        if states_a_relation(head) and states_a_relation(text[match.end() :]):
            yield head.strip()
            start = match.end()
    if text[start:].strip():
        yield text[start:].strip()
