"""The same form's values of the period before: of cells that say they may be carried, of those that are
no shared fact, and of units that others went into since, whose part alone the registers hold.
"""

from collections.abc import Iterator

from engine.json_text import Json
from forms import document
from forms.prefill.offer import Ask, Offer


def known(ask: Ask) -> Iterator[tuple[str, str, Offer]]:
    """Values of `carry` cells and of cells that are no shared fact, marked as carried."""
    for organisation, record in ask.last_documents.items():
        values = document.flatten(record.contents, ask.form)
        for path, value in values.items():
            item = ask.form.item(path)
            if item is None or value is None or item.compute:
                continue
            if item.carry or item.field is None or _of_period(ask, organisation, item.field):
                yield organisation, path, _offer(ask, value, record.final_at or "", record.period)


def _of_period(ask: Ask, organisation: str, code: str) -> bool:
    """Whether the registers' own value for the period before is of a part of the unit alone."""
    field = ask.dictionary.fields.get(code)
    return organisation in ask.grown and field is not None and field.periodic


def _offer(ask: Ask, value: Json, at: str, period: str) -> Offer:
    return Offer(value=value, source="carried", title=ask.form.title(), at=at, note=period)
