"""Notices that leave the house: real mail over SMTP, a signed post, once each, tried again when refused."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import insert, select

from admin.working import runner
from engine import messages
from engine.identity import own
from engine.identity.own import MailInvalid
from engine.identity.store import ACCOUNT, POSITION
from engine.notices import delivery, store
from engine.notices.channels import webhook
from engine.notices.store import NOTICE, Notice
from engine.work import System, Work
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows.dispatching import urging

SECRET = "a shared secret"


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a sender needs; what comes is kept by the server."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                content = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    content += part
                if server.refuses:
                    server.refuses -= 1
                    self.wfile.write(b"451 later\r\n")
                else:
                    server.got.append(message_from_bytes(content, policy=policy.default))
                    self.wfile.write(b"250 kept\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class Hook(BaseHTTPRequestHandler):
    """Takes posts."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.got.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@contextmanager
def serving(kind: type, handler: type) -> Iterator[Any]:
    """A server of its own on a free port."""
    with kind(("127.0.0.1", 0), handler) as server:
        server.got, server.refuses = [], 0
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture
def smtp() -> Iterator[Any]:
    """A mail server."""
    with serving(socketserver.ThreadingTCPServer, Smtp) as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Any]:
    """A receiver of webhooks."""
    with serving(HTTPServer, Hook) as server:
        yield server


@pytest.fixture
def town(system: System, smtp: Any, hook: Any) -> System:
    """Ann has given an address, Amy has not; both channels are on."""
    small_town.build(system)
    system.settings = replace(
        system.settings,
        smtp_host="127.0.0.1",
        smtp_port=smtp.server_address[1],
        mail_from="yibiao@office.example",
        webhook_url=f"http://127.0.0.1:{hook.server_address[1]}/in",
        webhook_secret=SECRET,
    )
    ann = small_town.person(system, "ann")
    system.write(ann, lambda work: own.set_mail(work.connection, ann.id, "ann@example.com"))
    return system


def told(system: System) -> None:
    """Something for whoever fills in at the first community."""
    notice = Notice(
        "flow.notice.urged", None, small_town.ONE, "staff", detail={"text": "请尽快\r\nBcc: x@y.z", "by": "科长"}
    )  # fmt: skip
    system.write(TESTER, lambda work: store.tell(work, [notice]))


def test_a_notice_is_mailed_and_posted_once(town: System, smtp: Any, hook: Any) -> None:
    """By mail to who gave an address; to the webhook for both; nobody twice however often it runs."""
    told(town)
    jobs = runner(town)
    jobs.work_off()
    jobs.work_off()
    (mail,) = smtp.got
    assert mail["To"] == "ann <ann@example.com>"
    assert mail["Bcc"] is None
    content = mail.get_content()
    assert "请尽快办理" in content
    assert "我的账户" in content  # how to have no more of these
    assert ("x@y.z" in content, "登录后查看" in content) == (False, True)
    assert len(hook.got) == 2
    for headers, body in hook.got:
        seconds = int(headers["Yibiao-Signature"].partition(",")[0].removeprefix("t="))
        assert headers["Yibiao-Signature"] == webhook.signature(SECRET, seconds, body)
        told_by_post = json.loads(body)
        assert told_by_post["id"] == headers["Yibiao-Delivery"]
        assert "x@y.z" not in told_by_post["text"]  # what people wrote stays in the house


def test_what_was_refused_is_tried_again(town: System, smtp: Any, hook: Any, clock: Clock) -> None:
    """The mail comes later; the post, which was taken, is not sent again."""
    smtp.refuses = 1
    told(town)
    jobs = runner(town)
    jobs.work_off()
    assert (len(smtp.got), len(hook.got)) == (0, 2)
    clock.forward(minutes=3)
    jobs.work_off()
    assert (len(smtp.got), len(hook.got)) == (1, 2)


