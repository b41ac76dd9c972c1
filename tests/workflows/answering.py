"""Another program, on a free port of this machine: it answers what a test says, and keeps what it heard."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Program:
    """What it will say next, the last of them for ever, and what it was asked."""

    port: int = 0
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    """The idempotency keys that it has done its work for."""

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def says(self, value: Any, status: int = 200, **headers: str) -> "Program":
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.answers.append((status, body, headers))
        return self


class _Handler(BaseHTTPRequestHandler):
    def _heard(self) -> None:
        program: Program = self.server.program  # type: ignore[attr-defined]  # ours, below
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        program.heard.append(
            {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
        )
        program.done.add(self.headers["Idempotency-Key"])
        status, answer, headers = (
            program.answers.pop(0) if len(program.answers) > 1 else program.answers[0]
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = _heard  # noqa: N815 - the library's names

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@contextmanager
def program() -> Iterator[Program]:
    """It runs while the test does."""
    found = Program()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.program = found  # type: ignore[attr-defined]  # the handler finds it there
        found.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join(10)
