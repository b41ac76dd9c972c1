"""What a measured proof is, and the little that measuring needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from engine import clock
from engine.work import Work

MET, WANTING, OPERATOR = "met", "wanting", "operator"


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether what the product can do is in force, and the figures that show it."""

    state: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def met(right: bool, **facts: Any) -> Proof:
    """In force or wanting, with the figures that show it."""
    return Proof(MET if right else WANTING, facts)


def count(work: Work, table: Any, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a table."""
    return work.connection.execute(
        select(func.count()).select_from(table).where(*conditions)
    ).scalar_one()


def ago(work: Work, **amount: float) -> str:
    """A moment so long before now."""
    return clock.stamp(work.now - timedelta(**amount))
