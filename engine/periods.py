"""Reporting periods as text keys: `2026`, `2026-H2`, `2026-Q4`, `2026-11`."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from engine.errors import Problem

_TEXT = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}


class PeriodInvalid(Problem):
    """The text is no period."""

    code, status = "period.invalid", 422
    given: str


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year, half-year, quarter or month; `number` counts within the year from 1."""

    year: int
    number: int
    kind: str

    @classmethod
    def parse(cls, text: str) -> "Period":
        """A period from its key. Raises PeriodInvalid."""
        return _parsed(text)

    @classmethod
    def of(cls, kind: str, day: date) -> "Period":
        """The period of a kind in which a day lies. KeyError for no such kind."""
        months = 12 // PER_YEAR[kind]
        return cls(day.year, (day.month - 1) // months + 1, kind)

    def __str__(self) -> str:
        match self.kind:
            case "half":
                return f"{self.year:04d}-H{self.number}"
            case "quarter":
                return f"{self.year:04d}-Q{self.number}"
            case "month":
                return f"{self.year:04d}-{self.number:02d}"
            case _:
                return f"{self.year:04d}"

    def previous(self) -> "Period":
        """The period before."""
        if self.number > 1:
            return Period(self.year, self.number - 1, self.kind)
        return Period(self.year - 1, PER_YEAR[self.kind], self.kind)

    def following(self) -> "Period":
        """The period after."""
        if self.number < PER_YEAR[self.kind]:
            return Period(self.year, self.number + 1, self.kind)
        return Period(self.year + 1, 1, self.kind)

    def same_last_year(self) -> "Period":
        """The same period a year before."""
        return Period(self.year - 1, self.number, self.kind)

    def bounds(self) -> tuple[date, date]:
        """Its first and last day."""
        months = 12 // PER_YEAR[self.kind]
        last = self.number * months
        days = calendar.monthrange(self.year, last)[1]
        return date(self.year, last - months + 1, 1), date(self.year, last, days)

    def label(self, language: str = "zh") -> str:
        """As people write it: `2026年11月`, `2026年第四季度`, `November 2026`."""
        if language != "zh":
            return self._english()
        match self.kind:
            case "half":
                return f"{self.year}年{'上下'[self.number - 1]}半年"
            case "quarter":
                return f"{self.year}年第{'一二三四'[self.number - 1]}季度"
            case "month":
                return f"{self.year}年{self.number}月"
            case _:
                return f"{self.year}年"

    def _english(self) -> str:
        match self.kind:
            case "half":
                return f"{'first' if self.number == 1 else 'second'} half of {self.year}"
            case "quarter":
                return f"Q{self.number} {self.year}"
            case "month":
                return f"{_MONTHS[self.number - 1]} {self.year}"
            case _:
                return str(self.year)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Period:
    found = _TEXT.fullmatch(text)
    if found is None or found["year"] == "0000":
        raise PeriodInvalid(given=text[:40])
    for kind in ("half", "quarter", "month"):
        if found[kind]:
            return Period(int(found["year"]), int(found[kind]), kind)
    return Period(int(found["year"]), 1, "year")
