"""No sheet holds up the house, whatever stands in a cell: its words are read once, not in all the ways there are."""

import subprocess
import sys

import pytest

from engine.settings import ROOT
from forms.importers.excel.files.read import ROOM, open_sheet
from tests.forms.importers.excel.books import line, parts, rows

SECONDS = 60
"""Of work, with all that is imported; a machine that has other things to do may take longer."""
READS = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from forms.importers.excel.files import read
from forms.importers.excel.printed_rules import rule_words
text = sys.stdin.read()
list(rule_words.pieces(text)), rule_words.plain(text), rule_words.states_a_relation(text)
"""
LONG = {
    "codes and blanks": "1  ,  " * 25,
    "codes in rows": "第 1 行  和  " * 20 + "!",
    "codes in brackets": "( 1 )  、 " * 20 + "!",
    "a whole cell of codes": "1、" * 16_000,
    "a whole cell of words": "人口" * 16_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_rule_is_read_at_once(text: str) -> None:
    """A hundred signs were read for ever."""
    subprocess.run(
        [sys.executable, "-c", READS],
        cwd=ROOT,
        input=text,
        text=True,
        timeout=10 * SECONDS,
        check=True,
    )


def test_blanks_that_nobody_counts_are_not_read() -> None:
    """What stands around them stays, and so do some."""
    cell = "填报人：" + " " * 3000 + "审核人：\n" + " " * 12 + "年月日"
    grid = open_sheet(parts(rows(line(1, "表", "数") + line(2, cell, "1"))))
    (found,) = (one for one in grid.cells if one.text.startswith("填报人"))
    assert found.text == "填报人：" + " " * ROOM + "审核人：\n" + " " * 12 + "年月日"
