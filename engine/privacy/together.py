"""Whom tables that were released before and a new one tell together; rows left out so that it is nobody. Pure.

Each table alone keeps k and l, and yet two of them may tell one person: whoever knows who stood in both
takes one group from another and is left with whoever came, went or was told otherwise between them. So
people whom the earlier tables do not tell apart are told apart by the new one only in parts that keep the
demand by themselves. A part that does not is left out of the new table; where too few remain outside,
others follow them. What is left is checked anew, since a group that lost rows may be too small.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

Key = tuple[str, ...]
Part = list[Hashable]
OUTSIDE: Key = ()
"""The group of whoever is not in a table; no table has columns enough to have it."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A released table: of each person in it the group and the sensitive values that the new one tells too."""

    groups: Mapping[Hashable, Key]
    values: Mapping[Hashable, Key]


def left_out(
    groups: Mapping[Hashable, Key],
    values: Mapping[Hashable, Key],
    earlier: Sequence[Earlier],
    *,
    k: int,
    l: int,  # noqa: E741 - its name in the literature
) -> set[Hashable]:
    """Who must not be in a new table that puts each person in these groups, with these sensitive values."""
    search = _Search(groups, values, earlier, k, l)
    before = -1
    while len(search.out) != before:
        before = len(search.out)
        search.leave_small_groups()
        search.leave_small_parts()
    return search.out


class _Search:
    """Who is left out so far."""

    def __init__(
        self,
        groups: Mapping[Hashable, Key],
        values: Mapping[Hashable, Key],
        earlier: Sequence[Earlier],
        k: int,
        l: int,  # noqa: E741 - as above
    ) -> None:
        self._groups, self._values, self._k, self._l = groups, values, k, l
        self._earlier = earlier
        self.out: set[Hashable] = set()
        alike: dict[tuple[Key, ...], Part] = defaultdict(list)
        for one in {*groups, *(who for table in earlier for who in table.groups)}:
            alike[tuple(table.groups.get(one, OUTSIDE) for table in earlier)].append(one)
        self._alike = alike
        self._within: dict[Key, Part] = defaultdict(list)
        for who, group in groups.items():
            self._within[group].append(who)

    def leave_small_groups(self) -> None:
        """Groups of the new table that lost rows and keep the demand no more."""
        for people in self._within.values():
            left = [one for one in people if one not in self.out]
            if left and not self._keeps(left, self._values):
                self.out.update(left)

    def leave_small_parts(self) -> None:
        """Whom the new table would tell apart among those who were told alike until now."""
        for marks, people in self._alike.items():
            new = all(mark == OUTSIDE for mark in marks)
            parts: dict[Key, Part] = defaultdict(list)
            for one in people:
                inside = one in self._groups and one not in self.out
                parts[self._groups[one] if inside else OUTSIDE].append(one)
            outside = parts.pop(OUTSIDE, [])
            for _, part in sorted(parts.items(), key=lambda one: (len(one[1]), one[0])):
                small = not new and len(parts) + bool(outside) > 1
                if (new or small) and not self._keeps(part, self._values):
                    self._leave(part, outside)
                    continue
                if not new and outside and not self._keeps(outside, self._known(marks)):
                    self._leave(part, outside)

    def _leave(self, part: Part, outside: Part) -> None:
        self.out.update(part)
        outside += part

    def _known(self, marks: tuple[Key, ...]) -> Mapping[Hashable, Key]:
        """What was told of those who are alike, by the last table that they stood in."""
        at = max(at for at, mark in enumerate(marks) if mark != OUTSIDE)
        return self._earlier[at].values

    def _keeps(self, people: Part, values: Mapping[Hashable, Key]) -> bool:
        if len(people) < self._k:
            return False
        columns = zip(*(values[one] for one in people), strict=True)
        return all(len({*column} - {""}) >= self._l for column in columns)
