"""Whom a field of the document names: people, or with a position the organisation that holds it."""

from collections.abc import Iterator
from typing import Any

from engine.identity import presence
from forms import document
from workflows.assignees.contract import Asked, Found, Rule
from workflows.assignees.position import holding


def find(asked: Asked) -> Found:
    """By account, log-in or name; several are parted by commas or stand in a list."""
    return named(asked, document.get(asked.record.contents, asked.assign.field))


def named(asked: Asked, value: Any) -> Found:
    """What a value names."""
    words = list(_words(value))
    if asked.assign.role:
        return holding(asked, words[0] if words else "", asked.assign.role)
    return Found(presence.named(asked.work.connection, words, now=asked.work.now))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _words(one)
    elif isinstance(value, str):
        yield from (word.strip() for word in value.replace("、", ",").split(",") if word.strip())


RULE = Rule("field", find, ("field",))
