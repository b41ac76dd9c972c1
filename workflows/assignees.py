"""Who does a step: rules as data, looked up against positions and the organisation tree."""

from dataclasses import dataclass

from engine.errors import Problem
from engine.identity import store as identity
from engine.work import Work
from forms.documents import DocumentRecord
from workflows.flow import Assign


class RuleUnknown(Problem):
    """A flow names a rule of assignment that this program does not have."""

    code, status = "flow.unknown-rule", 422
    rule: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task goes: to whoever holds a role in an organisation, or to one person."""

    organisation: str
    role: str
    account: str = ""


def find_place(work: Work, assign: Assign | None, record: DocumentRecord) -> Place | None:
    """The place a rule means for a document, or None where nobody holds it. Raises RuleUnknown."""
    if assign is None:
        return None
    if assign.rule == "person":
        return Place(record.organisation_code, "", assign.person)
    if assign.rule != "position":
        raise RuleUnknown(rule=assign.rule)
    organisation = _organisation(assign, record)
    if not organisation or not identity.holders(
        work.connection, assign.role, organisation, now=work.now
    ):
        return None
    return Place(organisation, assign.role)


def _organisation(assign: Assign, record: DocumentRecord) -> str:
    above = [code for code in record.organisation_path.split("/") if code]
    if assign.at in ("", "same"):
        return record.organisation_code
    if assign.at == "parent":
        up = assign.levels or 1
        return above[-1 - up] if len(above) > up else ""
    if assign.at == "issuer":
        return record.owner
    return assign.at
