"""Reports handed in after their due date, of those that had one."""

from sqlalchemy import func

from engine.measures.contract import FACT, Measure

MEASURE = Measure("late", func.sum(FACT.c.late), func.sum(FACT.c.due))
