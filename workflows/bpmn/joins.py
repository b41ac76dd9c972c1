"""Which gateway gathers the branches that another one parts: BPMN draws it, but does not say it."""

from collections.abc import Mapping, Sequence

PARTING = ("parallelGateway", "inclusiveGateway")


def joins(kinds: Mapping[str, str], ways: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """By parting gateway, the gateway of the same kind that all its branches reach first."""
    entering: dict[str, int] = {}
    for targets in ways.values():
        for target in targets:
            entering[target] = entering.get(target, 0) + 1
    found: dict[str, str] = {}
    for name, kind in kinds.items():
        if kind not in PARTING or len(ways.get(name, ())) < 2:
            continue
        reached = [_reached(ways, target) for target in ways[name]]
        common = [one for one in reached[0] if all(one in other for other in reached[1:])]
        for one in common:
            gathers = kinds.get(one) == kind and entering.get(one, 0) > 1 and one != name
            if gathers and len(ways.get(one, ())) <= 1 and one not in found.values():
                found[name] = one
                break
    return found


def _reached(ways: Mapping[str, Sequence[str]], start: str) -> list[str]:
    """Everything that can be reached, the nearest first."""
    found: dict[str, None] = {}
    open_ = [start]
    while open_:
        name = open_.pop(0)
        if name not in found:
            found[name] = None
            open_.extend(ways.get(name, ()))
    return list(found)
