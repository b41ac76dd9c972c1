"""Whom a report goes to: levels, groups, a rule over the register, picked ones; resolved when it is sent.

A cadence keeps the choice and not the list, so that a village that is new next month is asked too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.json_text import Json
from engine.registers import query as registers
from engine.registers.schema import table
from engine.work import Work
from workflows.tables import OrganisationGroupRow

GROUP = OrganisationGroupRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LEVELS = ("province", "city", "county", "town", "village")
LONGEST_RULE = 500


class TargetsInvalid(Problem):
    """The choice of organisations is not understood; `where` says which part."""

    code, status = "dispatch.targets-invalid", 422
    where: str


@dataclass(frozen=True, slots=True)
class Targets:
    """A choice of organisations within an office's area; parts add up, `without` takes away."""

    levels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rule: str = ""
    """Over the register of organisations, e.g. `population >= 3000`; among the levels, or all."""
    picked: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    below: str = ""
    """Only in the part of the area below this organisation."""

    @classmethod
    def read(cls, document: Json) -> "Targets":
        """From its JSON form. Raises TargetsInvalid."""
        if not isinstance(document, Mapping) or set(document) - set(cls.__slots__):
            raise TargetsInvalid(where="targets")
        lists = {name: document.get(name, []) for name in ("levels", "groups", "picked", "without")}
        for name, value in lists.items():
            if not isinstance(value, list | tuple) or not all(
                isinstance(one, str) for one in value
            ):
                raise TargetsInvalid(where=name)
        if set(lists["levels"]) - set(LEVELS):
            raise TargetsInvalid(where="levels")
        rule, below = document.get("rule", ""), document.get("below", "")
        if not isinstance(rule, str) or len(rule) > LONGEST_RULE or not isinstance(below, str):
            raise TargetsInvalid(where="rule")
        return cls(
            rule=rule.strip(), below=below, **{name: tuple(value) for name, value in lists.items()}
        )

    def to_json(self) -> dict[str, Json]:
        """The form that `read` takes."""
        found: dict[str, Json] = {"rule": self.rule, "below": self.below}
        for name in ("levels", "groups", "picked", "without"):
            found[name] = list(getattr(self, name))
        return found


def resolve(work: Work, owner: str, area: str, chosen: Targets) -> list[OrganisationValue]:
    """The organisations in an area that a choice means today, by code: where somebody fills in.

    Raises TargetsInvalid, NotFound for a group of another office.
    """
    able = identity.staffed(work.connection, "staff", area, now=work.now)
    if chosen.below:
        inside = f"/{chosen.below}/"
        able = [one for one in able if inside in one.path]
    wanted = {one.code for one in able if one.kind in chosen.levels}
    if chosen.rule:
        by_rule = _by_rule(work, chosen.rule)
        among = wanted if chosen.levels else {one.code for one in able}
        wanted = among & by_rule
    for group in chosen.groups:
        wanted.update(members(work, owner, group))
    wanted.update(chosen.picked)
    wanted.difference_update(chosen.without)
    return [one for one in able if one.code in wanted]


def _by_rule(work: Work, rule: str) -> set[str]:
    """The organisations for which a formula over the register holds."""
    known = dictionary(work.connection)
    scope = registers.scope(work, known, "")
    try:
        condition = registers.members(scope, f"org where {rule}")
    except Problem as problem:
        raise TargetsInvalid(where=f"{rule[:60]}: {problem.text('zh')}") from problem
    register = table(known, "org")
    return set(work.connection.execute(select(register.c.id).where(condition)).scalars())


def groups(work: Work, owner: str) -> list[dict[str, Any]]:
    """The groups of an office: id, name, members."""
    query = select(GROUP).where(GROUP.c.owner == owner).order_by(GROUP.c.name)
    return [dict(row) for row in work.connection.execute(query).mappings()]


def members(work: Work, owner: str, group: str) -> list[str]:
    """The organisations of a group of the office. Raises NotFound."""
    query = select(GROUP.c.members).where(GROUP.c.id == group, GROUP.c.owner == owner)
    found = work.connection.execute(query).scalar()
    if found is None:
        raise NotFound
    return list(found)


def keep_group(work: Work, owner: str, name: str, codes: Sequence[str]) -> str:
    """Keep organisations under a name, in place of those kept under it before; none removes it.

    Raises Forbidden, NotFound, TargetsInvalid.
    """
    work.require("dispatch.create", owner=owner)
    called = name.strip()[:50]
    if not called:
        raise TargetsInvalid(where="name")
    known = identity.organisations(work.connection, list(dict.fromkeys(codes)))
    same = (GROUP.c.owner == owner) & (GROUP.c.name == called)
    found = work.connection.execute(select(GROUP.c.id).where(same)).scalar()
    values = {"members": sorted(known), "changed_at": work.at, "changed_by": work.actor.id}
    work.note("dispatch.group-kept", found or called, members=len(known))
    if not known:
        work.connection.execute(delete(GROUP).where(same))
        return ""
    if found:
        work.connection.execute(update(GROUP).where(same).values(**values))
        return str(found)
    row = {"id": work.new_id(), "owner": owner, "name": called, **values}
    work.connection.execute(insert(GROUP), row)
    return str(row["id"])
