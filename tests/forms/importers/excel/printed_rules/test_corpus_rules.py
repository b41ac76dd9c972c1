"""Real filled sheets: their printed rules find the rows that break them, and no other; attacks are cheap."""

import resource
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from engine.formula.document import Document
from forms.checks.run import failures
from forms.compile import compile_form
from forms.importers.excel.draft import to_form
from forms.importers.excel.files.grid import Grid, column_number, parse_address
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.filled import filled_document
from forms.importers.excel.proposal import Proposal
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.test_corpus import CORPUS, OPEN, pytestmark

__all__ = ["pytestmark"]

Figures = Callable[[str], Decimal | None]


def _sum(of: Figures, codes: str) -> Decimal | None:
    """`13+14`; None when a cell is empty."""
    total = Decimal(0)
    for part in codes.replace("-", "+-").split("+"):
        figure = of(part.lstrip("-"))
        if figure is None:
            return None
        total += -figure if part.startswith("-") else figure
    return total


def _holds(of: Figures, left: str, sign: str, right: str) -> bool:
    one, other = _sum(of, left), _sum(of, right)
    if one is None or other is None:
        return True
    return {"=": one == other, "<=": one <= other, ">": one > other}[sign]


RULES = {
    "02": "07<=05 09<=05 10<=05 12=13+14 15=16+17 18=19+21 19<=18 22<=21 23>24 24=25+26",
    "04": "11=01+02-05=12+16",
}


def _broken(grid: Grid, found: Proposal, printed: str) -> set[str]:
    """Rows in which a rule does not hold, worked out from the cells alone."""
    columns = {item.code: column_number(item.columns[0]) for item in found.columns()}
    broken = set()
    for row in found.rows():
        place = parse_address(row.cell)
        assert place is not None
        if row.derived:
            continue

        def of(code: str, at: int = place[0]) -> Decimal | None:
            value = grid.at(at, columns[code]).value
            return Decimal(value) if isinstance(value, int | Decimal) else None

        for rule in printed.split():
            sign = next(sign for sign in ("<=", ">", "=") if sign in rule)
            sides = rule.split(sign)
            if not all(_holds(of, a, sign, b) for a, b in pairwise(sides)):
                broken.add(f"{row.name} {rule}")
    return broken


@pytest.mark.parametrize("sheet", RULES)
def test_printed_rules_find_exactly_what_breaks_them(sheet: str) -> None:
    """The filled report goes in; the checks made of its own words fail where the figures are wrong."""
    path = next(OPEN.glob(f"nongcun-tongji-nianbao/{sheet}_*.xlsx"))
    grid = open_sheet(path)
    found = propose(grid)
    form = to_form(found, code="agri.rural", owner="370602-tjj")
    compiled = compile_form(form, {}, {})
    failed = failures(compiled, Document(values=filled_document(form, grid)))
    rows = {item.path[-1]: item.name for item in found.rows()}
    named = {
        f"{next(name for label, name in rows.items() if str(one.place['zh']).endswith(label))} "
        + one.check.text("zh").replace(" ", "").replace("≤", "<=")
        for one in failed
    }
    expected = _broken(grid, found, RULES[sheet])
    assert len(failed) == len(expected)
    assert {one.split()[0] for one in named} == {one.split()[0] for one in expected}


PROBE = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from engine.errors import Problem
from forms.importers.excel.propose import propose
from forms.importers.excel.files.read import open_sheet
try:
    propose(open_sheet(sys.argv[2]))
except Problem as problem:
    print(problem.code)
usage = resource.getrusage(resource.RUSAGE_SELF)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
# not ru_maxrss: a child inherits in it the peak of the process that forked it, here the test session's
print(usage.ru_utime + usage.ru_stime, status["VmHWM"].split()[0])
"""


def test_hostile_workbooks_cost_little() -> None:
    """Each of them under two seconds of work and 300 MB, in a process of its own."""
    root = str(Path(__file__).parents[5])
    for path in sorted((CORPUS / "attacks" / "xlsx").glob("*")):
        done = subprocess.run(
            [sys.executable, "-c", PROBE, root, str(path)],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)),
        )
        seconds, memory = done.stdout.split()[-2:]
        assert float(seconds) < 2, path.name
        assert int(memory) < 300 * 1024, path.name
