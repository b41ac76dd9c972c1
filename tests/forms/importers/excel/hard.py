"""Sheets as offices really send them, each with one thing that makes it hard, and what a person reads off.

A drawing (see `sheets`), the kinds of its tables, the paths of its columns and its printed rows. All made up.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hard:
    """A drawn sheet and the truth about it; lists are words with spaces between."""

    name: str
    drawing: str
    heads: str  # `耕地/亩`, table by table
    names: str = ""
    kind: str = "cross"
    title: str = ""
    around: str = ""
    asked: str = ""
    units: str = ""  # `播种面积（亩）/花生=亩`
    numbers: str = ""  # columns in which figures stand
    codes: str = ""  # of its printed rows, `-` for none
    rules: str = ""  # `r1 = r2 + r3; …`

    @property
    def columns(self) -> tuple[str, ...]:
        """The paths of its columns."""
        return tuple(self.heads.split())

    @property
    def rows(self) -> tuple[str, ...]:
        """The names of its printed rows."""
        return tuple(self.names.split())

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each of its tables."""
        return tuple(self.kind.split())

    @property
    def answers(self) -> tuple[str, ...]:
        """What a card asks for."""
        return tuple(self.asked.split())

    @property
    def blocks(self) -> tuple[str, ...]:
        """The roles of what stands around the tables."""
        return tuple(self.around.split())
