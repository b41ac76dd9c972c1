"""Whoever holds a position: in the document's organisation, so many levels above, the issuing office,
or an organisation by its code.
"""

from engine.identity import presence
from workflows.assignees.contract import Asked, Found, Rule


def find(asked: Asked) -> Found:
    """The holders today."""
    return holding(asked, _organisation(asked), asked.assign.role)


def holding(asked: Asked, organisation: str, role: str) -> Found:
    """Whoever holds a role in an organisation; nobody where there is no such organisation."""
    if not organisation:
        return Found()
    people = presence.holders(asked.work.connection, role, organisation, now=asked.work.now)
    return Found(people, organisation, role)


def _organisation(asked: Asked) -> str:
    at, record = asked.assign.at, asked.record
    if at in ("", "same"):
        return record.organisation_code
    if at == "parent":
        return above(record.organisation_path, asked.assign.levels or 1)
    return record.owner if at == "issuer" else at


def above(path: str, levels: int) -> str:
    """The organisation so many levels above the last one of a path."""
    codes = [code for code in path.split("/") if code]
    return codes[-1 - levels] if len(codes) > levels else ""


RULE = Rule("position", find, ("role",))
