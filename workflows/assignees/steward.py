"""The office that answers for the form: 责任单位."""

from workflows.assignees.contract import Asked, Found, Rule
from workflows.assignees.position import holding


def find(asked: Asked) -> Found:
    """Whoever holds the position (else: the department's) in the issuing office."""
    return holding(asked, asked.record.owner, asked.assign.role or "department")


RULE = Rule("steward", find)
