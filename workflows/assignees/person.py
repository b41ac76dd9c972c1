"""One person by name; when they have left, whoever took over."""

from engine.identity import presence
from workflows.assignees.contract import Asked, Found, Rule


def find(asked: Asked) -> Found:
    """The account with this id, log-in or name."""
    work = asked.work
    return Found(presence.named(work.connection, [asked.assign.person], now=work.now))


RULE = Rule("person", find, ("person",))
