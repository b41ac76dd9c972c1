"""The trail carried elsewhere: to a file of JSON lines, or to a log server (syslog, RFC 5424)."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from engine.audit.trail import AUDIT
from engine.errors import Problem
from engine.json_text import dumps

FACILITY, NOTICE = 13, 5  # log audit; normal but significant
PORT = 514


class SyslogInvalid(Problem):
    """Not the address of a log server: `udp://host:514` or `tcp://host:514`."""

    code, status = "audit.syslog", 422
    address: str


def lines(connection: Connection, *, after: int = 0) -> Iterator[tuple[int, str]]:
    """Entries after a number, each with its number, as JSON with its digest."""
    query = select(AUDIT).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq)
    for row in connection.execute(query.execution_options(yield_per=2000)).mappings():
        yield row["seq"], dumps(dict(row))


class Syslog:
    """A log server that takes one line an entry."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        try:
            host, port = parts.hostname, parts.port or PORT
        except ValueError as error:
            raise SyslogInvalid(address=address) from error
        if parts.scheme not in ("udp", "tcp") or not host:
            raise SyslogInvalid(address=address)
        self._stream = parts.scheme == "tcp"
        kind = socket.SOCK_STREAM if self._stream else socket.SOCK_DGRAM
        try:
            family, _, _, _, where = socket.getaddrinfo(host, port, type=kind)[0]
            self._socket = socket.socket(family, kind)
            self._socket.settimeout(10)
            self._socket.connect(where)
        except OSError as error:
            raise SyslogInvalid(address=address) from error

    def send(self, at: str, line: str) -> None:
        """One entry; over TCP with its length before it (RFC 6587)."""
        head = f"<{FACILITY * 8 + NOTICE}>1 {at} {socket.gethostname() or '-'} yibiao - audit - "
        raw = (head + line).encode()
        self._socket.sendall(f"{len(raw)} ".encode() + raw if self._stream else raw)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
