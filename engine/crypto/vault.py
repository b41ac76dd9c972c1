"""Sealing of L3 and L4 values, and the blind index by which an ID number can still be looked up.

A sealed value is tied to its place (register, field, subject), so it cannot be moved to another
row. Every value names the version of the key that sealed it, which is where rotation will attach.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import Problem

NONCE = 12


class KeyUnavailable(Problem):
    """A value was sealed with a key that is not here, or was moved or altered."""

    code, status = "crypto.cannot-open", 500


class KeyFileInvalid(Problem):
    """The key file is there but cannot be read; `where` says which it is."""

    code, status = "crypto.key-file", 500
    where: str


class Vault:
    """Opens and seals values with the keys of one key file."""

    def __init__(self, keys: dict[int, bytes], index_key: bytes) -> None:
        self._current = max(keys)
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._index_key = index_key

    def seal(self, plain: str, place: str) -> str:
        """Encrypt a text (AES-256-GCM) for one place, e.g. `person.phone:<subject id>`."""
        nonce = os.urandom(NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, plain.encode(), place.encode())
        return f"{self._current}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Decrypt what `seal` gave for the same place. Raises KeyUnavailable."""
        version, _, body = sealed.partition(".")
        try:
            raw = base64.b64decode(body)
            cipher = self._ciphers[int(version)]
            return cipher.decrypt(raw[:NONCE], raw[NONCE:], place.encode()).decode()
        except (InvalidTag, KeyError, ValueError) as error:
            raise KeyUnavailable from error

    def blind(self, plain: str, field: str) -> str:
        """A keyed digest for equality look-up; equal texts of one field give equal digests."""
        digest = hmac.new(self._index_key, f"{field}\0{plain}".encode(), hashlib.sha256).digest()
        return base64.b64encode(digest[:18]).decode()

    def sign(self, text: str, purpose: str) -> str:
        """A short keyed mark of a text, for references that are handed out, e.g. on paper.

        Each purpose has a key of its own, so a mark given for one is worth nothing for another.
        """
        key = hmac.new(self._index_key, f"sign\0{purpose}".encode(), hashlib.sha256).digest()
        mark = hmac.new(key, text.encode(), hashlib.sha256).digest()
        return base64.b32encode(mark[:15]).decode().lower()

    def verify(self, text: str, mark: str, purpose: str) -> bool:
        """Whether `sign` gave this mark for this text and purpose."""
        return hmac.compare_digest(self.sign(text, purpose).encode(), mark.encode())


def open_vault(path: Path) -> Vault:
    """The vault of a key file; a new file with fresh keys is made where there is none.

    Raises KeyFileInvalid.
    """
    if not path.exists():
        _make_key_file(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = {int(version): bytes.fromhex(key) for version, key in content["keys"].items()}
        return Vault(keys, bytes.fromhex(content["index"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileInvalid(where=str(path)) from error


def _make_key_file(path: Path) -> None:
    """Whole and on the disk before anybody can see it; of two processes the first one's keys stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"keys": {"1": secrets.token_hex(32)}, "index": secrets.token_hex(32)}
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def digest(*parts: bytes) -> str:
    """SHA-256 of the parts with their lengths, in hex, for chains and content hashes."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()
