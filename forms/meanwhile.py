"""What changed in a document while a page was open on it, and where that meets what the page saves.

A person who has the document open in two windows is two: else the older window would win unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.json_text import Json
from engine.work import Work
from forms import document, documents
from forms.documents import DocumentRecord

MOVED = "form-move"
"""The window of changes that moving a document to another version of its form made: they clash with nobody."""


@dataclass(frozen=True, slots=True)
class Collision:
    """A cell that somebody else changed since this page was loaded; theirs stands."""

    path: str
    yours: Json
    theirs: Json
    by: str
    """Who; empty for the same person in another window."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A cell as it stands since somebody else, or the same person in another window, changed it."""

    path: str
    value: Json
    by: str


def changed(work: Work, record: DocumentRecord, revision: int, visit: str) -> list[Elsewhere]:
    """Cells as they stand that were changed since the page's revision, and not by the page itself.

    Without a `visit` all windows of the actor count as one.
    """
    if revision >= record.revision:
        return []
    found = {}
    for change in documents.changes_since(work.connection, record.id, revision):
        if change.visit == MOVED:
            continue
        own = change.actor_id == work.actor.id
        if not own or (visit and change.visit not in ("", visit)):
            value = document.get(record.contents, change.path)
            found[change.path] = Elsewhere(change.path, value, "" if own else change.actor_name)
    return list(found.values())


def collisions(theirs: Sequence[Elsewhere], typed: Mapping[str, Json]) -> list[Collision]:
    """Those of them to which a save gives another value."""
    return [
        Collision(one.path, typed[one.path], one.value, one.by)
        for one in theirs
        if one.path in typed and not document.same(one.value, typed[one.path])
    ]
