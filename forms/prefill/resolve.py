"""Whom to believe: higher authority wins, then fresher; the others are kept to be shown beside it."""

from collections.abc import Sequence

from engine.absence import silent
from engine.dictionary.field import Field
from forms import defaults
from forms.prefill.offer import Offer

LAST = ("carried", "context", defaults.SOURCE)
"""These come after every source that a field names."""


def best(field: Field | None, offers: Sequence[Offer]) -> tuple[Offer, list[Offer]]:
    """The winning offer, and those that disagree with it; whoever says nothing of the fact (unknown,
    refused) wins only where nobody knows more. What holds now does not win over what held when the
    report's period ended.
    """
    if len(offers) == 1:  # as nearly always
        return offers[0], []
    ordered = sorted(offers, key=lambda offer: offer.at, reverse=True)
    ordered.sort(key=lambda offer: (silent(offer.value), offer.beside, rank(field, offer.source)))
    winner = ordered[0]
    others = [offer for offer in ordered[1:] if offer.value != winner.value]
    return winner, others


def rank(field: Field | None, source: str) -> int:
    """The place of a source in the field's order of authority; 0 is believed first."""
    if source in LAST:
        return 100 + LAST.index(source)
    if field is None:
        return 50
    if source in field.sources:
        return field.sources.index(source)
    return 60 if source == "computed" else 70
