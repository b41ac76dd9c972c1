"""Times that values were taken over by prefill and handed in unchanged, of the values so used."""

from sqlalchemy import func

from engine.measures.contract import REUSE, Measure

MEASURE = Measure(
    "reuse", func.count(), func.count(REUSE.c.datum.distinct()), percent=False, facts=REUSE
)
