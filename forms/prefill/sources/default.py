"""What the form itself proposes where nobody knows anything: the `default` of its items."""

from collections.abc import Iterator

from forms import defaults
from forms.compiled import Item
from forms.prefill.offer import Ask, Offer, Offers


def beneath(ask: Ask, offers: Offers) -> Offers:
    """The offers with a proposal for every cell that has none; rows are those that the others brought."""
    for item in ask.form.items:
        if (value := defaults.of(item)) is None:
            continue
        for given in offers.values():
            for path in _cells(item, list(given)):
                if path not in given:
                    given[path] = [Offer(value, defaults.SOURCE, ask.form.title())]
    return offers


def _cells(item: Item, known: list[str]) -> Iterator[str]:
    if "*" not in item.path:
        yield item.path
        return
    inside = f"{item.table}/"
    rows = dict.fromkeys(
        path.removeprefix(inside).partition("/")[0] for path in known if path.startswith(inside)
    )
    for row in rows:
        yield f"{inside}{row}/{item.column}"
