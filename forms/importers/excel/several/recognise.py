"""What each sheet of a workbook is, and those that are to be one form recognised together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.dictionary.field import Field
from engine.errors import Problem
from engine.json_text import Json
from forms.importers.excel.files import read
from forms.importers.excel.files.grid import Grid, parse_address
from forms.importers.excel.hidden import without_hidden
from forms.importers.excel.labels import words
from forms.importers.excel.labels.block_words import PATTERNS
from forms.importers.excel.printed_rules.across import read_across
from forms.importers.excel.proposal import Block, Proposal
from forms.importers.excel.propose import propose

MOST = 40
"""So many sheets are looked at; a workbook of more is none of one report."""
QUICKLY = 25_000
"""So many cells are recognised at a first look, some seconds' work; the sheets behind go by their names."""
ROLES = ("form", "cover", "notes", "codes", "hidden", "empty")
JOINED = ("form", "cover", "notes")
"""What belongs into one form unless somebody says otherwise."""
_COVER = re.compile(r"封面|封皮|首页|扉页|cover", re.IGNORECASE)
_NOTES = re.compile(r"说明|须知|指标解释|填表要求|填报要求|注意事项|instruction|notes?$|readme", re.IGNORECASE)  # fmt: skip
_CODES = re.compile(r"代码|码表|字典|选项|下拉|枚举|数据源|基础数据|codes?$|options?$|lists?$", re.IGNORECASE)  # fmt: skip
_LONG = 30
"""A text so long is read, not filled in."""


@dataclass(frozen=True)
class Seen:
    """One sheet of a workbook, and what it seems to be."""

    name: str
    role: str
    rows: int = 0
    columns: int = 0
    title: str = ""
    items: int = 0

    def to_json(self) -> dict[str, Json]:
        """As the command line gives it."""
        return {
            "sheet": self.name,
            "role": self.role,
            "rows": self.rows,
            "columns": self.columns,
            "title": self.title,
            "items": self.items,
        }


@dataclass(frozen=True)
class Several:
    """Sheets recognised as one form: `proposals` have their items, `between` the rules between them."""

    proposals: tuple[Proposal, ...]
    between: Proposal
    notes: str = ""
    """What the sheets of notes say."""
    seen: Sequence[Seen] = field(default=())

    def to_json(self) -> dict[str, Json]:
        """All of it, each sheet as it is told alone."""
        whole = self.between.to_json()
        return {
            "sheets": [one.to_json() for one in self.seen],
            "proposals": [one.to_json() for one in self.proposals],
            "checks": whole["checks"],
            "notes": self.notes,
        }


def look(content: bytes) -> list[Seen]:
    """Every sheet of a workbook. Raises the reader's refusals."""
    first = read.open_sheet(content)
    hidden = read.hidden_sheets(content)
    names = first.sheets or (first.sheet,)
    found, read_ = [], 0
    for name in names[:MOST]:
        grid = _grid(content, name, first)
        if grid is None:
            found.append(Seen(name, "hidden" if name in hidden else "empty"))
            continue
        read_ += len(grid.cells)
        quick = read_ <= QUICKLY or name == first.sheet
        proposal = _proposal(grid) if quick else None
        role = "hidden" if name in hidden else _role(grid, proposal) if quick else _by_name(name)
        title, items = (proposal.title, len(proposal.items)) if proposal else ("", 0)
        shown = title if role in ("form", "cover") else ""
        found.append(Seen(name, role, grid.rows, grid.cols, shown, items))
    return found


def recognise(
    content: bytes,
    names: Sequence[str],
    fields: Sequence[Field] = (),
    learned: Mapping[str, str] | None = None,
    *,
    seen: Sequence[Seen] = (),
) -> Several:
    """The named sheets, in the order of the workbook, as what one form asks for.

    Sheets that `seen` calls notes only give their words. Raises the reader's and recogniser's refusals.
    """
    roles = {one.name: one.role for one in seen}
    proposals: list[Proposal] = []
    notes: list[str] = []
    taken: set[str] = set()
    for name in names:
        grid = read.open_sheet(content, name)
        if roles.get(name) == "notes":
            notes.append(_said(grid))
            continue
        found = propose(grid, fields, learned, taken=taken)
        if roles.get(name) == "cover":
            found = _as_cover(found)
        taken |= _names(found)
        proposals.append(found)
    if not proposals:  # nothing but notes: then they are what there is
        proposals = [propose(read.open_sheet(content, names[0]), fields, learned)]
    across = read_across(proposals)
    return Several(across.proposals, across.whole, "\n".join(notes), seen)


