"""The flow as a graph: what leads where, and which fork's branch a step stands in."""

from collections.abc import Container, Iterable

from workflows.flow import END, Flow, Step

DECIDING = ("verify", "approve")
"""Steps in which somebody passes or refuses."""


def targets(step: Step) -> list[str]:
    """Where a step leads by itself: its routes, and where it jumps when time is over."""
    found = [route.to for route in step.next]
    if step.due and step.due.then == "jump":
        found.append(step.due.to)
    return list(dict.fromkeys(found))


def reachable(flow: Flow, starts: Iterable[str], *, stop: str = "", jumps: bool = True) -> set[str]:
    """Every step (and the end) that can be reached; nothing beyond `stop`."""
    found: set[str] = set()
    open_ = list(starts)
    while open_:
        code = open_.pop()
        if code in found:
            continue
        found.add(code)
        if code not in (END, stop):
            step = flow.by_code[code]
            open_.extend(targets(step) if jumps else (route.to for route in step.next))
    return found


def way(
    flow: Flow, start: str, goal: str, *, within: Container[str] | None = None
) -> tuple[str, ...]:
    """A shortest way from one step to another, both named; empty when there is none.

    within: the steps it may pass, where not any.
    """
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    open_ = [start]
    while open_:
        code = open_.pop(0)
        if code == goal:
            return ways[code]
        for target in targets(flow.by_code[code]) if code != END else ():
            if target not in ways and (within is None or target in within):
                ways[target] = (*ways[code], target)
                open_.append(target)
    return ()


def may_be_last(flow: Flow, code: str) -> bool:
    """Whether the end can be reached from a step without anybody else deciding."""
    reached, open_ = {code}, [code]
    while open_:
        for route in flow.by_code[open_.pop()].next:
            if route.to == END:
                return True
            if route.to not in reached and flow.by_code[route.to].kind not in DECIDING:
                reached.add(route.to)
                open_.append(route.to)
    return False


def branch_steps(flow: Flow, fork: Step, branch: int) -> set[str]:
    """The steps of one branch, up to its join and without it."""
    return reachable(flow, [fork.next[branch].to], stop=fork.join, jumps=False) - {fork.join}


def region(flow: Flow, code: str) -> str:
    """The innermost fork in whose branches a step stands; empty at the root."""
    found, smallest = "", len(flow.steps) + 1
    for fork in flow.steps:
        if fork.kind != "fork" or fork.code == code:
            continue
        inner = inside(flow, fork)
        if code in inner and len(inner) < smallest:
            found, smallest = fork.code, len(inner)
    return found


def inside(flow: Flow, fork: Step) -> set[str]:
    """The steps of all branches of a fork."""
    found: set[str] = set()
    for branch in range(len(fork.next)):
        found |= branch_steps(flow, fork, branch)
    return found
