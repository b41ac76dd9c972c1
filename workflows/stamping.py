"""已用印: the scan of the page that was printed, signed and stamped, kept with the record it was printed from.

What was stamped is a version: the scan names the hash of the values it shows, and is told to be of an
earlier one when they change. The history keeps who brought it, when, and its hash, signed by the vault.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.sql import Select

from engine.access import policy
from engine.attachments import store as files
from engine.attachments.problems import AttachmentsFull
from engine.attachments.sniff import Rule
from engine.attachments.store import ATTACHMENT, Attachment, Clean, Home, mark_of
from engine.crypto.vault import witnessed
from engine.errors import Problem
from engine.json_text import Json
from engine.storage import sealed
from engine.work import HISTORY, Work
from forms import documents
from forms import store as forms
from forms.documents import DOCUMENT, DocumentRecord
from forms.retaining import documents as retaining_documents

PLACE = KIND = "stamped"
VERB = "document.stamp"
RULE = Rule("file", ("jpg", "png", "pdf"), 20)
"""What scanners and phones make; pictures are made anew."""
MOST = 20
SHORTEST = 2
"""Letters of a reason at least."""


class NotYetFinal(Problem):
    """Only what is final is printed and stamped."""

    code, status = "record.not-final", 409


class StampReason(Problem):
    """Whoever takes a scan away says why."""

    code, status = "record.stamp-reason", 422


@dataclass(frozen=True, slots=True)
class Scan:
    """A stamped page as it is kept."""

    file: Attachment
    at: str
    by: str
    """The account."""
    sha256: str
    """Of the file as it is given back."""
    current: bool
    """It shows the values that the record has now."""
    whole: bool
    """Nobody changed what the history tells of it."""


def cleaned(content: bytes, name: str) -> Clean:
    """A scan made safe. Raises as `engine.attachments.store.cleaned`."""
    return files.cleaned(RULE, content, name)


def home(document_id: str) -> Home:
    """Where the stamped pages of a record are."""
    return Home(PLACE, document_id)


def may(work: Work, record: DocumentRecord) -> bool:
    """Whether the actor may bring or take away stamped pages of a record."""
    return policy.covers(work.actor, VERB, path=record.organisation_path, owner=record.owner)


def add(work: Work, document_id: str, scan: Clean) -> Attachment:
    """Keep a stamped page; the same one twice is one. Raises NotFound, NotYetFinal, AttachmentsFull."""
    record = to_stamp(work, document_id)
    if record.status != "final":
        raise NotYetFinal
    there = files.several(work.connection, home(record.id))
    kept = files.put(work, home(record.id), scan, held=True)
    if kept.ref in {one.ref for one in there}:
        return kept
    if len(there) >= MOST:
        raise AttachmentsFull(limit=MOST)
    after: dict[str, Json] = {
        "file": mark_of(kept.ref),
        "sha256": hashlib.sha256(scan.content).hexdigest(),
        "of": _digest(work, record),
    }
    after["signature"] = work.vault.witness(_signed(record.id, work.at, work.actor.id, after))
    work.record(KIND, record.id, before=None, after=after)
    work.note("document.stamped", record.id, file=after["file"], sha256=after["sha256"])
    return kept


def take_away(work: Work, document_id: str, mark: str, reason: str) -> None:
    """The wrong page was scanned: it goes for good, and why it went stays. Raises NotFound, StampReason."""
    record = to_stamp(work, document_id)
    files.one(work.connection, home(record.id), mark)
    if len(reason.strip()) < SHORTEST:
        raise StampReason
    files.forget(work, home(record.id), [mark])
    work.record(KIND, record.id, before={"file": mark}, after=None, reason=reason.strip())
    work.note("document.unstamped", record.id, file=mark)


def of_record(work: Work, record: DocumentRecord) -> list[Scan]:
    """The stamped pages of a record, oldest first."""
    kept = files.several(work.connection, home(record.id))
    if not kept:
        return []
    told = _told(work.connection, record.id)
    now, key = _digest(work, record), work.vault.public_key()
    return [_scan(record.id, one, told.get(mark_of(one.ref), {}), now, key) for one in kept]


def counts(connection: Connection, document_ids: Sequence[str]) -> dict[str, int]:
    """How many stamped pages records have; those without any are left out."""
    return {
        one: len(marks) for one, marks in files.marks_of(connection, PLACE, document_ids).items()
    }


def stamped() -> Select[Any]:
    """The ids of all records that have a stamped page."""
    return select(ATTACHMENT.c.target).where(ATTACHMENT.c.place == PLACE)


def in_dispatch(connection: Connection, dispatch_id: str) -> int:
    """How many reports of a dispatch have a stamped page."""
    here = (DOCUMENT.c.dispatch_id == dispatch_id, DOCUMENT.c.id.in_(stamped()))
    return documents.count(connection, *here)


def to_stamp(work: Work, document_id: str) -> DocumentRecord:
    """A record whose stamped pages are the actor's to bring. Raises NotFound, Forbidden."""
    record = documents.read(work, document_id)
    work.require(VERB, path=record.organisation_path, owner=record.owner)
    return record


def _digest(work: Work, record: DocumentRecord) -> str:
    form = forms.published(work.connection, record.form_code, record.form_version)
    return documents.signed_digest(form.content_hash, record)


def _told(connection: Connection, document_id: str) -> dict[str, dict[str, Any]]:
    """What the history tells of each page when it came, by its mark; brought again, the last time."""
    query = select(HISTORY).where(HISTORY.c.kind == KIND, HISTORY.c.target == document_id)
    found = {}
    for row in connection.execute(query.order_by(HISTORY.c.id)).mappings():
        place = f"history:{KIND}:{document_id}:{row['at']}"
        after = sealed.unseal(connection, row["after"], place)
        if after is not None:
            found[str(after["file"])] = {**after, "at": row["at"], "by": row["actor_id"]}
    return found


def _scan(document_id: str, file: Attachment, told: dict[str, Any], now: str, key: str) -> Scan:
    text = _signed(document_id, str(told.get("at")), str(told.get("by")), told)
    return Scan(
        file,
        at=file.created_at,
        by=file.created_by,
        sha256=str(told.get("sha256", "")),
        current=told.get("of") == now,
        whole=witnessed(text, str(told.get("signature", "")), key),
    )


def _signed(document_id: str, at: str, by: str, told: dict[str, Any]) -> str:
    return (
        f"{KIND} {document_id} {told.get('file')} {told.get('sha256')} {told.get('of')} {at} {by}"
    )


@retaining_documents.beside
def _pages_of(work: Work, record: DocumentRecord) -> int:
    """A scan shows every value: it goes with them."""
    return files.forget(work, home(record.id))
