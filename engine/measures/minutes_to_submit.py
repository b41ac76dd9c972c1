"""Minutes from opening a report to handing it in, a report."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure("minutes", func.sum(FACT.c.minutes), func.count(FACT.c.minutes), percent=False)
