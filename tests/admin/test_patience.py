"""Who does not finish the head of a request is given up; who is served, or waits between requests, is not."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from admin.web.patience import patient

HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def slow_answer(_scope: Any, _receive: Any, send: Any) -> None:
    """An answer that takes longer than a head may."""
    await asyncio.sleep(1.5)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})  # fmt: skip
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real server with one second of patience."""
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    door.listen(16)
    config = uvicorn.Config(slow_answer, http=patient(1), lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    yield door.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def _said(line: socket.socket) -> bytes:
    """Everything until the other side closes."""
    found = b""
    while part := line.recv(4096):
        found += part
    return found


@pytest.mark.parametrize("begun", [b"", b"G", HEAD, HEAD + b"x-odd: "])
def test_a_head_that_does_not_end_is_given_up(port: int, begun: bytes) -> None:
    """Nothing at all, the first letter, or a line too few: told so and closed."""
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        line.sendall(begun)
        assert _said(line).startswith(b"HTTP/1.1 408")


def test_a_head_that_trickles_is_given_up(port: int) -> None:
    """A byte now and then does not prolong it."""
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        line.sendall(HEAD)
        said, until = b"", time.monotonic() + 15
        line.settimeout(0.2)
        while not said and time.monotonic() < until:
            line.sendall(b"x")
            try:
                said = line.recv(4096)
            except TimeoutError:
                continue
        assert said.startswith(b"HTTP/1.1 408")


def test_who_is_answered_slowly_is_not_given_up(port: int) -> None:
    """Nor the second request on the same connection."""
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        for _ in range(2):
            line.sendall(HEAD + b"\r\n")
            found = b""
            while not found.endswith(b"ok"):
                part = line.recv(4096)
                assert part, "closed before the answer"
                found += part
            assert found.startswith(b"HTTP/1.1 200")


def test_nought_is_no_limit() -> None:
    """The server's own protocol, as it is."""
    assert patient(0) == "auto"
