"""A change that its maker may not make alone: proposed to the field's steward, accepted or refused.

Where nobody holds the steward's post, the ledger's owner decides: nothing waits for nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from engine import rotation
from engine.dictionary.store import dictionary
from engine.errors import Conflict, NotFound, Problem
from engine.identity import store as identity
from engine.json_text import Json
from engine.ledgers.lens import Column, Lens
from engine.ledgers.rows import Cell
from engine.ledgers.tables import ProposalRow
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.registers import store
from engine.registers.store import Change, Origin
from engine.storage import sealed
from engine.work import Work

PROPOSAL = ProposalRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
rotation.declare(PROPOSAL, "before", "register", lambda row: f"proposal:{row['id']}.before")
rotation.declare(PROPOSAL, "after", "register", lambda row: f"proposal:{row['id']}.after")
WAITING, ACCEPTED, REFUSED, WITHDRAWN = "waiting", "accepted", "refused", "withdrawn"


class AnswerMissing(Problem):
    """A proposal is refused without saying why."""

    code, status = "ledger.answer-missing", 422


class ProposalDone(Problem):
    """Somebody decided it already, or it was taken back."""

    code, status = "ledger.proposal-done", 409
    state: str
    by: str


class ProposalOvertaken(Problem):
    """The value changed after it was proposed; accepting would undo what somebody else wrote."""

    code, status = "ledger.proposal-overtaken", 409
    by: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a cell to be, and what they saw in it."""

    row: str
    column: Column
    about: str
    cell: Cell
    value: Json
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed change as its steward finds it."""

    id: str
    ledger: str
    row_id: str
    column: str
    subject_id: str
    field: str
    decider: str
    before: Json
    after: Json
    reason: str
    state: str
    proposed_at: str
    proposed_by: str
    proposed_by_name: str
    decided_at: str | None
    decided_by_name: str
    answer: str


def propose(work: Work, lens: Lens, wish: Wish) -> str:
    """Ask the steward for a change; an earlier proposal of the same person for the cell is withdrawn."""
    field = wish.column.field
    work.connection.execute(
        update(PROPOSAL)
        .where(
            PROPOSAL.c.subject_id == wish.about,
            PROPOSAL.c.field == field.code,
            PROPOSAL.c.proposed_by == work.actor.id,
            PROPOSAL.c.state == WAITING,
        )
        .values(state=WITHDRAWN, decided_at=work.at, decided_by_name=work.actor.name)
    )
    decider = _decider(work, lens, wish.column)
    number = work.new_id()

    def kept(name: str, value: Json) -> Json:
        return sealed.seal(work.connection, [value], f"proposal:{number}.{name}", "register")

    work.connection.execute(
        insert(PROPOSAL),
        {
            "id": number,
            "ledger": lens.code,
            "row_id": wish.row,
            "column": wish.column.name,
            "subject_id": wish.about,
            "field": field.code,
            "decider": decider,
            "seen": wish.cell.stamp,
            "before": kept("before", wish.cell.value),
            "after": kept("after", wish.value),
            "reason": wish.reason.strip(),
            "state": WAITING,
            "proposed_at": work.at,
            "proposed_by": work.actor.id,
            "proposed_by_name": work.actor.name,
            "decided_by_name": "",
            "answer": "",
        },
    )
    work.note("ledger.proposed", number, ledger=lens.code, field=field.code)
    return number


def listed(work: Work, *, limit: int = 200) -> list[Proposal]:
    """Proposals that wait for the actor's offices, and those the actor made, the newest first."""
    mine = PROPOSAL.c.proposed_by == work.actor.id
    query = select(PROPOSAL).where(or_(mine, _to_decide(work)))
    rows = work.connection.execute(
        query.order_by(PROPOSAL.c.state != WAITING, PROPOSAL.c.proposed_at.desc()).limit(limit)
    ).mappings()
    return [_read(work, row) for row in rows]


def waiting(work: Work) -> int:
    """How many proposals wait for the actor's offices."""
    return len(work.connection.execute(select(PROPOSAL.c.id).where(_to_decide(work))).all())


