"""The cases that every evaluator of the language must give alike: this one, SQL's, the browser's."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine import formula, json_text
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.formula.tree_json import from_json, to_json

FILE = json_text.loads((Path(formula.__file__).parent / "vectors.json").read_text("utf-8"))
VECTORS, TODAY = FILE["cases"], date.fromisoformat(FILE["today"])


def expected(result):
    """JSON as a value: numbers that a double would spoil stand as {"number": "…"}."""
    if isinstance(result, dict):
        return Decimal(result["number"])
    return Decimal(result) if isinstance(result, int) and not isinstance(result, bool) else result


def test_there_are_enough_vectors():
    """The browser's evaluator is held to these alone, so they must be many and all different."""
    assert len(VECTORS) >= 120
    assert len({json_text.canonical(one) for one in VECTORS}) == len(VECTORS)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"])
def test_vector(case):
    """Text and data give the result, and so does the tree after a journey as JSON."""
    env = Document(
        case["data"],
        today=TODAY,
        last_period=case.get("last", {}),
        year_ago=case.get("year_ago", {}),
    )
    tree = parse(case["text"])
    found = evaluate(tree, env)
    found = found.isoformat() if isinstance(found, date) else found
    wanted = expected(case["result"])
    assert type(found) is type(wanted)
    assert found == wanted
    assert from_json(json_text.loads(json_text.dumps(to_json(tree)))) == tree
