"""Flows drawn at random: built from blocks (sound by make), or any graph at all (few are sound)."""

from random import Random
from typing import Any

from tests.workflows.case import made, one

MODES = ("one", "pool", "all", "any", "in_order", "share")
CONDITIONS = ("x", "y")


def block_flow(chance: Random) -> dict[str, Any]:
    """Nested blocks: people, choices, loops, forks of all or matching branches."""
    drawing = Drawing(chance)
    drawing.add(one("fill", "fill", drawing.sequence("end", 2)))
    repeat = chance.choice(("ask", "once", "consecutive"))
    withdraw = chance.choice(("acted", "acted", "seen", "never"))
    return made(*reversed(drawing.steps), repeat=repeat, withdraw=withdraw)


def graph_flow(chance: Random) -> dict[str, Any]:
    """Any steps with any routes."""
    codes = [f"s{number}" for number in range(chance.randint(1, 5))]
    steps = [one("fill", "fill", chance.choice(codes))]
    for code in codes:
        kind = chance.choice(("verify", "verify", "route", "fork", "join"))
        goals = chance.sample([*codes, "end"], chance.randint(1, 2))
        routes: list[dict[str, Any]] = [{"to": goal} for goal in goals]
        if kind == "fork":
            steps.append(_step(code, kind, routes, join=chance.choice(codes)))
            continue
        if len(routes) > 1:
            routes[0]["when"] = "x"
        steps.append(one(code, kind, routes) if kind == "verify" else _step(code, kind, routes))
    return made(*steps)


class Drawing:
    """Writes the steps of a flow back to front: each block is told where it leads."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.steps: list[dict[str, Any]] = []

    def add(self, step: dict[str, Any]) -> str:
        self.steps.append(step)
        return str(step["code"])

    def sequence(self, to: str, depth: int) -> str:
        for _ in range(self.chance.randint(1 if depth == 2 else 0, 2)):
            to = self.block(to, depth)
        return to

    def block(self, to: str, depth: int) -> str:
        kinds = (self.person, self.person, self.fork, self.fork, self.choice, self.loop)
        draw = self.chance.choice(kinds) if depth else self.person
        return draw(to, depth)

    def person(self, to: str, _depth: int = 0) -> str:
        pick = self.chance.choice
        kind = pick(("verify", "verify", "approve", "fill"))
        then = "remind" if kind == "fill" else pick(("remind", "pass", "reject"))
        return self.add(
            one(
                f"s{len(self.steps)}",
                kind,
                to,
                sign={"mode": pick(MODES)},
                empty="incident" if kind == "fill" else pick(("incident", "pass", "reject")),
                own=pick(("refuse", "allow", "skip", "leader")),
                resubmit=pick(("walk", "back")),
                due={"after": 1, "unit": "days", "then": then},
            )
        )

    def choice(self, to: str, depth: int) -> str:
        when = self.chance.choice(CONDITIONS)
        routes = [{"to": self.sequence(to, depth - 1), "when": when}, {"to": to}]
        return self.add(_step(f"r{len(self.steps)}", "route", routes))

    def loop(self, to: str, depth: int) -> str:
        back, place = f"r{len(self.steps)}", len(self.steps)
        self.steps.append({})
        first = self.sequence(self.person(back), depth - 1)
        when = self.chance.choice(CONDITIONS)
        self.steps[place] = _step(back, "route", [{"to": first, "when": when}, {"to": to}])
        return first

    def fork(self, to: str, depth: int) -> str:
        join = self.add(_step(f"j{len(self.steps)}", "join", [{"to": to}]))
        routes = [{"to": self.sequence(join, depth - 1)} for _ in range(self.chance.randint(2, 3))]
        branches = self.chance.choice(("all", "all", "matching"))
        if branches == "matching":
            for route, when in zip(routes[:-1], CONDITIONS, strict=False):
                route["when"] = when
        return self.add(_step(f"f{len(self.steps)}", "fork", routes, join=join, branches=branches))


def _step(code: str, kind: str, routes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "next": routes, **more}
