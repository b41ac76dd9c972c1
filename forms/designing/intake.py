"""Taking a department's workbook in: kept as the template, recognised, and a draft form from it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.work import Work, new_id
from forms import dialect, publish, store
from forms.complaints import FormInvalid
from forms.designing import design
from forms.importers.excel.draft import to_form
from forms.importers.excel.files import read
from forms.importers.excel.proposal import Proposal
from forms.importers.excel.propose import propose
from forms.importers.excel.several import recognise as several
from forms.importers.excel.several.draft import to_one_form, warnings, without_faulty
from forms.importers.excel.several.recognise import Several
from forms.importers.json_schema import build as json_schema
from forms.importers.left import Left
from forms.importers.xlsform import build as xlsform
from forms.store import Blob, Draft

_UNCALLED = re.compile(r"(?:Sheet|工作表|表|Table)\s*\d*", re.IGNORECASE)
"""What a program calls a worksheet: no name for a form."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoFile(Problem):
    """The form came without a file."""

    code, status = "intake.no-file", 422


class NoTitle(Problem):
    """A form that starts with nothing has at least a name."""

    code, status = "intake.no-title", 422


class NoSheets(Problem):
    """None of the worksheets was ticked that are to be one form."""

    code, status = "intake.no-sheets", 422


class NoOwner(Problem):
    """Nobody was named as the issuing department."""

    code, status = "intake.no-owner", 422


@dataclass(frozen=True)
class Started:
    """A draft begun from something else than a sheet, and what of that did not come along."""

    draft: Draft
    left: tuple[Left, ...] = ()


def is_survey(content: bytes) -> bool:
    """Whether a workbook is an XLSForm rather than a department's sheet."""
    try:
        first = read.open_sheet(content)
    except Problem:
        return False
    return "survey" in {name.strip().lower() for name in first.sheets or (first.sheet,)}


