"""Printed rules that speak of another sheet of the same form: `02=农业综合表12行`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forms.importers.excel.printed_rules import rule_places
from forms.importers.excel.printed_rules.placed_rules import Placed
from forms.importers.excel.printed_rules.rule_parser import CannotRead
from forms.importers.excel.printed_rules.rule_parts import with_parts
from forms.importers.excel.printed_rules.rule_words import apart
from forms.importers.excel.printed_rules.table_words import Titled
from forms.importers.excel.proposal import Item, Proposal, SheetCheck, Table, Warning_

_ELSEWHERE = ("sheet.rule-other-sheet", "sheet.rule-other-table")
"""Why a rule was left on its own sheet, where it may be read with the others at hand."""


@dataclass(frozen=True)
class Across:
    """The rules between sheets; `whole` has the tables and items of all of them, to draft their checks."""

    proposals: tuple[Proposal, ...]
    whole: Proposal


def read_across(proposals: Sequence[Proposal]) -> Across:
    """The sheets with those rules taken from their warnings that the others explain."""
    shared = _Shared(proposals)
    checks: list[SheetCheck] = []
    left = []
    for n, proposal in enumerate(proposals):
        warnings = []
        for one in proposal.warnings:
            got, told = shared.read(one, n)
            checks.extend(got)
            warnings.extend(told)
        left.append(replace(proposal, warnings=tuple(warnings)))
    whole = replace(
        proposals[0], items=shared.items, tables=tuple(shared.tables), checks=tuple(checks)
    )
    return Across(tuple(left), whole)


class _Shared:
    """The tables of all sheets counted through, and whose they are."""

    def __init__(self, proposals: Sequence[Proposal]) -> None:
        self.proposals = proposals
        self.tables: list[Table] = []
        self.titles: list[str] = []
        self.own: list[tuple[int, ...]] = []
        items: list[Item] = []
        for one in proposals:
            first = len(self.tables)
            items += [replace(item, table=item.table + first) for item in one.items]
            self.tables += one.tables
            self.titles += Titled.of(one.tables, one.title, one.sheet, (), one.blocks).titles
            self.own.append(tuple(range(first, len(self.tables))))
        self.items = tuple(items)

    def read(self, one: Warning_, sheet: int) -> tuple[list[SheetCheck], list[Warning_]]:
        """The checks of a rule that could not be read on its own sheet, or the warning as it was."""
        if one.code not in _ELSEWHERE:
            return [], [one]
        proposal = self.proposals[sheet]
        others = Titled.of((), "", proposal.sheet, proposal.sheets, ()).others
        titled = Titled(tuple(self.titles), tuple(self.tables), others, self.own[sheet])
        placed = Placed(titled, self.items)
        text, places = rule_places.marked(apart(with_parts(one.text, proposal.items)))
        text = rule_places.with_times(text, places, placed.labels)
        try:
            checks, counted = placed.read(text, places, one.cell)
        except CannotRead:
            return [], [one]
        return checks, [Warning_("sheet.rule-counted", one.cell, one.text)] if counted else []
