"""The ciphers a key may be for: AES-256-GCM, and SM4-GCM where national algorithms are required."""

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag as InvalidTag  # noqa: PLC0414 - for whoever opens
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES, SM4 = "AES-256-GCM", "SM4-GCM"
KEY_BYTES = {AES: 32, SM4: 16}
NONCE, TAG = 12, 16


class Aead(Protocol):
    """Seals bytes with what they belong to, and opens what was sealed so."""

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Nonce, content and mark in one."""

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What was sealed. Raises InvalidTag for anything else."""


class _Aes:
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place)


class _Sm4:
    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        work = Cipher(self._key, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(place)
        return nonce + work.update(plain) + work.finalize() + work.tag

    def open(self, sealed: bytes, place: bytes) -> bytes:
        if len(sealed) < NONCE + TAG:
            raise InvalidTag
        work = Cipher(self._key, modes.GCM(sealed[:NONCE], sealed[-TAG:])).decryptor()
        work.authenticate_additional_data(place)
        return work.update(sealed[NONCE:-TAG]) + work.finalize()


def cipher(algorithm: str, key: bytes) -> Aead:
    """The cipher of an algorithm with a key of its length. Raises ValueError for any other."""
    if len(key) != KEY_BYTES.get(algorithm):
        raise ValueError(algorithm)
    return _Aes(key) if algorithm == AES else _Sm4(key)
