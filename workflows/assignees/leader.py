"""The leader of whoever filled the document in (or of a named person), the first or the n-th above."""

from engine.identity import presence
from engine.identity import store as identity
from workflows.assignees.contract import Asked, Found, Rule
from workflows.assignees.position import holding


def find(asked: Asked) -> Found:
    """Up the tree from their own organisation; nobody is their own leader."""
    assign = asked.assign
    person = _named(asked) or _submitter(asked) or asked.work.actor.id
    found, wanted = Found(), assign.levels or 1
    for organisation in reversed([code for code in _path(asked, person).split("/") if code]):
        here = holding(asked, organisation, assign.role or "leader")
        if person in here.people or not here.people:
            continue
        found, wanted = here, wanted - 1
        if not wanted:
            return found
    return Found()


def _named(asked: Asked) -> str:
    """The person whose leader is meant, where the rule names one."""
    name = asked.assign.person
    found = presence.named(asked.work.connection, [name], now=asked.work.now) if name else ()
    return found[0] if found else name


def _submitter(asked: Asked) -> str:
    """Who handed it in last."""
    filled = (
        task.by
        for task in reversed(asked.state.tasks)
        if task.verdict == "passed" and asked.flow.by_code[task.step].kind == "fill"
    )
    return next(filled, "")


def _path(asked: Asked, person: str) -> str:
    actor = identity.actor_of(asked.work.connection, person, now=asked.work.now)
    posts = actor.posts if actor else ()
    own = asked.record.organisation_path
    return next((one.path for one in posts if one.path == own), posts[0].path if posts else own)


RULE = Rule("leader", find)
