"""Records: what was handed in, one record with its versions, taking it back, and checking a print."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect
from sqlalchemy import ColumnElement, and_, not_, or_

from admin.pages import files
from admin.views import proof, record_view, stamped_view, units_view, veils, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import NOBODY, Posted, Visit, Visiting, require_role
from engine import clock
from engine.errors import NotFound
from engine.identity import store as identity
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import documents, filing, positions
from forms import store as forms
from forms.documents import DOCUMENT
from forms.masking import Veil
from renderers import qr
from workflows import cases, commands, numbers, stamping, store

PAGE = 50
MOST = 1000
HANDED_IN = ("submitted", "final", "rejected", "voided")
"""What stands in the list when no state is asked for."""
ON_HOLD, STAMPED, UNSTAMPED = "suspended", "stamped", "unstamped"
STATES = (
    "submitted", "final", STAMPED, UNSTAMPED, "rejected", "withdrawn", ON_HOLD, "terminated", "voided",
)  # fmt: skip
"""States that can be asked for; suspended is a state of the case, stamped is final with the scan of a
stamped page and unstamped without one, the others are the document's."""


@get("/records")
@threaded
def record_list(
    visit: Visiting,
    *,
    q: FromQuery[str] = "",
    period: FromQuery[str] = "",
    code: Annotated[str, QueryParameter(name="form")] = "",
    wanted: Annotated[str, QueryParameter(name="state")] = "",
    shown: FromQuery[int] = PAGE,
) -> Response[str]:
    """What was handed in, or is in one state, as far as the visitor may see it."""
    require_role(visit, "staff", "verifier", "leader", "department", "auditor")
    limit = max(PAGE, min(shown, MOST))
    state = wanted if wanted in STATES else ""
    with visit.read() as work:
        conditions = [_in_state(state) if state else DOCUMENT.c.status.in_(HANDED_IN)]
        seen = documents.listed(work, *conditions, limit=MOST)
        periods = sorted({one.period for one in seen if one.period}, reverse=True)
        if period:
            conditions.append(DOCUMENT.c.period == period)
        if code:
            conditions.append(DOCUMENT.c.form_code == code)
        if q.strip():
            conditions.append(_named(work, q.strip()))
        found = documents.listed(work, *conditions, limit=limit + 1)
        rows = record_view.rows(work, found[:limit], visit.language)
        marked = stamping.counts(work.connection, [row["id"] for row in rows])
    asked = {"q": q, "period": period, "form": code, "state": state, "shown": limit + PAGE}
    more = f"/records?{urlencode(asked)}"
    return html.page(
        visit,
        "records.html",
        records=[{**row, "stamped": row["id"] in marked} for row in rows],
        q=q,
        period=period,
        periods=[{"value": one, "text": words.period(one, visit.language)} for one in periods],
        state=state,
        states=STATES,
        more=more if len(found) > limit else None,
    )


@get("/records/{record_id:str}/source")
@threaded
def cell_source(
    visit: Visiting, record_id: FromPath[str], path: FromQuery[str] = ""
) -> Response[str]:
    """Where the value of one cell comes from: a part of a page, asked for by a sheet."""
    with visit.read() as work:
        opened = filing.opened(work, documents.read(work, record_id))
        if veils.over(work, opened.form, opened.record).hides(path):
            raise NotFound
        item, cell = opened.form.item(path), opened.cells.get(path)
        formula = words.spoken(opened.form, item, visit.language) if item else ""
        known = cell.source if cell else None
        if item is not None and item.compute and known is None:
            known = {"source": "formula"}
        source = words.source(known, visit.language, now=work.now, formula=formula)
    return html.fragment(visit, "source.html", "source", source=source)


@get("/records/{record_id:str}")
@threaded
def record_page(
    visit: Visiting,
    record_id: FromPath[str],
    version: FromQuery[int | None] = None,
    plain: FromQuery[int] = 0,
    on: FromQuery[str] = "",
) -> Response[str]:
    """One record: values with where they came from, who signed it, what happened to it; with `on` as
    it stood at the end of that day.

    `plain` is the page of large tables for a visitor without scripts; 0 shows those as sheets.
    """
    with visit.read() as work:
        day = clock.asked_day(on)
        found = record_view.reading(work, documents.read(work, record_id), version, day)
        veil = veils.over(work, found.form, found.record)
        context = _context(work, found, veil, visit.language, plain or None)
        withdraw = day is None and record_view.may_withdraw(work, found)
    return _page(visit, found, context, withdraw=withdraw)


@post("/records/{record_id:str}/whole", status_code=200)
@threaded
def record_whole(visit: Visiting, form: Posted, record_id: FromPath[str]) -> Response[Any]:
    """The record without masks, for a purpose and this once: on the page, or `as` a file."""
    purpose = Purpose.given(form.get("purpose"), form.get("for"))
    wanted, number = form.get("as"), form.get("version")
    version = int(number) if number.isdecimal() else None
    if wanted in files.RECORD_FILES:
        return files.record_file(visit, record_id, version, wanted, purpose=purpose)

    def inside(work: Work) -> tuple[record_view.Reading, dict[str, Any]]:
        found = record_view.reading(work, documents.read(work, record_id), version)
        veil = veils.over(work, found.form, found.record)
        seen = veil.lifted(work, purpose, target=record_id, path=found.record.organisation_path)
        return found, _context(work, found, seen, visit.language, 1)

    found, context = visit.write(inside)
    return _page(visit, found, context, withdraw=False, lifted=True)