def of_rows(work: Work, lens: Lens, ids: Sequence[str]) -> dict[tuple[str, str], list[Proposal]]:
    """Proposals that wait, by row and column."""
    found: dict[tuple[str, str], list[Proposal]] = {}
    query = select(PROPOSAL).where(
        PROPOSAL.c.ledger == lens.code,
        PROPOSAL.c.row_id.in_(list(ids)[:500]),
        PROPOSAL.c.state == WAITING,
    )
    for row in work.connection.execute(query).mappings():
        found.setdefault((row["row_id"], row["column"]), []).append(_read(work, row))
    return found


def decide(
    work: Work, number: str, *, accept: bool, answer: str = "", over: bool = False
) -> Proposal:
    """Accept a proposal, and the register has it; or refuse it with a reason.

    Raises NotFound for whoever may not decide, ProposalDone, ProposalOvertaken, AnswerMissing.
    """
    row = (
        work.connection.execute(select(PROPOSAL).where(PROPOSAL.c.id == number).with_for_update())
        .mappings()
        .first()
    )
    offices = {post.organisation for post in work.actor.posts_as("department")}
    if row is None or row["decider"] not in offices:
        raise NotFound
    if row["state"] != WAITING:
        raise ProposalDone(state=row["state"], by=row["decided_by_name"])
    if not accept and not answer.strip():
        raise AnswerMissing
    found = _read(work, row)
    if accept:
        _apply(work, found, seen=row["seen"], over=over)
    state = ACCEPTED if accept else REFUSED
    work.connection.execute(
        update(PROPOSAL)
        .where(PROPOSAL.c.id == number)
        .values(
            state=state,
            decided_at=work.at,
            decided_by_name=work.actor.name,
            answer=answer.strip(),
        )
    )
    label = dictionary(work.connection).field(found.field).label()
    detail = {"field": label, "answer": answer.strip(), "ledger": found.ledger, "row": found.row_id}
    notices.tell(work, [Notice(f"ledger.{state}", account_id=found.proposed_by, detail=detail)])
    work.note(f"ledger.proposal-{state}", number, ledger=found.ledger, field=found.field)
    return found


def withdraw(work: Work, number: str) -> None:
    """Take back one's own proposal. Raises NotFound, Conflict when it is decided."""
    row = work.connection.execute(select(PROPOSAL).where(PROPOSAL.c.id == number)).first()
    if row is None or row.proposed_by != work.actor.id:
        raise NotFound
    if row.state != WAITING:
        raise Conflict(what=number)
    work.connection.execute(
        update(PROPOSAL)
        .where(PROPOSAL.c.id == number)
        .values(state=WITHDRAWN, decided_at=work.at, decided_by_name=work.actor.name)
    )


def _apply(work: Work, found: Proposal, *, seen: int, over: bool) -> None:
    known = dictionary(work.connection)
    field = known.field(found.field)
    held = store.fetch(work, known, field.subject, [found.subject_id], [field])
    now = held.get(found.subject_id, {}).get(field.code)
    changed = now is not None and now.origin.id != seen and now.value != found.before
    if changed and now is not None and not over:
        raise ProposalOvertaken(by=now.origin.actor_name)
    origin = store.add_origin(
        work,
        Origin(
            source="steward",
            title=found.ledger,
            at=work.at,
            actor_id=found.proposed_by,
            actor_name=found.proposed_by_name,
            verified_by=work.actor.name,
            organisation=found.decider,
            form_code=found.ledger,
        ),
    )
    change = Change(field.code, found.subject_id, found.after)
    store.set_values(work, known, [change], origin, reason=found.reason)


def _decider(work: Work, lens: Lens, column: Column) -> str:
    steward = column.field.steward
    if steward and identity.holders(work.connection, "department", steward, now=work.now):
        return steward
    return lens.owner


def _to_decide(work: Work) -> ColumnElement[bool]:
    offices = [post.organisation for post in work.actor.posts_as("department")]
    return and_(PROPOSAL.c.state == WAITING, PROPOSAL.c.decider.in_(offices))


def _read(work: Work, row: object) -> Proposal:
    values = {name: row[name] for name in Proposal.__slots__}  # type: ignore[index]  # a mapping of the row
    for name in ("before", "after"):
        place = f"proposal:{values['id']}.{name}"
        kept: Any = sealed.unseal(work.connection, values[name], place)
        values[name] = kept[0]
    return Proposal(**values)
