"""What a rule of assignment is asked, and what it answers. A new one is a file here and a line in
`finding.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import Struct, field

from engine.errors import Problem
from engine.work import Work
from forms.documents import DocumentRecord
from workflows.core.state import State
from workflows.flow import Assign, Flow


class RuleUnknown(Problem):
    """A flow names a rule of assignment that this program does not have."""

    code, status = "flow.unknown-rule", 422
    rule: str


class RuleIncomplete(Problem):
    """A rule of assignment lacks what it needs: a position, a person, a field, a formula, a step."""

    code, status = "flow.rule-incomplete", 422
    rule: str
    needs: str


class Asked(Struct, frozen=True):
    """For which step of which case people are wanted."""

    work: Work
    flow: Flow
    state: State
    record: DocumentRecord
    assign: Assign
    case_id: str
    step: str
    value: Callable[[str], Any]
    """What a formula gives for the document."""
    chosen: Mapping[str, Any] = field(default_factory=dict)
    """Whom the person who acts just now chose, by step."""
    given: Sequence[str] = ()
    """Who has been given something by this very act, in other branches: no row says so yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """The people; with `role` they are whoever holds it in the organisation, now and later."""

    people: tuple[str, ...] = ()
    organisation: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to find people."""

    name: str
    find: Callable[[Asked], Found]
    needs: tuple[str, ...] = ()
    """What the flow must say with it."""


Finder: TypeAlias = Callable[[Asked], Found]
