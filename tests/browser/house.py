"""A running server for browsers, and what a browser's page must never do."""

import contextlib
import json
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import ConsoleMessage, Page, Request
from sqlalchemy import column, select, table

from admin.app import create_app
from engine.settings import ROOT
from engine.work import Work
from forms import documents
from forms import store as forms
from tests.installed import ANYBODY, Template, person

T = TypeVar("T")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 900}
AXE = ROOT / "admin" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
COVERED = "target-size"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]+")
REFUSED = re.compile(r"the server responded with a status of (\d+)")


def chromium() -> str:
    """Where Chromium is; `make test` installs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or "/usr/bin/chromium"


class House:
    """One installation behind a real server on a free port, in a thread of the tests."""

    def __init__(self, template: Template, folder: Path, **settings: Any) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.passwords = template.passwords
        self.system = template.copy(folder, port=port, **settings)
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(self.system.settings, self.system),
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    def close(self) -> None:
        """Stop the server and close the data."""
        self._server.should_exit = True
        self._thread.join(10)
        self.system.close()

    def data_words(self) -> list[str]:
        """Chinese that is data in any language: names, and what a department printed on its sheet."""
        with self.system.read(ANYBODY) as work:
            connection = work.connection
            found = set(connection.execute(select(table("organisation", column("name")))).scalars())
            found |= set(connection.execute(select(table("account", column("name")))).scalars())
            found |= set(connection.execute(select(table("origin", column("title")))).scalars())
            ids = connection.execute(select(table("document", column("id")))).scalars().all()
            for record in documents.several(connection, ids):
                contents = json.dumps(record.contents, default=str, ensure_ascii=False)
                found |= set(CHINESE.findall(contents))
            for form in forms.newest(connection):
                known = forms.published(connection, form.code, form.version)
                printed = [known.notes, *map(str, known.legal.values())]
                printed += [
                    word for item in known.items for word in (item.unit or "", *item.header)
                ]
                found |= {run for text in printed for run in CHINESE.findall(text)}
        return sorted(found, key=len, reverse=True)

    def does(self, login: str, command: Callable[[Work], T]) -> T:
        """Let somebody do something without a page, to come to the point of a test."""
        return self.system.write(person(self.system, login), command)


@dataclass
class Visitor:
    """Somebody at a page: every console error, page error and foreign request is kept."""

    page: Page
    house: House
    login: str = ""
    wrong: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        refused = REFUSED.search(message.text)
        if refused and int(refused[1]) in self.expected:
            return
        if message.type in ("error", "warning"):
            self.wrong.append(f"console at {urlsplit(self.page.url).path}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.house.url + "/", "data:", "blob:")):
            self.wrong.append(f"left the machine: {request.url}")

    @contextlib.contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """While the server is asked for what it will refuse with one of these."""
        self.expected |= set(statuses)
        yield
        self.page.wait_for_timeout(50)  # the browser tells the console after the answer
        self.expected -= set(statuses)

    @contextlib.contextmanager
    def expecting_no_network(self) -> Iterator[None]:
        """While the browser has no network; what it says about that is no fault."""
        self.page.context.set_offline(True)
        before = len(self.wrong)
        yield
        self.page.context.set_offline(False)
        self.wrong[before:] = [
            one for one in self.wrong[before:] if "ERR_INTERNET_DISCONNECTED" not in one
        ]

    def go(self, path: str) -> Page:
        """Open a path of the house."""
        self.page.goto(self.house.url + path)
        return self.page

    def log_in(self, login: str, path: str = "/") -> Page:
        """By the page, as a person does."""
        self.login = login
        self.go(path)
        self.page.locator("#login").fill(login)
        self.page.locator("#password").fill(self.house.passwords[login])
        self.page.locator("form[action='/login'] button").click()
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self.page

    def sound(self) -> None:
        """The page fits and axe finds nothing, at phone and at desk size; the size is kept."""
        size = self.page.viewport_size
        found = []
        for name, other in (("phone", PHONE), ("desk", DESK)):
            self.page.set_viewport_size(other)  # type: ignore[arg-type]  # width and height
            found += [f"{name}: {one}" for one in [*self._too_wide(), *axe(self.page)]]
        if size:
            self.page.set_viewport_size(size)
        assert found == [], f"{urlsplit(self.page.url).path}:\n" + "\n".join(found)

    def _too_wide(self) -> list[str]:
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [f"{wide} px wider than the window"] if wide > 0 else []

    def quiet(self) -> None:
        """Nothing went wrong behind the page."""
        assert self.wrong == [], "\n".join(self.wrong)


def axe(page: Page) -> list[str]:
    """What axe-core finds, one line an element; of rows that repeat it looks at the first six."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # a colour half way through its change is nobody's colour
    page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
    found = _violations(page, RULES)
    if any(one["id"] == COVERED for one in found):
        # the foot at the window's edge lies over whatever is just scrolled there: that can be moved on
        foot = "document.querySelectorAll('.sticky-foot').forEach(one => one.style.visibility = {})"
        page.evaluate(foot.format("'hidden'"))
        again = _violations(page, [COVERED])
        page.evaluate(foot.format("''"))
        found = [*(one for one in found if one["id"] != COVERED), *again]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:200]!r}"
        for one in found
        for node in one["nodes"][:5]
    ]


def _violations(page: Page, rules: list[str]) -> list[dict[str, Any]]:
    result = page.evaluate(
        """rules => axe.run({include: [['html']], exclude: [['tbody tr:nth-child(n+7)']]},
                           {runOnly: rules, resultTypes: ['violations']})""",
        rules,
    )
    violations: list[dict[str, Any]] = result["violations"]
    return violations


def children(marker: str) -> list[int]:
    """Processes that name this in their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if marker.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
    return found
