"""Who may open what: every address and every role, held against the table in `access.csv`.

A row is an address, a column a person; `yes` is let in, `no` is told so (403), `hidden` is not told
that the thing exists (404), `log-in` must log in first, `content` got past the door and was refused
for what was sent. Whoever adds an address judges its row and adds it; the failure prints it.
"""

import csv
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from admin import working
from admin.views import proof, record_view
from admin.web import visit
from engine.attachments import store as attachments
from engine.attachments.sniff import Rule
from engine.attachments.store import mark_of
from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.residents import store as residents
from engine.work import System, Work
from forms import documents, store
from forms.attaching import home
from tests import factories, installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.admin.test_routes import Address, addresses
from tests.engine.attachments import samples
from workflows import dispatches, drafts
from workflows import store as flows
from workflows.dispatching import exports, making, targets

LogIn = Callable[[str], Caller]
LEDGER = "civil.elderly_ledger"
NUMBER = factories.id_number("1941-03-02", "2")
TABLE = Path(__file__).with_name("access.csv")
PEOPLE = {
    "stranger": "",
    "staff": "huian",
    "staff elsewhere": "luyang",
    "verifier": "shenhe",
    "verifier elsewhere": "djjshenhe",
    "leader": "lingdao",
    "department": "minzheng",
    "department elsewhere": "tongji",
    "designer": "designer",
    "security": "anquan",
    "auditor": "shenji",
    "system": "xitong",
    "resident": "",
}
"""By column: who is asked. The report of the row is of the community of `staff`, issued by `department`."""
RESIDENT = "resident"
"""Somebody who opened a slip from the counter: what opens their own is sent to every address."""
OWN = {
    ("POST", "/mine/whole"): "yes",
    ("POST", "/mine/copy"): "yes",
    ("GET", "/mine/fix"): "hidden",
    ("POST", "/mine/fix"): "hidden",
    ("POST", "/mine/leave"): "yes",
    ("POST", "/mine/display"): "yes",
}
"""What a resident may beyond a stranger; they have no column, since everywhere else they are one."""
APART = {
    ("DELETE", "/api/session"),
    ("POST", "/api/session"),
    ("POST", "/login"),
    ("POST", "/logout"),
}
"""Coming and going, which end or begin what the walk stands on: `test_routes` and `test_account` hold them."""


BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/designs/{code:str}": {"revision": 1},
    "POST /api/designs/{code:str}/publish": {"revision": 1},
    "POST /api/designs/{code:str}/presence": {"tab": "a"},
    "POST /api/dispatches": {
        "form": reports.FORM,
        "organisations": list(reports.TWO),
        "period": "2027-01",
        "due": "2027-01-31",
    },
    "POST /api/makings": {
        "form": reports.FORM,
        "organisations": list(reports.TWO),
        "period": "2027-01",
    },
    "PATCH /api/documents/{document_id:str}/cells": {"revision": 1},
    "POST /api/fields": {"subject": "person", "name": "shoe_size", "label_zh": "鞋码"},
    "POST /api/forms/validate": {"form": reports.FORM, "document": {}, "draft": True},
    "POST /api/tasks/{task_id:str}/return": {"cells": {"/note": "请核实一下"}},
    "POST /api/tasks/{task_id:str}/reject": {"comment": "不需要了"},
    "POST /api/tasks/{task_id:str}/transfer": {"to": "chenhuimin", "comment": "出差"},
    "POST /api/tasks/{task_id:str}/delegate": {"to": "chenhuimin"},
    "POST /api/tasks/{task_id:str}/answer": {"comment": "可以"},
    "POST /api/tasks/{task_id:str}/signers": {"people": ["shenhe"]},
    "POST /api/tasks/{task_id:str}/signers/remove": {"people": ["shenhe"]},
    "POST /api/cases/{case_id:str}/comments": {"comment": "请核实"},
    "POST /api/cases/{case_id:str}/copies": {"people": ["shenhe"]},
    "POST /api/cases/{case_id:str}/terminate": {"comment": "不办了"},
    "POST /api/cases/{case_id:str}/give": {"task": "fill.2", "to": "shenhe", "comment": "出差"},
    "POST /api/cases/{case_id:str}/take-off": {"task": "fill.2", "comment": "回避"},
    "POST /api/incidents/{incident_id:str}/assign": {"people": ["shenhe"]},
    "POST /api/incidents/{incident_id:str}/reroute": {"to": "verify", "comment": "换一步"},
    "POST /tasks/{task_id:str}/more": {"action": "claim"},
    "POST /cases/{case_id:str}": {"action": "urge"},
    "POST /incidents/{incident_id:str}": {"action": "terminate", "comment": "x"},
    "POST /api/approvals": {"tasks": ["none"]},
    "POST /api/inspections": {"forms": ["none"], "periods": ["none"]},
    "PUT /api/flows/{code:str}/draft": {"revision": 1, "document": {}},
    "POST /api/flows/{code:str}/draft/try": {"document": {}},
    "POST /api/flows/{code:str}/draft/restore": {"revision": 1, "state": "none"},
    "POST /api/flows/{code:str}/draft/publish": {"revision": 1},
    "POST /api/flows/{code:str}/draft/discard": {"revision": 1},
    "POST /api/flows/{code:str}/moves": {"version": 1},
    "POST /api/dispatches/{dispatch_id:str}/version": {"action": "try"},
    "POST /api/calendar": {"year": 2027, "source": "", "off": []},
    "POST /ledgers/{code:str}/bulk": {"column": "visit_note"},
    "POST /api/ledgers/{code:str}/bulk": {"column": "visit_note", "value": "x"},
    "POST /api/ledgers/{code:str}/bulk/{number:str}": {"action": "apply"},
    "POST /api/ledgers/{code:str}/imports/{number:str}": {"action": "apply"},
    "PATCH /api/ledgers/{code:str}/cells": {
        "edits": [{"row": "elder", "column": "phone", "value": "13800138000", "seen": 0}]
    },
    "POST /ledgers/{code:str}/rows/{row_id:str}": {"column": "phone", "v:/phone": "1"},
    "POST /ledgers/{code:str}/rows/{row_id:str}/reveal": {"column": "phone"},
    "POST /documents/{document_id:str}/dispute": {"path": "/population"},
    "POST /erasures/{erasure_id:str}": {"action": "approve"},
    "POST /public-lists/{own:str}": {"action": "approve"},
    "POST /retention/runs/{run_id:str}": {"action": "approve"},
    "POST /api/retention/runs": {"periods": ["none"]},
    "POST /api/retention/runs/{run_id:str}/decision": {"approve": True},
}
"""What must be sent to be understood at all; elsewhere an empty form or object does."""
FLOW = "fill_verify_approve"
QUESTIONS = {
    "/api/documents/{document_id:str}/pick": "?path=/population",
    "/api/documents/{document_id:str}/picked": "?path=/population&value=x",
    "/api/registers/{subject:str}": "?key=id_number&value=11010519491231002X",
    "/documents/{document_id:str}/why": "?path=/population",
}


@dataclass(frozen=True)
class World:
    """What the addresses are about."""

    parameters: dict[str, str]
    resident: str
    """The token of a resident's visit."""

    def path(self, address: Address) -> str:
        """The address with real things in its places."""
        known = dict(self.parameters)
        known["code"] = "person.name" if "dictionary" in address.path else reports.FORM
        if "/ledgers/" in address.path:
            known["code"] = LEDGER
        if "/flows" in address.path:
            known["code"] = FLOW
        return re.sub(
            r"\{(\w+):[^}]*\}", lambda found: known.get(found[1], "none"), address.path
        ) + QUESTIONS.get(address.path, "")


