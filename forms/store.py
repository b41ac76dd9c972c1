"""Forms and files in the database: drafts, published versions, templates. The only SQL on `form`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from engine import rotation
from engine.errors import Conflict, NotFound, Problem
from engine.json_text import Json
from engine.storage import sealed
from engine.storage.database import place
from engine.work import Work
from forms import compile as compiler
from forms.compiled import CompiledForm
from forms.tables import BlobRow, FormRow

FORM = FormRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
BLOB = BlobRow.__table__  # type: ignore[attr-defined]  # as above


class FormUnknown(Problem):
    """There is no such form, or no such version of it."""

    code, status = "form.unknown", 404
    form: str


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A form's version without its documents, for lists."""

    code: str
    version: int
    status: str
    title: str
    owner: str
    kind: str
    published_at: str | None
    created_at: str
    note: str = ""
    """What was said when it was published: what changed, or why it repeats another form."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form being designed: the document, its revision, and the sheet it came from."""

    code: str
    version: int
    revision: int
    document: Json
    template_id: str | None
    proposal: Json


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file."""

    id: str
    name: str
    media_type: str
    content: bytes


_LIST = (
    FORM.c.code,
    FORM.c.version,
    FORM.c.status,
    FORM.c.title,
    FORM.c.owner,
    FORM.c.kind,
    FORM.c.published_at,
    FORM.c.created_at,
    FORM.c.note,
)
_compiled: dict[tuple[str, str, int], CompiledForm] = {}


def published(connection: Connection, code: str, version: int | None = None) -> CompiledForm:
    """A published form, the newest version unless one is named. Raises FormUnknown."""
    if version is None:
        version = connection.execute(
            select(func.max(FORM.c.version)).where(
                FORM.c.code == code, FORM.c.status == "published"
            )
        ).scalar()
    if version is None:
        raise FormUnknown(form=code)
    key = (place(connection), code, version)
    found = _compiled.get(key)
    if found is None:
        bundle = connection.execute(
            select(FORM.c.bundle).where(FORM.c.code == code, FORM.c.version == version)
        ).scalar()
        if bundle is None:
            raise FormUnknown(form=code)
        found = compiler.load(bundle, version)
        if len(_compiled) > 512:
            _compiled.clear()
        _compiled[key] = found
    return found


def versions(connection: Connection, code: str) -> list[FormVersion]:
    """All versions of a form, newest first."""
    query = select(*_LIST).where(FORM.c.code == code).order_by(FORM.c.version.desc())
    return [FormVersion(*row) for row in connection.execute(query)]


def newest(connection: Connection, *, owners: Sequence[str] | None = None) -> list[FormVersion]:
    """The newest version of every form, and drafts; of some owners or of all."""
    latest = select(FORM.c.code, func.max(FORM.c.version).label("version")).group_by(FORM.c.code)
    top = latest.subquery()
    query = select(*_LIST).join(
        top, and_(FORM.c.code == top.c.code, FORM.c.version == top.c.version)
    )
    if owners is not None:
        query = query.where(FORM.c.owner.in_(owners))
    return [
        FormVersion(*row) for row in connection.execute(query.order_by(FORM.c.owner, FORM.c.code))
    ]


def published_forms(connection: Connection) -> list[CompiledForm]:
    """Every form in force, compiled: for admission and overlap."""
    query = (
        select(FORM.c.code, func.max(FORM.c.version))
        .where(FORM.c.status == "published")
        .group_by(FORM.c.code)
    )
    return [published(connection, code, version) for code, version in connection.execute(query)]


def draft(connection: Connection, code: str) -> Draft:
    """The draft of a form. Raises FormUnknown."""
    row = connection.execute(
        select(FORM).where(FORM.c.code == code, FORM.c.status == "draft")
    ).first()
    if row is None:
        raise FormUnknown(form=code)
    proposal = sealed.unseal(connection, row.proposal, f"form:{code}.proposal")
    return Draft(row.code, row.version, row.revision, row.document, row.template_id, proposal)


def proposal_of(connection: Connection, code: str, version: int) -> Any:
    """What was recognised on the sheet for a version, and confirmed; None for one without a sheet."""
    query = select(FORM.c.proposal).where(FORM.c.code == code, FORM.c.version == version)
    return sealed.unseal(connection, connection.execute(query).scalar(), f"form:{code}.proposal")


def document_of(connection: Connection, code: str, version: int) -> Json:
    """The form document of a version as it was designed. Raises FormUnknown."""
    found = connection.execute(
        select(FORM.c.document).where(FORM.c.code == code, FORM.c.version == version)
    ).scalar()
    if found is None:
        raise FormUnknown(form=code)
    return found


def template_of(connection: Connection, code: str, version: int) -> Blob | None:
    """The workbook a form came from, if it came from one."""
    found = connection.execute(
        select(FORM.c.template_id).where(FORM.c.code == code, FORM.c.version == version)
    ).scalar()
    return blob(connection, found) if found else None


def insert_draft(
    work: Work, document: Json, *, template_id: str | None = None, proposal: Any = None
) -> Draft:
    """Start a draft: version 1 of a new form, or the next version of a published one.

    Raises Conflict if the form has a draft already.
    """
    head = document["form"]
    last = work.connection.execute(
        select(FORM.c.version, FORM.c.status, FORM.c.template_id)
        .where(FORM.c.code == head["code"])
        .order_by(FORM.c.version.desc())
        .limit(1)
    ).first()
    if last is not None and last.status == "draft":
        raise Conflict(what=head["code"])
    version = 1 if last is None else last.version + 1
    if template_id is None and last is not None:
        template_id = last.template_id
    work.connection.execute(
        insert(FORM),
        {
            "code": head["code"],
            "version": version,
            "status": "draft",
            "title": document.get("title", head["code"]),
            "owner": head.get("owner", ""),
            "kind": head.get("kind", "report"),
            "document": document,
            "digest": "",
            "revision": 1,
            "template_id": template_id,
            "proposal": _proposal(work, head["code"], proposal),
            "created_at": work.at,
            "created_by": work.actor.id,
        },
    )
    return Draft(head["code"], version, 1, document, template_id, proposal)


def update_draft(
    work: Work, code: str, revision: int, document: Json, *, proposal: Any = None
) -> int:
    """Replace a draft's document if nobody else did since `revision`; gives the new revision.

    Raises Conflict, FormUnknown.
    """
    changed = work.connection.execute(
        update(FORM)
        .where(FORM.c.code == code, FORM.c.status == "draft", FORM.c.revision == revision)
        .values(
            document=document,
            title=document.get("title", code),
            owner=document["form"].get("owner", ""),
            kind=document["form"].get("kind", "report"),
            revision=revision + 1,
            **({} if proposal is None else {"proposal": _proposal(work, code, proposal)}),
        )
    )
    if not changed.rowcount:
        draft(work.connection, code)
        raise Conflict(what=code)
    return revision + 1


def _proposal(work: Work, code: str, proposal: Json) -> Json:
    """Samples of the uploaded sheet stand in it."""
    return sealed.seal(work.connection, proposal, f"form:{code}.proposal", "file")


def mark_published(work: Work, code: str, compiled: CompiledForm, note: str = "") -> int:
    """Turn a draft into a version that never changes again; gives its number."""
    found = draft(work.connection, code)
    work.connection.execute(
        update(FORM)
        .where(FORM.c.code == code, FORM.c.version == found.version)
        .values(
            status="published",
            bundle=dict(compiled.bundle),
            digest=compiled.content_hash,
            published_at=work.at,
            note=note,
        )
    )
    return found.version


def add_blob(work: Work, content: bytes, name: str, media_type: str) -> str:
    """Keep a file; the same content is kept once. Gives its id."""
    blob_id = hashlib.sha256(content).hexdigest()
    known = work.connection.execute(select(BLOB.c.id).where(BLOB.c.id == blob_id)).first()
    if known is None:
        work.connection.execute(
            insert(BLOB),
            {
                "id": blob_id,
                "name": name,
                "media_type": media_type,
                "size": len(content),
                "content": work.vault.seal_file(content, f"blob:{blob_id}"),
                "created_at": work.at,
                "created_by": work.actor.id,
            },
        )
    return blob_id


def blob(connection: Connection, blob_id: str) -> Blob:
    """A stored file. Raises NotFound."""
    row = connection.execute(select(BLOB).where(BLOB.c.id == blob_id)).first()
    if row is None:
        raise NotFound
    content = sealed.vault_of(connection).open_file(row.content, f"blob:{blob_id}")
    return Blob(row.id, row.name, row.media_type, content)


rotation.declare(FORM, "proposal", "file", lambda row: f"form:{row['code']}.proposal")
rotation.declare(BLOB, "content", "file", lambda row: f"blob:{row['id']}", "file")
