"""How long the server waits for the head of a request, and how large it may be: a connection that says
nothing, or a byte now and then, or headers without end, is given up, so that others are served. For the
content there is `frame.in_time`.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
MOST_HEAD = 64 * 1024
"""Browsers send one or two thousand bytes. The reader of heads has no end of its own: it took a hundred million."""


class _Patient(AutoHTTPProtocol):  # type: ignore[misc,valid-type] # which one it is is found when loaded
    """Counts from the first moment of a connection, and from the first byte of each later request."""

    seconds = 0
    head: asyncio.TimerHandle | None = None
    size: int | None = None
    """How much of a head has come; None while there is none under way."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        self.size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.size = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        self._wait()
        super().data_received(data)
        if self.size is not None:
            self.size += len(data)
            if self.size > MOST_HEAD:
                self._give_up(LARGE)
                return
        if self.cycle is not None and not self.cycle.response_complete:
            self._done()  # the head is whole, and a request is on its way

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self.head is None and self.seconds:
            self.head = asyncio.get_running_loop().call_later(self.seconds, self._late)

    def _done(self) -> None:
        if self.head is not None:
            self.head.cancel()
            self.head = None

    def _late(self) -> None:
        self._give_up(LATE)

    def _give_up(self, why: bytes) -> None:
        self._done()
        if not self.transport.is_closing():
            self.transport.write(why)
            self.transport.close()


def patient(seconds: int) -> "type[asyncio.Protocol]":
    """The server's protocol with so much patience; 0: without an end."""
    made: type[asyncio.Protocol] = type("Patient", (_Patient,), {"seconds": seconds})
    return made
