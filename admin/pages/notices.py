"""Notices: marking them as read. They are shown on the to-do page."""

from litestar import post
from litestar.response import Redirect

from admin.web.html import leave
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine.notices import store as notices
from engine.work import Work

MOST = 1000


@post("/notices/read")
@threaded
def read(visit: Visiting, form: Posted) -> Redirect:
    """The visitor has read these; without any named, all there are."""
    ids = form.all("notice")[:MOST]
    visit.write(lambda work: notices.mark_read(work, ids or _all(work)))
    return leave(visit, "/")


def _all(work: Work) -> list[str]:
    return [told.id for told in notices.unread(work, limit=MOST)]
