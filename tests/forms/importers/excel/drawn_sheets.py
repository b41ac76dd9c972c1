"""Sheets drawn from a seed as departments make them, each with what a person would read off it.

The truth comes from the drawing and never from the code under test.
"""

import random

from forms.importers.excel.files.grid import Look
from tests.forms.importers.excel.drawn_cells import Drawn
from tests.forms.importers.excel.drawn_tables import PAINT, Pen, header
from tests.forms.importers.excel.drawn_words import THINGS, UNITS

_KINDS = ("fixed", "fixed", "fixed", "cross", "cross", "floating", "floating", "card", "several")
_LEGAL = (
    ("legal_number", "表    号：民统01表"),
    ("legal_issuer", "制定机关：县统计局"),
    ("legal_valid", "有效期至：2026年6月"),
)
_SIGNS = (
    ("leader", "单位负责人："),
    ("preparer", "填表人："),
    ("phone", "联系电话："),
    ("date", "报出日期：20  年  月  日"),
)


def drawn(seed: int) -> Drawn:
    """The sheet of a seed."""
    rng = random.Random(seed)
    kind = rng.choice(_KINDS)
    body = Drawn(seed)
    PAINT[kind](Pen(rng, body))
    sheet = Drawn(seed, traits={kind})
    pen = Pen(rng, sheet)
    top = _above(pen, body.right, bare=kind == "card") if pen.maybe(0.9) else 0
    sheet.take(body, top)
    if pen.maybe(0.6):
        _foot(pen, body.right)
    if pen.maybe(0.12):
        moved = Drawn(seed, traits={"beside-margin"})
        moved.take(sheet, 0, 1)
        return moved
    return sheet


def large(seed: int, rows: int, cols: int) -> Drawn:
    """A filled sheet of just about this size under a header of up to three levels."""
    pen = Pen(random.Random(seed), Drawn(seed))
    top = pen.title_row(["村别"], header(pen.rng, cols - 1, 3)) + 1
    columns = range(2, pen.sheet.right + 1)
    for row in range(top, rows + 1):
        pen.sheet.rows[pen.sheet.label((row, 1), f"第{row}村")] = None
        pen.figures(row, columns, filled=True)
    return pen.sheet


def _above(pen: Pen, width: int, *, bare: bool) -> int:
    """Title, legal block, the line of unit and period; the rows that they take."""
    rng, sheet = pen.rng, pen.sheet
    row = 1
    if pen.maybe(0.2):
        sheet.put((row, 1), f"附件{rng.randrange(1, 5)}", look=Look())
        row += 1
    tail = rng.choice(("情况统计表", "基本情况调查表", "月报表", "登记表", "情况一览表"))
    sheet.title = rng.choice(THINGS) + tail
    sheet.put((row, 1), sheet.title, cols=width if pen.maybe(0.9) else 1, look=Look(size=18))
    row += 1
    if width >= 4 and not bare and pen.maybe(0.4):
        sheet.traits.add("legal")
        for role, text in _LEGAL:
            sheet.block((row, width - 1), role, text, cols=2)
            row += 1
    if not bare and pen.maybe(0.75):
        sheet.traits.add("unit-line")
        sheet.block((row, 1), "reporting_unit", "填报单位（盖章）：")
        if width >= 3 and pen.maybe(0.6):
            sheet.put((row, 2), "2024年 月", look=Look())
        sheet.block((row, max(width, 3)), "unit", f"计量单位：{rng.choice(UNITS)}")
        row += 1
    return row - 1


def _foot(pen: Pen, width: int) -> None:
    """Who signs, and notes."""
    row = pen.sheet.bottom + 1
    if width >= 3 and pen.maybe(0.7):
        for n, (role, text) in enumerate(_SIGNS[:width]):
            pen.sheet.block((row, 1 + n * max(1, width // 4)), role, text)
        row += 1
    if pen.maybe(0.6):
        note = "填表说明：1.本表由各村（社区）填报；2.统计时点为期末；3.数据以台账为准。"
        pen.sheet.put((row, 1), note, cols=width, look=Look())