def _as_cover(proposal: Proposal) -> Proposal:
    """On a cover 填报单位 and its like are about the report, wherever they stand."""
    blocks, items = list(proposal.blocks), []
    for one in proposal.items:
        label = words.label(one.path[-1]).strip("：: ")
        role = next((role for role, said in PATTERNS if said.fullmatch(label)), None)
        if one.axis != "cell" or role is None or one.prefix:
            items.append(one)
            continue
        blocks.append(Block(role, one.label_cell or one.cell, one.value_cell, label))
    return replace(proposal, items=tuple(items), blocks=tuple(blocks))


def _names(proposal: Proposal) -> set[str]:
    """The names that a sheet puts at the root of the form."""
    cards = {one.name for one in proposal.items if one.axis == "cell"}
    tables = {name for one in proposal.tables for name in (one.name, f"{one.name}_change")}
    return cards | tables


def _grid(content: bytes, name: str, first: Grid) -> Grid | None:
    if name == first.sheet:
        return first
    try:
        return read.open_sheet(content, name)
    except Problem:
        return None


def _proposal(grid: Grid) -> Proposal | None:
    try:
        return propose(grid)
    except Problem:
        return None


def _by_name(name: str) -> str:
    """What a sheet is called, where looking at it would take too long."""
    for role, said in (("cover", _COVER), ("notes", _NOTES), ("codes", _CODES)):
        if said.search(name):
            return role
    return "form"


def _role(grid: Grid, proposal: Proposal | None) -> str:
    """By its name, then by what stands on it."""
    texts = [cell.text for cell in without_hidden(grid).grid.filled() if cell.kind == "text"]
    if _COVER.search(grid.sheet):
        return "cover"
    wordy = sum(len(text) >= _LONG for text in texts) >= max(1, 0.3 * len(texts))
    room = _room(grid, proposal)
    if _NOTES.search(grid.sheet) and (wordy or not room):
        return "notes"
    if proposal is None or (not proposal.items and not proposal.blocks):
        if grid.cols == 1 and grid.rows > 2 and not wordy:
            return "codes"
        return "notes" if wordy or _NOTES.search(" ".join(texts[:2])) else "cover"
    if not room and not any(one.axis == "cell" for one in proposal.items):
        few = max((len(proposal.columns(n)) for n in range(len(proposal.tables))), default=0) <= 3
        if _CODES.search(grid.sheet) or (few and grid.rows > 2 and _told(grid)):
            return "codes" if proposal.tables else "notes"
    if wordy and not room:
        return "notes"
    return "form" if proposal.tables or len(proposal.items) > 2 else "cover"


def _told(grid: Grid) -> bool:
    """Whether nothing but words and codes stands on it: no figures that somebody once reported."""
    return all(cell.kind == "text" or _small(cell.value) for cell in grid.filled())


def _small(value: Any) -> bool:
    return isinstance(value, int) and abs(value) < 1000


def _room(grid: Grid, proposal: Proposal | None) -> bool:
    """Whether anything on it waits to be filled in, or could: an empty cell of a table, figures."""
    if proposal is None:
        return False
    if any(one.axis == "cell" for one in proposal.items):
        return True
    for n, table in enumerate(proposal.tables):
        if table.body is None or table.kind == "fixed":
            return True
        letters = {letter for one in proposal.columns(n) for letter in one.columns}
        for row in range(table.body[0], table.body[1] + 1):
            places = (parse_address(f"{letter}{row}") for letter in letters)
            if any(place is not None and grid.at(*place).blank for place in places):
                return True
    return False


def _said(grid: Grid) -> str:
    """The words of a sheet, line by line."""
    lines = []
    for number in range(1, grid.rows + 1):
        said = [words.label(c.text) for c in grid.row(number) if c.row == number and not c.blank]
        if said:
            lines.append(" ".join(said))
    return "\n".join(lines)
