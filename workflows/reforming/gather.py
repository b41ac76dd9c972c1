"""What a change of organisations does to everything that names them, found before anything is done.

People's posts, open reports and tasks, choices of recipients and notices follow; what is final stays
with the unit that made it. The preview counts exactly what `apply` then does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from engine.dictionary.store import dictionary
from engine.errors import Problem
from engine.identity.lineage import ADDED, ENDED, Effect
from engine.identity.reform import Reform, Unit
from engine.identity.store import POSITION
from engine.json_text import Json
from engine.notices.store import NOTICE
from engine.work import Work
from forms.disputes import DISPUTE
from forms.documents import DOCUMENT, LIVE
from forms.store import FORM
from workflows.beside import INCIDENT
from workflows.dispatching.targets import CADENCE, GROUP
from workflows.store import TASK

CHUNK = 500
UNFINISHED = ("open", "submitted")
LISTS = ("picked", "trees", "without")
REASON = "abolished"
"""Why a task waits as an incident: its unit ended, and none follows."""


class UnitOwns(Problem):
    """Forms or fields are in the unit's care: another office takes them over first."""

    code, status = "organisation.owns", 409
    name: str
    forms: int
    fields: int


@dataclass(frozen=True)
class Following:
    """Who follows whom, as everything else asks it."""

    reform: Reform
    effective: str
    ended: Mapping[str, Unit | None] = field(default_factory=dict)
    """Units that are no more, with the one that has their work from now on."""
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The same with all that follow, where somebody was chosen to be asked."""
    moved: Mapping[str, Unit] = field(default_factory=dict)
    """Units that stay and whose path is another."""

    @classmethod
    def of(cls, found: Reform, effective: str) -> "Following":
        """From a change as it comes out."""
        ended, several, moved = {}, {}, {}
        for step in found.steps:
            if step.before is None:
                continue
            codes = tuple(one.code for one in step.after)
            if codes != (step.before.code,):
                several[step.before.code] = codes
            if step.ends:
                ended[step.before.code] = step.after[0] if step.after else None
            else:
                same = next(one for one in step.after if one.code == step.before.code)
                if same.path != step.before.path:
                    moved[same.code] = same
        return cls(found, effective, ended, several, moved)


def gathered(work: Work, follow: Following, *, because: str) -> list[Effect]:
    """Everything that follows beside the tree and the registers. Raises UnitOwns."""
    _refuse_owners(work, follow)
    found = list(_positions(work, follow))
    documents = list(_documents(work, follow, because))
    found += documents
    over = {one.row for one in documents if one.cell == ENDED}
    readdressed = {one.row: one for one in documents if one.cell == "organisation_code"}
    found += _tasks(work, follow, readdressed, over)
    found += _others(work, follow)
    found += _choices(work, follow)
    return found


def _refuse_owners(work: Work, follow: Following) -> None:
    known = dictionary(work.connection)
    for code in follow.ended:
        forms = work.connection.execute(
            select(func.count(func.distinct(FORM.c.code))).where(FORM.c.owner == code)
        ).scalar_one()
        fields = sum(1 for one in known.fields.values() if one.steward == code)
        if forms or fields:
            unit = next(one for one in follow.reform.ended if one.code == code)
            raise UnitOwns(name=unit.name, forms=forms, fields=fields)


def _rows(
    work: Work, table: Any, column: ColumnElement[str], codes: Sequence[str], *where: Any
) -> Iterator[Mapping[Any, Any]]:
    """Rows of a table that name one of these organisations, in a settled order."""
    for start in range(0, len(codes), CHUNK):
        query = select(table).where(column.in_(codes[start : start + CHUNK]), *where)
        yield from work.connection.execute(query.order_by(table.c.id)).mappings()


def _positions(work: Work, follow: Following) -> Iterator[Effect]:
    """Posts end with the unit, and are held in the one that follows."""
    p, day = POSITION.c, follow.effective
    in_force = or_(p.valid_to.is_(None), p.valid_to > day)
    after = {unit.code for unit in follow.ended.values() if unit}
    held = {
        (row["account_id"], row["role"], row["organisation_code"])
        for row in _rows(work, POSITION, p.organisation_code, sorted(after), in_force)
    }
    for row in _rows(work, POSITION, p.organisation_code, sorted(follow.ended), in_force):
        ends = max(day, row["valid_from"])
        yield Effect("position", row["id"], "valid_to", row["valid_to"], ends)
        unit = follow.ended[row["organisation_code"]]
        key = (row["account_id"], row["role"], unit.code if unit else "")
        if unit is not None and key not in held:
            held.add(key)
            new = {**row, "id": work.new_id(), "organisation_code": unit.code, "valid_from": ends}
            yield Effect("position", new["id"], ADDED, None, new)


def _documents(work: Work, follow: Following, because: str) -> Iterator[Effect]:
    """Reports in work go on at the unit that follows; where it has the same one already, one is enough."""
    d = DOCUMENT.c
    for code, unit in follow.moved.items():
        for row in _rows(work, DOCUMENT, d.organisation_code, [code], d.status.in_(UNFINISHED)):
            yield Effect(
                "document", row["id"], "organisation_path", row["organisation_path"], unit.path
            )
    after = sorted({unit.code for unit in follow.ended.values() if unit})
    live = (row for row in _rows(work, DOCUMENT, d.organisation_code, after, d.status.in_(LIVE)))
    has = {(row["form_code"], row["organisation_code"], row["period"]) for row in live}
    codes = sorted(code for code, unit in follow.ended.items() if unit)
    here = {
        row["document_id"]
        for row in _rows(work, TASK, TASK.c.organisation_code, codes, TASK.c.status == "open")
    }
    for row in _rows(work, DOCUMENT, d.organisation_code, codes, d.status.in_(UNFINISHED)):
        to = follow.ended[row["organisation_code"]]
        assert to is not None
        key = (row["form_code"], to.code, row["period"])
        if key not in has:
            has.add(key)
            yield Effect(
                "document", row["id"], "organisation_code", row["organisation_code"], to.code
            )
            yield Effect(
                "document", row["id"], "organisation_path", row["organisation_path"], to.path
            )
        elif row["id"] in here and row["case_id"]:
            yield Effect("flow_case", row["case_id"], ENDED, None, because)


def _tasks(
    work: Work, follow: Following, readdressed: Mapping[str, Effect], over: set[str]
) -> Iterator[Effect]:
    """What a unit has to do, the one that follows has to do; where none follows the form's office is told."""
    t = TASK.c
    for row in _rows(work, TASK, t.organisation_code, sorted(follow.ended), t.status == "open"):
        to = follow.ended[row["organisation_code"]]
        if row["case_id"] in over:
            continue
        if to is not None:
            yield Effect("task", row["id"], "organisation_code", row["organisation_code"], to.code)
        else:
            yield _incident(work, row)
    ids = sorted(readdressed)
    for row in _rows(work, TASK, t.document_id, ids, t.status == "open"):
        one = readdressed[row["document_id"]]
        yield Effect("task", row["id"], "subject_code", row["subject_code"], one.after)
    stuck = INCIDENT.c.solved_at.is_(None)
    for row in _rows(work, INCIDENT, INCIDENT.c.document_id, ids, stuck):
        one = readdressed[row["document_id"]]
        yield Effect("flow_incident", row["id"], "subject_code", row["subject_code"], one.after)


