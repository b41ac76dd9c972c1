"""Forms of several worksheets: which of them each item, table and block stands on.

The worksheet of the form's template is called "" throughout, so that a form of one sheet says nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from forms.compiled import Block, CompiledForm, Item, Table

Standing = TypeVar("Standing", Item, Table)


def named(bundle: Mapping[str, Any]) -> dict[str, str]:
    """The worksheet of every property at the root that is not on the template's own."""
    main = _main(bundle["form"])
    told = {name: node.get("sheet", "") for name, node in bundle["properties"].items()}
    return {name: sheet for name, sheet in told.items() if sheet and sheet != main}


def standing(things: Iterable[Standing], sheets: Mapping[str, str]) -> Iterator[Standing]:
    """Items or tables, each with the worksheet of the property it stands in."""
    for one in things:
        sheet = sheets.get(one.path.split("/", 2)[1], "")
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
