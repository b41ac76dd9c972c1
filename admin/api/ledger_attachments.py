"""Photos and files of a ledger's rows over the API: put in, opened, taken out."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, QueryParameter

from admin.pages.attachments import served
from admin.pages.ledger_attachments import taken_in
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.ledgers import page
from engine.ledgers.ground import ground
from engine.work import Work
from forms import attached
from forms.kinds import ledger, ledger_files
from forms.kinds.ledger_files import Spot

Name = Annotated[str, QueryParameter(max_length=200, description="What the file is called")]


class CellFiles(msgspec.Struct):
    """What became of it (`saved`, `same` or `proposed`), and the files that the cell names now."""

    kind: str
    files: list[str]
    stamp: int


@post("/api/ledgers/{code:str}/rows/{row_id:str}/cells/{column:str}/files", status_code=201)
async def put_file(
    request: Request[Any, Any, Any],
    caller: Visiting,
    code: FromPath[str],
    row_id: FromPath[str],
    column: FromPath[str],
    *,
    name: Name = "",
) -> Response[CellFiles]:
    """Put a photo or file into a cell; the request's content is the file."""
    content = bytearray()
    async for piece in request.stream():
        content += piece

    def put() -> Response[CellFiles]:
        done = taken_in(caller, code, Spot(row_id, column), bytes(content), name)
        return answer(_told(caller, code, row_id, column, done), 201)

    return await threaded(put)()


@get(
    "/api/ledgers/{code:str}/rows/{row_id:str}/files/{mark:str}",
    media_type="application/octet-stream",
)
@threaded
def read_file(
    caller: Visiting, code: FromPath[str], row_id: FromPath[str], mark: FromPath[str]
) -> Response[bytes]:
    """A photo or file that a row shows; none of a column that is withheld or masked."""
    with caller.read() as work:
        here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, code)))
        home = ledger_files.opened(work, here, page.one(work, here, row_id), mark)
    return served(caller, home, mark, little=False)


@delete(
    "/api/ledgers/{code:str}/rows/{row_id:str}/cells/{column:str}/files/{mark:str}", status_code=200
)
@threaded
def remove_file(
    caller: Visiting,
    code: FromPath[str],
    row_id: FromPath[str],
    *,
    column: FromPath[str],
    mark: FromPath[str],
) -> Response[CellFiles]:
    """Take a file out of a cell; the history keeps it."""

    def command(work: Work) -> ledger.Saved:
        form = ledger.form(work.connection, code)
        return ledger_files.detach(work, form, Spot(row_id, column), mark, language=caller.language)

    return answer(_told(caller, code, row_id, column, caller.write(command)))


def _told(caller: Visit, code: str, row_id: str, column: str, done: ledger.Saved) -> CellFiles:
    with caller.read() as work:
        here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, code)))
        cell = page.one(work, here, row_id).cell(column)
    kind = done.outcomes[0].kind if done.outcomes else "refused"
    return CellFiles(kind, attached.refs(cell.value), cell.stamp)
