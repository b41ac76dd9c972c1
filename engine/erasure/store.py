"""Requests to delete what is known of somebody: asked by one person, decided by another; legal holds."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, insert, select, true, update

from engine import rotation
from engine.access import policy
from engine.dictionary.store import dictionary
from engine.erasure import person
from engine.erasure.tables import ErasureRow, LegalHoldRow
from engine.errors import Forbidden, NotFound, Problem
from engine.formats import registry as formats
from engine.notices import administrators
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.registers import store as registers
from engine.registers import words
from engine.storage import sealed
from engine.storage.database import advisory_lock
from engine.work import Work

ERASURE = ErasureRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
HOLD = LegalHoldRow.__table__  # type: ignore[attr-defined]  # as above
BASES = ("consent-withdrawn", "purpose-ended", "unlawful", "retention-over", "other")
"""Why the law gives the right to it (PIPL, article 47)."""
ASKED, REFUSED, WITHDRAWN, SWEEPING, DONE = "asked", "refused", "withdrawn", "sweeping", "done"
OPEN = (ASKED, SWEEPING)
SHORTEST_REASON = 4
KIND = "erasure.sweep"


class ErasureNeedsReason(Problem):
    """Whose request it is, and what it rests on, must be told."""

    code, status = "erasure.needs-reason", 422
    length: int = SHORTEST_REASON


class ErasureOpen(Problem):
    """A request for this person waits already, or is being carried out."""

    code, status = "erasure.open", 409


class SubjectHeld(Problem):
    """A matter is open for which the data must be kept; nothing is deleted meanwhile."""

    code, status = "erasure.held", 409
    matter: str


class NobodyFound(Problem):
    """The register has nobody with this key."""

    code, status = "erasure.nobody", 422
    key: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request, and what came of it."""

    id: str
    subject: str
    subject_id: str
    basis: str
    reason: str
    asked_at: str
    asked_by: str
    asked_by_name: str
    decided_at: str | None
    decided_by_name: str
    state: str
    answer: str
    progress: dict[str, Any] = field(default_factory=dict)
    generation: int = 0
    done_at: str | None = None
    signature: str = ""

    def certificate(self) -> str:
        """What is signed: who was deleted by which request, when, and how much; no values."""
        told = {name: self.progress.get(name, 0) for name in ("rows", "history", "changed", "opened")}  # fmt: skip
        counts = " ".join(f"{name}={number}" for name, number in told.items())
        return f"erasure {self.id} {self.subject} {self.subject_id} {self.done_at} {counts} key={self.generation}"


@dataclass(frozen=True, slots=True)
class Hold:
    """A matter for which a subject's data must be kept."""

    id: str
    subject: str
    subject_id: str
    matter: str
    placed_at: str
    placed_by_name: str
    lifted_at: str | None
    lifted_by_name: str


def find(work: Work, subject: str, key: str) -> str:
    """The subject with a natural key, for whoever may ask. Raises Forbidden, NotFound, NobodyFound."""
    work.require("erasure.ask", owner=_steward(work, subject))
    known = dictionary(work.connection)
    kind = known.subjects.get(subject)
    if kind is None or not kind.keys:
        raise NotFound
    by = known.field(f"{subject}.{kind.keys[0]}")
    wanted = formats.normalised(by.schema.get("format"), key.strip())
    found = registers.find(work, known, by, [wanted]).get(wanted) if wanted else None
    if found is None:
        raise NobodyFound(key=by.label())
    return found


