"""Returns, of the reports handed in."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure("returns", func.sum(FACT.c.returns), func.count())
