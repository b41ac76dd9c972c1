"""Notices: marking them as read. They are shown on the to-do page."""

from litestar import post
from litestar.response import Redirect

from admin.web.html import leave
from admin.web.threads import threaded
from admin.web.visit import Form, Visit
from engine.notices import store as notices

MOST = 50


@post("/notices/read")
@threaded
def read(visit: Visit, form: Form) -> Redirect:
    """The visitor has read these."""
    ids = form.all("notice")[:MOST]
    visit.write(lambda work: notices.mark_read(work, ids))
    return leave(visit, "/")
