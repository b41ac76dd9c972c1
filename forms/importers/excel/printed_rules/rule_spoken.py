"""What rules say in words, said in signs: 不得为负 is `>=0`, 应为整数 is `=整`, 占…的比例 is a product.

Each pattern takes one way to say it; numbers of items stay as they are printed.
"""

import re

BOTH, EITHER = "\ue001", "\ue002"  # 且 and 或 between the relations of a condition
EVERY = "每"  # every figure of the table
CODE = r"(?:(?:第|行|栏|列)\s*+)?+[A-Za-z]{0,2}\d{1,5}(?:\s*+(?:行|栏|列|项))?+"
"""Blanks belong to one part only and lists have an end: else a hundred signs of a sheet, read in all the
ways there are, would hold up the house for ever."""
_LIST = rf"{CODE}(?:\s*+(?:以及|[、,与和及])\s*+{CODE}){{1,80}}"
_WHEN = r"上年同期|去年同期|上年度?|上期|上月|上季度?"
_BOUND = r"\d+(?:\.\d+)?"
_OUGHT = r"(?:应当|应该|必须|应|须|必|都|均|同时|一律|只能)*"
_ONE = rf"(?:\(\s*{CODE}\s*\)|{CODE})"
_EACH = rf"(?:{_ONE}(?:\s*+(?:以及|[、,与和及至到~-])\s*+{_ONE}){{0,80}}(?:各[行列栏项])?|{EVERY})"
_NOT_EMPTY = r"(?:不(?:能|得|可|应|允许)?(?:为空|空着|空白|空|漏填|不填)|必填项?|必须填[写报]?|(?:应当?|须|要)填[写报]?)"
_WHOLE = rf"\1各项>=0{BOTH}\1各项=整"
EVERY_FIGURE = re.compile(
    r"^(?:本表|表[中内])?的?(?:各|每|所有|全部)[个一]?(?:指标|数据项|数据|数值|数字|单元格|填报|[行列栏项、和与的中])+?(?:的?(?:数据|数值|数额|数|值))?\s*"
    rf"(?={_OUGHT}[为是]?\s*(?:[<>=≥≤]|非负|正整|整数|[大小]于|不(?:得|能|可|应)?(?:出现负|为负|小于|大于|低于|高于|超过|为空|空)|在|介于|必填|\d+\s*的))"
)
"""每 takes the place of it: `各行均应为非负整数` speaks of every figure of the table."""


def _both_so(match: re.Match[str]) -> str:
    """`06行或07行大于0` says it of each."""
    mark = EITHER if EITHER in match[0] else BOTH
    return f"{match[1]}{match[3]}{match[4]}{mark}{match[2]}{match[3]}{match[4]}"


