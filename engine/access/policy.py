"""What each role may do, and to whose things: closed unless it stands in the table.

A duty reaches `own` (the organisation of the post itself), `within` (it and all below it), `issued`
(what the post's office issued, whoever filled it) or `all`. The same table gives a yes or no for
one thing, and a predicate for a list.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, true

from engine.errors import Forbidden, NotFound
from engine.identity.actor import Actor

DUTIES: dict[str, dict[str, str]] = {
    "document.read": {
        "staff": "own",
        "verifier": "within",
        "leader": "within",
        "department": "issued",
        "auditor": "all",
    },
    "document.fill": {"staff": "own"},
    "document.reveal": {
        "staff": "own",
        "verifier": "within",
        "leader": "within",
        "department": "issued",
    },
    "document.stamp": {
        "staff": "own",
        "verifier": "within",
        "leader": "within",
        "department": "issued",
    },
    "task.read": {"staff": "own", "verifier": "own", "leader": "own"},
    "dispatch.read": {"department": "issued", "leader": "within", "auditor": "all"},
    "plan.read": {"department": "issued", "leader": "all", "auditor": "all"},
    "dispatch.create": {"department": "issued"},
    "dispute.decide": {"department": "issued"},
    "case.manage": {"department": "issued"},
    "form.read": {
        "designer": "all",
        "department": "all",
        "auditor": "all",
        "verifier": "all",
        "leader": "all",
    },
    "form.design": {"designer": "all"},
    "form.preview": {"designer": "within"},
    "dictionary.read": {
        "designer": "all",
        "department": "all",
        "auditor": "all",
        "staff": "all",
        "verifier": "all",
        "leader": "all",
    },
    "dictionary.change": {"designer": "all"},
    "register.read": {"staff": "own", "verifier": "within", "leader": "within", "auditor": "all"},
    "ledger.read": {
        "staff": "within",
        "verifier": "within",
        "leader": "within",
        "department": "issued",
        "auditor": "all",
    },
    "ledger.reveal": {
        "staff": "within",
        "verifier": "within",
        "leader": "within",
        "department": "issued",
    },
    "resident.invite": {"staff": "within", "verifier": "within"},
    "ledger.edit": {"staff": "within", "verifier": "within", "department": "issued"},
    "register.merge": {"staff": "within", "verifier": "within", "department": "issued"},
    "audit.read": {"auditor": "all"},
    "calendar.change": {"designer": "all", "system": "all"},
    "account.manage": {"security": "all"},
    "compliance.read": {"security": "all"},
    "access.read": {"security": "all", "auditor": "all"},
    "publication.make": {"department": "issued"},
    "publication.approve": {"department": "issued", "leader": "within"},
    "lift.read": {"department": "issued", "auditor": "all"},
    "account.confirm": {"security": "all", "system": "all"},
    "operations.read": {"system": "all"},
    "organisation.change": {"system": "all"},
    "organisation.read": {"system": "all", "auditor": "all"},
    "erasure.ask": {"security": "all", "department": "issued"},
    "erasure.decide": {"security": "all", "system": "all"},
    "erasure.read": {"security": "all", "system": "all", "auditor": "all", "department": "issued"},
    "hold.change": {"security": "all", "department": "issued"},
    "retention.set": {"security": "all", "department": "issued"},
    "retention.ask": {"security": "all", "department": "issued"},
    "retention.decide": {"security": "all", "system": "all"},
    "retention.read": {
        "security": "all",
        "system": "all",
        "auditor": "all",
        "department": "issued",
    },
}
HISTORY = frozenset(("document.read",))
"""What was made under a unit's former place stays in reach of whoever has that unit today."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a duty goes: one organisation, a subtree, what an office issued, or everything."""

    kind: str
    code: str = ""
    path: str = ""


def holders(verb: str) -> frozenset[str]:
    """The roles that know a verb."""
    return frozenset(DUTIES[verb])


def reaches(actor: Actor, verb: str, *, past: bool = False) -> tuple[Reach, ...]:
    """All that the actor's posts allow for a verb, of the past also under former places; empty means
    not at all. KeyError for no such verb.
    """
    duties = DUTIES[verb]
    if actor.is_system:
        return (Reach("all"),)
    found = [
        Reach(duties[post.role], post.organisation, post.path)
        for post in actor.posts
        if post.role in duties
    ]
    if past or verb in HISTORY:
        for post in actor.posts:
            kind = duties.get(post.role)
            before = {"own": post.was, "within": post.held}.get(kind or "", ())
            found += [Reach(str(kind), post.organisation, path) for path in before]
    return tuple(found)


def covers(actor: Actor, verb: str, *, path: str = "", owner: str = "", past: bool = False) -> bool:
    """Whether the verb is allowed on one thing at `path` in the organisation tree, issued by `owner`."""
    for reach in reaches(actor, verb, past=past):
        if reach.kind == "all":
            return True
        if reach.kind == "issued" and owner and owner == reach.code:
            return True
        if reach.kind == "own" and path == reach.path:
            return True
        if reach.kind == "within" and path.startswith(reach.path):
            return True
    return False


def require(actor: Actor, verb: str, *, path: str = "", owner: str = "") -> None:
    """Raise Forbidden if no post knows the verb at all, NotFound if the thing is out of reach."""
    if not reaches(actor, verb):
        raise Forbidden(reason="")
    if not covers(actor, verb, path=path, owner=owner):
        raise NotFound


def sees(
    actor: Actor,
    verb: str,
    *,
    path: ColumnElement[str] | None = None,
    owner: ColumnElement[str] | None = None,
) -> ColumnElement[bool]:
    """The rows a list may show, as a predicate over the path and owner columns."""
    parts: list[ColumnElement[bool]] = []
    for reach in reaches(actor, verb):
        if reach.kind == "all":
            return true()
        if reach.kind == "issued" and owner is not None:
            parts.append(owner == reach.code)
        if reach.kind == "own" and path is not None:
            parts.append(path == reach.path)
        if reach.kind == "within" and path is not None:
            parts.append(within(path, reach.path))
    return or_(*parts) if parts else false()


def within(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Everything that starts with `prefix`, as a range an index can serve."""
    return and_(column >= prefix, column < prefix[:-1] + chr(ord(prefix[-1]) + 1))
