"""The key file: every generation of the root key, sealed by the key-encryption key, and the index key.

A file of the first format holds its keys in the clear; it is read, and sealed at the next rotation.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import clock
from engine.crypto import kek
from engine.crypto.ciphers import AES, KEY_BYTES, SM4
from engine.crypto.kek import KeyService
from engine.errors import Problem

SUITES = {"intl": AES, "sm": SM4}


class KeyFileInvalid(Problem):
    """The key file is there but cannot be read; `where` says which it is."""

    code, status = "crypto.key-file", 500
    where: str


@dataclass(frozen=True, slots=True)
class Root:
    """One generation of the root key: from it come the data keys by class and year."""

    key: bytes
    algorithm: str
    made_at: str


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What a key file holds, opened."""

    roots: Mapping[int, Root]
    index: bytes
    digest: str
    """The digest of the blind index: sha256 or sm3; it stays as it was when the file was made."""
    sealed: bool
    """Whether the file needs the key-encryption key to be read."""

    @property
    def current(self) -> int:
        """The generation that seals."""
        return max(self.roots)


def load(path: Path, service: KeyService, *, suite: str = "intl") -> KeyRing:
    """The keys of a file; a new file with fresh keys is made where there is none.

    Raises KeyFileInvalid, KekUnavailable.
    """
    if not path.exists():
        fresh = KeyRing({1: _fresh(suite)}, secrets.token_bytes(32), _digest(suite), sealed=True)
        kek.write_once(path, _written(fresh, service))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _read(content, service)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileInvalid(where=str(path)) from error


def needs_kek(path: Path) -> bool:
    """Whether a file's keys are sealed; a damaged file counts as sealed."""
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")).get("format") == 2)
    except (OSError, ValueError, AttributeError):
        return True


def rotate(path: Path, service: KeyService, *, suite: str) -> KeyRing:
    """Add a generation that seals from now on; what older ones sealed still opens.

    Raises KeyFileInvalid, KekUnavailable.
    """
    now = load(path, service, suite=suite)
    ring = KeyRing(
        {**now.roots, now.current + 1: _fresh(suite)}, now.index, now.digest, sealed=True
    )
    kek.replace_file(path, _written(ring, service))
    return ring


def rewrap(path: Path, old: KeyService, new: KeyService) -> KeyRing:
    """Seal the same keys with another key-encryption key. Raises KeyFileInvalid, KekUnavailable."""
    ring = load(path, old)
    kek.replace_file(path, _written(ring, new))
    return load(path, new)


def forget(path: Path, service: KeyService, generation: int) -> KeyRing:
    """Drop an old generation: whatever it sealed and nobody sealed anew is unreadable for ever.

    Raises ValueError for the generation that seals.
    """
    now = load(path, service)
    if generation == now.current:
        raise ValueError(generation)
    left = {number: root for number, root in now.roots.items() if number != generation}
    ring = KeyRing(left, now.index, now.digest, sealed=True)
    kek.replace_file(path, _written(ring, service))
    return ring


def _fresh(suite: str) -> Root:
    algorithm = SUITES[suite]
    made_at = clock.now().isoformat(timespec="seconds")
    return Root(secrets.token_bytes(KEY_BYTES[algorithm]), algorithm, made_at)


def _digest(suite: str) -> str:
    return "sm3" if suite == "sm" else "sha256"


def _written(ring: KeyRing, service: KeyService) -> str:
    def sealed(key: bytes) -> str:
        return base64.b64encode(service.wrap(key)).decode()

    return json.dumps(
        {
            "format": 2,
            "keys": {
                str(number): {
                    "sealed": sealed(root.key),
                    "algorithm": root.algorithm,
                    "made_at": root.made_at,
                }
                for number, root in ring.roots.items()
            },
            "index": {"sealed": sealed(ring.index), "digest": ring.digest},
        },
        indent=1,
    )


def _read(content: Mapping[str, Any], service: KeyService) -> KeyRing:
    if content.get("format") != 2:
        roots = {
            int(number): _checked(bytes.fromhex(key), AES, "")
            for number, key in content["keys"].items()
        }
        index = bytes.fromhex(content["index"])
        ring = KeyRing(roots, index, "sha256", sealed=False)
    else:
        roots = {
            int(number): _checked(
                _unsealed(one["sealed"], service), one["algorithm"], one["made_at"]
            )
            for number, one in content["keys"].items()
        }
        index = _unsealed(content["index"]["sealed"], service)
        ring = KeyRing(roots, index, content["index"]["digest"], sealed=True)
    if not roots or not index or ring.digest not in ("sha256", "sm3"):
        raise ValueError("empty")
    return ring


def _unsealed(text: str, service: KeyService) -> bytes:
    return service.unwrap(base64.b64decode(text, validate=True))


def _checked(key: bytes, algorithm: str, made_at: str) -> Root:
    if len(key) != KEY_BYTES[algorithm]:
        raise ValueError(algorithm)
    return Root(key, algorithm, made_at)
