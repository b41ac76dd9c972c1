"""Cells prefilled but changed, of the cells prefilled."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure(
    "correction", func.sum(FACT.c.prefilled - FACT.c.accepted), func.sum(FACT.c.prefilled)
)
