"""Whoever did a step before: the same person again."""

from engine.identity import presence
from workflows.assignees.contract import Asked, Found, Rule


def find(asked: Asked) -> Found:
    """Who passed the named step last, or whatever was passed last where none is named."""
    done = [
        task.by
        for task in asked.state.tasks
        if task.verdict == "passed"
        and not task.reason
        and task.by
        and asked.assign.step in ("", task.step)
    ]
    return Found(presence.named(asked.work.connection, done[-1:], now=asked.work.now))


RULE = Rule("previous", find)
