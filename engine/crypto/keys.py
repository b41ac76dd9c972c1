"""The keys of an installation, from its settings: which key-encryption key, which key file."""

from pathlib import Path

from engine.crypto import kek, keyfile
from engine.crypto.kek import CommandKek, KeyService, LocalKek
from engine.crypto.keyfile import KeyRing
from engine.settings import Settings

FILE, KEK_FILE = "keys.json", "kek.key"


def key_file(settings: Settings) -> Path:
    """Where the sealed data keys are."""
    return settings.data_path / FILE


def kek_file(settings: Settings) -> Path:
    """Where the key-encryption key is, unless it comes from elsewhere."""
    return Path(settings.kek_file) if settings.kek_file else settings.data_path / KEK_FILE


def service(settings: Settings) -> KeyService:
    """What seals the data keys: a program, a value from the environment, or a file.

    Raises KekUnavailable. A key file that exists never gets a new key-encryption key in silence.
    """
    if settings.kek_command:
        return CommandKek(settings.kek_command)
    if settings.kek:
        return LocalKek(settings.kek, "kek")
    found = key_file(settings)
    fresh = not found.exists() or not keyfile.needs_kek(found)
    return kek.from_file(kek_file(settings), make=fresh)


def ring(settings: Settings) -> KeyRing:
    """The keys, opened; made on the first start. Raises KeyFileInvalid, KekUnavailable."""
    return keyfile.load(key_file(settings), service(settings), suite=settings.cryptography)
