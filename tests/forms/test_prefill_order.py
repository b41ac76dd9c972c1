"""Whom prefill believes: the order of section 3 of the design, one situation a row."""

from itertools import permutations

import pytest

from engine.absence import absent
from engine.dictionary.field import Field
from engine.json_text import Json
from forms.prefill.offer import Offer
from forms.prefill.resolve import best

PHONE = Field("person.phone", {"zh": "联系电话"}, {"type": "string"})
"""Its sources are the usual ones: its steward, a verified report, whoever typed it."""
LOOKED_UP = Field(
    "person.status", {}, {"type": "string"}, sources=("connector:status", "steward", "verified")
)
UNKNOWN: Json = absent("unknown")
REFUSED: Json = absent("refused")
INAPPLICABLE: Json = absent("inapplicable")


def offer(
    value: Json, source: str, at: str = "2026-10-01T08:00:00Z", *, stale: bool = False
) -> Offer:
    return Offer(value, source, source, at, stale)


SITUATIONS: dict[str, tuple[Field | None, list[Offer], Json, list[Json]]] = {
    "the steward's before a verified report's": (
        PHONE, [offer("s", "steward"), offer("v", "verified", "2026-11-01")], "s", ["v"],
    ),
    "a verified report's before what was typed": (
        PHONE, [offer("v", "verified"), offer("e", "entered", "2026-11-01")], "v", ["e"],
    ),
    "a verified value before a computed one": (
        PHONE, [offer("c", "computed", "2026-11-01"), offer("v", "verified")], "v", ["c"],
    ),
    "a computed one before last period's": (
        PHONE, [offer("l", "carried", "2026-11-01"), offer("c", "computed")], "c", ["l"],
    ),
    "last period's before who and where": (
        PHONE, [offer("x", "context", "2026-11-01"), offer("l", "carried")], "l", ["x"],
    ),
    "the connector that a field names first": (
        LOOKED_UP, [offer("s", "steward", "2026-11-01"), offer("k", "connector:status")], "k", ["s"],
    ),
    "a connector that it does not name after all that it names": (
        PHONE, [offer("k", "connector:other", "2026-11-01"), offer("e", "entered")], "e", ["k"],
    ),
    "but before last period's": (
        PHONE, [offer("l", "carried", "2026-11-01"), offer("k", "connector:other")], "k", ["l"],
    ),
    "of equals the fresher": (
        PHONE, [offer("old", "verified", "2026-09-30"), offer("new", "verified", "2026-10-02")],
        "new", ["old"],
    ),
    "too old, yet of higher authority: shown, to be confirmed, with the other beside it": (
        PHONE, [offer("s", "steward", "2020-01-01", stale=True), offer("v", "verified")], "s", ["v"],
    ),
    "two that agree leave no choice": (
        PHONE, [offer("s", "steward"), offer("s", "verified")], "s", [],
    ),
    "of three, those that disagree": (
        PHONE, [offer("s", "steward"), offer("s", "verified"), offer("e", "entered")], "s", ["e"],
    ),
    "not known to the steward, known to a report": (
        PHONE, [offer(UNKNOWN, "steward"), offer("v", "verified")], "v", [UNKNOWN],
    ),
    "refused to the steward, told last period": (
        PHONE, [offer(REFUSED, "steward"), offer("l", "carried")], "l", [REFUSED],
    ),
    "not applicable is an answer": (
        PHONE, [offer(INAPPLICABLE, "steward"), offer("v", "verified")], INAPPLICABLE, ["v"],
    ),
    "nought is an answer": (PHONE, [offer(0, "steward"), offer(7, "verified")], 0, [7]),
    "no shared fact: last period's after what is worked out": (
        None, [offer(3, "carried", "2026-11-01"), offer(4, "computed")], 4, [3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_order_of_authority(name: str) -> None:
    """The same one wins and the same ones are shown beside it, whoever was asked first."""
    field, offers, wins, beside = SITUATIONS[name]
    for asked in permutations(offers):
        winner, others = best(field, asked)
        assert winner.value == wins
        assert [one.value for one in others] == beside
