"""Which table of a sheet a rule means by its words: `A表`, `附表一`, `主表`, `上表`, `农业综合表`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.importers.excel.files.grid import column_number, parse_address
from forms.importers.excel.labels import words
from forms.importers.excel.labels.words import figure
from forms.importers.excel.printed_rules.rule_parser import CannotRead
from forms.importers.excel.proposal import Block, Table

_NUMERALS = re.compile(r"[一二三四五六七八九十]{1,3}")
_LOOSE = re.compile(r"[\s()（）《》〈〉【】\[\]:：、.。·-]+")
_TAIL = re.compile(r"(?:情况|基本情况)?(?:统计|汇总|调查|登记|明细)?(?:月报|季报|年报|报)?表$")
_COUNTED = re.compile(r"附?表(\d{1,2})|([A-Z甲乙丙丁戊])表|表([A-Z])")
_LETTERS = "甲乙丙丁戊"
_DESIGNATED = re.compile(r"表\d|表[A-Z]|[A-Z甲乙丙丁戊]表|[主附]表")
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Titled:
    """The tables of a sheet with what they are called, and the names of the workbook's other sheets.

    Of several sheets read as one form these are the tables of all; `own` are those of the sheet on
    which the rule is printed.
    """

    titles: tuple[str, ...]
    tables: tuple[Table, ...]
    others: tuple[str, ...] = ()
    own: tuple[int, ...] | None = None

    @classmethod
    def of(
        cls,
        tables: Sequence[Table],
        title: str,
        sheet: str,
        sheets: Sequence[str],
        blocks: Sequence[Block],
    ) -> "Titled":
        """A table alone on its sheet is called as the sheet is, also by the number it was issued under."""
        number = next((one.text for one in blocks if one.role == "legal_number"), "")
        whole = " ".join((title, sheet, number)) if len(tables) == 1 else ""
        titles = tuple(plain(f"{one.title} {whole}") for one in tables)
        others = tuple(plain(one) for one in sheets if one != sheet)
        return cls(titles, tuple(tables), others)

    def meant(self, word: str, own: Sequence[int]) -> Sequence[int]:
        """The tables that a word may mean, where `own` are those that 本表 may mean. Raises CannotRead."""
        told = plain(word)
        if told.startswith("本") or not told:
            return own
        if told in ("上表", "下表", "左表", "右表"):
            return self._beside(told[0])
        found = self._titled(told)
        found = self._by_place(told) if found is None else found
        if found is None:
            bare = _TAIL.sub("", told)
            there = [one for one in self.others if told in one or (len(bare) >= _SHORTEST and (bare in one or one in told))]  # fmt: skip
            raise CannotRead("other-sheet" if there else "other-table")
        return [found]

    def _titled(self, told: str) -> int | None:
        """The one table whose title has the words in it, or all of them but the tail."""
        bare = _TAIL.sub("", told)
        turned = told[1:] + told[0] if re.fullmatch(r"[A-Z]表", told) else told
        for word in (told, turned, bare if len(bare) >= _SHORTEST else told):
            ends = r"(?!\d)" if word[-1:].isdigit() else ""
            found = [n for n, title in enumerate(self.titles) if re.search(re.escape(word) + ends, title)]  # fmt: skip
            if len(found) == 1:
                return found[0]
        return None

    def _by_place(self, told: str) -> int | None:
        """`主表` beside annexes; `表2`, `B表` where no table is called so, by the order they stand in."""
        annexed = [n for n, title in enumerate(self.titles) if "附表" in title]
        if told == "主表":
            main = [n for n in range(len(self.titles)) if n not in annexed]
            return main[0] if annexed and len(main) == 1 else None
        if told == "附表":
            return annexed[0] if len(annexed) == 1 else None
        counted = _COUNTED.fullmatch(told)
        if counted is None or len(self.tables) == 1 or any(map(_DESIGNATED.search, self.titles)):
            return None
        letter = counted[2] or counted[3] or ""
        place = int(counted[1]) - 1 if counted[1] else (_LETTERS.index(letter) if letter in _LETTERS else ord(letter) - ord("A"))  # fmt: skip
        return place if 0 <= place < len(self.tables) else None

    def _beside(self, side: str) -> Sequence[int]:
        """Of two tables the one above or beside the other."""
        if len(self._own) != 2:
            raise CannotRead("which-table")
        first, second = (self.tables[n] for n in self._own)
        stacked = first.rows[1] < second.rows[0]
        across = column_number(first.cols[1]) < column_number(second.cols[0])
        if (side in "上下") != stacked or not (stacked or across):
            raise CannotRead("which-table")
        return [self._own[0 if side in "上左" else 1]]

    @property
    def _own(self) -> tuple[int, ...]:
        return tuple(range(len(self.tables))) if self.own is None else self.own

    def around(self, cell: str) -> list[int]:
        """The table below which, and above the next one, a cell stands; all where it stands under them all."""
        place = parse_address(cell) or (0, 0)
        above = [n for n in self._own if self.tables[n].rows[1] < place[0]]
        every = list(self._own)
        if not above or len(above) == len(every):
            return every
        return [max(above, key=lambda n: self.tables[n].rows[1])]


def plain(text: str) -> str:
    """Words as they are compared: without brackets and spaces, numerals as digits."""
    flat = _LOOSE.sub("", words.squeezed(text))
    return _NUMERALS.sub(lambda match: figure(match[0]), flat)
