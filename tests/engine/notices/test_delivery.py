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

from admin.working import runner
from engine.identity import own
from engine.identity.own import MailInvalid
from engine.notices import store
from engine.notices.channels import webhook
from engine.notices.store import Notice
from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town

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
    assert "请尽快" in mail.get_content()
    assert len(hook.got) == 2
    for headers, body in hook.got:
        seconds = int(headers["Yibiao-Signature"].partition(",")[0].removeprefix("t="))
        assert headers["Yibiao-Signature"] == webhook.signature(SECRET, seconds, body)
        assert json.loads(body)["id"] == headers["Yibiao-Delivery"]


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
