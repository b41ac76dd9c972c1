"""The whole estate of forms (报表总览): how much is asked, how often twice, and what to merge first.

Pure: over compiled forms. A pair of forms is looked at only if they share a fact, so that a county's
hundreds of forms take no longer than their shared facts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from engine.periods import PER_YEAR
from forms.compiled import CompiledForm

ALIKE = 0.7
"""A new form that shares so much of its facts with another needs a reason to be published."""
FEW = 5
"""Fewer shared facts are no duplicate, whatever their share."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A form, and how often a year it is filled."""

    code: str
    titles: Mapping[str, str]
    owner: str
    times: int
    items: int
    facts: frozenset[str]

    def title(self, language: str = "zh") -> str:
        """What it is called."""
        return self.titles.get(language) or self.titles.get("zh") or self.code


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact and the forms that ask for it."""

    field: str
    by: tuple[Asker, ...]

    @property
    def times(self) -> int:
        """How often a year an organisation is asked."""
        return sum(one.times for one in self.by)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two forms that share facts: merging them spares asking those twice."""

    one: Asker
    other: Asker
    shared: int
    spared: int
    """Cells a year that an organisation need not fill if the two were one."""
    added: int
    """Facts that a merged form asks beyond the larger of the two: what merging costs."""

    @property
    def share(self) -> float:
        """Of the smaller form's facts, how much the other has."""
        return self.shared / min(len(self.one.facts), len(self.other.facts))


@dataclass(frozen=True, slots=True)
class Estate:
    """All forms together."""

    askers: tuple[Asker, ...]
    asked: tuple[Asked, ...]
    """Facts, the most often asked first."""
    pairs: tuple[Pair, ...]
    """Merges, the cheapest for what they spare first."""

    @property
    def items(self) -> int:
        """All items of all forms."""
        return sum(one.items for one in self.askers)

    @property
    def repeated(self) -> int:
        """Facts that more than one form asks for."""
        return sum(1 for one in self.asked if len(one.by) > 1)

    @property
    def bound(self) -> int:
        """Items that ask for a shared fact."""
        return sum(len(one.by) for one in self.asked)


def asker(form: CompiledForm) -> Asker:
    """A form as somebody who asks; what it computes itself it asks of nobody."""
    items = [item for item in form.items if not item.compute]
    facts = frozenset(item.field for item in items if item.field)
    times = PER_YEAR.get(form.period, 1)
    return Asker(form.code, form.titles, form.owner, times, len(items), facts)


def estate(askers: Sequence[Asker]) -> Estate:
    """What they ask together, and which two to merge first."""
    by_fact: dict[str, list[Asker]] = defaultdict(list)
    for one in askers:
        for fact in one.facts:
            by_fact[fact].append(one)
    asked = [Asked(fact, tuple(by)) for fact, by in by_fact.items()]
    asked.sort(key=lambda one: (-len(one.by), -one.times, one.field))
    return Estate(tuple(askers), tuple(asked), tuple(pairs(askers, by_fact)))


def pairs(
    askers: Sequence[Asker], by_fact: Mapping[str, Sequence[Asker]], *, most: int = 50
) -> list[Pair]:
    """The best merges: much spared for little added."""
    shared: dict[tuple[int, int], int] = defaultdict(int)
    place = {one.code: number for number, one in enumerate(askers)}
    for by in by_fact.values():
        for one, other in combinations(sorted(place[each.code] for each in by), 2):
            shared[one, other] += 1
    found = [
        _pair(askers[one], askers[other], count)
        for (one, other), count in shared.items()
        if count >= FEW
    ]
    found.sort(key=lambda pair: (-pair.spared / (1 + pair.added), -pair.shared, pair.one.code))
    return found[:most]


def most_alike(new: Asker, others: Iterable[Asker]) -> Pair | None:
    """The form that shares most of a new one's facts, if it is so much that it needs a reason."""
    best: Pair | None = None
    for other in others:
        count = len(new.facts & other.facts)
        if other.code == new.code or count < FEW or count / len(new.facts) < ALIKE:
            continue
        if best is None or count > best.shared:
            best = _pair(new, other, count)
    return best


def _pair(one: Asker, other: Asker, shared: int) -> Pair:
    added = min(len(one.facts), len(other.facts)) - shared
    return Pair(one, other, shared, shared * min(one.times, other.times), added)