def test_each_reads_it_in_their_own_language_with_the_report_it_is_about(
    town: System, smtp: Any, hook: Any
) -> None:
    """As they chose it last; nobody else's name but whose it is, no cell of the report."""
    ann = small_town.person(town, "ann")
    town.write(ann, lambda work: own.set_language(work.connection, ann.id, "en"))
    sent = small_town.send(town, small_town.ONE)
    office = small_town.person(town, "office")
    town.write(office, lambda work: urging.urge(work, sent, small_town.ONE))
    runner(town).work_off()
    (mail,) = smtp.got
    assert mail["Subject"] == "Please see to it soon - Monthly count November 2026"
    assert "To have no more of these" in mail.get_content()
    texts = sorted(json.loads(body)["text"] for _, body in hook.got)
    assert texts == [
        "Please see to it soon\nMonthly count November 2026",
        "请尽快办理\n人口月报 2026年11月",
    ]


def test_a_server_that_is_down_for_two_days_loses_nothing(
    town: System, smtp: Any, hook: Any, clock: Clock
) -> None:
    """Tried again all the time, an hour apart at most; who runs the system is told once a day."""
    working = town.settings
    town.settings = replace(working, smtp_port=1)
    root = town.write(TESTER, _who_runs_it)
    told(town)
    jobs = runner(town)
    for _ in range(96):
        jobs.work_off()
        clock.forward(minutes=30)
    assert (len(smtp.got), len(hook.got) >= 2) == (0, True)
    with town.read(TESTER) as work:
        mine = (NOTICE.c.account_id == root, NOTICE.c.about == "notice.not-delivered")
        rows = work.connection.execute(select(NOTICE).where(*mine)).all()
    assert 2 <= len(rows) <= 3
    assert "邮件：ConnectionRefusedError" in messages.text(rows[0].about, "zh", rows[0].detail)
    town.settings = working
    clock.forward(minutes=61)
    jobs.work_off()
    jobs.work_off()
    assert [one["To"] for one in smtp.got] == ["ann <ann@example.com>"]


def test_a_slow_server_does_not_hold_a_job_past_its_lease(
    town: System, hook: Any, smtp: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left over comes by the next job, and nothing twice."""
    monkeypatch.setattr(delivery, "SECONDS", -1)
    told(town)
    jobs = runner(town)
    jobs.work_off()
    assert (smtp.got, hook.got) == ([], [])
    monkeypatch.undo()
    clock.forward(minutes=2)
    jobs.work_off()
    clock.forward(minutes=2)
    jobs.work_off()
    assert (len(smtp.got), len(hook.got)) == (1, 2)


def _who_runs_it(work: Work) -> str:
    """Somebody with the system administrator's post; their id."""
    account = work.new_id()
    person = {
        "id": account,
        "login": "root",
        "name": "root",
        "password_hash": "",
        "created_at": work.at,
    }
    post = {"id": work.new_id(), "account_id": account, "organisation_code": small_town.COUNTY, "role": "system"}  # fmt: skip
    work.connection.execute(insert(ACCOUNT), person)
    work.connection.execute(insert(POSITION), {**post, "valid_from": "2026-01-01"})
    return account


def test_nothing_leaves_before_the_transaction_is_through(town: System, smtp: Any) -> None:
    """What was undone is not told anybody."""

    def fails(work: Any) -> None:
        store.tell(work, [Notice("flow.notice.urged", small_town.person(town, "ann").id)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        town.write(TESTER, fails)
    runner(town).work_off()
    assert smtp.got == []


@pytest.mark.parametrize(
    "given", ["a", "a@b", "a b@c.de", "a@b.c\nBcc: x@y.z", "x" * 300 + "@a.de"]
)
def test_what_is_no_address_is_refused(sqlite_system: System, given: str) -> None:
    """Before anything is sent to it."""
    with pytest.raises(MailInvalid):
        sqlite_system.write(TESTER, lambda work: own.set_mail(work.connection, "x", given))
