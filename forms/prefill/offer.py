"""What a source offers for a cell, and what it is asked with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from engine import absence
from engine.dictionary.store import Dictionary
from engine.identity import lineage
from engine.identity.store import OrganisationValue
from engine.json_text import Json
from engine.periods import Period
from engine.registers import converting
from engine.registers.store import KnownValue, Origin
from engine.work import Work
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord

THEN = "then"
"""The source of a value of then that no origin is known of."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A known value: from which kind of source, how it came there, and whether to confirm it."""

    value: Json
    source: str
    """steward | verified | entered | connector:<code> | computed | carried | context"""
    title: str
    """What people call the source: a form's title, `人口基础库`."""
    at: str = ""
    stale: bool = False
    origin: Origin | None = None
    note: str = ""
    on: str = ""
    """The last day of a period that is over, where this held then and does not now."""
    since: str = ""
    """The same day, where this was first said after it."""
    beside: bool = False
    """What holds now, shown beside what held then."""

    def provenance(self) -> dict[str, Json]:
        """The offer without its value, as it is kept beside a cell."""
        known: dict[str, Json] = {"source": self.source, "title": self.title, "at": self.at}
        for name in ("note", "on", "since"):
            if said := getattr(self, name):
                known[name] = said
        if self.stale:
            known["stale"] = True
        if self.origin is not None:
            for name in (
                "actor_name",
                "verified_by",
                "approved_by",
                "form_code",
                "form_version",
                "document_id",
                "task_id",
                "period",
            ):
                if value := getattr(self.origin, name):
                    known[name] = value
        return known


def from_known(
    known: KnownValue,
    *,
    source: str | None = None,
    on: str = "",
    since: str = "",
    beside: bool = False,
) -> Offer:
    """A register value as an offer."""
    return Offer(
        value=known.value,
        source=source or known.origin.source,
        title=known.origin.title,
        at=known.origin.at,
        stale=known.stale,
        origin=known.origin,
        on=on,
        since=since,
        beside=beside,
    )


@dataclass(frozen=True)
class Ask:
    """For which form, organisations and period values are wanted."""

    work: Work
    dictionary: Dictionary
    form: CompiledForm
    organisations: Sequence[OrganisationValue]
    period: Period | None
    last_documents: Mapping[str, DocumentRecord] = field(default_factory=dict)
    """The same form's final documents of the period before, by organisation."""

    @cached_property
    def over(self) -> date | None:
        """The last day of a period that is over; None while it lasts, and where there is none."""
        last = self.period.bounds()[1] if self.period else None
        return last if last is not None and last < self.work.today else None

    @cached_property
    def grown(self) -> frozenset[str]:
        """The organisations that others went into since the period before: what the registers hold of
        them for it is a part of what they are now.
        """
        if self.period is None:
            return frozenset()
        last = self.period.previous().bounds()[1].isoformat()
        codes = [one.code for one in self.organisations]
        came_before = lineage.before(self.work.connection, codes)
        return frozenset(
            code for code, was in came_before.items() if any(day > last for day in was.values())
        )


class Source(Protocol):
    """A source of known values."""

    def __call__(self, ask: Ask) -> Iterator[tuple[str, str, Offer]]:
        """Offers as (organisation code, cell path, offer), in a number of queries that does not
        depend on how many cells or organisations there are.
        """


Offers = dict[str, dict[str, list[Offer]]]
"""By organisation code and cell path."""


def gathered(ask: Ask, sources: Sequence[Source]) -> Offers:
    """Everything that all sources offer; an absence only to a cell that takes it."""
    found: Offers = {organisation.code: {} for organisation in ask.organisations}
    turned = converting.turned_since(ask.dictionary, ask.form.fields)
    for source in sources:
        for organisation, path, offer in source(ask):
            if turned and offer.origin and (item := ask.form.item(path)) and item.field in turned:
                kept = converting.out_of(ask.dictionary, ask.form.fields[item.field], offer.value)
                if kept is None:
                    continue  # a day cannot be told from a month
                offer = replace(offer, value=kept)  # noqa: PLW2901 - the same offer, in the form's words
            if type(offer.value) is not dict or _taken(ask, path, offer.value):
                found[organisation].setdefault(path, []).append(offer)
    return found


def _taken(ask: Ask, path: str, value: Json) -> bool:
    kind, item = absence.kind_of(value), ask.form.item(path)
    return kind is None or (item is not None and kind in item.absences)


def rows_of(values: Any) -> list[Mapping[str, Json]]:
    """The rows of a floating table's value; nothing if it is not a list of rows."""
    return [row for row in values if isinstance(row, Mapping)] if isinstance(values, list) else []
