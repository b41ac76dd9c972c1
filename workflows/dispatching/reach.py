"""Which part of a dispatch somebody sees: an office what it sent, a leader what is of their area.

The town sees its villages, the district its towns; nobody the units of another area, neither one by
one nor in a sum.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select, true

from engine.access import policy
from engine.work import Work
from forms.documents import DOCUMENT
from workflows.dispatch import DISPATCH, DispatchRecord

VERB = "dispatch.read"
GONE = "withdrawn"


def whole(work: Work, dispatch: DispatchRecord) -> bool:
    """Whether the actor sees every unit of it."""
    return policy.covers(work.actor, VERB, owner=dispatch.owner)


def in_part(work: Work) -> bool:
    """Whether the actor sees what units of their area have, of anybody's dispatch."""
    return any(one.kind == "within" for one in policy.reaches(work.actor, VERB))


def covers(work: Work, dispatch: DispatchRecord, path: str) -> bool:
    """Whether the actor sees the unit at a path."""
    return policy.covers(work.actor, VERB, path=path, owner=dispatch.owner)


def seen(work: Work, dispatch: DispatchRecord) -> ColumnElement[bool]:
    """The documents of a dispatch that the actor sees, as a predicate."""
    if whole(work, dispatch):
        return true()
    return policy.sees(work.actor, VERB, path=DOCUMENT.c.organisation_path)


def of(dispatch_id: str | ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """The documents of a dispatch that were not taken back."""
    return DOCUMENT.c.dispatch_id == dispatch_id, DOCUMENT.c.status != GONE


def listed(work: Work) -> ColumnElement[bool]:
    """The dispatches of which the actor sees something."""
    theirs = policy.sees(work.actor, VERB, owner=DISPATCH.c.owner)
    if not in_part(work):
        return theirs
    part = policy.sees(work.actor, VERB, path=DOCUMENT.c.organisation_path)
    return or_(theirs, exists().where(*of(DISPATCH.c.id), part))


def counts(work: Work, dispatches: Sequence[DispatchRecord]) -> dict[str, tuple[int, int, int]]:
    """Of those that the actor sees in part: how many units they see, final ones, exempt ones."""
    ids = [one.id for one in dispatches if not whole(work, one)]
    if not ids:
        return {}
    document = DOCUMENT.c
    part = policy.sees(work.actor, VERB, path=document.organisation_path)
    query = (
        select(document.dispatch_id, document.status, func.count())
        .where(document.dispatch_id.in_(ids), document.status != GONE, part)
        .group_by(document.dispatch_id, document.status)
    )
    found = dict.fromkeys(ids, (0, 0, 0))
    for dispatch, status, count in work.connection.execute(query):
        total, final, exempt = found[dispatch]
        found[dispatch] = (
            total + count,
            final + count * (status == "final"),
            exempt + count * (status == "exempt"),
        )
    return found
