"""Cells whose fact was held and fresh, of the cells asked."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure("duplicate", func.sum(FACT.c.held), func.sum(FACT.c.asked))
