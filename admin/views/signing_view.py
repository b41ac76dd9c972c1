"""Handwritten signatures on the pages: what a step asks for, what was posted, what is shown."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from admin.web.visit import Form
from engine.attachments import store as files
from engine.attachments.problems import (
    AttachmentDamaged,
    AttachmentEmpty,
    AttachmentKind,
    AttachmentTooLarge,
    PictureTooLarge,
)
from engine.attachments.store import mark_of
from engine.errors import NotFound
from engine.work import Work
from renderers import signature
from renderers.glyphs import GlyphsMissing
from workflows import handwriting, store
from workflows.flow import Step
from workflows.handwriting import Handwriting, SignatureName
from workflows.store import TaskRecord

MOST = 3 * 1024 * 1024
"""Bytes of a picture at most that are read; the store of files takes less."""
REFUSED = (
    SignatureName, AttachmentEmpty, AttachmentDamaged, AttachmentKind, AttachmentTooLarge,
    PictureTooLarge, GlyphsMissing,
)  # fmt: skip
"""Why a signature is not taken: told on the page it came from."""
HEAD = "data:image/png;base64,"


def asked(mode: str, name: str) -> dict[str, Any] | None:
    """What components/signing.html needs; None where no signature is asked for."""
    return {"mode": mode, "name": name} if mode else None


def asked_at(step: Step, work: Work) -> dict[str, Any] | None:
    """The same for the step that somebody has before them."""
    return asked(step.signature, work.actor.name)


def posted(form: Form) -> Handwriting | None:
    """What somebody signed on a page: drawn, as a picture of their signature, or with their name.

    Raises what `handwriting.drawn` raises, GlyphsMissing.
    """
    file = form.file("signature")
    if form.get("drawn"):
        return drawn(form.get("drawn").removeprefix(HEAD))
    if file is not None:
        return handwriting.drawn(file.file.read(MOST))
    return typed(form.get("typed"))


def given(picture: str, name: str) -> Handwriting | None:
    """The same from a program: a picture in base64, or a name."""
    return drawn(picture) if picture else typed(name)


def drawn(text: str) -> Handwriting:
    """A picture in base64. Raises AttachmentDamaged."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AttachmentDamaged(name="signature.png") from error
    return handwriting.drawn(content)


def typed(name: str) -> Handwriting | None:
    """A name, drawn in our own font; nothing for an empty one. Raises GlyphsMissing."""
    name = name.strip()[: signature.LONGEST]
    return handwriting.typed(name, signature.drawn(name)) if name else None


def hand(address: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """The handwritten signature that an event tells of; None where there is none."""
    ref = str(said.get("handwriting") or "")
    if not ref:
        return None
    return {"ref": ref, "href": f"{address}/{mark_of(ref)}", "typed": bool(said.get("typed"))}


SAID = ("submitted", "passed", "rejected", "answered")
"""What closes a task with words of whoever did it."""


def with_hands(
    work: Work, task: TaskRecord, done: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What was done before, with the signatures given there and the day it was done on paper, for
    whoever has a task about it."""
    address = f"/tasks/{task.id}/signatures"
    said = {
        str(one["document"].get("task")): one["document"]
        for one in store.signed(work.connection, task.document_id, *SAID)
    }
    told = [(one, said.get(one["key"], {})) for one in done]
    return [
        {**one, "hand": hand(address, of), "dated": of.get("dated"), "remark": of.get("comment")}
        for one, of in told
    ]


def pictures(
    work: Work, document_id: str, sign_offs: Sequence[Mapping[str, Any]]
) -> dict[str, bytes]:
    """The signatures of those who decided, for paper, by how the sign-offs name them; one that was
    erased since is left out, and the name stands for it.
    """
    home = handwriting.home(document_id)
    found: dict[str, bytes] = {}
    for ref in [one["hand"]["ref"] for one in sign_offs if one.get("hand")]:
        with suppress(NotFound):
            found[ref] = files.content(work.connection, home, mark_of(ref))
    return found