def ask(work: Work, subject: str, subject_id: str, *, basis: str, reason: str) -> str:
    """Ask that what is known of somebody be deleted; gives the request's id.

    Raises Forbidden, NotFound, ErasureNeedsReason, SubjectHeld, ErasureOpen.
    """
    work.require("erasure.ask", owner=_steward(work, subject))
    if len(reason.strip()) < SHORTEST_REASON or basis not in BASES:
        raise ErasureNeedsReason
    if subject_id not in registers.existing(work, dictionary(work.connection), subject, [subject_id]):  # fmt: skip
        raise NotFound
    advisory_lock(work.connection, "erasure")
    _refuse_held(work, subject, subject_id)
    same = select(ERASURE.c.id).where(
        ERASURE.c.subject == subject,
        ERASURE.c.subject_id == subject_id,
        ERASURE.c.state.in_(OPEN),
    )
    if work.connection.execute(same).first() is not None:
        raise ErasureOpen
    request = work.new_id()
    row = {
        "id": request,
        "subject": subject,
        "subject_id": subject_id,
        "basis": basis,
        "reason": reason.strip()[:500],
        "asked_at": work.at,
        "asked_by": work.actor.id,
        "asked_by_name": work.actor.name,
        "state": ASKED,
    }
    work.connection.execute(insert(ERASURE), row)
    work.note("erasure.asked", request, subject=subject, id=subject_id, basis=basis)
    administrators.tell(
        work,
        ("security", "system"),
        "erasure.notice.asked",
        detail={"erasure": request},
        key=request,
    )
    return request


def decide(work: Work, request: str, *, agreed: bool, answer: str = "") -> None:
    """Have it done, or refuse it with a reason; by another person than who asked. What is approved
    leaves the register in this transaction; the rest is swept by a job.

    Raises Forbidden, NotFound, ErasureNeedsReason, SubjectHeld.
    """
    work.require("erasure.decide")
    found = _waiting(work, request)
    if found.asked_by == work.actor.id:
        raise Forbidden(reason="account.second-person")
    if not agreed and len(answer.strip()) < SHORTEST_REASON:
        raise ErasureNeedsReason
    if agreed:
        _refuse_held(work, found.subject, found.subject_id)
    _set(
        work,
        request,
        state=SWEEPING if agreed else REFUSED,
        decided_at=work.at,
        decided_by=work.actor.id,
        decided_by_name=work.actor.name,
        answer=answer.strip()[:500],
    )
    work.note(f"erasure.{'approved' if agreed else 'refused'}", request)
    if agreed:
        begin(work, request, found.subject, found.subject_id)
        work.later(KIND, {"erasure": request})
    detail = {"answer": answer.strip()[:500], "erasure": request}
    about = f"erasure.{'approved' if agreed else 'refused'}"
    notices.tell(work, [Notice(about, account_id=found.asked_by, detail=detail)])


def withdraw(work: Work, request: str) -> None:
    """Whoever asked takes it back before it is decided. Raises NotFound."""
    found = _waiting(work, request)
    if found.asked_by != work.actor.id:
        raise NotFound
    _set(work, request, state=WITHDRAWN, decided_at=work.at, decided_by_name=work.actor.name)
    work.note("erasure.withdrawn", request)


def begin(work: Work, request: str, subject: str, subject_id: str) -> None:
    """Take somebody out of the register, its look-up and its history, and note what is to be swept."""
    known = dictionary(work.connection)
    ids = person.everywhere(work, subject, subject_id)
    sought = person.sought(work, known, subject, ids)
    work.later(words.KIND, {})  # the index of words is read again: names leave it at once
    progress = {
        "ids": ids,
        "rows": person.blank_rows(work, known, subject, ids),
        "history": person.blank_history(work, subject, ids, sought.names),
    }
    _set(work, request, texts=sealed.seal(work.connection, sorted(sought.texts), texts_place(request), "job"), progress=progress)  # fmt: skip


def listed(work: Work, *, limit: int = 200) -> list[Erasure]:
    """The requests that the actor may see, those that wait first. Raises Forbidden."""
    query = select(ERASURE).where(_visible(work))
    query = query.order_by(ERASURE.c.state.not_in(OPEN), ERASURE.c.asked_at.desc()).limit(limit)
    return [read(row) for row in work.connection.execute(query).mappings()]


def get(work: Work, request: str) -> Erasure:
    """One request. Raises NotFound, Forbidden."""
    query = select(ERASURE).where(ERASURE.c.id == request, _visible(work))
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return read(row)


