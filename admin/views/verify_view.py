"""The page of one document to be verified or approved: what changed, what failed a check, what differs by source."""

from decimal import Decimal
from typing import Any

from admin.views import (
    allow_view,
    cell_view,
    document_view,
    nil_view,
    signing_view,
    words,
)
from admin.views.acting_view import in_the_name_of
from admin.views.step_view import NOTHING_HIDDEN, AtStep
from admin.views.task_view import Reader, heading
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.work import Work
from forms import disputes, document, surroundings
from forms.document import Cell
from forms.filing import Opened
from workflows import store as tasks
from workflows.commands import signature
from workflows.store import TaskRecord


def verify_page(
    work: Work,
    task: TaskRecord,
    opened: Opened,
    *,
    language: str,
    refused: str | None,
    plain: int | None = None,
    here: AtStep | None = None,
) -> dict[str, Any]:
    """The context of verify.html: what changed, what failed a check, what differs by source."""
    files = f"/tasks/{task.id}/files"
    found = nil_view.problems(work, opened, language)
    seen = here.seen(work, opened) if here else opened
    found = here.open(found) if here else found
    reader = Reader(seen, dictionary(work.connection), language)
    differences = _differences(work, reader, files)
    told = surroundings.conditioned(work, opened.form, opened.record)[0]
    sections = document_view.sections(
        seen,
        reader.dictionary,
        language=language,
        editable=False,
        now=work.now,
        told=told,
        sheets=True,
        plain=plain,
        hides=here.hides_or_edits if here else NOTHING_HIDDEN,
        files=files,
        disputed=disputes.open_in(work, opened.form, opened.record),
    )
    filled = _last_filled(work, opened.record.id)
    total = len(document.flatten(opened.contents, opened.form))
    return {
        "task": {
            **heading(work, task, opened, language),
            "filled_by": done_by(work, filled, language) if filled else "",
            "filled_at": words.moment(opened.record.submitted_at),
        },
        "document": {
            "id": opened.record.id,
            "revision": opened.record.revision,
            "hash": signature(work, opened.record)[:12],
        },
        "counts": _sizes(total, changed=len(differences), problems=len(found)),
        "differences": differences,
        "blanks": document_view.blanks(seen, language, told),
        "problems": allow_view.problems(work, task, opened, found, language),
        "disagreements": _disagreements(reader),
        "sections": sections,
        "live": document_view.sheets_of(seen, reader.dictionary, language, told),
        "reasons": [text(language, f"verify.usual.{n}") for n in (1, 2, 3, 4)],
        "signoffs": signing_view.with_hands(work, task, signoffs(work, opened.record.id, language)),
        "refused": refused,
        "edits": here.sections(work, opened, language, files) if here else [],
        "nil": nil_view.told(opened),
        "previous": None,
        "next": None,
    }


def _last_filled(work: Work, document_id: str) -> TaskRecord | None:
    """The task by which a document was handed in last."""
    around = reversed(tasks.tasks_around(work.connection, document_id))
    return next((one for one in around if one.kind == "fill" and one.status == "done"), None)


def _sizes(total: int, *, changed: int, problems: int) -> dict[str, int]:
    return {"total": total, "same": total - changed, "changed": changed, "problems": problems}


def signoffs(work: Work, document_id: str, language: str) -> list[dict[str, Any]]:
    """Who did which step of a document, oldest first."""
    return [
        {
            "step": text(language, f"task.kind.{task.kind}"),
            "by": done_by(work, task, language),
            "at": words.moment(task.closed_at),
            "key": task.key,
            "dated": None,
            "remark": None,
        }
        for task in tasks.tasks_around(work.connection, document_id)
        if task.status == "done"
    ]


def done_by(work: Work, task: TaskRecord, language: str) -> str:
    """Who did a task; a deputy with the name of whom they did it for."""
    principal = tasks.name_of(work, task.closed_for) if task.closed_for else ""
    return in_the_name_of(tasks.name_of(work, task.closed_by), principal, language)


def _differences(work: Work, reader: "Reader", files: str) -> list[dict[str, Any]]:
    found = []
    for path, cell in reader.opened.cells.items():
        item = reader.opened.form.item(path)
        if item is None or (cell.state == "computed" and not cell.deviates):
            continue
        if not cell.deviates and cell.state not in ("typed", "returned"):
            continue
        source = words.source(cell.source, reader.language, now=work.now)
        found.append(
            {
                "path": path,
                "label": reader.opened.form.name_of(path, reader.language),
                "now": reader.shown(path, cell.value),
                "before": reader.shown(path, cell.known),
                "before_source": source["text"] if source else "",
                "change": _change(cell),
                "source": source,
                "returned": False,
                "new": document.blank(cell.known),
                "files": cell_view.files_of(files, cell.value) if item.attachment else [],
                "kind": item.attachment,
            }
        )
    found.sort(key=lambda row: bool(row["new"]))
    return found[:300]


def _change(cell: Cell) -> str | None:
    pair = [cell.known, cell.value]
    if any(isinstance(one, bool) or not isinstance(one, int | Decimal) for one in pair):
        return None
    difference = Decimal(cell.value) - Decimal(cell.known)
    return f"{difference:+f}" if difference else None


def _disagreements(reader: "Reader") -> list[dict[str, Any]]:
    found = []
    for path, cell in reader.opened.cells.items():
        others: Any = (cell.source or {}).get("others")
        if not others:
            continue
        values = [(cell.known, cell.source or {}), *((one["value"], one) for one in others)]
        found.append(
            {
                "path": path,
                "label": reader.opened.form.name_of(path, reader.language),
                "values": [
                    {
                        "display": reader.shown(path, value),
                        "source": words.source_text(source, reader.language),
                    }
                    for value, source in values
                ],
                "chosen": reader.shown(path, cell.value),
                "by": words.choice(cell.chosen, reader.language),
            }
        )
    return found[:100]
