"""What a picked condition may ask about, and a formula while it is written, as the designers' pages get them."""

from typing import Annotated, Any

import msgspec


class AskedOption(msgspec.Struct):
    """A value that can be chosen."""

    value: str
    label: str


class AskedName(msgspec.Struct):
    """Something a condition may ask about, with the comparisons that fit it."""

    name: str
    label: str
    kind: str
    """number, date, boolean, choice, several or text."""
    unit: str
    options: list[AskedOption]
    ops: list[str]
    form: str = ""
    """The form it stands in, where there are several."""
    pick: str = ""
    """organisation, person or account: its values are found by name."""
    levels: list[str] = []
    """Of which levels those organisations are; empty: of any."""


Trial = str | int | float | bool | None


class FormulaDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A formula being written, and where it will stand."""

    formula: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    path: Annotated[str, msgspec.Meta(max_length=400)] = ""
    """The item, table or column that it is about."""
    over: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """Of a check: the table and way it goes over."""
    condition: bool = False
    picked: dict[str, Any] | None = None
    """A condition picked in lines and groups, in place of a formula."""
    sample: dict[str, Trial | list[dict[str, Trial]]] = {}
    """Values to try it on by name; of a table rows with their columns."""


class NameHelp(msgspec.Struct):
    """A name that may be used, with what can be chosen for it."""

    name: str
    label: str
    kind: str
    options: list[dict[str, str]]


class Tried(msgspec.Struct):
    """A name used, with the value it was tried with."""

    name: str
    label: str
    kind: str
    value: str
    options: list[dict[str, str]]


class TriedRow(msgspec.Struct):
    """A row that a formula was tried with."""

    title: str
    cells: dict[str, str]


class TriedTable(msgspec.Struct):
    """A table that a formula looks into, with the columns it uses and the rows it was tried with."""

    name: str
    label: str
    columns: list[NameHelp]
    rows: list[TriedRow]
    fixed: bool
    """Whether its rows are part of the form."""


class FormulaTold(msgspec.Struct):
    """A formula in words, what is wrong and where, and its result for the values tried."""

    formula: str
    words: str
    problem: str
    position: int
    names: list[NameHelp]
    asked: list[AskedName]
    """What a picked condition may ask about, with the comparisons that fit."""
    sample: list[Tried]
    tables: list[TriedTable]
    result: str | None
    picked: dict[str, Any] | None
    called: dict[str, str] = {}
    """What the organisations and people of the lines are called, by their value."""
