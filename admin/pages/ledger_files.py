"""A ledger out as a file, and a sheet into a ledger: previewed, applied as one job, undone as a whole."""

from typing import Any
from urllib.parse import quote

from litestar import Response, post
from litestar.params import FromPath

from admin.views import ledger_export
from admin.views.ledger_export import File, Wanted
from admin.views.ledger_view import Query
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine.ledgers.ground import ground
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms.kinds import ledger


@post("/ledgers/{code:str}/export", status_code=200)
@threaded
def export_ledger(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """The rows that the page shows, all of them, as a file."""
    query = Query(
        code, form.get("q"), tuple(form.all("f"))[:20], form.get("sort"), form.get("desc")
    )
    wanted = Wanted(
        form.get("kind", "xlsx"),
        form.get("present", "masked"),
        Purpose.given(form.get("purpose"), form.get("for")),
        files=bool(form.get("files")),
    )

    def command(work: Work) -> File:
        found = ledger.form(work.connection, code)
        here = ground(work, ledger.lens(work.connection, found))
        return ledger_export.export(work, found, here, query.ask(), wanted, language=visit.language)

    file = visit.write(command)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
    return Response(file.content, media_type=file.media_type, headers=headers)
