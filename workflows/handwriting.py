"""The handwritten signature of whoever decides: kept with the decision, in the sealed store of files.

It belongs to the document, in a room of its own: no filler's cell names it, and nothing takes it away.
What is signed (the hash of the release and the values) covers it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from engine.attachments import store as files
from engine.attachments.sniff import Rule
from engine.attachments.store import Clean, Home
from engine.errors import Problem
from engine.work import Work
from workflows import store
from workflows.flow import Step
from workflows.store import CASE, TaskRecord

RULE = Rule("signature", ("png",), 2)
PLACE = "approval"


class SignatureName(Problem):
    """Who signs by typing types their own name."""

    code, status = "flow.signature-name", 422
    name: str


@dataclass(frozen=True, slots=True)
class Handwriting:
    """What somebody signed with, made safe; the name is set where they typed it."""

    file: Clean
    name: str = ""


def drawn(content: bytes) -> Handwriting:
    """A drawing. Raises AttachmentEmpty, AttachmentTooLarge, AttachmentKind, AttachmentDamaged."""
    return Handwriting(files.cleaned(RULE, content, "signature.png"))


def typed(name: str, picture: bytes) -> Handwriting:
    """A name with its picture."""
    return Handwriting(files.cleaned(RULE, picture, "signature.png"), name)


def home(document_id: str) -> Home:
    """Where the signatures of those who decide about a document are."""
    return Home(PLACE, document_id)


def kept(work: Work, step: Step, document_id: str, given: Handwriting | None) -> dict[str, Any]:
    """The signature kept, as the event tells it; nothing where the step asks for none.

    Raises SignatureName; whether one is missing is for the machine to say.
    """
    if given is None or not step.signature:
        return {}
    if given.name and "".join(given.name.split()) != "".join(work.actor.name.split()):
        raise SignatureName(name=work.actor.name)
    found = files.put(work, home(document_id), given.file, held=True)
    return {"handwriting": found.ref, "typed": bool(given.name)}


def marks(connection: Connection, document_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """The ids of all signatures of some documents: part of what an archive signs."""
    return files.marks_of(connection, PLACE, document_ids)


def asking(connection: Connection, tasks: Sequence[TaskRecord]) -> dict[str, str]:
    """How the steps of some tasks want to be signed, by case; those that ask for nothing are left out."""
    query = select(CASE.c.id, CASE.c.flow_code, CASE.c.flow_version)
    query = query.where(CASE.c.id.in_({one.case_id for one in tasks}))
    flows = {
        str(case): store.flow(connection, code, version)
        for case, code, version in connection.execute(query)
    }
    found = {one.case_id: flows[one.case_id].by_code[one.step].signature for one in tasks}
    return {case: mode for case, mode in found.items() if mode}
