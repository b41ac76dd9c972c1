"""Photos and files in a ledger's rows: put in, taken out, opened as far as the row shows them."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.pages.attachments import MOST, served
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.attachments import store
from engine.attachments.problems import AttachmentEmpty
from engine.attachments.store import Home
from engine.errors import Problem
from engine.ledgers import edit, look, page
from engine.ledgers.ground import ground
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms.kinds import ledger, ledger_files
from forms.kinds.ledger_files import Spot


@get("/ledgers/{code:str}/rows/{row_id:str}/files/{mark:str}")
@threaded
def of_row(
    visit: Visiting,
    code: FromPath[str],
    row_id: FromPath[str],
    mark: FromPath[str],
    little: FromQuery[int] = 0,
) -> Response[bytes]:
    """A photo or file that a row shows, or showed; none of a column that is withheld or masked."""
    with visit.read() as work:
        here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, code)))
        home = ledger_files.opened(work, here, page.one(work, here, row_id), mark)
    return served(visit, home, mark, little=bool(little))


@post("/ledgers/{code:str}/rows/{row_id:str}/files/{mark:str}/whole", status_code=200)
@threaded
def whole(
    visit: Visiting, form: Posted, code: FromPath[str], row_id: FromPath[str], mark: FromPath[str]
) -> Response[bytes]:
    """A file of a masked column, for a purpose that is stated."""
    column, purpose = form.get("column"), Purpose.given(form.get("purpose"), form.get("for"))

    def command(work: Work) -> Home:
        lens = ledger.lens(work.connection, ledger.form(work.connection, code))
        here = ground(work, lens, verb="ledger.reveal")
        value = look.reveal(work, here, page.one(work, here, row_id), column, purpose)
        return ledger_files.of_value(work, value, mark)

    return served(visit, visit.write(command), mark, little=False)


def taken_in(visit: Visit, code: str, spot: Spot, content: bytes, name: str) -> ledger.Saved:
    """Make a file safe, which takes a while, and then write it into a cell, while which others wait."""
    with visit.read() as work:
        rule = ledger_files.rule(work, ledger.form(work.connection, code), spot)
    clean = store.cleaned(rule, content, name)

    def put(work: Work) -> ledger.Saved:
        form = ledger.form(work.connection, code)
        return ledger_files.attach(work, form, spot, clean, language=visit.language)

    return visit.write(put)


@post("/ledgers/{code:str}/rows/{row_id:str}/cells/{column:str}/files")
@threaded
def put_in(
    visit: Visiting, form: Posted, code: FromPath[str], row_id: FromPath[str], column: FromPath[str]
) -> Redirect:
    """Put files into a cell, one after another; the first that is refused is told."""
    sent = form.files("file")
    with visit.read() as work:
        ledger_files.able(work, ledger.form(work.connection, code), Spot(row_id, column))

    try:
        if not sent:
            raise AttachmentEmpty
        for one in sent:
            done = taken_in(visit, code, Spot(row_id, column), one.file.read(MOST), one.filename)
    except Problem as problem:
        return _refused(visit, problem, code, row_id, column)
    return _back(visit, done, code, row_id, column)


@post("/ledgers/{code:str}/rows/{row_id:str}/cells/{column:str}/files/{mark:str}/remove")
@threaded
def take_out(
    visit: Visiting,
    form: Posted,  # noqa: ARG001 - taking the form checks its token
    code: FromPath[str],
    row_id: FromPath[str],
    *,
    column: FromPath[str],
    mark: FromPath[str],
) -> Redirect:
    """Take a file out of a cell; the history keeps it."""

    def command(work: Work) -> ledger.Saved:
        found = ledger.form(work.connection, code)
        return ledger_files.detach(work, found, Spot(row_id, column), mark, language=visit.language)

    try:
        done = visit.write(command)
    except Problem as problem:
        return _refused(visit, problem, code, row_id, column)
    return _back(visit, done, code, row_id, column, gone=True)


def _refused(visit: Visiting, problem: Problem, code: str, row_id: str, column: str) -> Redirect:
    if problem.status in (403, 404) or problem.status >= 500:
        raise problem
    visit.tell("late", problem.text(visit.language))
    return leave(visit, f"/ledgers/{code}/rows/{row_id}?column={column}")


def _back(
    visit: Visiting, done: ledger.Saved, code: str, row_id: str, column: str, *, gone: bool = False
) -> Redirect:
    kind: Any = done.outcomes[0].kind if done.outcomes else edit.SAME
    tone = "soon" if kind in (edit.PROPOSED, edit.CLASHED) else "ok"
    key = "attach.gone" if gone and kind == edit.SAVED else f"ledger.done.{kind}"
    visit.tell(tone, text(visit.language, key))
    return leave(visit, f"/ledgers/{code}/rows/{row_id}?column={column}#cell")
