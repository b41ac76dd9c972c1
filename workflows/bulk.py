"""Many approvals with one press: each is done or refused by itself, a batch of them a transaction.

Nobody else waits for the whole: between batches other people's writes go on. A process killed in the
middle leaves whole batches, and what was not done still waits in the list.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from engine.errors import Problem
from engine.work import Work
from workflows import commands

BATCH = 50
Write = Callable[[Callable[[Any], Any]], Any]
"""Runs a command in a transaction, as the person who pressed."""


def pass_all(write: Write, task_ids: Sequence[str]) -> Iterator[tuple[str, Problem | None]]:
    """Pass these tasks; gives each with why it could not be, as its batch is through."""
    ids = list(dict.fromkeys(task_ids))
    for start in range(0, len(ids), BATCH):
        yield from write(partial(_pass, task_ids=ids[start : start + BATCH]))


def _pass(work: Work, task_ids: Sequence[str]) -> list[tuple[str, Problem | None]]:
    return commands.pass_each(work, task_ids)
