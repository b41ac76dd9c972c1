"""Who does not finish the head of a request is given up; who is served, or waits between requests, is not."""

import asyncio
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from admin.web.patience import LARGE, patient

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


@pytest.mark.parametrize("piece", [b"a" * 8192, b"x-odd: " + b"b" * 1000 + b"\r\n"])
def test_a_head_without_end_is_given_up(port: int, piece: bytes) -> None:
    """One header that goes on and on, or more and more of them: a hundred million bytes were taken and kept."""
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        sent, told = len(HEAD), b""
        line.sendall(HEAD if piece.startswith(b"x") else HEAD + b"x-odd: ")
        with suppress(ConnectionError):
            while sent < 4_000_000 and not told:
                line.sendall(piece)
                sent += len(piece)
                told = line.recv(100) if select.select([line], [], [], 0)[0] else b""
        assert sent < 4_000_000
        assert told in (b"", *(LARGE[:n] for n in range(1, len(LARGE) + 1)))


def test_an_ordinary_head_and_a_long_content_are_not(port: int) -> None:
    """Some kilobytes of cookies, and content of any length, one request after the other."""
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        for _ in range(2):
            head = b"POST / HTTP/1.1\r\nhost: x\r\ncookie: " + b"c" * 20_000
            line.sendall(head + b"\r\ncontent-length: 300000\r\n\r\n" + b"d" * 300_000)
            found = b""
            while not found.endswith(b"ok"):
                part = line.recv(4096)
                assert part, "closed before the answer"
                found += part


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


def test_nought_is_no_limit_of_time() -> None:
    """Nothing is waited for, whatever comes; how large a head may be is no matter of time."""
    made: Any = patient(0)
    assert made.seconds == 0
    one = made.__new__(made)
    one._wait()  # outside of any loop: it would be an error to set a timer
    assert one.head is None
