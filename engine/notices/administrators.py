"""Telling whoever holds a post of administration, wherever it is: the second person of two."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import or_, select

from engine.identity.store import ACCOUNT, POSITION
from engine.notices import store
from engine.notices.store import Notice
from engine.work import Work


def tell(
    work: Work, roles: Collection[str], about: str, *, detail: Mapping[str, Any], key: str
) -> int:
    """A notice to each active holder of one of the roles, but for whoever caused it; gives how many.

    With the same key nobody is told twice.
    """
    today = work.today.isoformat()
    query = (
        select(POSITION.c.account_id)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .where(
            ACCOUNT.c.active.is_(True),
            POSITION.c.role.in_(roles),
            POSITION.c.account_id != work.actor.id,
            POSITION.c.valid_from <= today,
            or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
        )
        .distinct()
    )
    told = [
        Notice(about, account_id=one, detail=detail, key=f"{key} {one}")
        for one in work.connection.execute(query).scalars()
    ]
    return store.tell(work, told)