def imported(content: bytes, code: str, owner: str) -> tuple[dict[str, Any], tuple[Left, ...]]:
    """An XLSForm or a JSON Schema as a form, by what the file is. Raises what they raise."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"t", b"f", b"["):
        schema = json_schema.build(content, code=code, owner=owner)
        return schema.form, schema.left
    survey = xlsform.build(content, code=code, owner=owner)
    return survey.form, survey.left


def start_from_file(work: Work, content: bytes, *, owner: str, name: str = "") -> Started:
    """Start a draft from an XLSForm or a JSON Schema; one without a title is called as the file is.

    Raises Forbidden, NoOwner and what reading raises.
    """
    code = _code(work, owner)
    document, left = imported(content, code, owner)
    called = PurePath(name).stem.strip()[:200]
    if called and document["title"] == code:
        sections = [
            {**one, "title": called} if one.get("title") == code else one
            for one in document["form"].get("sections", [])
        ]
        head = {**document["form"], **({"sections": sections} if sections else {})}
        document = {**document, "title": called, "form": head}
    return Started(_drafted(work, document, items=len(left)), left)


def redesign(work: Work, code: str) -> Draft:
    """Start the next version of a published form; what was confirmed for this one need not be again.

    Raises Forbidden, FormUnknown, Conflict.
    """
    work.require("form.design")
    now = store.published(work.connection, code)
    seen = store.proposal_of(work.connection, code, now.version) or {}
    proposal = {key: seen[key] for key in ("sheet", "header", "blocks", "parts") if key in seen}
    return store.insert_draft(
        work,
        store.document_of(work.connection, code, now.version),
        proposal={**proposal, "confirmed": [item.path for item in now.items]},
    )


def start_from_form(work: Work, source: str, *, owner: str) -> Started:
    """Start a draft as a copy of a published form, its sheet included. Raises Forbidden, NoOwner, FormUnknown."""
    code = _code(work, owner)
    now = store.published(work.connection, source)
    document = store.document_of(work.connection, source, now.version)
    head = {**document["form"], "code": code, "owner": owner}
    sheet = store.template_of(work.connection, source, now.version)
    copied = {**document, "$id": f"{dialect.PREFIX}{code}", "form": head}
    return Started(_drafted(work, copied, template_id=sheet.id if sheet else None))


def start_empty(work: Work, title: str, *, owner: str) -> Started:
    """Start a draft with nothing in it but one remark. Raises Forbidden, NoOwner, NoTitle."""
    code = _code(work, owner)
    if not title.strip():
        raise NoTitle
    document = design.empty(code, title.strip()[:200])
    head = {**document["form"], "owner": owner, "flow": "fill_verify_approve"}
    return Started(_drafted(work, {**document, "form": head}))


def _code(work: Work, owner: str) -> str:
    work.require("form.design")
    if not owner:
        raise NoOwner
    identity.organisation(work.connection, owner)
    return f"form.f{new_id()[8:]}"


def _drafted(
    work: Work, document: dict[str, Any], *, template_id: str | None = None, items: int = 0
) -> Draft:
    publish.compiled_now(work.connection, document)
    draft = store.insert_draft(work, document, template_id=template_id)
    work.note("form.drafted", draft.code, items=items)
    return draft


def keep(work: Work, content: bytes, name: str) -> str:
    """Keep an upload while its sheet is being chosen; gives its id."""
    work.require("form.design")
    return store.add_blob(work, content, name[:200], XLSX)


def kept(work: Work, blob_id: str) -> Blob:
    """An upload kept before, of this same person. Raises NotFound."""
    work.require("form.design")
    blob = store.blob(work.connection, blob_id)
    if blob.media_type != XLSX:
        raise NotFound
    return blob


def recognise(work: Work, content: bytes, sheet: str | None) -> Proposal:
    """What a workbook seems to ask; a look only, since a large sheet takes seconds.

    Raises the reader's and recogniser's refusals.
    """
    return propose(read.open_sheet(content, sheet), _usable(work))


def recognise_several(work: Work, content: bytes, names: Sequence[str]) -> Several:
    """What these sheets ask as one form, in the order of the workbook. A look only.

    Raises NoSheets and what `recognise` raises.
    """
    seen = several.look(content)
    chosen = [one.name for one in seen if one.name in names]
    if not chosen:
        raise NoSheets
    kept = [one for one in seen if one.name in chosen]
    return several.recognise(content, chosen, _usable(work), seen=kept)


def _usable(work: Work) -> list[Field]:
    known = dictionary(work.connection)
    return [field for field in known.fields.values() if field.status != "retired"]


def start(
    work: Work,
    content: bytes,
    name: str,
    *,
    sheet: str | None,
    owner: str,
    proposal: Proposal | None = None,
) -> Draft:
    """Start a draft form of an issuing department from a workbook and what was recognised in it.

    Raises Forbidden, NoOwner, and without a proposal those of `recognise`.
    """
    code = _code(work, owner)
    proposal = proposal or recognise(work, content, sheet)
    document = _drawn(work, proposal, code, owner, name)
    return _from_workbook(
        work, content, name, document, proposal.to_json(), items=len(proposal.items)
    )


def start_several(work: Work, content: bytes, name: str, *, owner: str, found: Several) -> Draft:
    """Start one draft form from several sheets of a workbook. Raises Forbidden, NoOwner, FormInvalid.

    What one sheet takes from another is left out where the form cannot hold it, and stands among what
    was not understood.
    """
    code = _code(work, owner)
    document = _standing(work, found, code, owner)
    first, *_ = found.proposals
    told = {
        "sheet": document["form"].get("template", {}).get("sheet", first.sheet),
        "parts": [one.to_json() for one in found.proposals],
        "warnings": warnings(found),
    }
    items = sum(len(one.items) for one in found.proposals)
    return _from_workbook(work, content, name, document, told, items=items)


def _drawn(work: Work, proposal: Proposal, code: str, owner: str, name: str) -> dict[str, Any]:
    """The form of one sheet, called as the file is where the sheet has no title of its own."""
    document = to_form(proposal, code=code, owner=owner)
    if _UNCALLED.fullmatch(document["title"]) or document["title"] == code:
        document = {**document, "title": PurePath(name).stem.strip()[:200] or document["title"]}
    document, holds = _held(work, document)
    if not holds:
        publish.compiled_now(work.connection, document)
    return document


def _held(work: Work, document: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The form without formulas of its sheets that it cannot hold, a circle or a text; whether two tries were enough."""
    for _ in range(2):
        try:
            publish.compiled_now(work.connection, document)
        except FormInvalid as invalid:
            document = without_faulty(document, invalid.complaints)
        else:
            return document, True
    return document, False


def _standing(work: Work, found: Several, code: str, owner: str) -> dict[str, Any]:
    """The form of these sheets; without any of their formulas where it cannot hold what two tries left."""
    document, holds = _held(work, to_one_form(found, code=code, owner=owner))
    if holds:
        return document
    document = to_one_form(found, code=code, owner=owner, asking=False)
    publish.compiled_now(work.connection, document)
    return document


def _from_workbook(
    work: Work,
    content: bytes,
    name: str,
    document: dict[str, Any],
    proposal: dict[str, Any],
    *,
    items: int,
) -> Draft:
    blob_id = store.add_blob(work, content, name[:200], XLSX)
    draft = store.insert_draft(work, document, template_id=blob_id, proposal=proposal)
    work.note("form.drafted", draft.code, items=items)
    return draft
