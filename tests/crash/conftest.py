"""Killed nodes and their clients are several processes that take all cores for themselves.

Beside other tests a node would often be killed while it waits for a core, and not in the middle of its work.
"""

from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)  # before those that are not asked for are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs by itself."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.alone)