def _context(
    work: Work, found: record_view.Reading, veil: Veil, language: str, plain: int | None
) -> dict[str, Any]:
    now = found.on is None and found.version == found.latest
    stamped = stamped_view.panel(work, found.record, veil, now=now)
    return {**record_view.page(work, found, veil, language, plain), "stamped": stamped}


def _page(
    visit: Visit,
    found: record_view.Reading,
    context: dict[str, Any],
    *,
    withdraw: bool,
    lifted: bool = False,
) -> Response[str]:
    record_id, day = found.record.id, found.on
    old = f"?version={found.version}" if found.version < found.latest else ""
    downloads = [
        {
            "text": text(visit.language, f"download.{key}"),
            "href": f"/records/{record_id}/{kind}{old}",
            "kind": kind,
        }
        for key, kind in (
            ("workbook", "workbook"),
            ("pdf", "pdf"),
            ("json", "json"),
            ("geojson", "geojson"),
        )
        if day is None
        and (kind != "workbook" or found.form.template)
        and (kind != "geojson" or positions.items(found.form))
    ]
    return html.page(
        visit, "record.html", **context, downloads=downloads, withdraw=withdraw, lifted=lifted
    )


@get("/records/{record_id:str}/qr")
@threaded
def record_code(
    visit: Visiting, record_id: FromPath[str], version: FromQuery[int | None] = None
) -> Response[str]:
    """The code that a print of the record carries, as a picture."""
    with visit.read() as work:
        found = record_view.reading(work, documents.read(work, record_id), version)
        token = proof.token(work.vault, record_id, found.version, found.digest)
    if found.record.status != "final":
        raise NotFound
    address = f"{visit.system.settings.public_url}/v/{token}"
    return Response(qr.svg(address), media_type="image/svg+xml")


@post("/records/{record_id:str}/withdraw")
@threaded
def withdraw(visit: Visiting, form: Posted, record_id: FromPath[str]) -> Redirect:  # noqa: ARG001 - taking the form checks its token
    """Take back what was handed in, before the next person has acted; on to the task that it is again."""
    visit.write(lambda work: commands.withdraw(work, record_id))
    visit.tell("ok", text(visit.language, "flash.withdrawn"))
    with visit.read() as work:
        here = (store.TASK.c.document_id == record_id, store.TASK.c.status == "open")
        again = store.tasks_of(work, *here, limit=1)
    return leave(visit, f"/tasks/{again[0].id}" if again else f"/records/{record_id}")


@get("/v/{token:str}")
@threaded
def check(visit: Visiting, token: FromPath[str]) -> Response[str]:
    """Whether a printed report is genuine; open to everybody, so it tells nobody's data."""
    reference = proof.read(visit.system.vault, token)
    if reference is None:
        return html.page(visit, "public.html", http_status=404, result="unknown", record=None)
    with visit.system.read(NOBODY) as work:
        try:
            found = record_view.reading(work, documents.get(work.connection, reference.record_id))
        except NotFound:
            return html.page(visit, "public.html", http_status=404, result="unknown", record=None)
        context = _proof(work, found, reference, visit.language)
    return html.page(visit, "public.html", **context)


def _proof(
    work: Work, found: record_view.Reading, reference: proof.Reference, language: str
) -> dict[str, Any]:
    record = found.record
    same = found.digest.startswith(reference.digest) and found.version == reference.version
    names = identity.organisations(work.connection, [record.organisation_code, record.owner])
    signed = record_view.signoffs(found, language)
    return {
        "result": "valid" if same and record.status == "final" else "superseded",
        "record": {
            "title": found.form.title(language),
            "organisation": units_view.name_then(work, record),
            "period": words.period(record.period, language),
            "owner": names[record.owner].name,
            "version": reference.version,
            "latest_version": found.latest,
            "approved_at": words.moment(record.final_at),
            "approved_by": signed[-1]["position"] if signed else "",
            "hash": reference.digest,
            "state": record_view.state(found),
        },
    }


def _in_state(state: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = DOCUMENT.c.status == state
    if state == ON_HOLD:
        found = DOCUMENT.c.id.in_(cases.on_hold())
    elif state in (STAMPED, UNSTAMPED):
        has = DOCUMENT.c.id.in_(stamping.stamped())
        found = and_(DOCUMENT.c.status == "final", has if state == STAMPED else not_(has))
    return found


def _named(work: Work, words_: str) -> ColumnElement[bool]:
    """Records whose form or organisation has these words in its name, or their number has them."""
    titled = [one.code for one in forms.newest(work.connection) if words_ in one.title]
    places = identity.search_organisations(work.connection, words_, limit=100)
    return or_(
        numbers.like(DOCUMENT.c.case_id, f"%{numbers.literally(words_)}%"),
        DOCUMENT.c.form_code.in_(titled),
        DOCUMENT.c.organisation_code.in_([one.code for one in places]),
    )
