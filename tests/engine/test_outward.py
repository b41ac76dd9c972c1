"""Another program that will not end: it drips, says nothing, floods, or breaks off. Real sockets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from engine import outward
from engine.outward import CallFailed
from engine.settings import Settings

BODY = b"~"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"
Says = Callable[[socket.socket, threading.Event], None]


def dripped(before: bytes, each: bytes) -> Says:
    """First this, then one byte at a time, far sooner than any single wait would be over."""

    def says(line: socket.socket, over: threading.Event) -> None:
        line.sendall(before)
        for _ in range(400):
            if over.wait(0.05):
                return
            line.sendall(each)

    return says


def silent(_line: socket.socket, over: threading.Event) -> None:
    """Heard, and no answer."""
    over.wait(20)


def flooding(line: socket.socket, over: threading.Event) -> None:
    """Go on, go on, for ever."""
    while not over.is_set():
        line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def large(line: socket.socket, over: threading.Event) -> None:
    """One answer without an end."""
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        line.sendall(b"1" * 65536)


def breaking_off(line: socket.socket, _over: threading.Event) -> None:
    """It hears all, and says half of what it promised."""
    heard = b""
    while not heard.endswith(BODY):
        heard += line.recv(65536)
    line.sendall(HEAD + b"[1")


@contextmanager
def program(says: Says) -> Iterator[int]:
    """It takes one call on a free port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.recv(1)
                says(line, over)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join(10)


@pytest.mark.parametrize(
    ("scheme", "says", "reason", "again"),
    [
        ("http", dripped(b"", b"H"), "slow", True),
        ("http", dripped(b"HTTP/1.1 200 OK\r\nX: ", b"a"), "slow", True),
        ("http", dripped(HEAD, b"1"), "slow", True),
        ("https", dripped(b"\x16\x03\x03\x0f\xff", b"\x02"), "slow", True),
        ("http", silent, "slow", True),
        ("http", flooding, "too-large", False),
        ("http", large, "too-large", False),
        ("http", breaking_off, "cut-off", True),
    ],
)
def test_no_program_holds_a_call_longer_than_it_may_last(
    scheme: str, says: Says, reason: str, *, again: bool
) -> None:
    """One last moment for all of it and a largest size; what is cut off is not taken for an answer."""
    patience = 0.5 if reason == "slow" else 60
    with program(says) as port:
        settings = replace(Settings(), http_hosts=f"127.0.0.1:{port}")
        url = f"{scheme}://127.0.0.1:{port}/"
        with pytest.raises(CallFailed) as failed:
            outward.call(settings, "POST", url, {}, BODY, seconds=patience)
    assert (failed.value.reason, failed.value.again) == (reason, again)
