"""Rules beside the table of duties: a field, rows or a purpose withheld from a position, or a field
shown to it in clear until a day. What withholds wins over what gives, whichever post it comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select

from engine.access.tables import AccessRuleRow
from engine.identity.actor import Actor
from engine.identity.store import ORGANISATION

RULE = AccessRuleRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
WITHHOLD_FIELD, WITHHOLD_ROWS = "withhold-field", "withhold-rows"
REFUSE_PURPOSE, CLEAR_FIELD = "refuse-purpose", "clear-field"
EFFECTS = (WITHHOLD_FIELD, WITHHOLD_ROWS, REFUSE_PURPOSE, CLEAR_FIELD)
PURPOSES = ("service", "verify", "report", "emergency", "oversight", "other")
"""Kinds of purposes for which a mask may be lifted; the words beside it say the rest."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in force."""

    id: str
    effect: str
    role: str
    path: str
    """Of its organisation; empty: everywhere."""
    scope: str
    field: str
    condition: str
    purpose: str

    def concerns(self, actor: Actor) -> bool:
        """Whether one of the actor's posts falls under it."""
        return any(
            self.role in ("", post.role) and post.path.startswith(self.path) for post in actor.posts
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that concern one actor today. `scope` says where something is being shown."""

    known: tuple[Rule, ...] = ()

    def withheld(self, scope: str = "") -> frozenset[str]:
        """Codes of fields that the actor does not see there at all."""
        return frozenset(one.field for one in self._of(WITHHOLD_FIELD, scope))

    def cleared(self, scope: str = "") -> frozenset[str]:
        """Codes of fields that the actor needs there in clear."""
        return frozenset(one.field for one in self._of(CLEAR_FIELD, scope)) - self.withheld(scope)

    def conditions(self, scope: str = "") -> tuple[str, ...]:
        """Which rows the actor does not see there: `person where age < 14`."""
        return tuple(sorted({one.condition for one in self._of(WITHHOLD_ROWS, scope)}))

    def refuses(self, purpose: str, field: str, scope: str = "") -> bool:
        """Whether the mask of a field is not lifted there for a purpose."""
        return any(
            one.purpose == purpose and one.field in ("", field)
            for one in self._of(REFUSE_PURPOSE, scope)
        )

    def _of(self, effect: str, scope: str) -> list[Rule]:
        return [one for one in self.known if one.effect == effect and one.scope in ("", scope)]


NONE = Rules()


def in_force(connection: Connection, actor: Actor, today: date) -> Rules:
    """The rules that concern an actor on a day; none concern the program itself."""
    if actor.is_system or not actor.posts:
        return NONE
    day = today.isoformat()
    query = (
        select(RULE, ORGANISATION.c.path.label("path"))
        .outerjoin(ORGANISATION, ORGANISATION.c.code == RULE.c.organisation)
        .where(
            RULE.c.ended_at.is_(None),
            RULE.c.since <= day,
            or_(RULE.c.until.is_(None), RULE.c.until >= day),
        )
        .order_by(RULE.c.id)
    )
    found = (_rule(row) for row in connection.execute(query).mappings())
    return Rules(tuple(one for one in found if one.concerns(actor)))


def _rule(row: Mapping[Any, Any]) -> Rule:
    path = str(row["path"] or "")
    if row["organisation"] and not path:
        path = "\0"  # an organisation that is not there concerns nobody, rather than everybody
    return Rule(
        row["id"], row["effect"], row["role"], path, row["scope"], row["field"],
        row["condition"], row["purpose"],
    )  # fmt: skip
