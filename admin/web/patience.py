"""How long the server waits for the head of a request: a connection that says nothing, or a byte now and
then, is given up, so that others are served. For the content there is `frame.in_time`.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def patient(seconds: int) -> "type[asyncio.Protocol] | str":
    """The server's protocol with so much patience; 0: without an end."""
    if not seconds:
        return "auto"

    class Patient(AutoHTTPProtocol):  # type: ignore[misc,valid-type]  # which one it is is found when loaded
        """Counts from the first moment of a connection, and from the first byte of each later request."""

        head: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            self._wait()
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._done()  # the head is whole, and a request is on its way

        def connection_lost(self, exc: Exception | None) -> None:
            self._done()
            super().connection_lost(exc)

        def _wait(self) -> None:
            if self.head is None:
                self.head = asyncio.get_running_loop().call_later(seconds, self._late)

        def _done(self) -> None:
            if self.head is not None:
                self.head.cancel()
                self.head = None

        def _late(self) -> None:
            self.head = None
            if not self.transport.is_closing():
                self.transport.write(LATE)
                self.transport.close()

    return Patient
