"""Cells prefilled and handed in unchanged, of the cells handed in."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure("autofill", func.sum(FACT.c.accepted), func.sum(FACT.c.submitted))
