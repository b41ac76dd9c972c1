"""Changing what was sent, while it runs and at its end: whom, until when, and that it is over.

Every change asks for its right, keeps its reason in the history and on the trail, and leaves what is
final as it is. 免报 and 撤回 end the case of a unit; 冻结 ends the collection, 归档 signs what came.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from engine import clock, messages
from engine.access import policy
from engine.crypto.vault import digest, witnessed
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.json_text import Json
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import Work
from forms import documents, nil
from forms import store as forms
from forms.documents import DOCUMENT, DocumentRecord
from workflows import dispatches, handwriting, numbers, perform, reminders, store
from workflows.dispatch import DISPATCH, DispatchRecord
from workflows.dispatches import DueInPast
from workflows.dispatching import sending
from workflows.effects import timers
from workflows.events import Restarted, Terminated
from workflows.tables import CaseRow

CASE = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
RUNNING = ("sending", "running")
SHORTEST_REASON = 2


class ReasonMissing(Problem):
    """A change of what was sent says why."""

    code, status = "dispatch.reason-missing", 422


class StateWrong(Problem):
    """The dispatch is not in a state in which this can be done."""

    code, status = "dispatch.state-wrong", 409
    state: str


class UnitDone(Problem):
    """The unit's report is final already."""

    code, status = "dispatch.unit-done", 409
    organisation: str


class UnitNotDone(Problem):
    """Only what has come in can be sent back by the office; what is on its way its verifiers return."""

    code, status = "dispatch.unit-not-done", 409
    organisation: str


class UnitNotThere(Problem):
    """What was named is not among the units of the dispatch that can be changed."""

    code, status = "dispatch.unit-not-there", 422
    organisations: str

    def text(self, language: str = "zh") -> str:
        """Where none was named at all, that is said and nothing of those that were."""
        code = self.code if self.organisations else f"{self.code}.none-named"
        return messages.text(code, language, self.details())


def own(work: Work, dispatch_id: str, *states: str) -> DispatchRecord:
    """A dispatch of the actor's office, in one of these states. Raises NotFound, StateWrong."""
    record = dispatches.get(work, dispatch_id)
    if not policy.covers(work.actor, "dispatch.create", owner=record.owner):
        raise NotFound
    if states and record.status not in states:
        raise StateWrong(state=record.status)
    return record


def extend(
    work: Work, dispatch_id: str, organisations: Sequence[str], due_at: datetime, reason: str
) -> int:
    """Give units until later; their open tasks are due then, who has them is told. Gives how many.

    Raises NotFound, StateWrong, ReasonMissing, UnitNotThere, UnitDone, DueInPast.
    """
    record = own(work, dispatch_id, *RUNNING)
    _given(reason)
    if due_at <= work.now:
        raise DueInPast(due=due_at.date().isoformat())
    found = _units(work, record, organisations)
    until = due_at.isoformat()
    for one in found:
        _open(work, one)
        documents.set_columns(work, one.id, due_at=until)
        case = update(CASE).where(CASE.c.document_id == one.id, CASE.c.status == "running")
        work.connection.execute(case.values(due_at=until))
        task = update(store.TASK).where(
            store.TASK.c.document_id == one.id, store.TASK.c.status == "open"
        )
        work.connection.execute(task.values(due_at=until))
    tasks = store.open_tasks(work.connection, [one.id for one in found])
    reminders.again(work, [task.id for task in tasks])
    timers.put_off(work, tasks, due_at)
    detail = {"by": work.actor.name, "due": clock.day(due_at).isoformat(), "text": reason}
    notices.tell(work, [_told("dispatch.notice.extended", task, detail) for task in tasks])
    return _changed(work, record, "dispatch.extended", found, reason, due_at=until)


def exempt(work: Work, dispatch_id: str, organisations: Sequence[str], reason: str) -> int:
    """免报: these units need not report this time; what they have begun ends. Gives how many."""
    record = own(work, dispatch_id, *RUNNING)
    _given(reason)
    found = _units(work, record, organisations)
    for one in found:
        _open(work, one)
        _end(work, one, "terminated", reason)
        documents.set_columns(work, one.id, status="exempt", mark="exempt", mark_reason=reason)
    return _changed(work, record, "dispatch.exempted", found, reason)


def remove(work: Work, dispatch_id: str, organisations: Sequence[str], reason: str) -> int:
    """Take units off: they were never meant. Gives how many. Raises UnitDone for a final report."""
    record = own(work, dispatch_id, *RUNNING)
    _given(reason)
    found = _units(work, record, organisations)
    for one in found:
        _open(work, one)
        _end(work, one, "revoked", reason)
        documents.set_columns(work, one.id, status="withdrawn", mark_reason=reason)
    fewer = update(DISPATCH).where(DISPATCH.c.id == record.id)
    work.connection.execute(fewer.values(targets=DISPATCH.c.targets - len(found)))
    return _changed(work, record, "dispatch.units-removed", found, reason)