def _incident(work: Work, task: Mapping[Any, Any]) -> Effect:
    document = select(DOCUMENT.c.owner).where(DOCUMENT.c.id == task["document_id"])
    row = {
        "id": work.new_id(),
        "case_id": task["case_id"],
        "document_id": task["document_id"],
        "key": task["key"],
        "step": task["step"],
        "reason": REASON,
        "owner": work.connection.execute(document).scalar_one(),
        "title": "",
        "subject_code": task["subject_code"],
        "opened_at": work.at,
        "solved_by": "",
    }
    return Effect("flow_incident", row["id"], ADDED, None, row)


def _others(work: Work, follow: Following) -> Iterator[Effect]:
    """Disputes still open, and notices to whoever holds a post there."""
    codes = sorted(code for code, unit in follow.ended.items() if unit)
    undecided = DISPUTE.c.status == "open"
    for table, more in ((DISPUTE, (undecided,)), (NOTICE, ())):
        for row in _rows(work, table, table.c.organisation_code, codes, *more):
            unit = follow.ended[row["organisation_code"]]
            code = row["organisation_code"]
            yield Effect(
                table.name, row["id"], "organisation_code", code, unit.code if unit else ""
            )


def _choices(work: Work, follow: Following) -> Iterator[Effect]:
    """Whom reports are sent to: groups, and cadences that run."""
    if not follow.several:
        return
    for row in work.connection.execute(select(GROUP).order_by(GROUP.c.id)).mappings():
        for column in ("members", "choice"):
            named = _named(row[column], follow)
            if named != row[column]:
                yield Effect("organisation_group", row["id"], column, row[column], named)
    running = select(CADENCE).where(CADENCE.c.status == "running").order_by(CADENCE.c.id)
    for row in work.connection.execute(running).mappings():
        named = _named(row["targets"], follow)
        if named != row["targets"]:
            yield Effect("dispatch_cadence", row["id"], "targets", row["targets"], named)


def _named(chosen: Json, follow: Following) -> Json:
    """A list of organisations, or a choice with lists of them, as it is called from now on."""
    if isinstance(chosen, list):
        return list(dict.fromkeys(new for one in chosen for new in follow.several.get(one, (one,))))
    if not isinstance(chosen, Mapping):
        return chosen
    found = {
        name: _named(value, follow) if name in LISTS else value for name, value in chosen.items()
    }
    below = found.get("below")
    if isinstance(below, str) and follow.several.get(below):
        found["below"] = follow.several[below][0]
    return found
