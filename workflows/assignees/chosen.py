"""People whom an earlier person chose when they handed in or passed: 自选."""

from engine.identity import presence
from workflows import beside
from workflows.assignees.contract import Asked, Found, Rule


def find(asked: Asked) -> Found:
    """The latest choice for this step in the case."""
    people = asked.chosen.get(asked.step)
    if people is None:
        people = beside.choice(asked.work.connection, asked.case_id, asked.step)
    return Found(presence.named(asked.work.connection, people, now=asked.work.now))


RULE = Rule("chosen", find)
