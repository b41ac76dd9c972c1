"""Which of several sources that differ somebody took: kept beside the cell, for whoever reads it later."""

from collections.abc import Mapping

from engine.json_text import Json
from engine.work import Work
from forms import document
from forms.document import Cell


def choice(work: Work, cell: Cell) -> Mapping[str, Json] | None:
    """Who takes which source now, over which others; `typed`: none of them. Nothing for a blank cell."""
    if document.blank(cell.value):
        return None
    offers = [{**(cell.source or {}), "value": cell.known}, *(cell.source or {})["others"]]
    taken = [one for one in offers if document.same(one["value"], cell.value)]
    over = [str(one.get("title", "")) for one in offers if one not in taken]
    told: dict[str, Json] = {"by": work.actor.name, "at": work.at, "over": over}
    if not taken:
        return {**told, "source": "typed", "title": ""}
    return {**told, "source": taken[0].get("source", ""), "title": taken[0].get("title", "")}
