"""A table made k-anonymous and l-diverse by telling columns less exactly and leaving rows out. Pure.

Full-domain generalisation: every value of a column is told at the same level, so that the bands of a
released table mean the same in every row and can be joined with other tables by whoever uses it
(Mondrian loses less, but tells the same fact in overlapping ranges that no dictionary describes).
The lattice of levels is walked from below, each node's groups rolled up from a node beneath it, and
nothing above a node that will do is looked at: joining groups never makes a small or uniform one, so
more would only be lost. A sensitive value that is not known makes no group more diverse. Among the lowest nodes that will do the one that loses least is taken.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from engine.errors import Problem
from engine.privacy.hierarchies import Hierarchy

MOST_NODES = 5_000
MOST_BESIDE = 60
"""So many nodes are held against what was released before."""
Levels = tuple[int, ...]
Key = tuple[str, ...]
Group = tuple[int, tuple[int, ...]]
"""How many rows, and for each sensitive column which values occur, as bits."""


class NotReleasable(Problem):
    """No generalisation of these columns reaches the demand without leaving too many rows out."""

    code, status = "release.not-releasable", 422
    k: int
    l: int  # noqa: E741 - its name in the literature
    suppressed: int


class NotApart(Problem):
    """Together with what was released before somebody could be told, however this table is made."""

    code, status = "release.not-apart", 422
    titles: str


class ReleaseWrong(Problem):
    """The demand cannot be so; `reason` says what."""

    code, status = "release.wrong", 422
    reason: str


@dataclass(frozen=True, slots=True)
class Demand:
    """So many rows at least are alike, with so many different sensitive values; so many left out."""

    k: int
    l: int = 1  # noqa: E741 - its name in the literature
    most_left_out: float = 0.05
    """A part of the rows."""

    def check(self) -> None:
        """Raises ReleaseWrong."""
        if not 2 <= self.k <= 10_000:
            raise ReleaseWrong(reason="k")
        if not 1 <= self.l <= self.k:
            raise ReleaseWrong(reason="l")
        if not 0 <= self.most_left_out <= 0.5:
            raise ReleaseWrong(reason="left-out")


@dataclass(frozen=True, slots=True)
class Loss:
    """What a node tells less, of each column from nought to one, and how many rows it leaves out."""

    columns: tuple[float, ...]
    left_out: int

    @property
    def total(self) -> float:
        """Of all columns together."""
        return sum(self.columns) / len(self.columns) if self.columns else 0.0


@dataclass(frozen=True, slots=True)
class Anonymised:
    """A released table with what it cost."""

    levels: Levels
    loss: Loss
    rows: tuple[Key, ...]
    """Generalised quasi-identifiers and sensitive values, in the order of the columns; shuffled rows
    are the caller's business: they stand sorted, so their order tells nothing."""
    picked: tuple[int, ...]
    """Which of the given rows each of them was."""
    groups: int
    smallest: int
    tried: int
    """How many nodes of the lattice were looked at."""
    others: tuple[tuple[Levels, Loss], ...]
    """The other lowest nodes that would do, the least loss first."""


Beside = Callable[[Sequence[Key]], set[int]]
"""Which rows may not be in a table that tells each row so."""


def anonymise(
    quasi: Sequence[Key],
    sensitive: Sequence[Key],
    hierarchies: Sequence[Hierarchy],
    demand: Demand,
    beside: Beside | None = None,
) -> Anonymised:
    """Release rows given by their quasi-identifiers and, beside each, its sensitive values.

    `beside` tells what more is left out for what others have already. Raises ReleaseWrong,
    NotReleasable, NotApart.
    """
    demand.check()
    if not hierarchies:
        raise ReleaseWrong(reason="columns")
    nodes = 1
    for one in hierarchies:
        nodes *= one.top + 1
    if nodes > MOST_NODES:
        raise ReleaseWrong(reason="too-many")
    if len(quasi) < demand.k:
        raise ReleaseWrong(reason="too-few")
    search = _Search(quasi, sensitive, hierarchies, demand)
    found = sorted(search.lowest(), key=lambda one: (one[1].total, one[1].left_out, one[0]))
    if not found:
        raise NotReleasable(k=demand.k, l=demand.l, suppressed=search.fewest)
    if beside is None:
        return search.released(found[0][0], search.small(found[0][0]), tuple(found[1:6]))
    for levels in search.upwards(found)[:MOST_BESIDE]:
        out = beside(search.keys(levels))
        if search.bears(len(out)):
            return search.released(levels, out, tuple(one for one in found if one[0] != levels)[:5])
    raise NotApart(titles="")


