"""The job that packs every organisation's workbook of a dispatch, or chosen reports for inspectors: ten at a
time, each time kept.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from admin import inspecting
from admin.views import original_view, placing, record_view
from admin.web.html import text
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.jobs.registry import JOBS
from engine.work import Work
from forms import documents, masking, store, versions
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.masking import Veil
from renderers import workbook
from renderers.contract import Language
from renderers.placements import Placements
from workflows import dispatches
from workflows.dispatch import DispatchRecord
from workflows.dispatching import exports
from workflows.dispatching.exports import ExportRecord

AT_ONCE = 10
VeilOf: TypeAlias = Callable[[CompiledForm], Veil]


@dataclass(frozen=True)
class Packed:
    """What a job came to: the content so far, and how many organisations are in it."""

    record: ExportRecord
    done: int
    content: bytes
    language: Language = "zh"


def _look(work: Work, payload: Mapping[str, Any]) -> Packed:
    """Fill the next workbooks: the slow part, done while only looking."""
    record = exports.get(work, payload["export"])
    if record.kind == exports.INSPECTION:
        return _inspected(work, record, payload["done"], payload.get("language", "zh"))
    dispatch = dispatches.get(work, record.dispatch_id)
    form = store.published(work.connection, dispatch.form_code, dispatch.form_version)
    content = exports.content(work, record.id)
    veil = _veil(work, record, form)
    if payload["done"] == 0:
        everybody = documents.several(work.connection, record.documents)
        content = _begun(work, record, dispatch, veil, everybody)
    until = min(payload["done"] + AT_ONCE, record.total)
    part = record.documents[payload["done"] : until]
    found = {one.id: one for one in documents.several(work.connection, part)}
    chosen = [found[one] for one in part]
    pack = _archived if record.kind == "zip" else _sheets
    veil_of = partial(_veil, work, record)
    packed = pack(work, content, chosen, payload["done"], record.total, veil=veil, veil_of=veil_of)
    return Packed(record, until, packed)


def _inspected(work: Work, record: ExportRecord, done: int, language: Language) -> Packed:
    until = min(done + AT_ONCE, record.total)
    part = record.documents[done:until]
    found = {one.id: one for one in documents.several(work.connection, part)}
    content = exports.content(work, record.id) if done else b""
    chosen = [found[one] for one in part]
    veil_of = partial(_veil, work, record)
    bundle = inspecting.Bundle(work, record, veil_of, language)
    return Packed(record, until, bundle.packed(content, chosen, done=done), language)


def _veil(work: Work, record: ExportRecord, form: CompiledForm) -> Veil:
    """What whoever asked sees of the reports; of somebody who has left, all that is protected is masked."""
    who = identity.actor_of(work.connection, record.created_by, now=work.now)
    veil = masking.veil(work, form, looker=who or Actor(record.created_by, "", ""))
    return replace(veil, masked={}) if record.whole else veil


@JOBS.job(exports.JOB_KIND, look=_look, attempts=4)
def pack(work: Work, payload: Mapping[str, Any]) -> int:
    """Keep what was packed and ask for the rest; gives how far it is."""
    found: Packed = payload["seen"]
    exports.advance(work, found.record, found.done, found.content, found.language)
    return found.done


def _begun(
    work: Work,
    record: ExportRecord,
    dispatch: DispatchRecord,
    veil: Veil,
    everybody: list[DocumentRecord],
) -> bytes:
    """The roll-up first: in the archive as a workbook, in the workbook as its first sheet."""
    form = veil.form
    template = original_view.template(work, form)
    rolled = original_view.whole(work, form, dispatch, everybody, veil)
    marked = placing.identity(form)
    if record.kind == "zip":
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            name = f"{text('zh', 'rollup.title')}.xlsx"
            archive.writestr(name, workbook.fill(template, rolled, identity=marked))
        return target.getvalue()
    by_id = {one.id: one.organisation_code for one in everybody}
    names = identity.organisations(work.connection, sorted(set(by_id.values())))
    titles = [names[by_id[one]].name for one in record.documents]
    content, _ = workbook.with_sheets(
        template, titles, sheets=[one.sheet for one in rolled.each], identity=marked
    )
    return workbook.fill_each(content, [rolled])


def _archived(
    work: Work,
    content: bytes,
    records: list[DocumentRecord],
    done: int,
    _total: int,
    *,
    veil: Veil,
    veil_of: VeilOf,
) -> bytes:
    """Each in the layout of the version of the form that it is on."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for number, record in enumerate(records, done + 1):
            found = record_view.reading(work, record)
            around = original_view.frame(work, found, "zh")
            over = veil if found.form.version == veil.form.version else veil_of(found.form)
            filled = original_view.filled(work, found.form, over.record(record).contents, around)
            archive.writestr(f"{number:03d} {around.organisation}.xlsx", filled)
            stamped = inspecting.stamped(
                work, number, found, veil, unit=around.organisation, language="zh"
            )
            for path, data in stamped.items():
                archive.writestr(path, data)
    return target.getvalue()


def _sheets(
    work: Work,
    content: bytes,
    records: list[DocumentRecord],
    done: int,
    total: int,
    *,
    veil: Veil,
    veil_of: VeilOf,  # noqa: ARG001 - one workbook has one layout: that of the dispatch's version
) -> bytes:
    """All in the layout of the version of the form that the dispatch is on."""
    names = workbook.sheet_names(content)
    fillings: list[Placements] = []
    for number, record in enumerate(records, done):
        found = record_view.reading(work, record)
        around = original_view.frame(work, found, "zh")
        (read,) = versions.read_as(work, veil.form, [record])
        places = original_view.placed(work, veil.form, veil.record(read).contents, around)
        fillings.append(of_unit(places, names, number, total))
    return workbook.fill_each(content, fillings)


def of_unit(places: Placements, names: list[str], number: int, total: int) -> Placements:
    """The same for one of so many organisations, on its own copies of the form's worksheets: these are
    the last in the workbook, organisation by organisation.
    """
    first = len(names) - (total - number) * len(places.each)
    one, *others = (replace(part, sheet=names[first + n]) for n, part in enumerate(places.each))
    return replace(one, others=tuple(others))
