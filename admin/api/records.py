"""Records over the API: what organisations have reported, and how each came about."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from admin.views import signing_view, veils
from admin.web.answer import Limit, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.access import policy
from engine.errors import Forbidden
from forms import documents, former, store
from forms.documents import DOCUMENT, DocumentRecord
from workflows import numbers
from workflows import store as flows
from workflows.versions import told as versions_

STATUSES = "open|submitted|final|rejected|withdrawn|terminated|voided|exempt|missing"
FormCode = Annotated[str, QueryParameter(name="form", max_length=100, description="A form's code")]
Period = Annotated[str, QueryParameter(name="period", max_length=20, description="`2026-11`")]
CaseNumber = Annotated[
    str, QueryParameter(name="number", max_length=200, description="A part of the case's number")
]
Organisation = Annotated[str, QueryParameter(name="organisation", max_length=40)]
Status = Annotated[
    str, QueryParameter(name="status", pattern=f"^({STATUSES})?$", description=STATUSES)
]


class Record(msgspec.Struct):
    """A document without its contents; those are at /api/documents/{id}."""

    id: str
    form: str
    form_version: int
    organisation: str
    owner: str
    period: str
    status: str
    revision: int
    dispatch: str | None
    submitted_at: str | None
    final_at: str | None
    number: str
    """流程编号, 发文字号; empty without one."""


class RecordList(msgspec.Struct):
    """Records that the caller may see, the newest period first."""

    records: list[Record]


class CellHistory(msgspec.Struct):
    """One change of one cell."""

    path: str
    before: Any
    after: Any
    revision: int
    at: str
    by: str


class Step(msgspec.Struct):
    """Something that happened in the flow: submitted, passed, returned, with the comment."""

    kind: str
    at: str
    by: str
    comment: str
    cells: dict[str, str]
    signature: str
    allowed: dict[str, str]
    """Checks that were allowed not to hold, with the reason, by `<code>:<path>`."""
    dated: str = ""
    """The day it was done on paper, where it was entered afterwards."""
    handwriting: str = ""
    """Where the handwritten signature is, where one was given."""
    typed: bool = False
    """It is the signer's name, typed."""


class History(msgspec.Struct):
    """How a record came about, oldest first."""

    record: Record
    steps: list[Step]
    changes: list[CellHistory]


@get("/api/records")
@threaded
def list_records(
    caller: Visiting,
    *,
    form_code: FormCode = "",
    period: Period = "",
    organisation: Organisation = "",
    status: Status = "",
    number: CaseNumber = "",
    limit: Limit = 100,
) -> Response[RecordList]:
    """Records by form, period, organisation and status."""
    wanted = {
        DOCUMENT.c.form_code: form_code,
        DOCUMENT.c.period: period,
        DOCUMENT.c.organisation_code: organisation,
        DOCUMENT.c.status: status,
    }
    conditions = [column == value for column, value in wanted.items() if value]
    if number:
        conditions.append(numbers.like(DOCUMENT.c.case_id, "%" + numbers.literally(number) + "%"))
    with caller.read() as work:
        if not policy.reaches(work.actor, "document.read"):
            raise Forbidden
        found = documents.listed(work, *conditions, limit=limit)
        numbered = numbers.of_documents(work.connection, [one.id for one in found])
    return answer(RecordList([_record(one, numbered.get(one.id, "")) for one in found]))


@get("/api/records/{document_id:str}/history")
@threaded
def read_history(caller: Visiting, document_id: FromPath[str]) -> Response[History]:
    """Every step of the flow and every change of a cell: who, when, before and after."""
    with caller.read() as work:
        record = documents.read(work, document_id)
        changes = documents.changes_since(work.connection, record.id, 0)
        steps = flows.events(work.connection, record.case_id) if record.case_id else []
        form = store.published(work.connection, record.form_code, record.form_version)
        versions = [one for one in versions_.former(steps) if one != form.version]
        others = [store.published(work.connection, form.code, one) for one in versions]
        veil = former.past(work, veils.over(work, form, record), others)
        number = numbers.of_documents(work.connection, [record.id]).get(record.id, "")
    told = [
        CellHistory(
            one.path,
            veil.value(one.path, one.before),
            veil.value(one.path, one.after),
            one.revision,
            one.at,
            one.actor_name,
        )
        for one in changes
        if not veil.hides(one.path)
    ]
    return answer(History(_record(record, number), [_step(one, record.id) for one in steps], told))


def _step(event: Any, record_id: str) -> Step:
    document = event["document"]
    hand = signing_view.hand(f"/records/{record_id}/signatures", document)
    return Step(
        kind=event["kind"],
        at=event["at"],
        by=event["actor_name"],
        comment=document.get("comment") or "",
        cells=dict(document.get("cells") or {}),
        signature=document.get("signature") or "",
        allowed={key: one["reason"] for key, one in (document.get("allowed") or {}).items()},
        dated=document.get("dated") or "",
        handwriting=hand["href"] if hand else "",
        typed=bool(hand and hand["typed"]),
    )


def _record(one: DocumentRecord, number: str = "") -> Record:
    return Record(
        id=one.id,
        form=one.form_code,
        form_version=one.form_version,
        organisation=one.organisation_code,
        owner=one.owner,
        period=one.period,
        status=one.status,
        revision=one.revision,
        dispatch=one.dispatch_id,
        submitted_at=one.submitted_at,
        final_at=one.final_at,
        number=number,
    )