@pytest.fixture
def world(system: System, monkeypatch: pytest.MonkeyPatch) -> World:
    """A report that is final, and next month's, which waits to be filled; a resident's visit that lasts."""
    for times in (residents.WHOLE, residents.IDLE):
        monkeypatch.setitem(times, "phone", timedelta(days=1))
    sent = reports.sent(system)
    record = reports.final(system, sent)
    waiting = system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(
            work, reports.FORM, reports.TWO, "2026-12", work.now + timedelta(days=9)
        ),
    )
    system.write(
        installed.person(system, "designer"),
        lambda work: store.insert_draft(work, store.document_of(work.connection, reports.FORM, 1)),
    )
    packed = system.write(
        installed.person(system, "minzheng"), lambda work: exports.ask(work, sent.id, "zip")
    )
    group = system.write(
        installed.person(system, "minzheng"),
        lambda work: targets.keep_group(
            work, sent.owner, "两个社区", targets.Targets(picked=reports.TWO)
        ),
    )
    made = system.write(
        installed.person(system, "minzheng"),
        lambda work: making.begin(work, reports.FORM, reports.TWO[:1], "2026-09").id,
    )
    working.runner(system).work_off()
    system.write(installed.person(system, "designer"), lambda work: drafts.redesign(work, FLOW))
    with system.read(installed.ANYBODY) as work:
        found = record_view.reading(work, documents.get(work.connection, record))
        tasks = flows.open_tasks(
            work.connection, [reports.document_of(system, waiting, installed.COMMUNITIES[0])]
        )
        token = proof.token(work.vault, record, found.version, found.digest)
    _elder(system)
    kept = system.write(installed.person(system, "huian"), lambda work: _photo(work, record))
    return World(
        {
            "row_id": "elder",
            "column": "phone",
            "dispatch_id": sent.id,
            "export_id": packed,
            "group_id": group,
            "owner": sent.owner,
            "making_id": made,
            "record_id": record,
            "document_id": record,
            "task_id": tasks[0].id,
            "case_id": tasks[0].case_id,
            "subject": "person",
            "mark": kept,
            "account_id": installed.person(system, "huian").id,
            "token": token,
        },
        reports.opened_by_a_resident(system, "elder", NUMBER),
    )


def _photo(work: Work, record: str) -> str:
    """A photo of the record."""
    photo = Rule("photo", ("jpg",), 1)
    return mark_of(attachments.keep(work, home(record), photo, samples.photo(), "a.jpg").ref)


def _elder(system: System) -> None:
    """Somebody of 85 in the community of `staff`, for the ledger of the old."""

    def command(work: Work) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        facts = {
            "name": "王秀英",
            "birth_date": "1941-03-02",
            "id_number": NUMBER,
            "residence": installed.COMMUNITIES[0],
        }
        changes = [Change(f"person.{name}", "elder", value) for name, value in facts.items()]
        registers.set_values(work, known, changes, origin)

    system.write(installed.ANYBODY, command)


class Walk:
    """The people logged in; whatever one of them changes is undone before the next is asked."""

    def __init__(
        self, app: Litestar, system: System, log_in: LogIn, folder: Path, resident: str
    ) -> None:
        self._app, self._folder, self._count = app, folder, 0
        self._visitor: TestClient[Litestar] = TestClient(app)
        self._resident = resident
        self._callers = {who: log_in(login) for who, login in PEOPLE.items() if login}
        self._now = system
        self._kept = installed.Template(folder / "kept", {})
        _copy(system, folder / "kept")

    def answer(self, who: str, address: Address, path: str) -> str:
        """What happens to somebody at an address, in a word."""
        options = _body(address)
        if who == "stranger":
            reply = self._visitor.request(address.method, path, follow_redirects=False, **options)
        elif who == RESIDENT:
            reply = self._as_a_resident(address, path, options)
        else:
            reply = self._callers[who].send(address.method, path, **options)
        if address.method != "GET" and reply.status_code < 400:
            self._undo()
        return _word(reply, who)

    def _as_a_resident(self, address: Address, path: str, options: dict[str, Any]) -> Any:
        token = self._resident
        cookie = f"{visit.RESIDENT}={token}"
        with self._app.state.system.read(installed.ANYBODY) as work:
            found = residents.visit(work, token)
        assert found is not None
        headers = {"cookie": cookie, "x-csrf-token": found.csrf}
        return self._visitor.request(
            address.method, path, follow_redirects=False, headers=headers, **options
        )

    def _undo(self) -> None:
        self._now.close()
        self._count += 1
        self._now = self._kept.copy(self._folder / str(self._count))
        self._app.state.system = self._now

    def close(self) -> None:
        """Close what is open."""
        self._now.close()


