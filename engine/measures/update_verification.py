"""Disputes after which the steward corrected the value or confirmed it, of the disputes raised.

A change proposed in a ledger is no dispute: it says what should be written, not that what is known is wrong.
"""

from sqlalchemy import func

from engine.measures.contract import DISPUTED, Measure

MEASURE = Measure(
    "verified",
    func.sum(DISPUTED.c.corrected + DISPUTED.c.confirmed),
    func.count(),
    facts=DISPUTED,
)
