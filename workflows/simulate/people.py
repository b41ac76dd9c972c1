"""Who does a step in a try-out: the people of the script, by the same rules as in an office.

A script that names no people leaves positions open to anybody; who decides together is then named
by the script itself (`assign`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from engine.formula.document import Document, reach
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from workflows.flow import Assign
from workflows.simulate.script import Person, Script


@dataclass
class Asked:
    """What a rule may look at: the case as it is now."""

    step: str
    own_rule: bool
    """The rule is the step's own, not that of an empty chair or of a time-out."""
    organisation: str
    document: Mapping[str, Any]
    now: datetime
    submitter: str = ""
    did: Mapping[str, str] = field(default_factory=dict)
    """Who did a step last; the last of all stands at the end."""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Whom the submitter chose for a step."""
    busy: Mapping[str, int] = field(default_factory=dict)
    """How many tasks each has now."""


class Town:
    """The people and organisations of a script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.people: dict[str, Person] = dict(script.people)
        self.left: dict[str, str] = {}
        """Who has left, and who took over."""
        self.counters: dict[str, int] = {}
        """The last running number of each counter of case numbers."""
        self._chance = Random(script.seed)  # noqa: S311 - a try-out must be repeatable, not secret

    def find(self, assign: Assign | None, asked: Asked) -> dict[str, int] | None:
        """The people of a step with the weight of their votes; None where the script cannot tell."""
        if asked.own_rule and asked.step in self.script.steps:
            found = dict(self.script.steps[asked.step])
        elif assign is None or (not self.people and not _names_people(assign)):
            return None
        else:
            found = dict.fromkeys(self._by_rule(assign, asked), 1)
        found = self._present(found, asked.now)
        if assign is not None and assign.pick and len(found) > 1:
            return dict.fromkeys([self._picked(assign.pick, list(found), asked)], 1)
        return found

    def after(self, name: str) -> str:
        """Who took over from somebody who left; else they themselves."""
        while name in self.left:
            name = self.left[name]
        return name

    def deputies(self, person: str, now: datetime) -> list[str]:
        """Who may act in somebody's name now."""
        known = self.people.get(person)
        return [
            name for name, first, last in (known.deputies if known else ()) if _in(now, first, last)
        ]

    def _by_rule(self, assign: Assign, asked: Asked) -> list[str]:
        rule = RULES.get(assign.rule)
        return [name for name in rule(self, assign, asked) if name] if rule else []

    def _present(self, found: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Leavers replaced by who took over; who is away with no deputy is not there."""
        here: dict[str, int] = {}
        for name, weight in found.items():
            name = self.after(name)  # noqa: PLW2901 - who took over is meant
            known = self.people.get(name)
            away = known is not None and any(_in(now, *period) for period in known.away)
            if not away or self.deputies(name, now):
                here[name] = here.get(name, 0) + weight
        return here

    def _picked(self, pick: str, people: list[str], asked: Asked) -> str:
        if pick == "random":
            return self._chance.choice(sorted(people))

        def load(name: str) -> int:
            known = self.people.get(name)
            return (known.load if known else 0) + asked.busy.get(name, 0)

        return min(people, key=lambda name: (load(name), name))

    def holders(self, role: str, place: str) -> list[str]:
        """Who holds a role in an organisation."""
        return [name for name, one in self.people.items() if (role, place) in one.posts]

    def above(self, place: str, levels: int) -> str:
        """The organisation so many levels up; empty where there is none."""
        for _ in range(levels):
            place = self.script.organisations.get(place, "")
        return place

    def leaders(self, person: str, role: str, levels: int) -> list[str]:
        """Who leads somebody: as the script says, else the holders up the tree; never themselves."""
        known = self.people.get(person)
        if known is None:
            return []
        if known.leader:
            return [known.leader] if levels == 1 else self.leaders(known.leader, role, levels - 1)
        place = known.posts[0][1] if known.posts else ""
        while place:
            here = self.holders(role, place)
            place = self.above(place, 1)
            if here and person not in here:
                levels -= 1
                if not levels:
                    return here
        return []


def _names_people(assign: Assign) -> bool:
    """Whether a rule says who it is without anybody's posts."""
    return assign.rule in ("person", "previous", "chosen") or (
        assign.rule in ("field", "expression") and not assign.role
    )


def _position(town: Town, assign: Assign, asked: Asked) -> list[str]:
    return town.holders(assign.role, _place(town, assign, asked))


def _place(town: Town, assign: Assign, asked: Asked) -> str:
    if assign.at in ("", "same"):
        return asked.organisation
    if assign.at == "parent":
        return town.above(asked.organisation, assign.levels)
    return town.script.issuer if assign.at == "issuer" else assign.at


def _leader(town: Town, assign: Assign, asked: Asked) -> list[str]:
    person = assign.person or asked.submitter
    return town.leaders(person, assign.role or "leader", assign.levels)


def _steward(town: Town, assign: Assign, _asked: Asked) -> list[str]:
    named = town.script.steward
    return [named] if named else town.holders(assign.role or "department", town.script.issuer)


def _previous(_town: Town, assign: Assign, asked: Asked) -> list[str]:
    return [asked.did.get(assign.step, "")] if assign.step else list(asked.did.values())[-1:]


def _field(town: Town, assign: Assign, asked: Asked) -> list[str]:
    return _named(town, assign, reach(asked.document, assign.field.strip("/").replace("/", ".")))


def _expression(town: Town, assign: Assign, asked: Asked) -> list[str]:
    document = Document(asked.document, today=asked.now.date())
    return _named(town, assign, evaluate(parse(assign.formula), document))


def _named(town: Town, assign: Assign, value: object) -> list[str]:
    """People named by a value: themselves, or whoever holds the role where it names an office."""
    names = value if isinstance(value, list) else [value]
    found: list[str] = []
    for name in names:
        if assign.role:
            found += town.holders(assign.role, str(name))
        elif isinstance(name, str):
            found.append(name)
    return found


RULES: Mapping[str, Callable[[Town, Assign, Asked], list[str]]] = {
    "position": _position,
    "person": lambda _town, assign, _asked: [assign.person],
    "leader": _leader,
    "steward": _steward,
    "previous": _previous,
    "chosen": lambda _town, _assign, asked: list(asked.chosen.get(asked.step, ())),
    "field": _field,
    "expression": _expression,
}
"""How each rule finds people among those of the script, as `workflows/assignees` does in an office."""


def _in(now: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or first <= now) and (last is None or now < last)
