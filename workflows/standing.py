"""Whose work somebody may do: their own, that of their positions, of a pool they are in, and that of
people they stand in for (代理).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_

from engine.identity import presence
from engine.identity.actor import Actor
from engine.work import Work
from workflows import beside
from workflows.beside import TASK

ACTING = ("staff", "verifier", "leader", "department")


class Placed(Protocol):
    """Where a task stands: with a person, a position, or (neither) a pool of people."""

    @property
    def id(self) -> str: ...
    @property
    def account_id(self) -> str | None: ...
    @property
    def role(self) -> str: ...
    @property
    def organisation_code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody in whose name a deputy acts, and until when; None where no end was said."""

    id: str
    name: str
    until: str | None


def own(actor: Actor, task: Placed) -> bool:
    """Whether a task is for this person: by name, or by a post they hold."""
    if task.account_id:
        return task.account_id == actor.id
    for post in actor.posts:
        if post.role == task.role and post.organisation == task.organisation_code:
            return True
    return False


def in_the_name_of(work: Work, task: Placed) -> str | None:
    """In whose name the actor may do a task: their own (empty), or of somebody they stand in for.

    None: not at all.
    """
    if own(work.actor, task):
        return ""
    pool = task.account_id is None and not task.role
    people = beside.candidates(work.connection, task.id) if pool else ()
    if work.actor.id in people:
        return ""
    for one in _principals(work):
        if own(one, task) or one.id in people:
            return one.id
    return None


def principals_of(work: Work, tasks: Sequence[Placed]) -> dict[str, Principal]:
    """In whose name the actor would do each of these tasks; those they would do as themselves are left out.

    Asks no more of the database for many tasks than for one, and nothing of who stands in for nobody.
    """
    people = _principals(work)
    if not people:
        return {}
    until = presence.stood_in_for(work.connection, work.actor.id, now=work.now)
    pools = {
        one.id: set(beside.candidate_tasks(work.connection, [one.id]))
        for one in (work.actor, *people)
    }
    found: dict[str, Principal] = {}
    for task in tasks:
        pool = task.account_id is None and not task.role
        for one in (work.actor, *people):
            if task.id in pools[one.id] if pool else own(one, task):
                if one.id != work.actor.id:
                    found[task.id] = Principal(one.id, one.name, until.get(one.id))
                break
    return found


def places(work: Work) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """Where the actor's tasks stand: names, (organisation, role) of positions, tasks of pools."""
    people = [work.actor, *_principals(work)]
    ids = [one.id for one in people]
    held = {
        (post.organisation, post.role)
        for one in people
        for post in one.posts
        if post.role in ACTING
    }
    return ids, sorted(held), list(beside.candidate_tasks(work.connection, ids))


def mine(work: Work) -> ColumnElement[bool]:
    """The tasks of a person, as a predicate that the indexes serve."""
    ids, held, pools = places(work)
    parts: list[ColumnElement[bool]] = [
        TASK.c.account_id == ids[0] if len(ids) == 1 else TASK.c.account_id.in_(ids)
    ]
    if held:
        posts = [
            and_(TASK.c.organisation_code == organisation, TASK.c.role == role)
            for organisation, role in held
        ]
        parts.append(and_(TASK.c.account_id.is_(None), or_(*posts)))
    if pools:
        parts.append(and_(TASK.c.account_id.is_(None), TASK.c.id.in_(pools)))
    return or_(*parts)


def _principals(work: Work) -> list[Actor]:
    if work.actor.is_system:
        return []
    return presence.principals(work.connection, work.actor.id, now=work.now)
