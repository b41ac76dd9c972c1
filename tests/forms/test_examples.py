"""Examples for written rules: they fit, or there is none."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.settings import ROOT
from forms.examples import LONGEST, example_of, fitting


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (r"^\d{6}$", "123456"),
        (r"^[0-9]{12,19}$", "123456789012"),
        (r"^[A-Z]{2}-\d{4}$", "AB-1234"),
        (r"^(鲁|京)[A-Z]·?[A-Z0-9]{5}$", "鲁A12345"),
        (r"^第\d+组$", "第1组"),
        (r"^[^a]+$", None),
        (r"^(?!x)", None),
        (r"^\d{100}$", None),
        (r"^a{1000000000}$", None),
        ("^" + "(" * 6 + "a?" + "){90}" * 6 + "$", None),
        ("^(a|b", None),
        ("", None),
    ],
)
def test_simple_rules_have_an_example(pattern: str, example: str | None) -> None:
    """Digits count up, as people write them."""
    assert fitting(pattern) == example


def test_no_rule_holds_up_the_house() -> None:
    """Linear as a rule of a form, and for ever as one of Python's: each letter left out or taken."""
    asked = "from forms.examples import fitting; print(fitting('^(a?a?a?){30}a{30}$'))"
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )  # fmt: skip
    assert told.stdout.strip() == "a" * 30


def test_the_example_of_a_schema_comes_first() -> None:
    """Who wrote the rule knows best."""
    assert example_of({"pattern": r"^\d{6}$", "examples": ["370602"]}) == "370602"
    assert example_of({"type": "string"}) is None


PARTS = st.sampled_from(
    [
        r"\d",
        "[0-9]",
        "[A-Z]",
        "[a-z]",
        "A",
        "组",
        r"\.",
        "-",
        "(甲|乙)",
        "(?:x|y)",
        ".",
        r"\w",
        "[",
        "(",
        "{2}",
    ]
)
COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "{0,2}"])


@given(parts=st.lists(st.tuples(PARTS, COUNTS), min_size=1, max_size=8))
def test_an_example_always_fits(parts: list[tuple[str, str]]) -> None:
    """Whatever the rule, made of good and bad parts: what is shown would be taken."""
    pattern = "^" + "".join(part + count for part, count in parts) + "$"
    found = fitting(pattern)
    if found is not None:
        assert re.search(pattern, found)
        assert len(found) <= LONGEST
