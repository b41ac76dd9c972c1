"""Photos, files and signatures of a task's cells over the API: put in, opened, taken out."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, QueryParameter

from admin.pages.attachments import served, taken_in
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.attachments import store
from forms import attached, attaching, document, documents
from forms.filing import Saved
from workflows import attaching as filling

CellPath = Annotated[
    str, QueryParameter(max_length=300, description="The cell: `/scene`, or `/spots/<row>/shot`")
]
Name = Annotated[str, QueryParameter(max_length=200, description="What the file is called")]


class KeptFile(msgspec.Struct):
    """A file as it is kept: pictures are re-encoded, names made plain."""

    ref: str
    name: str
    media_type: str
    size: int


class TaskFiles(msgspec.Struct):
    """The files that the cell names now, and the document's revision."""

    path: str
    files: list[KeptFile]
    revision: int


@post("/api/tasks/{task_id:str}/files", status_code=201)
async def put_task_file(
    request: Request[Any, Any, Any],
    caller: Visiting,
    task_id: FromPath[str],
    *,
    path: CellPath = "",
    name: Name = "",
) -> Response[TaskFiles]:
    """Put a photo, a file or a signature into a cell; the request's content is the file.

    The limits are the item's own: kinds, size, how many; a signature takes the place of the one before.
    """
    content = bytearray()
    async for piece in request.stream():
        content += piece

    def put() -> Response[TaskFiles]:
        saved = taken_in(caller, task_id, path, bytes(content), name)
        return answer(_told(caller, task_id, path, saved), 201)

    return await threaded(put)()


@get("/api/tasks/{task_id:str}/files/{mark:str}", media_type="application/octet-stream")
@threaded
def read_task_file(
    caller: Visiting, task_id: FromPath[str], mark: FromPath[str]
) -> Response[bytes]:
    """A file of the document in hand, as far as the step shows it."""
    with caller.read() as work:
        record, _ = filling.shown(work, task_id, mark)
    return served(caller, attaching.home(record.id), mark, little=False)


@delete("/api/tasks/{task_id:str}/files/{mark:str}", status_code=200)
@threaded
def remove_task_file(
    caller: Visiting, task_id: FromPath[str], mark: FromPath[str], *, path: CellPath = ""
) -> Response[TaskFiles]:
    """Take a file out of a cell."""
    saved = caller.write(
        lambda work: filling.detach(work, task_id, path, mark, language=caller.language)
    )
    return answer(_told(caller, task_id, path, saved))


def _told(caller: Visit, task_id: str, path: str, saved: Saved) -> TaskFiles:
    with caller.read() as work:
        own = filling.document_of(work, task_id)
        refs = attached.refs(document.get(documents.get(work.connection, own).contents, path))
        marks = [store.mark_of(ref) for ref in refs]
        kept = {one.ref: one for one in store.several(work.connection, attaching.home(own), marks)}
    files = [
        KeptFile(one.ref, one.name, one.media_type, one.size)
        for one in (kept[ref] for ref in refs if ref in kept)
    ]
    return TaskFiles(path, files, saved.revision)
