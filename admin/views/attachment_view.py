"""The files of a cell as components/attachments.html shows them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from admin.views import cell_view
from admin.views.cell_view import Reading
from admin.views.step_view import at_step
from engine import json_text
from engine.attachments import store
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.json_text import Json
from engine.work import Work
from forms import attaching, document, documents, filing, surroundings
from forms.compiled import CompiledForm
from forms.filing import Saved
from workflows import commands

MOST_PICTURES = 60
"""So many photos of a document at most are printed; the others are named."""


def pictures(
    work: Work, document_id: str, form: CompiledForm, values: Mapping[str, Json]
) -> dict[str, bytes]:
    """The photos and signatures of a document for paper, by how its values name them; in a table in little."""
    home, found = attaching.home(document_id), dict[str, bytes]()
    for item in form.items:
        if item.attachment is None:
            continue
        for path in document.expand(values, item.path):
            for one in cell_view.files_of("", document.get(values, path)):
                if one["picture"] and len(found) < MOST_PICTURES:
                    mark = str(one["href"]).strip("/")
                    with suppress(NotFound):  # an older version may name what was deleted since
                        found[f"{mark}/{one['name']}"] = store.content(
                            work.connection, home, mark, little=item.table is not None
                        )
    return found


def cell_again(work: Work, task_id: str, path: str, saved: Saved, language: str) -> dict[str, Json]:
    """A cell of a task's page as it stands after a save."""
    held = commands.hold(work, task_id)
    opened = filing.opened(work, documents.get(work.connection, held.record.id))
    here = at_step(work, held.task)
    told = surroundings.conditioned(work, opened.form, opened.record)[0]
    reading = Reading(
        opened,
        dictionary(work.connection),
        language,
        editable=True,
        only=here.only,
        now=work.now,
        told=told,
        files=f"/tasks/{task_id}/files",
    )
    item = opened.form.item(path)
    if item is None:
        raise document.CellUnknown(path=path)
    value = document.get(opened.contents, path)
    shown: dict[str, Any] = cell_view.cell(reading, path, item, value)
    return {"cell": shown, "value": json_text.dumps(value), "revision": saved.revision}
