"""Organisations by a part of their name, its pinyin initials or their code, within what may be seen."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, and_, func, or_, select

from engine.access.policy import within
from engine.dictionary.search import spelt
from engine.identity.store import ORGANISATION, OrganisationValue, organisation_of

LIMIT = 30


def organisations(
    connection: Connection,
    words: str,
    *,
    below: Sequence[str],
    levels: Collection[str] = (),
    limit: int = LIMIT,
) -> list[OrganisationValue]:
    """Organisations at or below one of the paths, the highest first; `levels` are kinds of organisation.

    Without words: the first ones. A word of Latin letters is also sought in the pinyin initials.
    """
    words = words.strip()[:50]
    allowed = [within(ORGANISATION.c.path, path) for path in below]
    if not allowed:
        return []
    bounds = [or_(*allowed), ORGANISATION.c.valid_to.is_(None)]
    if levels:
        bounds.append(ORGANISATION.c.kind.in_(sorted(levels)))
    named = [
        ORGANISATION.c.name.contains(words, autoescape=True),
        ORGANISATION.c.code.startswith(words, autoescape=True),
    ]
    query = (
        select(ORGANISATION)
        .where(and_(*bounds))
        .order_by(func.length(ORGANISATION.c.path), ORGANISATION.c.code)
    )
    sought = query.where(or_(*named)) if words else query
    found = [organisation_of(row) for row in connection.execute(sought.limit(limit))]
    if len(found) < limit and words.isascii() and words.isalpha():
        spoken = _spoken(words.lower(), map(organisation_of, connection.execute(query)))
        seen = {one.code for one in found}
        found += [one for one in spoken if one.code not in seen]
    return found[:limit]


def _spoken(letters: str, all_of: Iterable[OrganisationValue]) -> list[OrganisationValue]:
    """Those whose name has the letters among its pinyin initials."""
    found = [one for one in all_of if letters in spelt(one.name)]
    return sorted(found, key=lambda one: not spelt(one.name).startswith(letters))
