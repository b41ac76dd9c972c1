"""Downloads: a record, or a whole dispatch, as workbook in the department's layout, PDF, CSV, JSON."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from admin.views import (
    allow_view,
    attachment_view,
    original_view,
    placing,
    print_view,
    record_view,
    rollup_view,
    veils,
    words,
)
from admin.views.print_view import Frame
from admin.views.rollup_view import Shown
from admin.web.html import text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine import json_text
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.privacy import lifts
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import documents, filing, masking, positions, rollup
from forms.documents import DocumentRecord
from renderers import contract, csv_table, pdf, roster, wide_table, workbook
from workflows import dispatches

ZIP = "application/zip"
JSON = "application/json"
GEOJSON = "application/geo+json"
INERT = "default-src 'none'; sandbox"
"""What is handed out does nothing here, should a browser show it all the same."""
WIDE = 12
"""So many organisations fit side by side on paper; more stand one below another."""
ACROSS = 8
"""Items side by side on paper where organisations stand one below another."""


@get("/records/{record_id:str}/workbook")
@threaded
def record_workbook(
    visit: Visiting, record_id: FromPath[str], version: FromQuery[int | None] = None
) -> Response[bytes]:
    """The record in the original layout."""
    return record_file(visit, record_id, version, "workbook")


@get("/records/{record_id:str}/pdf")
@threaded
def record_pdf(
    visit: Visiting, record_id: FromPath[str], version: FromQuery[int | None] = None
) -> Response[bytes]:
    """The record for printing and stamping."""
    return record_file(visit, record_id, version, "pdf")


@get("/records/{record_id:str}/json")
@threaded
def record_json(
    visit: Visiting, record_id: FromPath[str], version: FromQuery[int | None] = None
) -> Response[bytes]:
    """The record's values as JSON, with what they follow."""
    return record_file(visit, record_id, version, "json")


@get("/records/{record_id:str}/geojson")
@threaded
def record_positions(
    visit: Visiting, record_id: FromPath[str], version: FromQuery[int | None] = None
) -> Response[bytes]:
    """The record's positions as GeoJSON."""
    return record_file(visit, record_id, version, "geojson")


@get("/dispatches/{dispatch_id:str}/workbook")
@threaded
def dispatch_workbook(
    visit: Visiting, dispatch_id: FromPath[str], what: FromQuery[str] = ""
) -> Response[bytes]:
    """The roll-up in the original layout; `what=organisations` a sheet a part with one line an
    organisation.
    """

    return _dispatch_workbook(visit, dispatch_id, what)


