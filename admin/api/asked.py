"""What a picked condition may ask about, as the designers' pages get it."""

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
