"""A rule looked up and asked; one of many picked at random or by who has least to do."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from workflows import beside
from workflows.assignees import (
    chosen,
    expression,
    field,
    leader,
    person,
    position,
    previous,
    steward,
)
from workflows.assignees.contract import Asked, Found, Rule, RuleIncomplete, RuleUnknown
from workflows.flow import Assign, Flow

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        module.RULE.name: module.RULE
        for module in (
            position, person, steward, leader, previous, chosen, field, expression,
        )
    }
)  # fmt: skip


def find(asked: Asked) -> Found:
    """The people a rule means. Raises RuleUnknown."""
    rule = RULES.get(asked.assign.rule)
    if rule is None:
        raise RuleUnknown(rule=asked.assign.rule)
    found = rule.find(asked)
    if not asked.assign.pick or len(found.people) < 2:
        return Found(found.people) if asked.assign.pick else found
    return Found((_picked(asked, found.people),))


def check(flow: Flow) -> None:
    """Every rule a flow names is there and complete. Raises RuleUnknown, RuleIncomplete."""
    for assign in _named(flow):
        rule = RULES.get(assign.rule)
        if rule is None:
            raise RuleUnknown(rule=assign.rule)
        for need in rule.needs:
            if not getattr(assign, need):
                raise RuleIncomplete(rule=assign.rule, needs=need)


def _named(flow: Flow) -> Iterator[Assign]:
    for step in flow.steps:
        for assign in (step.assign, step.otherwise, step.due and step.due.assign):
            if assign:
                yield assign


def _picked(asked: Asked, people: tuple[str, ...]) -> str:
    """At random by the case and step, so that asking twice picks the same; or whoever has least to do."""
    if asked.assign.pick == "load":
        load = Counter(beside.load_of(asked.work.connection, people))
        load.update(asked.given)
        return min(people, key=lambda one: (load[one], people.index(one)))
    drawn = hashlib.sha256(f"{asked.case_id} {asked.step} {asked.state.counter}".encode()).digest()
    return people[int.from_bytes(drawn[:8], "big") % len(people)]