@pytest.fixture
def walk(
    app: Litestar, system: System, world: World, log_in: LogIn, tmp_path: Path
) -> Iterator[Walk]:
    """The people of the table, before a report that is under way."""
    found = Walk(app, system, log_in, tmp_path, world.resident)
    yield found
    found.close()


def test_every_address_answers_everybody_as_the_table_says(
    app: Litestar, world: World, walk: Walk
) -> None:
    """One row an address, one column a role and a stranger; an address without a row fails."""
    kept = {(row.pop("method"), row.pop("path")): row for row in _rows()}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for address in addresses(app):
        key = (address.method, address.path)
        if key not in APART:
            path = world.path(address)
            found[key] = {who: walk.answer(who, address, path) for who in PEOPLE}
    missing = [_line(key, row) for key, row in found.items() if key not in kept]
    assert not missing, "judge these rows, then add them to access.csv:\n" + "\n".join(missing)
    assert not kept.keys() - found.keys(), "rows of addresses that are gone"
    different = [
        f"{method} {path}: {who} is answered {row[who]!r}, the table says {kept[method, path][who]!r}"
        for (method, path), row in found.items()
        for who in PEOPLE
        if row[who] != kept[method, path][who]
    ]
    assert not different, "\n".join(different)


def test_the_table_is_closed_unless_opened() -> None:
    """A stranger is let in only where everybody is, and a resident beyond that to their own only."""
    assert {path.split("/")[1] for _, path in OWN} == {"mine"}
    for row in _rows():
        if row["stranger"] == "yes":
            assert {row[who] for who in PEOPLE} <= {"yes", "content"}, row["path"]


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {**row, RESIDENT: OWN.get((row["method"], row["path"]), row["stranger"])} for row in rows
    ]


def _line(key: tuple[str, str], row: dict[str, str]) -> str:
    return ",".join((*key, *(word for who, word in row.items() if who != RESIDENT)))


def _word(reply: Any, who: str) -> str:
    status = reply.status_code
    if status == 401 or (300 <= status < 400 and reply.headers["location"].startswith("/login")):
        return "log-in"
    if status == 403:
        return "log-in" if who in ("stranger", RESIDENT) else "no"
    if status == 404:
        return "hidden"
    assert status < 500, reply.text[:500]
    return "yes" if status < 400 else "content"


def _body(address: Address) -> dict[str, Any]:
    """What is sent along: JSON to the API, a form to a page."""
    if address.method == "GET":
        return {}
    if address.path == "/api/sheets/propose":
        return {"files": {"file": ("sheet.xlsx", b"no workbook")}}
    given = BODIES.get(f"{address.method} {address.path}", {})
    return {"json": given} if address.path.startswith("/api/") else {"data": {"x": "", **given}}


def _copy(system: System, to: Path) -> None:
    """The installation as it stands, kept aside."""
    source = Path(system.settings.data_dir)
    to.mkdir()
    for keys in ("keys.json", "kek.key"):
        (to / keys).write_bytes((source / keys).read_bytes())
    with (
        closing(sqlite3.connect(source / "yibiao.db")) as now,
        closing(sqlite3.connect(to / "yibiao.db")) as kept,
    ):
        now.backup(kept)
