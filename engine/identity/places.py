"""Where the history of a post's organisation lies: paths that it, or units below it, had before.

Who may see what follows the tree of today; what was made before a change stays with the path it was
made under, and is found from both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, and_, exists, not_, or_, select

from engine.identity.actor import Post
from engine.identity.tables import OrganisationFormer

FORMER = OrganisationFormer.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
EVER = exists(select(FORMER.c.change_id))
"""Whether anything ever changed: else no post has a history."""


def with_history(connection: Connection, posts: Sequence[Post]) -> tuple[Post, ...]:
    """Posts with the former places that belong to them today."""
    elsewhere = or_(
        *(
            and_(
                FORMER.c.now_path.startswith(path, autoescape=True),
                not_(FORMER.c.path.startswith(path, autoescape=True)),
            )
            for path in {post.path for post in posts}
        )
    )
    query = select(FORMER.c.now, FORMER.c.path, FORMER.c.now_path).where(elsewhere).distinct()
    rows = connection.execute(query).all()
    return tuple(
        replace(
            post,
            was=tuple(sorted(row.path for row in rows if row.now == post.organisation)),
            held=_topmost(
                row.path
                for row in rows
                if row.now_path.startswith(post.path) and not row.path.startswith(post.path)
            ),
        )
        for post in posts
    )


def _topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Without those that lie below others."""
    found: list[str] = []
    for path in sorted(set(paths)):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return tuple(found)
