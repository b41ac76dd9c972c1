"""Putting a file into a cell of a task in hand, and taking it out: stored and saved in one transaction."""

from engine.attachments import store as files
from engine.attachments.problems import AttachmentsFull
from engine.attachments.sniff import Rule
from engine.attachments.store import Attachment, Clean, Home, mark_of
from engine.errors import NotFound
from engine.json_text import Json
from engine.work import Work
from forms import attached, attaching, document, filing, masking
from forms.documents import DocumentRecord
from forms.filing import Edit, Opened, Saved
from workflows import commands, filling_in, handwriting


def rule(work: Work, task_id: str, path: str) -> Rule:
    """What a cell of a task in hand takes. Raises NotFound, CellUnknown."""
    return _taking(_held(work, task_id)[0], path)


def attach(work: Work, task_id: str, path: str, clean: Clean, *, language: str = "zh") -> Saved:
    """Keep a file with the document and put it into the cell; a signature takes the place of the one
    before. It was made safe by the cell's `rule` beforehand: while somebody writes others wait.

    Two people who add to one cell at once both get theirs in. Raises CellUnknown, CellLocked,
    AttachmentsFull.
    """
    opened, record = _held(work, task_id)
    if _taking(opened, path) != clean.rule:
        raise document.CellUnknown(path=path)
    item = opened.form.item(path)
    most = attached.most(item.schema) if item else 0
    kept = files.put(work, attaching.home(record.id), clean)
    there = _listed(document.get(opened.contents, path))
    if kept.ref in there:
        return _saved(work, record, path, there, language)
    if clean.rule.kind == "signature":
        there = []
    if len(there) >= most:
        raise AttachmentsFull(limit=most)
    return _saved(work, record, path, [*there, kept.ref], language)


def detach(work: Work, task_id: str, path: str, mark: str, *, language: str = "zh") -> Saved:
    """Take a file out of a cell; what was handed in with it keeps it."""
    opened, record = _held(work, task_id)
    there = _listed(document.get(opened.contents, path))
    left = [ref for ref in there if mark_of(ref) != mark]
    return _saved(work, record, path, left or None, language)


def shown(work: Work, task_id: str, mark: str) -> tuple[DocumentRecord, Attachment]:
    """A file of the document that a task is about, unless the step or a rule keeps its cell from
    whoever works there.

    Raises NotFound.
    """
    held = commands.hold(work, task_id)
    opened = filing.opened(work, held.record)
    found = files.one(work.connection, attaching.home(held.record.id), mark)
    step = filling_in.step_of(work, held.task)
    veil = masking.veil(work, opened.form, in_hand=True)
    for item in opened.form.items:
        if item.attachment and item.path not in veil.withheld and step.right(item.path) != "hide":
            for path in document.expand(opened.contents, item.path):
                if found.ref in _listed(document.get(opened.contents, path)):
                    return held.record, found
    raise NotFound


def document_of(work: Work, task_id: str) -> str:
    """The document that a task in hand is about. Raises NotFound."""
    return commands.hold(work, task_id).record.id


def signature(work: Work, task_id: str, mark: str) -> Home:
    """Where a signature given before is, for whoever has a task about the document. Raises NotFound."""
    home = handwriting.home(commands.hold(work, task_id).record.id)
    files.one(work.connection, home, mark)
    return home


def _held(work: Work, task_id: str) -> tuple[Opened, DocumentRecord]:
    held = commands.hold(work, task_id, *filling_in.WRITERS)
    return filing.opened(work, held.record), held.record


def _taking(opened: Opened, path: str) -> Rule:
    item = opened.form.item(path)
    found = attached.rule(item.schema) if item else None
    if found is None:
        raise document.CellUnknown(path=path)
    return found


def _listed(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _saved(work: Work, record: DocumentRecord, path: str, value: Json, language: str) -> Saved:
    edit = Edit(revision=record.revision, changes={path: value})
    return commands.save_cells(work, record.id, edit, language=language)
