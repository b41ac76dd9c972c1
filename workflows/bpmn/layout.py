"""Where each shape of a diagram stands: columns by how far from the start, rows within a column."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workflows.bpmn.names import FINISH, START
from workflows.flow import END, Flow, Step

WIDE, HIGH, STEP_X, STEP_Y = 120, 80, 190, 120
ROUND, DIAMOND = 36, 50
EVENTS = ("wait",)
GATEWAYS = ("fork", "join", "route")


class Box(NamedTuple):
    """A shape's bounds."""

    x: int
    y: int
    width: int
    height: int

    def right(self) -> tuple[int, int]:
        """Where lines leave."""
        return self.x + self.width, self.y + self.height // 2

    def left(self) -> tuple[int, int]:
        """Where lines arrive."""
        return self.x, self.y + self.height // 2

    def below(self) -> tuple[int, int]:
        """The middle of the lower edge."""
        return self.x + self.width // 2, self.y + self.height


def boxes(flow: Flow) -> Mapping[str, Box]:
    """The bounds of every shape by its id."""
    column = _columns(flow)
    last = max(column.values(), default=0) + 1
    taken: dict[int, int] = {}
    found = {START: _box(0, 0, ROUND, ROUND)}
    for step in sorted(flow.steps, key=lambda one: column.get(one.code, last)):
        at = column.get(step.code, last) + 1
        row = taken.get(at, 0)
        taken[at] = row + 1
        found[step.code] = _box(at, row, *_size(step))
    found[FINISH] = _box(last + 1, 0, ROUND, ROUND)
    return found


def line(source: Box, target: Box) -> Sequence[tuple[int, int]]:
    """The corners of a line from one shape to another; backwards it goes round below."""
    start, end = source.right(), target.left()
    if end[0] > start[0]:
        middle = (start[0] + end[0]) // 2
        if start[1] == end[1]:
            return [start, end]
        return [start, (middle, start[1]), (middle, end[1]), end]
    low = max(source.below()[1], target.below()[1]) + 30
    return [source.below(), (source.below()[0], low), (target.below()[0], low), target.below()]


def _columns(flow: Flow) -> dict[str, int]:
    """How many steps from the start, the longest way without going back."""
    column: dict[str, int] = {flow.start: 0}
    open_: list[tuple[str, tuple[str, ...]]] = [(flow.start, (flow.start,))]
    budget = 20 * len(flow.steps)
    while open_ and budget:
        budget -= 1
        code, way = open_.pop(0)
        for route in flow.by_code[code].next:
            if route.to == END or route.to in way:
                continue
            if column.get(route.to, -1) < column[code] + 1:
                column[route.to] = column[code] + 1
                open_.append((route.to, (*way, route.to)))
    return column


def _size(step: Step) -> tuple[int, int]:
    if step.kind in GATEWAYS:
        return DIAMOND, DIAMOND
    return (ROUND, ROUND) if step.kind in EVENTS else (WIDE, HIGH)


def _box(column: int, row: int, width: int, height: int) -> Box:
    x = 100 + column * STEP_X + (WIDE - width) // 2
    return Box(x, 100 + row * STEP_Y + (HIGH - height) // 2, width, height)
