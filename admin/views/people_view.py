"""People to choose from, for components/people.html: by office, found by name, office or pinyin, who is away marked."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from admin.web.html import text
from engine.dictionary import match
from engine.identity import presence
from engine.identity import store as identity
from engine.work import Work


def grouped(
    work: Work, people: Sequence[tuple[str, str, str]], language: str
) -> list[dict[str, Any]]:
    """People (id, name, organisation) by organisation, in the order in which the organisations come."""
    absent = presence.absent(work.connection, [one[0] for one in people], now=work.now)
    names = identity.account_names(work.connection, [one for one in absent.values() if one])
    found: dict[str, list[dict[str, Any]]] = {}
    for key, name, organisation in people:
        deputy = absent.get(key, "")
        note = text(language, "people.deputy", name=names.get(deputy, "")) if deputy else ""
        found.setdefault(organisation, []).append(
            {
                "id": key,
                "name": name,
                "letters": spelt(name),
                "note": text(language, "people.away") if deputy is None else note,
                "away": deputy is None,
            }
        )
    return [{"organisation": name, "people": members} for name, members in found.items()]


@lru_cache(maxsize=20_000)
def spelt(name: str) -> str:
    """A name in pinyin, by initials and whole: 王芳 is `wf wangfang`."""
    return f"{match.initials(name)} {match.pinyin(name)}"
