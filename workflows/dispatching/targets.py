"""Whom a report goes to: levels, groups, a rule over the register, picked ones; resolved when it is sent.

A cadence keeps the choice and not the list, so that a village that is new next month is asked too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.access import policy
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.json_text import Json
from engine.work import Work
from workflows.dispatching import target_rule
from workflows.tables import CadenceRow, OrganisationGroupRow

CADENCE = CadenceRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
GROUP = OrganisationGroupRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LEVELS = ("province", "city", "county", "town", "village")
LONGEST_RULE = 500
LISTS = ("levels", "groups", "picked", "trees", "without")


class TargetsInvalid(Problem):
    """The choice of organisations is not understood; `where` says which part."""

    code, status = "dispatch.targets-invalid", 422
    where: str


class GroupNamed(Problem):
    """Another group of the office has this name."""

    code, status = "dispatch.group-named", 409
    name: str


class GroupInUse(Problem):
    """Reports are still sent to the group by themselves."""

    code, status = "dispatch.group-in-use", 409
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Targets:
    """A choice of organisations within an office's area; parts add up, `without` takes away."""

    levels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rule: str = ""
    """Over the register of organisations, e.g. `population >= 3000`; among the levels, or all."""
    picked: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    """Organisations that are meant with everything below them."""
    without: tuple[str, ...] = ()
    """Taken away again, with everything below them."""
    below: str = ""
    """Only in the part of the area below this organisation."""

    @classmethod
    def read(cls, document: Json) -> "Targets":
        """From its JSON form. Raises TargetsInvalid."""
        if not isinstance(document, Mapping) or set(document) - set(cls.__slots__):
            raise TargetsInvalid(where="targets")
        lists = {name: document.get(name, []) for name in LISTS}
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
        for name in LISTS:
            found[name] = list(getattr(self, name))
        return found

    @property
    def empty(self) -> bool:
        """Whether nothing is chosen."""
        return not (self.levels or self.groups or self.rule or self.picked or self.trees)


def able(work: Work, area: str) -> list[OrganisationValue]:
    """Whom an office may ask: where somebody fills in, in its area; by code."""
    return identity.staffed(work.connection, "staff", area, now=work.now)


def resolve(
    work: Work,
    owner: str,
    area: str,
    chosen: Targets,
    among: Sequence[OrganisationValue] | None = None,
) -> list[OrganisationValue]:
    """The organisations in an area that a choice means today, by code: where somebody fills in.

    `among` spares asking again who is able. Raises TargetsInvalid, NotFound for a group of another
    office.
    """
    found = able(work, area) if among is None else among
    if chosen.below:
        inside = f"/{chosen.below}/"
        found = [one for one in found if inside in one.path]
    wanted = {one.code for one in found if one.kind in chosen.levels}
    if chosen.rule:
        level = wanted if chosen.levels else {one.code for one in found}
        wanted = _by_rule(work, chosen.rule, sorted(level))
    for group in chosen.groups:
        wanted.update(members(work, owner, group, area, among))
    wanted.update(chosen.picked)
    wanted |= _below(found, chosen.trees)
    wanted -= _below(found, chosen.without)
    return [one for one in found if one.code in wanted]


def _below(found: Sequence[OrganisationValue], codes: Sequence[str]) -> set[str]:
    """Those at or below any of these."""
    if not codes:
        return set()
    tops = set(codes)
    return {one.code for one in found if not tops.isdisjoint(one.path.split("/"))}


def _by_rule(work: Work, rule: str, codes: Sequence[str]) -> set[str]:
    """The organisations for which a formula over the registers holds."""
    try:
        return target_rule.holding(work, rule, codes)
    except Problem as problem:
        raise TargetsInvalid(where=f"{rule[:60]}: {problem.text('zh')}") from problem


def groups(work: Work, owner: str) -> list[dict[str, Any]]:
    """The groups of an office: id, name, members or choice."""
    query = select(GROUP).where(GROUP.c.owner == owner).order_by(GROUP.c.name)
    return [dict(row) for row in work.connection.execute(query).mappings()]


def group(work: Work, group_id: str) -> dict[str, Any]:
    """A group of an office of the actor's. Raises NotFound."""
    row = work.connection.execute(select(GROUP).where(GROUP.c.id == group_id)).mappings().first()
    if row is None or not policy.covers(work.actor, "dispatch.create", owner=row["owner"]):
        raise NotFound
    return dict(row)


def choice_of(row: Mapping[str, Any]) -> Targets:
    """What a group means: a choice that is made anew each time, or its members as they were kept."""
    return Targets.read(row["choice"]) if row["choice"] else Targets(picked=tuple(row["members"]))


def members(
    work: Work,
    owner: str,
    group: str,
    area: str,
    among: Sequence[OrganisationValue] | None = None,
) -> list[str]:
    """The organisations of a group of the office today. Raises NotFound."""
    query = select(GROUP).where(GROUP.c.id == group, GROUP.c.owner == owner)
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return [one.code for one in resolve(work, owner, area, choice_of(dict(row)), among)]


def keep_group(work: Work, owner: str, name: str, chosen: Targets, *, group_id: str = "") -> str:
    """Keep a choice of organisations under a name; gives the group's id.

    Raises Forbidden, NotFound, TargetsInvalid, GroupNamed for a name that another group has.
    """
    work.require("dispatch.create", owner=owner)
    called = " ".join(name.split())[:50]
    if not called:
        raise TargetsInvalid(where="name")
    if chosen.groups:
        raise TargetsInvalid(where="groups")
    if chosen.empty:
        raise TargetsInvalid(where="picked")
    if chosen.rule:
        _by_rule(work, chosen.rule, ())
    same = (GROUP.c.owner == owner) & (GROUP.c.name == called) & (GROUP.c.id != group_id)
    if work.connection.execute(select(GROUP.c.id).where(same)).first():
        raise GroupNamed(name=called)
    values = {
        "name": called,
        "members": sorted(chosen.picked),
        "choice": chosen.to_json(),
        "changed_at": work.at,
        "changed_by": work.actor.id,
    }
    if group_id:
        mine = (GROUP.c.id == group_id) & (GROUP.c.owner == owner)
        if not work.connection.execute(update(GROUP).where(mine).values(**values)).rowcount:
            raise NotFound
    else:
        group_id = work.new_id()
        work.connection.execute(insert(GROUP), {"id": group_id, "owner": owner, **values})
    work.note("dispatch.group-kept", group_id, name=called)
    return group_id


def forget_group(work: Work, group_id: str) -> None:
    """Remove a group that nothing uses any more. Raises NotFound, GroupInUse."""
    row = group(work, group_id)
    used = used_by(work, [row])[group_id]
    if used:
        raise GroupInUse(name=row["name"], count=len(used))
    work.connection.execute(delete(GROUP).where(GROUP.c.id == group_id))
    work.note("dispatch.group-forgotten", group_id, name=row["name"])


def used_by(work: Work, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The running cadences that send to each group: their forms' codes, by the group's id."""
    owners = {row["owner"] for row in rows}
    query = select(CADENCE.c.form_code, CADENCE.c.targets).where(
        CADENCE.c.owner.in_(owners), CADENCE.c.status == "running"
    )
    found: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for form, chosen in work.connection.execute(query):
        for one in chosen.get("groups", ()):
            if one in found:
                found[one].append(form)
    return found