def place_hold(work: Work, subject: str, subject_id: str, matter: str) -> str:
    """Keep what is known of somebody while a matter is open. Raises Forbidden, ErasureNeedsReason."""
    work.require("hold.change", owner=_steward(work, subject))
    if len(matter.strip()) < SHORTEST_REASON:
        raise ErasureNeedsReason
    hold = work.new_id()
    row = {
        "id": hold,
        "subject": subject,
        "subject_id": subject_id,
        "matter": matter.strip()[:200],
        "placed_at": work.at,
        "placed_by": work.actor.id,
        "placed_by_name": work.actor.name,
    }
    work.connection.execute(insert(HOLD), row)
    work.note("hold.placed", hold, subject=subject, id=subject_id)
    return hold


def lift_hold(work: Work, hold: str) -> None:
    """The matter is closed. Raises Forbidden, NotFound."""
    if not policy.reaches(work.actor, "hold.change"):
        raise Forbidden
    query = select(HOLD.c.subject).where(HOLD.c.id == hold, HOLD.c.lifted_at.is_(None))
    subject = work.connection.execute(query).scalar()
    if subject is None:
        raise NotFound
    work.require("hold.change", owner=_steward(work, subject))
    change = update(HOLD).where(HOLD.c.id == hold)
    work.connection.execute(change.values(lifted_at=work.at, lifted_by_name=work.actor.name))
    work.note("hold.lifted", hold)


def holds(work: Work) -> list[Hold]:
    """Holds in force, the newest first. Raises Forbidden."""
    if not policy.reaches(work.actor, "erasure.read"):
        raise Forbidden
    names = [HOLD.c[name] for name in Hold.__slots__]
    kinds = list(dictionary(work.connection).subjects)
    query = select(*names).where(HOLD.c.lifted_at.is_(None), HOLD.c.subject.in_(kinds))
    query = query.order_by(HOLD.c.placed_at.desc())
    rows: Any = work.connection.execute(query)
    return [Hold(*row) for row in rows]


def texts_place(request: str) -> str:
    """Where what is looked for is sealed."""
    return f"erasure:{request}.texts"


def read(row: Any) -> Erasure:
    """A row as a value."""
    values = {name: row[name] for name in Erasure.__slots__}
    return Erasure(**{**values, "progress": row["progress"] or {}})


def _visible(work: Work) -> ColumnElement[bool]:
    """Administrators and auditors see all, an office what it asked for."""
    reaches = policy.reaches(work.actor, "erasure.read")
    if not reaches:
        raise Forbidden
    if any(one.kind == "all" for one in reaches):
        return true()
    mine: ColumnElement[bool] = ERASURE.c.asked_by == work.actor.id
    return mine


def _waiting(work: Work, request: str) -> Erasure:
    query = select(ERASURE).where(ERASURE.c.id == request, ERASURE.c.state == ASKED)
    row = work.connection.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise NotFound
    return read(row)


def _set(work: Work, request: str, **values: Any) -> None:
    work.connection.execute(update(ERASURE).where(ERASURE.c.id == request).values(**values))


def _refuse_held(work: Work, subject: str, subject_id: str) -> None:
    ids = person.everywhere(work, subject, subject_id)
    query = select(HOLD.c.matter).where(
        HOLD.c.subject == subject, HOLD.c.subject_id.in_(ids), HOLD.c.lifted_at.is_(None)
    )
    matter = work.connection.execute(query.limit(1)).scalar()
    if matter is not None:
        raise SubjectHeld(matter=matter)


def _steward(work: Work, subject: str) -> str:
    """The office in whose care the kind's first key is. Raises NotFound for no such kind."""
    known = dictionary(work.connection)
    kind = known.subjects.get(subject)
    if kind is None or not kind.keys:
        raise NotFound
    return known.field(f"{subject}.{kind.keys[0]}").steward


rotation.declare(ERASURE, "texts", "job", lambda row: texts_place(row["id"]))
