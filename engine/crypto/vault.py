"""Sealing of L3 and L4 values, and the blind index by which an ID number can still be looked up.

A sealed value is tied to its place (register, field, subject), so it cannot be moved to another row.
Before it stands the data key that sealed it: generation, class and year, `2:register:2026`. Data keys
are derived from the generation's root key, which the key file holds sealed by the key-encryption key.
"""

import base64
import hashlib
import hmac
import zlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine import clock
from engine.crypto.ciphers import KEY_BYTES, Aead, cipher
from engine.crypto.keyfile import KeyRing
from engine.errors import Problem

CLASSES = ("register", "document", "flow", "history", "job", "file", "backup", "account")
"""Kinds of content, each with a data key of its own for each year."""
WORTH_PACKING = 1000
LITTLE = 32_768
"""Up to this size a packer of 48 KB does; the usual one first asks the machine for 256 KB."""
FILE_MARK = b"yibiao sealed "


class KeyUnavailable(Problem):
    """A value was sealed with a key that is not here, or was moved or altered."""

    code, status = "crypto.cannot-open", 500


class Vault:
    """Opens and seals values with the keys of one key file."""

    def __init__(self, ring: KeyRing, *, reload: Callable[[], KeyRing] | None = None) -> None:
        self.ring = ring
        self._reload = reload
        self._ciphers: dict[str, Aead] = {}
        self._index_key = ring.index

    @property
    def generation(self) -> int:
        """The generation of the root key that seals now."""
        return self.ring.current

    def refresh(self, generation: int) -> None:
        """Read the key file again if another process has rotated it to this generation meanwhile.

        Raises KeyUnavailable if the file here does not hold it.
        """
        if generation not in self.ring.roots and self._reload is not None:
            self.ring = self._reload()
        if generation not in self.ring.roots:
            raise KeyUnavailable

    def seal(self, plain: str, place: str, kind: str = "register") -> str:
        """Encrypt a text for one place, e.g. `person.phone:<subject id>`, by the key of a class."""
        return self.seal_bytes(plain.encode(), place, kind)

    def open(self, sealed: str, place: str) -> str:
        """Decrypt what `seal` gave for the same place. Raises KeyUnavailable."""
        try:
            return self.open_bytes(sealed, place).decode()
        except UnicodeDecodeError as error:
            raise KeyUnavailable from error

    def seal_bytes(self, plain: bytes, place: str, kind: str) -> str:
        """Encrypt bytes; long ones are packed first."""
        name, sealed = self._sealed(plain, place, kind)
        return f"{name}.{b2a_base64(sealed, newline=False).decode()}"

    def open_bytes(self, sealed: str, place: str) -> bytes:
        """Decrypt what `seal_bytes` gave for the same place. Raises KeyUnavailable."""
        name, _, body = sealed.partition(".")
        try:
            return self._opened(name, a2b_base64(body), place)
        except ValueError as error:
            raise KeyUnavailable from error

    def seal_file(self, content: bytes, place: str, kind: str = "file") -> bytes:
        """Encrypt a file's bytes as bytes."""
        name, sealed = self._sealed(content, place, kind)
        return FILE_MARK + name.encode() + b"." + sealed

    def open_file(self, content: bytes, place: str) -> bytes:
        """A file's bytes; one that was kept before files were sealed is as it stands.

        Raises KeyUnavailable.
        """
        if not content.startswith(FILE_MARK):
            return content
        name, _, body = content.removeprefix(FILE_MARK).partition(b".")
        return self._opened(name.decode("ascii", "replace"), body, place)

    def generation_of(self, sealed: str) -> int:
        """Which generation sealed a value; 0 for what is no sealed value."""
        number = sealed.partition(".")[0].partition(":")[0]
        return int(number) if number.isascii() and number.isdigit() else 0

    def blind(self, plain: str, field: str) -> str:
        """A keyed digest for equality look-up; equal texts of one field give equal digests."""
        text = f"{field}\0{plain}".encode()
        if self.ring.digest == "sm3":
            work = HMAC(self._index_key, hashes.SM3())
            work.update(text)
            mark = work.finalize()
        else:
            mark = hmac.digest(self._index_key, text, "sha256")
        return base64.b64encode(mark[:18]).decode()

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

    def witness(self, text: str) -> str:
        """A signature (Ed25519) that others can check with `public_key` alone."""
        return base64.b64encode(self._signing().sign(text.encode())).decode()

    def public_key(self) -> str:
        """What `witnessed` needs; to be kept where the operator of this machine cannot change it."""
        raw = self._signing().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def _signing(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_derived(self._index_key, b"witness", 32))

    def _sealed(self, plain: bytes, place: str, kind: str) -> tuple[str, bytes]:
        name = f"{self.ring.current}:{kind}:{_year()}"
        packed = _packed(plain) if len(plain) > WORTH_PACKING else plain
        if len(packed) < len(plain):
            name, plain = f"{name}:z", packed
        return name, self._cipher(name).seal(plain, f"{name}|{place}".encode())

    def _opened(self, name: str, body: bytes, place: str) -> bytes:
        bound = f"{name}|{place}" if ":" in name else place  # of the first format: the place alone
        try:
            plain = self._cipher(name).open(body, bound.encode())
            return zlib.decompress(plain) if name.endswith(":z") else plain
        except (InvalidTag, KeyError, ValueError, zlib.error) as error:
            raise KeyUnavailable from error

    def _cipher(self, name: str) -> Aead:
        found = self._ciphers.get(name)
        if found is None:
            number, _, rest = name.partition(":")
            self.refresh(int(number))
            root = self.ring.roots[int(number)]
            label = rest.removesuffix(":z").encode()
            key = _derived(root.key, label, KEY_BYTES[root.algorithm]) if rest else root.key
            if len(self._ciphers) > 1000:
                self._ciphers.clear()  # names come from the database, and so from whoever changed it
            found = self._ciphers[name] = cipher(root.algorithm, key)
        return found


def _packed(plain: bytes) -> bytes:
    """The content packed fast; every zlib opens it."""
    if len(plain) > LITTLE:
        return zlib.compress(plain, 1)
    packer = zlib.compressobj(1, zlib.DEFLATED, 13, 6)
    return packer.compress(plain) + packer.flush()


def witnessed(text: str, signature: str, public_key: str) -> bool:
    """Whether the holder of a key signed this text."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _derived(root: bytes, label: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=b"yibiao " + label).derive(root)


def _year() -> int:
    return clock.now().year


def digest(*parts: bytes) -> str:
    """SHA-256 of the parts with their lengths, in hex, for chains and content hashes."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()
