"""Whom a formula over the document names, as a field would."""

from workflows.assignees.contract import Asked, Found, Rule
from workflows.assignees.field import named


def find(asked: Asked) -> Found:
    """The formula gives a text: names, or with a position the code of an organisation."""
    return named(asked, asked.value(asked.assign.formula))


RULE = Rule("expression", find, ("formula",))
