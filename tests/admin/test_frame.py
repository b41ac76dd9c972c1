"""Around every request: its headers, and how long its content may take."""

import asyncio
import socket
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from admin.app import create_app
from admin.web.frame import BodySlow, in_time
from tests import installed
from tests.browser.house import House


def test_no_answer_without_its_headers(visitor: Any) -> None:
    """A page, a file, a refusal and an unknown address; nothing inline, nothing from elsewhere."""
    for path in ("/login", "/static/favicon.svg", "/api/tasks", "/nowhere", "/health"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers


def test_no_page_offers_a_button_that_it_cannot_keep(visitor: Any) -> None:
    """Nobody stands behind an address that is not served, so nothing can be posted from there."""
    assert 'action="/settings/display"' in visitor.get("/login").text
    lost = visitor.get("/nowhere")
    assert lost.status_code == 404
    assert "<form" not in lost.text


def test_over_https_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    """And cookies are sent nowhere else."""
    system = installed.pack_only().copy(tmp_path / "data", secure_cookies=True)
    with TestClient(create_app(system.settings, system), base_url="https://testserver") as client:
        answer = client.get("/login")
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        body = {"login": "huian", "password": installed.pack_only().passwords["huian"]}
        cookie = client.post("/api/session", json=body).headers["set-cookie"]
        assert "secure" in cookie.lower()
        assert "httponly" in cookie.lower()
    system.close()


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: once a test has opened a browser, Playwright's loop runs in the tests' thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


def test_content_that_trickles_is_given_up() -> None:
    """All of it together, not each piece; what comes after the content may take as long as it likes."""

    async def trickling() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def whole() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def come(receive: Any, seconds: float, times: int) -> None:
        taken = in_time(receive, seconds)  # type: ignore[arg-type]  # whole seconds but for the test
        for _ in range(times):
            await taken()

    with pytest.raises(BodySlow):
        _run(come(trickling, 0.2, 1000))
    _run(come(whole, 0.01, 3))
    _run(come(trickling, 0, 3))


def test_a_server_answers_who_does_not_finish(tmp_path: Path) -> None:
    """408 in words of the house, and the others go on being served."""
    house = House(replace(installed.pack_only()), tmp_path / "house", body_seconds=1)
    try:
        with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 10) as line:
            line.sendall(
                b"POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"content-length: 1000\r\n\r\n{"
            )
            started, said = time.monotonic(), b""
            while b"http.body-slow" not in said and time.monotonic() - started < 10:
                part = line.recv(4096)
                if not part:
                    break
                said += part
        assert said.startswith(b"HTTP/1.1 408")
        assert b"http.body-slow" in said
    finally:
        house.close()
