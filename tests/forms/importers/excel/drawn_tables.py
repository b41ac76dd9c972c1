"""Tables drawn by chance: fixed rows, cross-tables, rosters and cards, under headers of up to four levels."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.forms.importers.excel.drawn_cells import Drawn, Node
from tests.forms.importers.excel.drawn_words import (
    CARD,
    LEAVES,
    MEASURES,
    ROSTER,
    THINGS,
    UNITS,
    VILLAGES,
)

_LEVELS = "一二三四五六七八九十"


@dataclass
class Pen:
    """Chance, the sheet it draws on, and whether cells are merged: all, only across, or none."""

    rng: random.Random
    sheet: Drawn
    merged: str = "merged"

    def maybe(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share

    def title_row(self, stub: Sequence[str], nodes: Sequence[Node]) -> int:
        """Put a whole header down from the first row; its last row."""
        depth = max(one.height for one in nodes)
        if depth > 1:
            self.merged = self.rng.choices(("merged", "across", "unmerged"), (8, 1, 1))[0]
        self.sheet.traits |= {f"levels-{depth}", self.merged}
        self.lay([*map(Node, stub), *nodes], 1, 1, depth)
        return depth

    def lay(self, nodes: Sequence[Node], row: int, col: int, bottom: int, above: tuple[str, ...] = ()) -> None:  # fmt: skip
        """Put a header down; where cells are not merged the words stand in the first of them."""
        beside_group = False  # words written low beside a group would seem to be in it
        for node in nodes:
            last = row if node.below else bottom
            low = self.merged != "merged" and last > row and not node.below and not beside_group
            at = last if low and self.maybe(0.3) else row
            rows = last - row + 1 if self.merged == "merged" else 1
            cols = 1 if self.merged == "unmerged" else node.width
            place = self.sheet.label((at, col), self.padded(node.text), rows=rows, cols=cols)
            taken = {(at + r, col + c) for r in range(rows) for c in range(cols)}
            for r in range(row, last + 1):
                for c in range(col, col + node.width):
                    if (r, c) not in taken:
                        self.sheet.put((r, c), "")
            if not node.below:
                self.sheet.paths[place] = (*above, node.text)
            self.lay(node.below, row + 1, col, bottom, (*above, node.text))
            beside_group = bool(node.below)
            col += node.width

    def padded(self, text: str) -> str:
        """Labels as they are typed: spread, broken, or plain."""
        chance = self.rng.random()
        if len(text) == 2 and chance < 0.15:
            return f"{text[0]}  {text[1]}"
        if len(text) > 5 and "（" not in text and chance < 0.08:
            return f"{text[:3]}\n{text[3:]}"
        return text

    def figures(self, row: int, columns: range, *, filled: bool, closed: float = 0) -> None:
        """A row of figures, of room for them, and of marks that a cell is not to be filled."""
        for col in columns:
            figure = self.rng.randrange(5000) if filled and self.maybe(0.95) else ""
            mark = self.rng.choice(("—", "×", "-"))
            self.sheet.value((row, col), mark if self.maybe(closed) else figure)


def tree(rng: random.Random, depth: int) -> Node:
    """A header: a label with none, or two to four labels below it."""
    if depth == 1 or rng.random() < 0.45:
        text = rng.choice((rng.choice(THINGS) + rng.choice(MEASURES), rng.choice(LEAVES)))
        return Node(f"{text}（{rng.choice(UNITS)}）" if rng.random() < 0.2 else text)
    below: dict[str, Node] = {}
    count = rng.choice((2, 2, 3, 4))
    while len(below) < count:
        one = tree(rng, depth - 1)
        below.setdefault(one.text, one)
    text = rng.choice(THINGS) + rng.choice(("", "情况", "基本情况", "数量"))
    return Node(text, tuple(below.values()))


def header(rng: random.Random, columns: int, depth: int) -> list[Node]:
    """Headings side by side over about this many columns, no two alike."""
    found: dict[str, Node] = {}
    while sum(one.width for one in found.values()) < columns:
        one = tree(rng, depth)
        found.setdefault(one.text, one)
    return list(found.values())


def _stub(rng: random.Random) -> list[str]:
    """Printed rows: a hierarchy by numbering, by 其中, by spaces, or flat."""
    style = rng.choice(("numbered", "among", "spaced", "flat", "villages"))
    if style == "villages":
        names = rng.sample(VILLAGES, rng.randrange(3, 13))
        return ["合计", *names] if rng.random() < 0.5 else [*names, "合计"]
    rows: list[str] = []
    heads = 0
    for n, thing in enumerate(rng.sample(THINGS, rng.randrange(4, 12))):
        name = thing + rng.choice(MEASURES)
        if style == "numbered" and (not rows or rng.random() < 0.4):
            rows.append(f"{_LEVELS[heads % 10]}、{name}")
            heads += 1
        elif style == "numbered":
            rows.append(f"  {n}.{name}")
        elif style == "among" and n and rng.random() < 0.45:
            first = not rows[-1].startswith(("其中", "　"))
            rows.append(f"其中：{name}" if first else f"　　　{name}")
        elif style == "spaced" and n and rng.random() < 0.6:
            rows.append("　" * rng.choice((1, 2)) + name)
        else:
            rows.append(name)
    return rows


def paint_fixed(pen: Pen) -> None:
    """A stub with 行次 or 代码, perhaps units, under a header of one to four levels."""
    rng, sheet = pen.rng, pen.sheet
    code = rng.choice(("代码", "行次", "编号")) if pen.maybe(0.65) else ""
    unit = "计量单位" if pen.maybe(0.4) else ""
    beside = [head for head in rng.sample((code, unit), 2) if head]
    stub = [rng.choice(("指标名称", "项目", "指标", "项 目", "甲类项目")), *beside]
    nodes = header(rng, rng.randrange(1, 9), rng.choice((1, 1, 2, 2, 3, 4)))
    top = pen.title_row(stub, nodes) + 1
    columns = range(len(stub) + 1, len(stub) + sum(one.width for one in nodes) + 1)
    if pen.maybe(0.4):
        sheet.traits.add("numbers-row")
        for col, mark in enumerate([*"甲乙丙"[: len(stub)], *range(1, len(columns) + 1)], 1):
            sheet.put((top, col), mark)
        top += 1
    filled, closed = pen.maybe(0.4), rng.choice((0, 0, 0.1))
    for n, name in enumerate(_stub(rng)):
        number = f"{n + 1:02d}"
        sheet.rows[sheet.label((top + n, 1), name)] = number if code else None
        for col, head in enumerate(beside, 2):
            sheet.put((top + n, col), rng.choice(UNITS) if head == unit else number)
        pen.figures(top + n, columns, filled=filled, closed=closed)


def paint_cross(pen: Pen) -> None:
    """Villages, or groups of rows with tall merged cells, against a header of two or three levels."""
    rng, sheet = pen.rng, pen.sheet
    grouped = pen.maybe(0.4)
    sheet.traits.add("grouped" if grouped else "plain")
    stub = ["类别", "项目"] if grouped else [rng.choice(("村别", "地区", "单位", "村（社区）"))]
    nodes = header(rng, rng.randrange(3, 12), rng.choice((2, 2, 3)))
    row = pen.title_row(stub, nodes) + 1
    columns = range(len(stub) + 1, len(stub) + sum(one.width for one in nodes) + 1)
    filled = pen.maybe(0.5)
    blocks = [("", _stub(rng))]
    if grouped:
        names = rng.sample([a + b for a in THINGS for b in MEASURES], 20)
        blocks = [
            (rng.choice(THINGS), [names.pop() for _ in range(rng.randrange(2, 5))])
            for _ in range(rng.randrange(2, 5))
        ]
    for group, names in blocks:
        if grouped:
            sheet.label((row, 1), group, rows=len(names))
        for name in names:
            sheet.rows[sheet.label((row, len(stub)), name)] = None
            pen.figures(row, columns, filled=filled)
            row += 1


def paint_floating(pen: Pen) -> None:
    """A roster: a row a person or firm, empty or with samples, perhaps some headings grouped."""
    rng, sheet = pen.rng, pen.sheet
    columns = rng.sample(list(ROSTER), rng.randrange(4, 12))
    if pen.maybe(0.9):
        columns.sort(key=lambda name: name != "姓名")
    nodes: list[Node] = []
    rest = list(columns)
    while rest:
        take = rng.randrange(2, 4) if pen.maybe(0.2) and len(rest) > 3 else 1
        names = tuple(Node(rest.pop(0)) for _ in range(take))
        group = rng.choice(("基本信息", "家庭情况", "经营情况", "帮扶情况"))
        nodes += names if take == 1 else [Node(group, names)]
    first = 2 if pen.maybe(0.7) else 1
    top = pen.title_row(["序号"] if first == 2 else [], nodes) + 1
    filled = pen.maybe(0.5)
    sheet.traits.add("samples" if filled else "empty-rows")
    for row in range(top, top + rng.randrange(2, 14)):
        if first == 2:
            sheet.put((row, 1), row - top + 1)
        for col, name in enumerate(columns, first):
            text = rng.choice(ROSTER[name]) if filled else ""
            (sheet.put if col == 1 else sheet.value)((row, col), text)


def paint_card(pen: Pen) -> None:
    """Labels and rooms by turns, two to four pairs a row, wide rooms for what is told at length."""
    rng, sheet = pen.rng, pen.sheet
    pairs = rng.choice((2, 2, 3, 4))
    labels = rng.sample(CARD, rng.randrange(3 * pairs, min(len(CARD), 7 * pairs)))
    row = 1
    while labels:
        if (pen.maybe(0.25) and row > 1) or len(labels) < pairs:
            label = labels.pop()
            sheet.label((row, 1), label)
            sheet.pairs[sheet.put((row, 2), "", cols=2 * pairs - 1)] = label
        else:
            for col in range(1, 2 * pairs, 2):
                label = labels.pop()
                sheet.label((row, col), pen.padded(label))
                sheet.pairs[sheet.put((row, col + 1), "")] = label
        row += 1


def paint_several(pen: Pen) -> None:
    """Two or three tables one below the other, each under a line of its own or an empty row."""
    rng, sheet = pen.rng, pen.sheet
    parts = [Drawn(sheet.seed) for _ in range(rng.choice((2, 2, 3)))]
    for part in parts:
        rng.choice((paint_fixed, paint_floating, paint_cross))(Pen(rng, part))
    width = max(part.right for part in parts)
    titled = pen.maybe(0.6)
    sheet.traits.add("titled" if titled else "gap")
    row = 0
    for n, part in enumerate(parts):
        if titled:
            sheet.label((row + 1, 1), f"{_LEVELS[n]}、{rng.choice(THINGS)}情况", cols=width)
            row += 1
        sheet.take(part, row)
        row += part.bottom + (0 if titled else 1)


PAINT: dict[str, Callable[[Pen], None]] = {
    "fixed": paint_fixed,
    "cross": paint_cross,
    "floating": paint_floating,
    "card": paint_card,
    "several": paint_several,
}
