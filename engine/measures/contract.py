"""What an indicator is: a numerator and a denominator over the facts. A new one is a file and a line."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table

from engine.measures.tables import DisputeFactRow, FactRow, ReuseRow

FACT: Table = FactRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
REUSE: Table = ReuseRow.__table__  # type: ignore[attr-defined]  # as above
DISPUTED: Table = DisputeFactRow.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator; its formula in words stands with the texts, `measure.<code>.formula`."""

    code: str
    numerator: ColumnElement[Any]
    denominator: ColumnElement[Any]
    percent: bool = True
    facts: Table = FACT
    """What it counts; any such table says whose its rows are, of what form and month."""
