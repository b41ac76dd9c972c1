"""Whether a released table is k-anonymous and l-diverse, judged from its rows alone.

Written apart from what makes releases, on purpose: it shares no code with it and believes nothing
but the table. The command line checks any CSV file with it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a table keeps: the smallest group, and the fewest different values in any group."""

    rows: int
    groups: int
    k: int
    l: Mapping[str, int]  # noqa: E741 - its name in the literature

    def keeps(self, k: int, l: int) -> bool:  # noqa: E741 - its name in the literature
        """Whether the table keeps a demand; an empty one keeps every."""
        return not self.rows or (self.k >= k and all(found >= l for found in self.l.values()))


def judge(
    rows: Sequence[Mapping[str, str]], quasi: Sequence[str], sensitive: Sequence[str]
) -> Verdict:
    """Count what a table keeps."""
    alike: dict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        alike[tuple(row[name] for name in quasi)].append(row)
    return Verdict(
        rows=len(rows),
        groups=len(alike),
        k=min((len(group) for group in alike.values()), default=0),
        l={
            name: min(
                (len({row[name] for row in group if row[name]}) for group in alike.values()),
                default=0,
            )
            for name in sensitive
        },
    )
