"""What an indicator is: a numerator and a denominator over the facts. A new one is a file and a line."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from engine.measures.tables import FactRow

FACT = FactRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator; its formula in words stands with the texts, `measure.<code>.formula`."""

    code: str
    numerator: ColumnElement[Any]
    denominator: ColumnElement[Any]
    percent: bool = True
