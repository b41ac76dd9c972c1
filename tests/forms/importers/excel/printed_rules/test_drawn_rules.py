"""Rules drawn in the notations that departments print, on sheets filled with data that breaks some.

What must be found is worked out from the drawn figures alone; it must be found exactly.
"""

import operator
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest

from engine.formula.document import Document
from forms.checks.run import failures
from forms.compile import compile_form
from forms.importers.excel.draft import to_form
from forms.importers.excel.filled import filled_document
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.drawn_cells import Drawn
from tests.forms.importers.excel.drawn_words import LEAVES, THINGS

Figures = Sequence[int | None]
COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
PRINTED = {
    "=": ("=", "＝", " = ", "等于", "应等于"),
    ">=": ("≥", ">=", "＞=", "应大于等于", "不小于", "大于或等于"),
    "<=": ("≤", "<=", "≦", "应小于等于", "不大于", "不超过"),
    ">": (">", "＞", "﹥", "大于"),
    "<": ("<", "﹤", "＜", "小于"),
}
COLUMNS = [one for one in LEAVES if one not in ("增减", "备注", "合计", "小计")]


@dataclass(frozen=True)
class Rule:
    """A printed rule, and the comparisons that it means: sums of signed codes on either side."""

    text: str
    means: tuple[tuple[tuple[int, ...], str, tuple[int, ...]], ...]
    when: tuple[int, int] | None = None  # only where the first code exceeds the number

    def broken(self, figures: Figures) -> bool:
        """Whether anything it means does not hold; where a figure is missing nothing is said."""
        if self.when is not None:
            if (first := figures[self.when[0] - 1]) is None:
                return False
            if first <= self.when[1]:
                return False
        for left, sign, right in self.means:
            one, other = _sum(left, figures), _sum(right, figures)
            if one is not None and other is not None and not COMPARE[sign](one, other):
                return True
        return False


def _sum(codes: tuple[int, ...], figures: Figures) -> int | None:
    found = [figures[abs(code) - 1] for code in codes]
    if any(figure is None for figure in found):
        return None
    return sum(f if code > 0 else -f for code, f in zip(codes, found, strict=True) if f is not None)


@dataclass
class Printer:
    """How one sheet writes its codes: 01, 1, 第1行, 1列, (1)."""

    rng: random.Random
    axis: str
    count: int

    def __post_init__(self) -> None:
        word = "行" if self.axis == "row" else self.rng.choice("列栏")
        own: tuple[Callable[[int], str], ...] = (lambda n: f"{n:02d}", str)
        if self.axis == "column":
            own = (lambda n: f"({n})",)
        styles: tuple[Callable[[int], str], ...] = (
            *own,
            lambda n: f"第{n}{word}",
            lambda n: f"{n}{word}",
            lambda n: f"（{n}）{word}",
        )
        self.code = self.rng.choice(styles)
        self.plus = self.rng.choice(("+", "＋", " + "))
        self.spans = self.code(3).strip("第行列栏").isdigit()

    def sign(self, sign: str) -> str:
        return self.rng.choice(PRINTED[sign])

    def sum(self, codes: Sequence[int]) -> str:
        """`2+3-4`."""
        text = ""
        for code in codes:
            text += (self.plus if code > 0 else "-") if text else ""
            text += self.code(abs(code))
        return text

    def draw(self) -> Rule:
        """Any of the kinds."""
        kinds: list[Callable[[], Rule]] = [self.equal, self.compare, self.chain, self.several, self.implied]  # fmt: skip
        if self.spans:
            kinds += [self.over_span, self.each_of_span]
        return self.rng.choice(kinds)()

    def _some(self, least: int, most: int) -> list[int]:
        return self.rng.sample(range(1, self.count + 1), self.rng.randint(least, min(most, self.count)))  # fmt: skip

    def equal(self) -> Rule:
        """`1=2+3-4`."""
        whole, *parts = self._some(3, 5)
        codes = [parts[0], *(self.rng.choice((1, 1, -1)) * one for one in parts[1:])]
        text = f"{self.code(whole)}{self.sign('=')}{self.sum(codes)}"
        return Rule(text, (((whole,), "=", tuple(codes)),))

    def compare(self) -> Rule:
        """`1≥2+3`."""
        whole, *parts = self._some(2, 4)
        sign = self.rng.choice([">=", "<=", ">", "<"])
        text = f"{self.code(whole)}{self.sign(sign)}{self.sum(parts)}"
        return Rule(text, (((whole,), sign, tuple(parts)),))

    def chain(self) -> Rule:
        """`1=2+3=4+5`."""
        codes = self._some(4, 5)
        sides = (tuple(codes[:1]), tuple(codes[1:3]), tuple(codes[3:]))
        signs = (self.rng.choice(("=", ">=")), self.rng.choice(("=", ">=")))
        text = f"{self.sum(sides[0])}{self.sign(signs[0])}{self.sum(sides[1])}{self.sign(signs[1])}{self.sum(sides[2])}"
        means = tuple((a, sign, b) for (a, b), sign in zip(pairwise(sides), signs, strict=True))
        return Rule(text, means)

    def several(self) -> Rule:
        """`7、9、10≤5`."""
        whole, *parts = self._some(3, 4)
        sign = self.rng.choice(["<=", "<"])
        text = f"{'、'.join(map(self.code, parts))}{self.sign(sign)}{self.code(whole)}"
        return Rule(text, tuple(((part,), sign, (whole,)) for part in parts))

    def implied(self) -> Rule:
        """`若1>0，则2≥3`."""
        first, *rest = self._some(3, 3)
        limit = 0
        sign = self.rng.choice([">=", "="])
        text = f"{self.code(first)}>{limit}"
        text = self.rng.choice((f"若{text}，则", f"如果{text}，", f"{text}时，"))
        text += f"{self.code(rest[0])}{self.sign(sign)}{self.code(rest[1])}"
        return Rule(text, (((rest[0],), sign, (rest[1],)),), when=(first, limit))

    def _span(self) -> tuple[int, range, str]:
        first = self.rng.randint(2, self.count - 1)
        last = self.rng.randint(first + 1, self.count)
        to = self.rng.choice(("至", "~", "到"))
        start = (
            self.code(first).removesuffix("行").removesuffix("列").removesuffix("栏")
            if self.rng.random() < 0.5
            else self.code(first)
        )
        return 1, range(first, last + 1), f"{start}{to}{self.code(last).removeprefix('第')}"

    def over_span(self) -> Rule:
        """`1=3至8之和`, `1=2+…+5`, `1=2—5合计`."""
        whole, codes, text = self._span()
        dots = f"{self.code(codes[0])}+…+{self.code(codes[-1])}"
        dash = f"{self.code(codes[0])}-{self.code(codes[-1])}合计"
        text = self.rng.choice((f"{text}之和", f"{text}合计", text, dots, dash))
        return Rule(f"{self.code(whole)}{self.sign('=')}{text}", (((whole,), "=", tuple(codes)),))

    def each_of_span(self) -> Rule:
        """`3至8行≤2`, `3至8各项≤2`."""
        whole, codes, text = self._span()
        each = self.rng.choice(("", "各项", "均"))
        text = f"{text}{each}{self.sign('<=')}{self.code(whole)}"
        return Rule(text, tuple(((code,), "<=", (whole,)) for code in codes))