class _Search:
    """The walk over the lattice."""

    def __init__(
        self,
        quasi: Sequence[Key],
        sensitive: Sequence[Key],
        hierarchies: Sequence[Hierarchy],
        demand: Demand,
    ) -> None:
        self._quasi, self._sensitive = quasi, sensitive
        self._hierarchies, self._demand = hierarchies, demand
        self._most = int(len(quasi) * demand.most_left_out)
        self.fewest = len(quasi)
        self.tried = 0
        self._domains = [sorted({row[at] for row in quasi}) for at in range(len(hierarchies))]
        self._maps = [
            [dict(zip(domain, map(step, domain), strict=True)) for step in one.steps]
            for domain, one in zip(self._domains, hierarchies, strict=True)
        ]
        self._losses = [self._column_losses(at) for at in range(len(hierarchies))]

    def lowest(self) -> Iterator[tuple[Levels, Loss]]:
        """The lowest nodes that will do, each with its loss."""
        below: dict[Levels, dict[Key, Group]] = {}
        will_do: set[Levels] = set()
        tops = [one.top for one in self._hierarchies]
        for height in range(sum(tops) + 1):
            here: dict[Levels, dict[Key, Group]] = {}
            for node in _at_height(tops, height):
                if any(_beneath(one, node) for one in will_do):
                    continue
                groups = self._groups(node, below)
                self.tried += 1
                left_out = self._left_out(groups)
                self.fewest = min(self.fewest, left_out)
                if self.bears(left_out):
                    will_do.add(node)
                    yield node, self._loss(node, left_out)
                else:
                    here[node] = groups
            below = here

    def bears(self, left_out: int) -> bool:
        """Whether so many rows may be left out."""
        return left_out <= self._most and left_out < len(self._quasi)

    def keys(self, levels: Levels) -> list[Key]:
        """Each row as a node tells it."""
        maps = [self._maps[at][level] for at, level in enumerate(levels)]
        return [
            tuple(one[value] for one, value in zip(maps, row, strict=True)) for row in self._quasi
        ]

    def upwards(self, found: Sequence[tuple[Levels, Loss]]) -> list[Levels]:
        """The nodes that will do by themselves, lowest or not, the least loss first."""
        nodes = product(*(range(one.top + 1) for one in self._hierarchies))
        good = [one for one in nodes if any(_beneath(low, one) for low, _ in found)]
        return sorted(good, key=lambda one: (self._loss(one, 0).total, one))

    def small(self, levels: Levels) -> set[int]:
        """The rows in groups that are too small or too uniform."""
        together: dict[Key, list[int]] = {}
        for at, key in enumerate(self.keys(levels)):
            together.setdefault(key, []).append(at)
        return {
            at
            for rows in together.values()
            if len(rows) < self._demand.k
            or not all(
                len({*column} - {""}) >= self._demand.l
                for column in zip(*(self._sensitive[at] for at in rows), strict=True)
            )
            for at in rows
        }

    def released(
        self, levels: Levels, out: set[int], others: tuple[tuple[Levels, Loss], ...]
    ) -> Anonymised:
        """The rows of a node without those that are left out."""
        keys = self.keys(levels)
        kept = sorted(
            ((*key, *values), at)
            for at, (key, values) in enumerate(zip(keys, self._sensitive, strict=True))
            if at not in out
        )
        groups = Counter(keys[at] for _, at in kept)
        return Anonymised(
            levels,
            self._loss(levels, len(out)),
            tuple(row for row, _ in kept),
            tuple(at for _, at in kept),
            len(groups),
            min(groups.values(), default=0),
            self.tried,
            others,
        )

    def _groups(
        self, node: Levels, below: Mapping[Levels, Mapping[Key, Group]]
    ) -> dict[Key, Group]:
        """A node's groups: rolled up from the smallest node beneath it, or counted from the rows."""
        under = [
            (len(groups), at, one)
            for at, level in enumerate(node)
            if level
            for one in ((*node[:at], level - 1, *node[at + 1 :]),)
            if (groups := below.get(one)) is not None
        ]
        if not under:
            return self._counted(node)
        _, at, one = min(under)
        low, high = (self._maps[at][node[at] - step].values() for step in (1, 0))
        upward = dict(zip(low, high, strict=True))
        found: dict[Key, Group] = {}
        for key, group in below[one].items():
            higher = (*key[:at], upward[key[at]], *key[at + 1 :])
            found[higher] = _joined(found.get(higher), group)
        return found

    def _counted(self, node: Levels) -> dict[Key, Group]:
        maps = [self._maps[at][level] for at, level in enumerate(node)]
        width = len(self._sensitive[0]) if self._sensitive else 0
        bits: list[dict[str, int]] = [{} for _ in range(width)]
        found: dict[Key, Group] = {}
        for row, values in zip(self._quasi, self._sensitive, strict=True):
            key = tuple(one[value] for one, value in zip(maps, row, strict=True))
            which = tuple(
                1 << seen.setdefault(value, len(seen)) if value else 0
                for seen, value in zip(bits, values, strict=True)
            )
            found[key] = _joined(found.get(key), (1, which))
        return found

    def _left_out(self, groups: Mapping[Key, Group]) -> int:
        k, l_ = self._demand.k, self._demand.l
        return sum(
            count
            for count, which in groups.values()
            if count < k or any(one.bit_count() < l_ for one in which)
        )

    def _column_losses(self, at: int) -> list[float]:
        """Of each level: how many other values a value cannot be told from, of all there are, by row."""
        domain = self._domains[at]
        if len(domain) < 2:
            return [0.0] * (self._hierarchies[at].top + 1)
        weight: dict[str, int] = dict.fromkeys(domain, 0)
        for row in self._quasi:
            weight[row[at]] += 1
        found = []
        for mapped in self._maps[at]:
            alike: dict[str, int] = {}
            for value in domain:
                alike[mapped[value]] = alike.get(mapped[value], 0) + 1
            lost = sum(weight[value] * (alike[mapped[value]] - 1) for value in domain)
            found.append(lost / (len(domain) - 1) / len(self._quasi))
        return found

    def _loss(self, node: Levels, left_out: int) -> Loss:
        return Loss(tuple(self._losses[at][level] for at, level in enumerate(node)), left_out)


def _joined(one: Group | None, other: Group) -> Group:
    if one is None:
        return other
    which = tuple(a | b for a, b in zip(one[1], other[1], strict=True))
    return one[0] + other[0], which


def _at_height(tops: Sequence[int], height: int) -> Iterator[Levels]:
    return (node for node in product(*(range(top + 1) for top in tops)) if sum(node) == height)


def _beneath(one: Levels, other: Levels) -> bool:
    return all(low <= high for low, high in zip(one, other, strict=True))
