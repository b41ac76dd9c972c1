"""The key-encryption key, which seals the data keys and nothing else: where it comes from.

From a file, from the environment, or from a program that speaks to a key service (KMS, HSM): that one
gets one JSON line, `{"do": "wrap" | "unwrap", "data": <base64>}`, and answers `{"data": <base64>}`.
"""

import base64
import json
import os
import secrets
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag

from engine.crypto.ciphers import AES, cipher
from engine.errors import Problem

PLACE = b"yibiao data key"
PATIENCE = 20


class KekUnavailable(Problem):
    """The key-encryption key is not there or not the one that sealed the data keys."""

    code, status = "crypto.kek", 500
    where: str


class KeyService(Protocol):
    """Seals and opens data keys; the key itself may never leave where it lives."""

    where: str
    """For people: which file, variable or program."""

    def wrap(self, key: bytes) -> bytes:
        """Seal a data key. Raises KekUnavailable."""

    def unwrap(self, sealed: bytes) -> bytes:
        """Open a data key. Raises KekUnavailable."""


class LocalKek:
    """A key in this process, from a file or the environment: 64 hexadecimal digits."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        try:
            self._cipher = cipher(AES, bytes.fromhex(text.strip()))
        except ValueError as error:
            raise KekUnavailable(where=where) from error

    def wrap(self, key: bytes) -> bytes:
        """Seal a data key."""
        return self._cipher.seal(key, PLACE)

    def unwrap(self, sealed: bytes) -> bytes:
        """Open a data key. Raises KekUnavailable."""
        try:
            return self._cipher.open(sealed, PLACE)
        except InvalidTag as error:
            raise KekUnavailable(where=self.where) from error


class CommandKek:
    """A key behind a program of the operator's, which speaks to the key service."""

    def __init__(self, command: str) -> None:
        self.where = command
        self._command = shlex.split(command)

    def wrap(self, key: bytes) -> bytes:
        """Seal a data key. Raises KekUnavailable."""
        return self._ask("wrap", key)

    def unwrap(self, sealed: bytes) -> bytes:
        """Open a data key. Raises KekUnavailable."""
        return self._ask("unwrap", sealed)

    def _ask(self, what: str, data: bytes) -> bytes:
        line = json.dumps({"do": what, "data": base64.b64encode(data).decode()})
        try:
            answer = subprocess.run(
                self._command,
                input=line,
                capture_output=True,
                text=True,
                check=True,
                timeout=PATIENCE,
            )
            return base64.b64decode(json.loads(answer.stdout)["data"], validate=True)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
            raise KekUnavailable(where=self.where) from error


def from_file(path: Path, *, make: bool) -> LocalKek:
    """The key of a file; with `make` a new file where there is none. Raises KekUnavailable."""
    if make and not path.exists():
        write_once(path, secrets.token_hex(32) + "\n")
    try:
        return LocalKek(path.read_text(encoding="ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise KekUnavailable(where=str(path)) from error


def write_once(path: Path, content: str) -> None:
    """Whole and on the disk before anybody can see it; of two processes the first one's file stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync(path.parent)


def replace_file(path: Path, content: str) -> None:
    """The same for a file that is there: the old one or the new one, never half of either."""
    _draft(path, content).replace(path)
    _sync(path.parent)


def _draft(path: Path, content: str) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
