"""The reference page is true: every example on it runs, and nothing of the language is missing."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine import json_text
from engine.errors import Problem
from engine.formula import problems
from engine.formula.build import PERIODS
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.functions import FUNCTIONS
from engine.formula.parse import parse
from engine.formula.tree import AGGREGATES, SUBJECTS
from engine.formula.tree_json import to_json

PAGE = (Path(__file__).parents[3] / "docs/reference/formula.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


EXAMPLES = [line for block in blocks("formula") for line in block.splitlines()]
ENV = Document(
    json_text.loads(blocks("json")[0]),
    today=date(2026, 11, 23),
    this="370602011",
    last_period={"total": 8},
    year_ago={"total": 5},
)


def outcome(written: str):
    """The result as the page writes it."""
    try:
        value = evaluate(parse(written), ENV)
    except Problem as problem:
        return f"✗ {problem.code}"
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_gives_what_the_page_says(example):
    """`formula → result`."""
    written, wanted = example.split(" → ")
    if wanted.startswith("✗"):
        assert outcome(written) == wanted
        return
    value = None if wanted == "blank" else json_text.loads(wanted)
    value = Decimal(value) if type(value) is int else value
    assert outcome(written) == value


@pytest.mark.parametrize("block", blocks("tree"))
def test_a_tree_of_the_page_is_the_formulas(block):
    """The first line is the formula, the rest its JSON."""
    written, _, document = block.partition("\n")
    assert to_json(parse(written)) == json_text.loads(document)


def test_the_page_names_everything_there_is():
    """Functions, registers, and the codes of what can be wrong."""
    codes = {
        one.code for one in vars(problems).values() if isinstance(one, type) and issubclass(one, Problem)
    } - {Problem.code}  # fmt: skip
    words = set(re.findall(r"[\w.-]+", PAGE))
    wanted = {*FUNCTIONS, *AGGREGATES, *(one.lower() for one in PERIODS), *SUBJECTS, *codes}
    assert wanted <= words
    assert len(EXAMPLES) > 60
