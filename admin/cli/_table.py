"""Figures as a table in the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a row; the first row names the columns."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None)
    for name in rows[0]:
        drawn.add_column(name.replace("_", " "), justify="right", overflow="fold")
    for row in rows:
        drawn.add_row(*(str(value) for value in row.values()))
    Console().print(drawn)