def add(work: Work, dispatch_id: str, organisations: Sequence[str]) -> int:
    """Send to more units, due as the others. Gives how many.

    Raises OutsideArea, AlreadyDispatched, NobodyToFill, DueInPast.
    """
    record = own(work, dispatch_id, *RUNNING)
    if record.due_at <= work.at:
        raise DueInPast(due=record.due_at[:10])
    codes = list(dict.fromkeys(organisations))
    if not codes:
        raise dispatches.NoTargets
    chosen = list(identity.organisations(work.connection, codes).values())
    area = dispatches.area_of(work, record.owner)
    if not all(one.path.startswith(area) for one in chosen):
        raise dispatches.OutsideArea
    had = sending.taken(work.connection, record.form_code, codes, record.period)
    if had:
        names = [one.name for one in chosen if one.code in had]
        raise sending.AlreadyDispatched(organisations="、".join(names[:5]), period=record.period)
    flow = forms.published(work.connection, record.form_code, record.form_version).flow
    sending.send(work, record, flow, chosen)
    more = update(DISPATCH).where(DISPATCH.c.id == record.id)
    work.connection.execute(more.values(targets=DISPATCH.c.targets + len(chosen)))
    work.note("dispatch.units-added", record.id, organisations=codes)
    return len(chosen)


def withdraw(work: Work, dispatch_id: str, reason: str) -> int:
    """撤回: all that is not final ends, and the dispatch with it. Gives how many units were open."""
    record = own(work, dispatch_id, *RUNNING)
    _given(reason)
    found = _waiting(work, record)
    for one in found:
        _end(work, one, "revoked", reason)
        documents.set_columns(work, one.id, status="withdrawn", mark_reason=reason)
    _to(work, record, "withdrawn", reason)
    return len(found)


def freeze(work: Work, dispatch_id: str, reason: str = "") -> int:
    """冻结: nothing more is taken; who has not handed in is missing for good. Gives how many."""
    record = own(work, dispatch_id, "running")
    found = _waiting(work, record)
    for one in found:
        _end(work, one, "terminated", reason or "已冻结")
        documents.set_columns(work, one.id, status="missing")
    _to(work, record, "frozen", reason)
    return len(found)


def archive(work: Work, dispatch_id: str) -> dict[str, Json]:
    """归档: sign what came, all final reports under one hash; nothing of it changes afterwards."""
    record = own(work, dispatch_id, "frozen")
    found = {**_summary(work, record), "at": work.at, "by": work.actor.name}
    found["signature"] = work.vault.witness(_signed(record, found))
    found["public_key"] = work.vault.public_key()
    work.connection.execute(
        update(DISPATCH).where(DISPATCH.c.id == record.id).values(archive=found)
    )
    _to(work, record, "archived", "")
    return found


def is_whole(work: Work, record: DispatchRecord) -> bool:
    """Whether the final reports of an archived dispatch are still those that were signed."""
    kept: Any = record.archive or {}
    key = work.vault.public_key()
    signed = witnessed(_signed(record, kept), str(kept.get("signature", "")), key)
    return signed and _summary(work, record)["hash"] == kept.get("hash")


def reopen(work: Work, dispatch_id: str, reason: str) -> int:
    """重新打开: more may be added and changed; the signature that stood is kept in the history.

    Who was missing can hand in after all, with all that was typed. Gives how many.
    """
    record = own(work, dispatch_id, "frozen", "archived")
    _given(reason)
    found = _of_status(work, record, "missing")
    for one in found:
        _again(work, one, reason)
    work.connection.execute(update(DISPATCH).where(DISPATCH.c.id == record.id).values(archive=None))
    _to(work, record, "running", reason)
    return len(found)


def send_back(work: Work, dispatch_id: str, organisations: Sequence[str], reason: str) -> int:
    """退回已收的: final reports of these units begin at their first step again, with all that they hold;
    whoever fills them in is told why. What was signed stays in the history. Gives how many.

    Raises NotFound, StateWrong, ReasonMissing, UnitNotThere, UnitNotDone.
    """
    record = own(work, dispatch_id, *RUNNING)
    _given(reason)
    found = _units(work, record, organisations)
    early = [one.organisation_code for one in found if one.status != "final"]
    if early:
        raise UnitNotDone(organisation=_called(work, early))
    for one in found:
        _again(work, one, reason)
    ids = [one.id for one in found]
    tasks = store.open_tasks(work.connection, ids)
    back = update(store.TASK).where(store.TASK.c.id.in_([task.id for task in tasks]))
    work.connection.execute(back.values(returned=True))
    detail = {"by": work.actor.name, "text": reason}
    notices.tell(work, [_told("dispatch.notice.returned", task, detail) for task in tasks])
    return _changed(work, record, "dispatch.units-returned", found, reason)


