"""Rules about cells and between tables, drawn with the figures: what must be found is worked out from the drawing."""

import random
import unicodedata
from dataclasses import dataclass

import pytest

from engine.formula.document import Document
from forms.checks.run import failures
from forms.compile import compile_form
from forms.importers.excel.draft import to_form
from forms.importers.excel.filled import filled_document
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.drawn_cells import Drawn
from tests.forms.importers.excel.drawn_words import THINGS
from tests.forms.importers.excel.printed_rules.test_drawn_rules import COLUMNS, COMPARE, PRINTED

STYLES = (
    "第{r}行第{c}列",
    "{r}行{c}栏",
    "第{c}栏第{r}行",
    "（{r}行，{c}栏）",
    "第{r}行的第{c}列",
)
NAMED = (
    ("A表", "B表"),
    ("主表", "附表一"),
    ("表一", "表二"),
    ("上表", "下表"),
    ("人口表", "劳力表"),
)
SUMS = ("+", "＋")


@dataclass
class Two:
    """Two tables of the same columns, one below the other, with codes and column numbers."""

    rng: random.Random
    names: tuple[str, str]
    columns: list[str]
    figures: tuple[list[list[int]], list[list[int]]]

    def cell(self, style: str, table: int, row: int, column: int) -> str:
        return self.names[table] + style.format(r=row + 1, c=column + 1)

    def draw(self) -> tuple[str, int]:
        """A rule as printed, and how many comparisons it breaks."""
        kinds = (self.cells, self.rows, self.column_total, self.added)
        return self.rng.choice(kinds)()

    def _sign(self) -> tuple[str, str]:
        sign = self.rng.choice(list(COMPARE))
        return sign, self.rng.choice(PRINTED[sign])

    def _place(self, table: int) -> tuple[int, int]:
        return self.rng.randrange(len(self.figures[table])), self.rng.randrange(len(self.columns))

    def cells(self) -> tuple[str, int]:
        """One cell against another, in one table or in two."""
        one, other = self.rng.choice(((0, 0), (0, 1), (1, 0), (1, 1)))
        style, (a, b), (c, d) = self.rng.choice(STYLES), self._place(one), self._place(other)
        sign, printed = self._sign()
        text = f"{self.cell(style, one, a, b)}{printed}{self.cell(style, other, c, d)}"
        return text, not COMPARE[sign](self.figures[one][a][b], self.figures[other][c][d])

    def rows(self) -> tuple[str, int]:
        """A row of one table against a row of the other: in every column."""
        a, c = self._place(0)[0], self._place(1)[0]
        sign, printed = self._sign()
        style = self.rng.choice(("第{}行", "{:02d}行", "{:02d}"))
        text = f"{self.names[0]}{style.format(a + 1)}{printed}{self.names[1]}{style.format(c + 1)}"
        pairs = zip(self.figures[0][a], self.figures[1][c], strict=True)
        return text, sum(not COMPARE[sign](x, y) for x, y in pairs)

    def column_total(self) -> tuple[str, int]:
        """The total of a column, in the last row, against a cell of the other table."""
        style, (a, b) = self.rng.choice(STYLES), self._place(0)
        column = self.rng.randrange(len(self.columns))
        sign, printed = self._sign()
        text = f"{self.names[1]}第{column + 1}栏合计{printed}{self.cell(style, 0, a, b)}"
        return text, not COMPARE[sign](self.figures[1][-1][column], self.figures[0][a][b])

    def added(self) -> tuple[str, int]:
        """A cell against the sum of two others."""
        style = self.rng.choice(STYLES)
        table = self.rng.randrange(2)
        (a, b), (c, d), (e, f) = (self._place(n) for n in (0, table, table))
        sign, printed = self._sign()
        parts = [self.cell(style, table, c, d), self.cell(style, table, e, f)]
        text = f"{self.cell(style, 0, a, b)}{printed}{self.rng.choice(SUMS).join(parts)}"
        total = self.figures[table][c][d] + self.figures[table][e][f]
        return text, not COMPARE[sign](self.figures[0][a][b], total)


def _sheet(seed: int) -> tuple[Drawn, dict[str, int]]:
    rng = random.Random(seed)
    columns = rng.sample(COLUMNS, rng.randint(2, 4))
    heights = (rng.randint(3, 6), rng.randint(3, 6))
    figures = tuple([[rng.randrange(12) for _ in columns] for _ in range(h)] for h in heights)
    two = Two(rng, rng.choice(NAMED), columns, (figures[0], figures[1]))
    page = Drawn(0)
    width = len(columns) + 2
    page.put((1, 1), "基本情况统计表", cols=width)
    row = 2
    for table, height in enumerate(heights):
        name = two.names[table]
        page.put((row, 1), f"{name} {rng.choice(THINGS)}" if "上表" not in two.names else f"第{table + 1}部分", cols=width)  # fmt: skip
        for col, head in enumerate(["指标名称", "代码", *columns], 1):
            page.label((row + 1, col), head)
        for col, mark in enumerate(["甲", "乙", *range(1, len(columns) + 1)], 1):
            page.put((row + 2, col), mark)
        names = [*rng.sample(THINGS, height - 1), "合计"]
        for n, called in enumerate(names):
            page.label((row + 3 + n, 1), called)
            page.put((row + 3 + n, 2), f"{n + 1:02d}")
            for col, figure in enumerate(two.figures[table][n], 3):
                page.value((row + 3 + n, col), figure)
        row += 3 + height
    rules = dict(two.draw() for _ in range(rng.randint(2, 5)))
    page.put((row, 1), f"审核关系：{'；'.join(rules)}。", cols=width)
    return page, rules


@pytest.mark.parametrize("seed", range(60))
def test_exactly_the_broken_cells_are_found(seed: int) -> None:
    """As many failures of each printed rule as comparisons that its figures break."""
    page, rules = _sheet(seed)
    grid = page.grid()
    found = propose(grid)
    assert [(one.code, one.text) for one in found.warnings] == []
    form = to_form(found, code="drawn.rules", owner="370602-tjj")
    failed = failures(compile_form(form, {}, {}), Document(values=filled_document(form, grid)))
    told = [_flat(one.check.text("zh")) for one in failed]
    assert sorted(told) == sorted(
        _flat(rule) for rule, times in rules.items() for _ in range(times)
    )


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")
