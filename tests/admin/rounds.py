"""Everybody goes round the pages that they may open, again and again: for tests of what remains behind."""

import gc
import sys
from collections.abc import Callable, Sequence

from litestar import Litestar

from engine.work import System
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.admin.test_routes import ENDS_THE_SESSION, FRAMEWORK, OPEN, addresses

PEOPLE = ("huian", "shenhe", "lingdao", "minzheng", "designer", "anquan", "shenji", "xitong")
HEAVY = ("/pdf", "/workbook", "/csv", "/file", "/map", "/export", "/docs", "/replay", "/json")
"""Papers and files are made by libraries that keep fonts and such, and take seconds."""
LEDGER, FORM, FLOW = "civil.elderly_ledger", reports.FORM, "fill_verify_approve"


class Rounds:
    """Who opens what, found once: every page that answers with 200."""

    def __init__(self, system: System, app: Litestar, log_in: Callable[[str], Caller]) -> None:
        dispatch = reports.sent(system)
        task = reports.waiting(system, dispatch, "huian", "fill")
        known = {"dispatch_id": dispatch.id, "task_id": task, "subject": "person"}
        self.filler, self.document = log_in("huian"), ""
        self.document = self.filler.get(f"/api/tasks/{task}").json()["document"]
        self.pages: list[tuple[Caller, str]] = []
        paths = sorted(_paths(app, known))
        for login in PEOPLE:
            caller = log_in(login)
            open_to = [path for path in paths if caller.get(path).status_code == 200]
            self.pages += [(caller, path) for path in open_to]

    def turn(self, number: int) -> None:
        """Once round; what is searched for is another word each time."""
        for caller, path in self.pages:
            answer = caller.get(path, params={"q": f"王{number}", "page": "1"})
            assert answer.status_code in (200, 400), (path, answer.status_code)
        cells = f"/api/documents/{self.document}"
        revision = self.filler.get(cells).json()["revision"]
        body = {"revision": revision, "changes": {"/households": 500 + number}}
        saved = self.filler.patch(f"{cells}/cells", body)
        assert saved.status_code == 200, saved.text


def blocks() -> int:
    """How many pieces of memory Python's objects stand in now, when everything that may go is gone."""
    gc.collect()
    return sys.getallocatedblocks()


def _paths(app: Litestar, known: dict[str, str]) -> Sequence[str]:
    found = []
    for one in addresses(app):
        if one.method != "GET" or one.path in OPEN | ENDS_THE_SESSION:
            continue
        if one.path.startswith(FRAMEWORK) or one.path.endswith(HEAVY):
            continue
        path = one.path
        code = {"ledgers": LEDGER, "flows": FLOW}.get(
            path.strip("/").removeprefix("api/").split("/")[0], FORM
        )
        for name, value in {**known, "code": code}.items():
            path = path.replace(f"{{{name}:str}}", value)
        if "{" not in path:
            found.append(path)
    return found
