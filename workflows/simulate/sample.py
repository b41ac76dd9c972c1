"""People and offices to try a flow out with, made from the flow itself: somebody for every position."""

from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import Problem
from engine.formula.parse import parse
from engine.formula.tree import Name, walk
from workflows.flow import Assign, Flow

Words = Callable[[str], str]
"""What a role or a place is called: `role.staff`, `place.town`."""
PLACES = {"village": "town", "town": "district", "district": "department", "department": ""}
SEVERAL = 3


def script(flow: Flow, words: Words) -> dict[str, Any]:
    """A script without actions: offices one above the other, people, a document that conditions read."""
    people: dict[str, Any] = {}
    chosen: dict[str, list[str]] = {}
    for step in flow.steps:
        many = SEVERAL if step.sign.several or step.sign.mode == "pool" else 1
        for assign in (step.assign, step.otherwise, step.due.assign if step.due else None):
            if assign is None:
                continue
            if assign.rule in ("chosen", "field", "expression"):
                chosen[step.code] = [_person(people, words, "staff", "town", 1)]
            elif assign.rule == "person":
                people.setdefault(assign.person, {})
            else:
                role, place = _seat(assign)
                for number in range(1, many + 1):
                    _person(people, words, role, place, number)
    return {
        "organisations": dict(PLACES),
        "organisation": "village",
        "issuer": "department",
        "people": people,
        "steps": chosen,
        "document": {**dict.fromkeys(asked(flow)), **{one: [] for one in lists(flow)}},
        "actions": [],
    }


def lists(flow: Flow) -> Iterator[str]:
    """The tables and lists that a flow below is started once each for; the first part of each path."""
    for step in flow.steps:
        if step.kind == "subflow" and step.each:
            yield step.each.strip("/").partition("/")[0]


def asked(flow: Flow) -> Iterator[str]:
    """The names that conditions of the flow ask of the document; the first part of each path."""
    for step in flow.steps:
        for route in step.next:
            try:
                tree = parse(route.when) if route.when else None
            except Problem:
                continue
            for one in walk(tree) if tree else ():
                if isinstance(one, Name):
                    yield one.path.partition(".")[0]


def _seat(assign: Assign) -> tuple[str, str]:
    if assign.rule == "steward" or assign.at == "issuer":
        return assign.role or "department", "department"
    if assign.rule == "leader":
        return assign.role or "leader", "town"
    if assign.at in ("", "same"):
        return assign.role or "staff", "village"
    if assign.at == "parent":
        return assign.role, ("town", "district", "department")[min(assign.levels, 3) - 1]
    return assign.role, assign.at


def _person(people: dict[str, Any], words: Words, role: str, place: str, number: int) -> str:
    where = words(f"place.{place}") if place in PLACES else place
    name = f"{where}{words(f'role.{role}')}{'' if number == 1 else number}"
    people.setdefault(name, {"posts": [f"{role}@{place}"]})
    return name