def _told(about: str, task: store.TaskRecord, detail: dict[str, Json]) -> Notice:
    return Notice(
        about,
        task.account_id,
        None if task.account_id else task.organisation_code,
        "" if task.account_id else task.role,
        detail=detail,
        task_id=task.id,
        document_id=task.document_id,
    )


def _given(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing


def _open(work: Work, one: DocumentRecord) -> None:
    if one.status == "final":
        raise UnitDone(organisation=_called(work, [one.organisation_code]))


def _units(
    work: Work, record: DispatchRecord, organisations: Sequence[str]
) -> list[DocumentRecord]:
    """The documents of these units in the dispatch. Raises UnitNotThere if one has none, or none is named."""
    codes = list(dict.fromkeys(organisations))
    query = select(DOCUMENT.c.id).where(
        DOCUMENT.c.dispatch_id == record.id,
        DOCUMENT.c.organisation_code.in_(codes),
        DOCUMENT.c.status.not_in(("withdrawn", "exempt")),
    )
    found = documents.several(work.connection, list(work.connection.execute(query).scalars()))
    if not codes or len(found) != len(codes):
        left = set(codes) - {one.organisation_code for one in found}
        raise UnitNotThere(organisations=_called(work, sorted(left)))
    return found


def _called(work: Work, codes: Sequence[str]) -> str:
    names = identity.organisation_names(work.connection, codes)
    return "、".join(names.get(code, code) for code in codes[:5])


def _waiting(work: Work, record: DispatchRecord) -> list[DocumentRecord]:
    return _of_status(work, record, "open", "submitted")


def _of_status(work: Work, record: DispatchRecord, *statuses: str) -> list[DocumentRecord]:
    query = select(DOCUMENT.c.id).where(
        DOCUMENT.c.dispatch_id == record.id, DOCUMENT.c.status.in_(statuses)
    )
    return documents.several(work.connection, list(work.connection.execute(query).scalars()))


def _again(work: Work, one: DocumentRecord, reason: str) -> None:
    documents.set_columns(work, one.id, status="open")
    if one.case_id is not None:
        case = store.get_case(work.connection, one.case_id)
        perform.perform(work, case, one, Restarted(at=work.now, by=work.actor.id, comment=reason))


def _end(work: Work, one: DocumentRecord, outcome: str, reason: str) -> None:
    if one.case_id is None:
        return
    case = store.get_case(work.connection, one.case_id)
    event = Terminated(at=work.now, by=work.actor.id, outcome=outcome, comment=reason)
    perform.perform(work, case, one, event)
    documents.set_columns(work, one.id, submitted_at=one.submitted_at)  # that was no handing in


def _changed(
    work: Work,
    record: DispatchRecord,
    action: str,
    found: Sequence[DocumentRecord],
    reason: str,
    **more: Json,
) -> int:
    codes = [one.organisation_code for one in found]
    after = {"action": action, "organisations": codes, **more}
    work.record("dispatch", record.id, before=None, after=after, reason=reason)
    work.note(action, record.id, organisations=codes, **more)
    return len(found)


def _to(work: Work, record: DispatchRecord, status: str, reason: str) -> None:
    """A state of its own, compared and set: of two at once one is told that it came late."""
    changed = (
        update(DISPATCH)
        .where(DISPATCH.c.id == record.id, DISPATCH.c.status == record.status)
        .values(status=status)
    )
    if not work.connection.execute(changed).rowcount:
        raise StateWrong(state=record.status)
    before = {"status": record.status, "archive": record.archive}
    work.record("dispatch", record.id, before=before, after={"status": status}, reason=reason)
    work.note(f"dispatch.{status}", record.id, before=record.status)


def _summary(work: Work, record: DispatchRecord) -> dict[str, Json]:
    """The hash of every final report with its number and the signatures under it, in the order of units."""
    final = [
        one for one in documents.of_dispatch(work.connection, record.id) if one.status == "final"
    ]
    ids = [one.id for one in final]
    signed, numbered = (
        handwriting.marks(work.connection, ids),
        numbers.of_documents(work.connection, ids),
    )
    each = [
        " ".join(
            [
                one.organisation_code,
                *([numbered[one.id]] if one.id in numbered else []),
                documents.signed_digest(_release(work, one), one),
                *signed.get(one.id, ()),
            ]
        )
        for one in final
    ]
    nils = sum(1 for one in final if nil.is_nil(one))
    return {"hash": digest("\n".join(each).encode()), "count": len(final), "nil": nils}


def _release(work: Work, one: DocumentRecord) -> str:
    """The version of the form that a report is on: others of the dispatch may be on a newer one."""
    return forms.published(work.connection, one.form_code, one.form_version).content_hash


def _signed(record: DispatchRecord, found: Json) -> str:
    return (
        f"{record.id} {found.get('hash')} {found.get('count')} {found.get('at')} {found.get('by')}"
    )