@post("/dispatches/{dispatch_id:str}/whole", status_code=200)
@threaded
def dispatch_whole(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Response[bytes]:
    """The roll-up in the original layout without masks, for a purpose and this once."""
    purpose = Purpose.given(form.get("purpose"), form.get("for"))

    def lift(work: Work) -> None:
        shown = _rolled(work, dispatch_id, None, visit.language)
        veil = masking.veil(work, shown.rollup.form)
        veil.lifted(work, purpose, target=dispatch_id, rows=len(_final(shown)))

    visit.write(lift)
    return _dispatch_workbook(visit, dispatch_id, "", whole=True)


def _dispatch_workbook(
    visit: Visit, dispatch_id: str, what: str, *, whole: bool = False
) -> Response[bytes]:
    def made(work: Work) -> tuple[str, bytes, str]:
        shown = _rolled(work, dispatch_id, None, visit.language)
        name = _dispatch_name(work, shown, visit.language)
        if what == "organisations":
            tables = [
                rollup_view.table(_rolled(work, dispatch_id, part, visit.language))
                for part in rollup.parts(shown.rollup.form)
            ]
            detail = text(visit.language, "download.by_organisation")
            return f"{name} {detail}.xlsx", roster.render(tables), roster.MEDIA_TYPE
        return f"{name}.xlsx", _whole(work, shown, whole=whole), workbook.MEDIA_TYPE

    return _made(visit, "dispatch", dispatch_id, what or "original", made)


@get("/dispatches/{dispatch_id:str}/pdf")
@threaded
def dispatch_pdf(visit: Visiting, dispatch_id: FromPath[str]) -> Response[bytes]:
    """The roll-up for printing and stamping."""

    def made(work: Work) -> tuple[str, bytes, str]:
        shown = _rolled(work, dispatch_id, None, visit.language)
        document = _rollup_document(work, shown, dispatch_id, visit.language)
        content = pdf.render(document, language="en" if visit.language == "en" else "zh")
        return f"{_dispatch_name(work, shown, visit.language)}.pdf", content, pdf.MEDIA_TYPE

    return _made(visit, "dispatch", dispatch_id, "pdf", made)


@get("/dispatches/{dispatch_id:str}/csv")
@threaded
def dispatch_csv(
    visit: Visiting,
    dispatch_id: FromPath[str],
    table: FromQuery[str | None] = None,
    units: FromQuery[str] = "",
) -> Response[bytes]:
    """One part of the roll-up as CSV, by the units of then, or of today with `units=today`."""

    def made(work: Work) -> tuple[str, bytes, str]:
        found = dispatches.progress(work, dispatch_id)
        shown = rollup_view.collected(work, found, table, visit.language, units)
        content = csv_table.render(rollup_view.table(shown))
        return f"{_dispatch_name(work, shown, visit.language)}.csv", content, csv_table.MEDIA_TYPE

    return _made(visit, "dispatch", dispatch_id, "csv", made)


def attachment(name: str, content: bytes, media_type: str) -> Response[bytes]:
    """A file to keep, under a name in any script (RFC 6266)."""
    plain = "".join(
        char if char.isascii() and char.isalnum() else "_" for char in name.rpartition(".")[0]
    )
    ending = "".join(c for c in name.rpartition(".")[2] if c.isascii() and c.isalnum())
    fallback = f"{plain.strip('_') or 'yibiao'}.{ending}"
    disposition = f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name)}"
    headers = {"content-disposition": disposition, "content-security-policy": INERT}
    return Response(content, media_type=media_type, headers=headers)


def record_file(
    visit: Visit,
    record_id: str,
    version: int | None,
    kind: str,
    *,
    purpose: Purpose | None = None,
) -> Response[bytes]:
    """A record as a file: with masks, or for a purpose without them."""
    ending, media_type, making = RECORD_FILES[kind]

    def made(work: Work) -> tuple[str, bytes, str]:
        found = record_view.reading(work, documents.read(work, record_id), version)
        frame = original_view.frame(work, found, visit.language if ending == "pdf" else "zh")
        veil = veils.over(work, found.form, found.record)
        if purpose is not None:
            veil = replace(veil, masked={})
        seen = veil.record(found.record)
        title = found.form.title(visit.language)
        name = f"{title} {frame.organisation} {frame.period}.{ending}"
        return name, making(work, found, seen, frame, visit.language), media_type

    def lift(work: Work) -> None:
        record = documents.read(work, record_id)
        form = filing.opened(work, record).form
        veils.over(work, form, record).lifted(
            work, purpose or lifts.NOTHING, target=record_id, path=record.organisation_path
        )

    if purpose is not None:
        visit.write(lift)  # before the file is made: who gets it stands on the trail
    return _made(visit, "record", record_id, ending, made)


def _made(
    visit: Visit,
    kind: str,
    target: str,
    what: str,
    making: Callable[[Work], tuple[str, bytes, str]],
) -> Response[bytes]:
    """Make a file while only looking, then note on the trail that it was taken."""
    with visit.read() as work:
        name, content, media_type = making(work)
    visit.write(lambda work: work.note("export", target, kind=kind, what=what))
    return attachment(name, content, media_type)


