"""Why a cell holds what it holds: every source in its order of authority, what each says now, who won."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.dictionary.field import Field
from engine.identity.store import organisation
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import document, predecessors, store
from forms.compiled import CompiledForm, Item
from forms.document import Cell, CellUnknown
from forms.documents import DocumentRecord
from forms.predecessors import Gone
from forms.prefill import resolve
from forms.prefill.offer import Offer
from forms.prefill.prefill import offered

CONNECTORS = "connector:"


@dataclass(frozen=True, slots=True)
class Station:
    """One source that was asked: what it said, if anything, and whether it is believed."""

    source: str
    offers: tuple[Offer, ...]
    won: bool
    agrees: bool
    """Whether it says the same as the one that won."""


@dataclass(frozen=True, slots=True)
class Why:
    """The chain behind one cell."""

    form: CompiledForm
    item: Item
    field: Field | None
    stations: tuple[Station, ...]
    winner: Offer | None
    reason: str
    """authority | fresher | then | only | formula | nothing"""
    cell: Cell
    """As the document keeps it."""
    value: Json
    gone: Gone | None = None
    """Why last period's value is blank, where it is so because units changed."""


def why(work: Work, record: DocumentRecord, path: str) -> Why:
    """Ask all sources again for one cell of a document. Raises CellUnknown."""
    form = store.published(work.connection, record.form_code, record.form_version)
    item = form.item(path)
    if item is None:
        raise CellUnknown(path=path)
    place = organisation(work.connection, record.organisation_code)
    ask, offers = offered(work, form, [place], record.period)
    given = offers[place.code].get(path, [])
    field = ask.dictionary.fields.get(item.field) if item.field else None
    winner = resolve.best(field, given)[0] if given else None
    cells = document.load_cells(record.cells, record.contents)
    stations = tuple(_stations(field, given, winner))
    return Why(
        form=form,
        item=item,
        field=field,
        stations=stations,
        winner=winner,
        reason=_reason(item, field, given, winner),
        cell=cells.get(path, Cell()),
        value=document.get(record.contents, path),
        gone=_gone(work, form, item, record, path) if not _carried(given) else None,
    )


def _carried(given: Sequence[Offer]) -> bool:
    return any(offer.source == "carried" for offer in given)


def _gone(
    work: Work, form: CompiledForm, item: Item, record: DocumentRecord, path: str
) -> Gone | None:
    """What became of the units that filled a cell last period, if it is one that is carried over."""
    when = Period.parse(record.period) if record.period else None
    if when is None or item.compute or "*" in item.path or not (item.carry or item.field is None):
        return None
    return predecessors.gone(work.connection, form, record.organisation_code, when.previous(), path)


def _stations(field: Field | None, given: Sequence[Offer], winner: Offer | None) -> list[Station]:
    """In the order in which they are believed; those of the field that said nothing too."""
    named = field.sources if field is not None else ()
    said = {offer.source for offer in given}
    order = dict.fromkeys((*named, *said, "computed", *resolve.LAST))
    ranked = sorted(order, key=lambda source: resolve.rank(field, source))
    return [
        Station(
            source,
            offers := tuple(offer for offer in given if offer.source == source),
            winner is not None and winner in offers,
            winner is not None and all(document.same(one.value, winner.value) for one in offers),
        )
        for source in ranked
    ]


def _reason(item: Item, field: Field | None, given: Sequence[Offer], winner: Offer | None) -> str:
    if item.compute:
        return "formula"
    if winner is None:
        return "nothing"
    others = [offer for offer in given if offer is not winner]
    if not others:
        return "only"
    if winner.on:
        return "then"
    ranks = [resolve.rank(field, offer.source) for offer in others]
    return "fresher" if resolve.rank(field, winner.source) in ranks else "authority"
