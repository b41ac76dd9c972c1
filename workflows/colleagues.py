"""People named on a page or over the API: found, or refused in words."""

from collections.abc import Sequence

from engine.errors import Problem
from engine.identity import presence
from engine.identity import store as identity
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import Work
from forms.documents import DocumentRecord
from workflows.in_hand import Held

MOST = 100
"""So many names at once."""
NEAR = 300
"""So many people around a document, and of its office, are offered."""


class PersonUnknown(Problem):
    """Nobody of this name, or several; or they are away with nobody in their place."""

    code, status = "flow.person-unknown", 422
    person: str


def one(work: Work, name: str) -> str:
    """One person by account, log-in or name. Raises PersonUnknown."""
    found = presence.named(work.connection, [name], now=work.now) if name.strip() else ()
    if not found:
        raise PersonUnknown(person=name)
    return found[0]


def several(work: Work, names: Sequence[str]) -> tuple[str, ...]:
    """People, each once. Raises PersonUnknown."""
    return tuple(dict.fromkeys(one(work, name) for name in names[:MOST]))


def tell_new(work: Work, held: Held, person: str, comment: str) -> None:
    """Who was handed a task is told by whom and why."""
    detail = {"text": comment, "by": work.actor.name, "case": held.task.case_id}
    record = held.record.id
    notices.tell(work, [Notice("flow.notice.handed", person, detail=detail, document_id=record)])


def near(work: Work, record: DocumentRecord) -> list[tuple[str, str, str]]:
    """The people of the town around a document and of the issuing office: (id, name, organisation)."""
    codes = [code for code in record.organisation_path.split("/") if code]
    above = "/".join(codes[:-1] if len(codes) > 1 else codes)
    path = f"/{above}/" if record.organisation_path.startswith("/") else f"{above}/"
    office = identity.organisation(work.connection, record.owner).path
    found: dict[str, tuple[str, str, str]] = {}
    for where in (path, office):
        for person in presence.colleagues(work.connection, where, "", now=work.now, limit=NEAR):
            found.setdefault(person[0], person)
    found.pop(work.actor.id, None)
    return list(found.values())