def _filled(rng: random.Random, rules: Sequence[Rule], count: int) -> list[int | None]:
    """Figures of one place; most rules are made to hold, a few figures are missing."""
    figures: list[int | None] = [rng.randrange(40) for _ in range(count)]
    for rule in rules:
        for left, sign, right in rule.means:
            total = _sum(right, figures)
            if len(left) == 1 and total is not None and rng.random() < 0.7:
                figures[left[0] - 1] = max(0, total + {"=": 0, ">=": 1, "<=": -1, ">": 2, "<": -2}[sign])  # fmt: skip
    if rng.random() < 0.2:
        figures[rng.randrange(count)] = None
    return figures


def _sheet(rng: random.Random, axis: str) -> tuple[Drawn, list[Rule], set[tuple[int, str]]]:
    """A filled table with its rules printed below, and which rule is broken at which row or column."""
    rows = rng.sample(THINGS, rng.randint(6, 10))
    columns = rng.sample(COLUMNS, rng.randint(5, 7))
    count = len(rows) if axis == "row" else len(columns)
    printer = Printer(rng, axis, count)
    rules = list({_plain(one.text): one for one in (printer.draw() for _ in range(rng.randint(2, 6)))}.values())  # fmt: skip
    sheet = Drawn(0)
    sheet.put((1, 1), "基本情况统计表", cols=len(columns) + 2)
    for col, head in enumerate(["指标名称", "代码", *columns], 1):
        sheet.label((2, col), head)
    for col, mark in enumerate(["甲", "乙", *range(1, len(columns) + 1)], 1):
        sheet.put((3, col), mark)
    for n, name in enumerate(rows):
        sheet.label((4 + n, 1), name)
        sheet.put((4 + n, 2), f"{n + 1:02d}")
    broken: set[tuple[int, str]] = set()
    for place, name in enumerate(columns if axis == "row" else rows):
        figures = _filled(rng, rules, count)
        for n, figure in enumerate(figures):
            at = (4 + n, 3 + place) if axis == "row" else (4 + place, 3 + n)
            sheet.value(at, "" if figure is None else figure)
        broken |= {(n, name) for n, rule in enumerate(rules) if rule.broken(figures)}
    lead = "审核关系：" if axis == "row" else rng.choice(("审核关系：", "平衡关系：各行："))
    between = rng.choice(("；", "，")) if not any(rule.when for rule in rules) else "；"
    note = lead + between.join(rule.text for rule in rules) + "。"
    sheet.put((4 + len(rows), 1), note, cols=len(columns) + 2)
    return sheet, rules, broken


@pytest.mark.parametrize("seed", range(80))
def test_exactly_the_broken_places_are_found(seed: int) -> None:
    """Through the sheet, its rules, the form made of it and the data on it."""
    rng = random.Random(seed)
    axis = rng.choice(("row", "column"))
    sheet, rules, broken = _sheet(rng, axis)
    grid = sheet.grid()
    found = propose(grid)
    assert [one.text for one in found.warnings] == []
    form = to_form(found, code="drawn.rules", owner="370602-tjj")
    compiled = compile_form(form, {}, {})
    words = [_plain(rule.text) for rule in rules]
    told = set()
    for one in failures(compiled, Document(values=filled_document(form, grid))):
        told.add((words.index(_plain(one.check.text("zh"))), str(one.place["zh"])))
    assert told == broken, [rule.text for rule in rules]


def _plain(text: str) -> str:
    """Words without the differences that are of width and spaces only."""
    return "".join(unicodedata.normalize("NFKC", text).split()).removeprefix("各行:")
