"""A roster of ten thousand floating rows: into the department's workbook, and read back from it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from admin.cli import _known
from admin.views import placing, workbook_view
from admin.views.print_view import Frame
from engine.json_text import Json
from forms import compile as compiler
from forms.compiled import Item
from renderers import workbook

FORM = "civil.elderly_allowance_roster"
BUDGET = 10.0
"""Seconds that either way may take."""


@dataclass(frozen=True)
class Report:
    """Seconds for so many rows, each way."""

    rows: int
    columns: int
    fill: float
    read: float
    size: int

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "rows": self.rows,
            "columns": self.columns,
            "fill_seconds": round(self.fill, 2),
            "read_seconds": round(self.read, 2),
            "kilobytes": self.size // 1024,
            "within_budget": max(self.fill, self.read) < BUDGET,
        }


def measure(rows: int, say: Callable[[str], None] = lambda _: None) -> Report:
    """Fill, then read back; what comes back must be what went in."""
    known, given = _known.dictionary(), _known.form(FORM)
    assert given.template is not None
    form = compiler.compile_form(given.document, known.fields, known.codes())
    table = placing.floating(form)[0]
    items = placing.column_items(form, table)
    chance = random.Random(20261123)
    made: list[Json] = [
        {"_id": f"r{n}", **{name: value(one, chance) for name, one in items.items() if not one.readonly}}
        for n in range(rows)
    ]  # fmt: skip
    values = {table.path[1:]: made}
    say(f"fill {rows}")
    began = time.perf_counter()
    placed = placing.placed(form, values, known, Frame("惠安社区", "2026年11月"))
    content = workbook.fill(given.template, placed, identity=placing.identity(form))
    filled = time.perf_counter()
    say(f"read {rows}")
    found = workbook_view.read(
        form, given.template, content, base=values, dictionary=known, language="zh", fresh=str
    )
    read = time.perf_counter()
    if found.contents[table.path[1:]] != made:
        raise AssertionError("what was read is not what was written")
    return Report(rows, len(items), filled - began, read - filled, len(content))


def value(item: Item, chance: random.Random) -> Json:
    """Something that the item takes."""
    if item.options:
        return chance.choice(item.options).value
    if item.numeric:
        return chance.randint(1, 90)
    if item.format == "period":
        return "2026-11"
    if item.format == "date":
        return f"19{chance.randint(30, 46)}-03-{chance.randint(10, 28)}"
    return f"{chance.randrange(10**17):017d}X"
