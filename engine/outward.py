"""Calls to other programs: only to hosts that the operator listed, and never where a listed name leads inside.

A name is looked up once and the connection goes to what was found, so that it cannot lead elsewhere a
moment later. Redirects are not followed. A call has one last moment for all of it, however slowly the
other side drips (its certificate, its headers and its answer included), and an answer a largest size.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from engine.errors import Problem
from engine.settings import Settings

MOST = 1024 * 1024
"""Bytes that are sent or taken."""
AROUND = 128 * 1024
"""Bytes more that may stand around an answer: its headers, the marks of its pieces."""
PIECE = 64 * 1024
PORTS = {"http": 80, "https": 443}
PASSING = (408, 425, 429)
"""Refusals that may be over the next time."""


class CallRefused(Problem):
    """The call was not made: its host is not listed, or leads where no call may go."""

    code, status = "outward.refused", 403
    host: str
    reason: str


class CallFailed(Problem):
    """It was tried and came to nothing; `again` says whether another try may help."""

    code, status = "outward.failed", 502
    host: str
    reason: str
    again: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def secrets(settings: Settings) -> dict[str, str]:
    """The secrets that flows may name, from the operator's file. Raises CallRefused."""
    if not settings.http_secrets_file:
        return {}
    try:
        read = tomllib.loads(Path(settings.http_secrets_file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CallRefused(host="", reason="secrets-file") from error
    return {name: value for name, value in read.items() if isinstance(value, str)}


def call(
    settings: Settings,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    seconds: float,
) -> Answer:
    """One request and its answer, 2xx or not, within `seconds` in all. Raises CallRefused, CallFailed."""
    place = urlsplit(url)
    host, port = _listed(settings, place)
    if body is not None and len(body) > MOST:
        raise CallRefused(host=host, reason="too-large")
    last = time.monotonic() + seconds
    address = _address(host, port)
    connection = _Fixed(place.scheme, host, port, address, last)
    path = f"{place.path or '/'}{'?' + place.query if place.query else ''}"
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, _read(answer, host))
    except TimeoutError as error:
        raise CallFailed(host=host, reason="slow") from error
    except _TooLarge as error:
        raise CallFailed(host=host, reason="too-large", again=False) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CallFailed(host=host, reason=type(error).__name__) from error
    finally:
        connection.hang_up()


def judged(host: str, answer: Answer) -> Answer:
    """An answer that says yes. Raises CallFailed; a redirect and a plain refusal help nobody again."""
    status = answer.status
    if not 200 <= status < 300:
        raise CallFailed(host=host, reason=str(status), again=status >= 500 or status in PASSING)
    return answer


class _Fixed(http.client.HTTPConnection):
    """A connection to an address that was looked at, under the name that was asked for."""

    def __init__(self, scheme: str, host: str, port: int, address: str, last: float) -> None:
        super().__init__(host, port)
        self._address, self._secure, self._last = address, scheme == "https", last
        self._line: socket.socket | None = None

    def connect(self) -> None:
        """To the address, with the certificate of the name."""
        line = socket.create_connection((self._address, self.port), _left(self._last))
        self._line = line
        if self._secure:
            context = ssl.create_default_context()
            line.settimeout(_left(self._last))
            line = self._line = context.wrap_socket(line, server_hostname=self.host)
        self.sock = _Patient(line, self._last)

    def hang_up(self) -> None:
        """Close it, whatever is still on its way."""
        self.close()
        if self._line is not None:
            self._line.close()


class _TooLarge(Exception):  # noqa: N818 - told as CallFailed
    """More came than an answer may have."""


class _Patient:
    """What `http.client` asks of a socket, on which nothing lasts beyond one moment."""

    def __init__(self, line: socket.socket, last: float) -> None:
        self._line, self._last = line, last

    def sendall(self, data: Any) -> None:
        """Piece by piece, so that nobody who takes them slowly takes for ever."""
        pieces = memoryview(data)
        for start in range(0, len(pieces), PIECE):
            self._line.settimeout(_left(self._last))
            self._line.sendall(pieces[start : start + PIECE])

    def makefile(self, *_: Any) -> io.BufferedReader:
        """What comes back."""
        return io.BufferedReader(_Heard(self._line, self._last))

    def close(self) -> None:
        """The line is closed by whoever opened it: the answer may still be read."""


class _Heard(io.RawIOBase):
    """The bytes that arrive until one moment, and no more than an answer may have."""

    def __init__(self, line: socket.socket, last: float) -> None:
        self._line, self._last, self._rest = line, last, MOST + AROUND

    def readable(self) -> bool:
        """Only that."""
        return True

    def readinto(self, into: Any) -> int:
        """Raises TimeoutError, _TooLarge."""
        self._line.settimeout(_left(self._last))
        count = self._line.recv_into(into)
        self._rest -= count
        if self._rest < 0:
            raise _TooLarge
        return count


def _left(last: float) -> float:
    """Seconds until the last moment. Raises TimeoutError."""
    left = last - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _listed(settings: Settings, place: SplitResult) -> tuple[str, int]:
    """Host and port, if the operator's list has them. Raises CallRefused."""
    host = (place.hostname or "").rstrip(".")
    if place.scheme not in PORTS or not host or "@" in place.netloc:
        raise CallRefused(host=host, reason="address")
    try:
        port = place.port or PORTS[place.scheme]
    except ValueError as error:
        raise CallRefused(host=host, reason="address") from error
    known = {one.strip().lower() for one in settings.http_hosts.split(",") if one.strip()}
    bare = f"[{host}]" if ":" in host else host
    if f"{bare}:{port}" in known or (bare in known and port == PORTS[place.scheme]):
        return host, port
    raise CallRefused(host=f"{bare}:{port}", reason="host")


def _address(host: str, port: int) -> str:
    """Where a listed name leads. Raises CallRefused for this machine and other places of no office."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CallFailed(host=host, reason="name") from error
    literal = _ip(host)
    for *_, where in found:
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        inside = (
            address.is_loopback or address.is_link_local or address.is_multicast
            or address.is_unspecified or address.is_reserved
            or not (address.is_global or address.is_private)  # shared: a cloud's own services
            or (isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.teredo))
        )  # fmt: skip  # an address within an address leads wherever the inner one says
        if inside and literal is None:  # who means such an address lists the address itself
            raise CallRefused(host=host, reason="inside")
    return str(found[0][4][0])


def _ip(host: str) -> object | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _read(answer: http.client.HTTPResponse, host: str) -> bytes:
    content = bytearray()
    while piece := answer.read1(PIECE):
        content += piece
        if len(content) > MOST:
            raise CallFailed(host=host, reason="too-large", again=False)
    if answer.length:
        raise CallFailed(host=host, reason="cut-off")
    return bytes(content)
