"""A real provider of single sign-on in a process of its own, and a browser's part of the way through it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx

TOKEN_SECONDS = 300


@contextmanager
def running() -> Iterator[str]:
    """The issuer's address while it runs; whoever asks may log in by any name."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(port), "-e", str(TOKEN_SECONDS)]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}
    )  # fmt: skip
    try:
        assert process.stderr is not None
        for line in process.stderr:  # it says when it listens
            if b"running on" in line:
                break
        assert process.poll() is None
        with _drained(process):
            yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _drained(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Its log is read on, so that it never waits for us."""
    assert process.stderr is not None
    reader = threading.Thread(target=process.stderr.read, daemon=True)
    reader.start()
    yield


def pass_through(address: str, subject: str, *, deny: bool = False) -> dict[str, str]:
    """Log in at the provider as the browser was sent there; gives what it sends back with the browser."""
    form = {"action": "deny"} if deny else {"sub": subject}
    answer = httpx.post(address, data=form, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}  # fmt: skip
