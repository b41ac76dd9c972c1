"""A task that is done already: its button pressed twice, gone back to, opened from an old message."""

from litestar import Response

from admin.views import record_view, words
from admin.web.html import leave, text
from admin.web.visit import Visit
from engine.errors import NotFound
from forms import documents
from workflows import store


def leave_done(visit: Visit, task_id: str, *, pressed: bool = False) -> Response[None]:
    """On to the to-do list after a press, to what was handed in after a look; told who was through with it."""
    with visit.read() as work:
        task = store.task(work, task_id)
        mine = task.closed_by == work.actor.id and task.status in ("done", "returned")
        name = store.name_of(work, task.closed_by) if task.status == "done" and not mine else ""
        where = "/"
        if not pressed:
            try:
                record_view.reading(work, documents.read(work, task.document_id))
            except NotFound:
                pass  # nothing that they may read: the list says what is left to do
            else:
                where = f"/records/{task.document_id}"
    said = "task.over.mine" if mine else "task.over.other" if name else "task.over.gone"
    at = (words.moment(task.closed_at) or "").replace("T", " ")
    visit.tell("ok" if mine else "soon", text(visit.language, said, name=name, at=at))
    return leave(visit, where)
