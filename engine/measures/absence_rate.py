"""Cells answered with unknown, not applicable or refused, of the cells handed in."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure("absence", func.sum(FACT.c.absent), func.sum(FACT.c.submitted))
