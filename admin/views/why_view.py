"""Why a value, and disputes about it, as their pages show them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

from admin.views import erasure_view, veils, words
from admin.web.html import text
from engine.access import policy
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import disputes, documents, store
from forms.disputes import Dispute
from forms.documents import DocumentRecord
from forms.prefill import naming
from forms.prefill.offer import Offer
from forms.prefill.why import Station, Why

Seen: TypeAlias = Callable[[Json], Json]
"""A value as the visitor may see it."""


def address(document_id: str, path: str) -> str:
    """Of the page about one cell."""
    return f"/documents/{document_id}/why?path={quote(path)}"


def page(
    work: Work, record: DocumentRecord, path: str, found: Why, language: str
) -> dict[str, Any]:
    """Everything the page about one cell shows."""
    known = dictionary(work.connection)
    veil = veils.over(work, found.form, record)
    if veil.hides(path):
        raise NotFound
    place = identity.organisation(work.connection, record.organisation_code)
    field = found.field
    steward = identity.organisation_names(
        work.connection, [field.steward] if field and field.steward else []
    )
    may = field is not None and not found.item.compute and not field.compute and bool(field.steward)
    return {
        "cell": {
            "label": found.item.full_label(language),
            "path": path,
            "value": words.shown(found.item, veil.value(path, found.value), known, language),
            "state": found.cell.state if found.value is not None else "empty",
            "disputed": found.cell.disputed or path in disputes.open_in(work, found.form, record),
            "chosen": words.choice(found.cell.chosen, language),
        },
        "record": {
            "id": record.id,
            "title": found.form.title(language),
            "organisation": place.name,
            "period": words.period(record.period, language),
        },
        "field": {
            "code": field.called,
            "label": field.label(language),
            "steward": steward.get(field.steward, field.steward),
            "freshness": field.freshness_days,
        }
        if field
        else None,
        "kept": words.source(found.cell.source, language, now=work.now),
        "stations": [
            _station(found, one, known, work, language, seen=partial(veil.value, path))
            for one in found.stations
        ],
        "because": text(language, f"why.because.{found.reason}"),
        "may_dispute": may,
    }


def _station(
    found: Why, one: Station, known: Dictionary, work: Work, language: str, *, seen: Seen
) -> dict[str, Any]:
    gone = found.gone if one.source == "carried" else None
    return {
        "gone": text(language, f"why.gone.{gone.kind}", names="、".join(gone.names))
        if gone
        else "",
        "name": text(language, f"why.source.{one.source.partition(':')[0]}"),
        "won": one.won,
        "agrees": one.agrees,
        "offers": [_offer(found, offer, known, work, language, seen=seen) for offer in one.offers],
    }


def _offer(
    found: Why, offer: Offer, known: Dictionary, work: Work, language: str, *, seen: Seen
) -> dict[str, Any]:
    return {
        "value": words.shown(found.item, seen(offer.value), known, language),
        "stale": offer.stale,
        "facts": words.source(
            naming.told(work.connection, found.form, offer), language, now=work.now
        ),
        "note": offer.note if offer.source == "computed" else "",
    }


def rows(work: Work, found: Sequence[Dispute], language: str) -> list[dict[str, Any]]:
    """The list of disputes."""
    known = dictionary(work.connection)
    people = erasure_view.who(work, [one for one in found if not one.document_id])
    names = identity.organisation_names(
        work.connection,
        sorted({one.organisation_code for one in found} | {o.steward for o in found}),
    )
    return [
        {
            "id": one.id,
            "label": known.field(one.field).label(language),
            "organisation": names.get(one.organisation_code, one.organisation_code),
            "steward": names.get(one.steward, one.steward),
            "shown": _value(work, one, known, one.shown, language),
            "claimed": _value(work, one, known, one.claimed, language),
            "reason": one.reason,
            "by": one.raised_name,
            "who": people.get(one.subject_id, "") if not one.document_id else "",
            "at": words.moment(one.raised_at),
            "status": one.status,
            "decided": words.moment(one.decided_at),
            "decided_by": one.decided_name,
            "answer": one.answer,
            "mine": one.raised_by == work.actor.id,
            "href": address(one.document_id, one.path)
            if one.document_id and one.raised_by == work.actor.id
            else None,
            "may_decide": one.status == "open"
            and policy.covers(work.actor, "dispute.decide", owner=one.steward),
        }
        for one in found
    ]


def _value(work: Work, one: Dispute, known: Dictionary, value: Json, language: str) -> str:
    if not one.document_id:
        field = known.field(one.field)
        places = erasure_view.places_of(work, [(field, value)])
        return erasure_view.value_text(field, value, known, places, language)
    record = documents.get(work.connection, one.document_id)
    form = store.published(work.connection, record.form_code, record.form_version)
    item = form.item(one.path)
    return words.shown(item, value, known, language) if item else str(value)
