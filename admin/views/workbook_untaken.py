"""Cells of a workbook that are not the filler's to write, and were written all the same: told, never taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine import messages
from engine.errors import Problem
from engine.formula.document import Document
from engine.json_text import Json
from forms import document
from forms.checks import compute
from forms.compiled import CompiledForm, Item

CODE = "workbook.protected"


@dataclass(frozen=True, slots=True)
class Protected:
    """A cell that is computed or locked, as it stands in the workbook; `said` are its words."""

    path: str
    item: Item
    address: str
    value: Json
    said: str


@dataclass(frozen=True, slots=True)
class CellNote:
    """Something about one cell: where it stands in the workbook, which of ours it is, what to do."""

    address: str
    path: str
    label: str
    code: str
    text: str


def untaken(
    form: CompiledForm,
    cells: Sequence[Protected],
    base: Mapping[str, Json],
    contents: Mapping[str, Json],
    language: str,
) -> Iterator[CellNote]:
    """Those in which something else stands than was there and than comes of what was filled in."""
    changed = [one for one in cells if _other(one, document.get(base, one.path))]
    if not changed:
        return
    reckoned = _reckoned(form, contents)
    for one in changed:
        if one.item.compute and not _other(one, document.get(reckoned, one.path)):
            continue
        label = form.name_of(one.path, language)
        text = messages.text(CODE, language, {"text": one.said})
        yield CellNote(one.address, one.path, label, CODE, text)


def _other(one: Protected, was: Json) -> bool:
    """Whether it says something that was not there; an emptied cell is left to the form."""
    if one.value is None:
        return bool(one.said)
    return bool(one.value != was)


def _reckoned(form: CompiledForm, contents: Mapping[str, Json]) -> Mapping[str, Json]:
    """What the form computes of the workbook's own values; of registers and other periods nothing is known here."""
    try:
        return compute.computed(form, Document(contents))
    except Problem:
        return contents
