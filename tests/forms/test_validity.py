"""A form whose printed approval is over is known as such."""

from dataclasses import replace
from datetime import date

import pytest

from forms import validity
from tests.forms import samples

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("said", "over"),
    [
        ("2017年6月", True),
        ("2026年11月", False),
        ("2026年11月28日", True),
        ("2026-11-29", False),
        ("2025", True),
        ("2026", False),
        ("2024年1月至2026年12月", False),
        ("2024年1月至2026年2月", True),
        ("长期", False),
        ("2026年13月", False),
        ("", False),
    ],
)
def test_a_term_is_read_as_sheets_print_it(said: str, over: bool) -> None:
    """Of a span its end counts; what cannot be read is not held against the form."""
    form = replace(samples.compiled(), legal={"valid_until": said})
    assert validity.ended(form, TODAY) == (said if over else "")