SPOKEN = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (rf"({CODE})\s*[与和]\s*({CODE})\s*(?:之差|的差额?)的?绝对值", r"abs(\1-\2)"),
        (rf"({CODE})\s*[与和]\s*({CODE})\s*(?:之差|的差额?)", r"(\1-\2)"),
        (r"\|([^|]+)\|", r"abs(\1)"),
        (r"((?:\([^()=<>]{0,200}\)|[^()=<>,、]){1,80}?)的绝对值", r"abs(\1)"),
        (rf"({_LIST})\s*(?:中|里|之中)?的?最大(?:值|者|的?一[项个])", r"max(\1)"),
        (rf"({_LIST})\s*(?:中|里|之中)?的?最小(?:值|者|的?一[项个])", r"min(\1)"),
        (rf"({_LIST})\s*(?:中|里|之中)?的?(?:任何|任意|任)一?[项个行列栏]", r"\1各项"),
        (rf"(?<![<>=+*/.\d-])({CODE})\s*(?:{EITHER}|{BOTH})\s*({CODE})\s*([<>]=?|=|<>)\s*({_BOUND})(?!\s*[\d行列栏项])", _both_so),
        (rf"({CODE})\s*占\s*({CODE})\s*的?(?:比例|比重|百分比|份额)\s*{_OUGHT}(?:在|介于)\s*({_BOUND})%?\s*(?:至|到|和|与|~|-)\s*({_BOUND})%\s*之间", r"\2*\3%<=\1<=\2*\4%"),
        (rf"(?<![+*/-])(?<![+*/-]\s)({CODE})\s*{_OUGHT}(?:在|介于)\s*({_BOUND}%?)\s*(?:至|到|和|与|~|-)\s*({_BOUND}%?)\s*之间", r"#\2<=\1<=#\3"),
        (rf"({CODE})\s*占\s*({CODE})\s*的?(?:比例|比重|百分比|份额)\s*{_OUGHT}(?:在)?\s*([<>]=?|=)\s*({_BOUND}%)", r"\1\3\2*\4"),
        (rf"({CODE})\s*(?:与|和|同)\s*({_LIST})\s*(?:之和|合计|相加)\s*{_OUGHT}相等", r"\1=\2之和"),
        (rf"({CODE})\s*(?:与|和|同)\s*({CODE})\s*{_OUGHT}相等", r"\1=\2"),
        (rf"(?:本年|本期|本月|本季度?)?({CODE})\s*(?:与|比|较|同)\s*({_WHEN})\1\s*(?=相比|比较|增|变|波)", r"\1与\2"),
        (
            rf"({CODE})\s*(?:与|比|较|同)\s*({CODE})\s*(?:相比|比较)的?\s*(?:增减|变动|波动|变化)(?:幅度|率|比例)?\s*(?:应|在)*\s*(<=?)\s*({_BOUND}%)",
            r"abs(\1-\2)\3\2*\4",
        ),
        (
            rf"({CODE})\s*(?:与|比|较|同)\s*({_WHEN})数?\s*(?:相比|比较)?的?\s*(?:增减|变动|波动|变化)(?:幅度|率|比例)?\s*(?:应|在)*\s*(<=?)\s*({_BOUND}%)",
            r"abs(\1-\2\1)\3\2\1*\4",
        ),
        (rf"({_EACH})\s*{_OUGHT}(?:[为是]|取|填)?(?:非负|>=0的)的?整数", _WHOLE),
        (rf"({_EACH})\s*{_OUGHT}(?:[为是]|取|填)?正整数", rf"\1各项>0{BOTH}\1各项=整"),
        (rf"({_EACH})\s*{_OUGHT}(?:[为是]|取|填)?整数", r"\1各项=整"),
        (rf"({_EACH})\s*{_OUGHT}(?:不(?:能|得|可|应)?(?:出现|[为是])负[数值]?|[为是]?非负[数值]?)", r"\1各项>=0"),
        (rf"({_EACH})\s*{_OUGHT}[为是]\s*({_BOUND})\s*的(?:整数)?倍数?", r"\1各项=倍\2"),
        (rf"({EVERY})\s*{_OUGHT}(?:在|介于)\s*({_BOUND})\s*(?:至|到|和|与|~|-)\s*({_BOUND})\s*之间", r"#\2<=\1<=#\3"),
        (rf"({_EACH})\s*{_OUGHT}{_NOT_EMPTY}", r"\1各项<>空"),
        (rf"({CODE})\s*(?:本期|本年|本月|本季度?)(?:数|值)?\s*{_OUGHT}([<>]=?|=)\s*({_WHEN})(?:数|值|水平)?(?=\s*(?:\*|$))", r"\1\2\3\1"),
        (rf"({CODE})\s*{_OUGHT}([<>]=?|=)\s*({_WHEN})(?:数|值|水平)?(?=\s*(?:\*|$))", r"\1\2\3\1"),
        (rf"({CODE})\s*{_OUGHT}为空", r"\1=空"),
        (rf"({CODE})\s*{_OUGHT}不(?:能|得|可|应)?为[0零]", r"\1<>0"),
        (rf"({CODE})\s*{_OUGHT}为[0零]", r"\1=0"),
        (rf"({CODE})\s*{_OUGHT}(?:有数(?:据|值)?|有值)", r"有(\1)<>0"),
        (rf"({CODE})\s*{_OUGHT}(?:无|没有)数(?:据|值)?", r"有(\1)=0"),
        (rf"({CODE})\s*{_OUGHT}[为是即]\s*(?={_LIST}\s*(?:之和|的和|[的]?合计|相加))", r"\1="),
        (rf"(?<=[=<>])\s*({_LIST})\s*的(?:和|合计)", r"\1之和"),
        (r"(?<=[=<>])\s*其中\s*[:：]?", ""),
        (r"(?<=[\d行列栏项])\s*(?:各|对应)[列栏](?:均|都)?\s*(?=[=<>]|之和)", ""),
    )
)  # fmt: skip
