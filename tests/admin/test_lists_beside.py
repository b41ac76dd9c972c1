"""Two growing lists side by side: recognised, filled with more rows than there is room for, read back."""

import pytest

from tests.admin.test_corpus_round_trip import wrong
from tests.renderers.test_workbook_beside import template


@pytest.mark.parametrize("ends", [(6, 6), (6, 9), (9, 6)])
def test_a_sheet_of_two_lists_side_by_side_goes_there_and_back(ends: tuple[int, int]) -> None:
    """Three rows more in each than there is room for, whichever is the longer."""
    assert wrong(template(*ends)) is None
