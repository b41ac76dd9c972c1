"""Taking a department's workbook in: kept as the template, recognised, and a draft form from it."""

from typing import Any

from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.work import Work, new_id
from forms import publish, store
from forms.importers.excel import read
from forms.importers.excel.draft import to_form
from forms.importers.excel.proposal import Proposal
from forms.importers.excel.propose import propose
from forms.store import Blob, Draft

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoFile(Problem):
    """The form came without a file."""

    code, status = "intake.no-file", 422


class NoOwner(Problem):
    """Nobody was named as the issuing department."""

    code, status = "intake.no-owner", 422


def sheets(content: bytes) -> list[dict[str, Any]]:
    """The sheets of a workbook that hold something. Raises the reader's refusals."""
    first = read.open_sheet(content)
    found = []
    for name in first.sheets or (first.sheet,):
        try:
            grid = first if name == first.sheet else read.open_sheet(content, name)
        except Problem:
            continue
        found.append({"name": name, "rows": grid.rows, "columns": grid.cols})
    return found


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
    grid = read.open_sheet(content, sheet)
    known = dictionary(work.connection)
    usable = [field for field in known.fields.values() if field.status != "retired"]
    return propose(grid, usable)


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
    work.require("form.design")
    if not owner:
        raise NoOwner
    identity.organisation(work.connection, owner)
    proposal = proposal or recognise(work, content, sheet)
    code = f"form.f{new_id()[8:]}"
    document = to_form(proposal, code=code, owner=owner)
    publish.compiled_now(work.connection, document)
    blob_id = store.add_blob(work, content, name[:200], XLSX)
    draft = store.insert_draft(work, document, template_id=blob_id, proposal=proposal.to_json())
    work.note("form.drafted", code, items=len(proposal.items))
    return draft
