"""Forms of several worksheets: which of them each item, table and block stands on.

The worksheet of the form's template is called "" throughout, so that a form of one sheet says nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from forms.compiled import Block, CompiledForm, Item, Table
from forms.structure import Spot

Standing = TypeVar("Standing", Item, Table)


def named(spots: Iterable[Spot], form: Mapping[str, Any]) -> dict[str, str]:
    """The worksheet of everything that says one, and of what stands in it, by path; "" is the template's own.

    An item that was moved into a group of another sheet still stands where it says.
    """
    main, found = _main(form), dict[str, str]()
    for spot in spots:  # what holds others comes before them
        own = spot.node.get("sheet")
        above = found.get(spot.path.rpartition("/")[0].removesuffix("/*"), "")
        found[spot.path] = above if own is None else "" if own == main else str(own)
    return found


def standing(things: Iterable[Standing], sheets: Mapping[str, str]) -> Iterator[Standing]:
    """Items or tables, each with its worksheet."""
    for one in things:
        sheet = sheets.get(one.path, "")
        yield replace(one, sheet=sheet) if sheet else one


def blocks(form: Mapping[str, Any]) -> Iterator[Block]:
    """The blocks of a form's head."""
    main = _main(form)
    for told in form.get("blocks", ()):
        one = Block(**told)
        yield replace(one, sheet="") if one.sheet == main else one


def of(form: CompiledForm) -> tuple[str, ...]:
    """The worksheets that a form stands on, the template's own first."""
    groups: tuple[Iterable[Item | Table | Block], ...] = (form.items, form.tables, form.blocks)
    return tuple(dict.fromkeys(("", *(one.sheet for group in groups for one in group))))


def _main(form: Mapping[str, Any]) -> str:
    return str(form.get("template", {}).get("sheet", ""))