def _workbook(
    work: Work, found: record_view.Reading, seen: DocumentRecord, frame: Frame, _language: str
) -> bytes:
    return original_view.filled(work, found.form, seen.contents, frame)


def _pdf(
    work: Work, found: record_view.Reading, seen: DocumentRecord, frame: Frame, language: str
) -> bytes:
    opened = filing.opened(work, seen)
    shown = attachment_view.pictures(work, seen.id, found.form, seen.contents)
    frame = replace(frame, pictures={**frame.pictures, **shown})
    if found.version == found.latest:  # what was said of an earlier version is in the history
        remarks = allow_view.remarks(work, found.form, found.record, seen, language)
        frame = replace(frame, remarks=remarks)
    document = print_view.printed(opened, dictionary(work.connection), frame)
    return pdf.render(document, language="en" if language == "en" else "zh")


def _geojson(
    _work: Work, found: record_view.Reading, seen: DocumentRecord, _frame: Frame, language: str
) -> bytes:
    told = positions.geojson(found.form, seen.contents, language)
    return json_text.dumps(told, indent=2).encode()


def _json(
    _work: Work, found: record_view.Reading, record: DocumentRecord, _frame: Frame, _language: str
) -> bytes:
    body = {
        "form": record.form_code,
        "form_version": record.form_version,
        "form_hash": found.form.content_hash,
        "organisation": record.organisation_code,
        "period": record.period,
        "status": record.status,
        "version": found.version,
        "hash": found.digest,
        "values": record.contents,
        "cells": record.cells,
    }
    return json_text.dumps(body, indent=2).encode()


Making = Callable[[Work, record_view.Reading, DocumentRecord, Frame, str], bytes]
RECORD_FILES: dict[str, tuple[str, str, Making]] = {
    "workbook": ("xlsx", workbook.MEDIA_TYPE, _workbook),
    "pdf": ("pdf", pdf.MEDIA_TYPE, _pdf),
    "json": ("json", JSON, _json),
    "geojson": ("geojson", GEOJSON, _geojson),
}


def _rolled(work: Work, dispatch_id: str, part: str | None, language: str) -> Shown:
    return rollup_view.collected(work, dispatches.progress(work, dispatch_id), part, language)


def _dispatch_name(work: Work, shown: Shown, language: str) -> str:
    form, dispatch = shown.rollup.form, shown.progress.dispatch
    owner = identity.organisation(work.connection, dispatch.owner).name
    period = words.period(dispatch.period, language)
    return f"{form.title(language)} {text(language, 'rollup.title')} {owner} {period}"


def _final(shown: Shown) -> list[DocumentRecord]:
    return [line.record for line in shown.rollup.lines if line.record is not None]


def _whole(work: Work, shown: Shown, *, whole: bool) -> bytes:
    form = shown.rollup.form
    veil = masking.veil(work, form)
    if whole:
        veil = replace(veil, masked={})
    placed = original_view.whole(work, form, shown.progress.dispatch, _final(shown), veil)
    template = original_view.template(work, form)
    return workbook.fill(template, placed, identity=placing.identity(form))


def _rollup_document(
    work: Work, shown: Shown, dispatch_id: str, language: str
) -> contract.Document:
    form, dispatch = shown.rollup.form, shown.progress.dispatch
    sections = []
    for part in rollup.parts(form):
        table = rollup_view.table(_rolled(work, dispatch_id, part, language))
        tables = wide_table.cut(table, WIDE, ACROSS)
        sections.append(contract.Section(tables=tuple(tables)))
    last = sections[-1].tables
    noted = replace(last[-1], note=rollup_view.coverage(shown))
    sections[-1] = contract.Section(tables=(*last[:-1], noted))
    title = f"{form.title(language)} {text(language, 'rollup.title')}"
    return contract.Document(
        title=title,
        organisation=identity.organisation(work.connection, dispatch.owner).name,
        period=words.period(dispatch.period, language),
        sections=tuple(sections),
        form_code=form.code,
        form_version=form.version,
    )
