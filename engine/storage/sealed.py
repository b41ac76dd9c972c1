"""Columns whose JSON is sealed: documents, cell changes, events, history, jobs, files.

The vault travels with the connection, so that whoever reads a row opens it without being handed keys.
A sealed value is `{"~": "<sealed text>"}`; what was written before sealing reads as it stands.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from engine.crypto.vault import KeyUnavailable, Vault
from engine.json_text import Json, encoded, trusted

OPTION = "yibiao_vault"
MARK = "~"


def vault_of(connection: Connection) -> Vault:
    """The keys that came with a connection. Raises KeyUnavailable for one opened without."""
    found = connection.get_execution_options().get(OPTION)
    if not isinstance(found, Vault):
        raise KeyUnavailable
    return found


def seal(connection: Connection, value: Json | Struct, place: str, kind: str) -> Json:
    """A JSON value, or one that is written as JSON, as it is kept in a sealed column; nothing stays nothing."""
    if value is None:
        return None
    return {MARK: vault_of(connection).seal_bytes(encoded(value), place, kind)}


def unseal(connection: Connection, stored: Json, place: str) -> Json:
    """What `seal` was given for the same place. Raises KeyUnavailable."""
    if not is_sealed(stored):
        return stored
    return trusted(vault_of(connection).open_bytes(stored[MARK], place))


def unsealed_text(connection: Connection, stored: Json, place: str) -> bytes:
    """The same as the text of its JSON, for whoever reads it into values of their own."""
    if not is_sealed(stored):
        return encoded(stored)
    return vault_of(connection).open_bytes(stored[MARK], place)


def is_sealed(stored: Json) -> bool:
    """Whether a stored value is sealed; a form has no property of that name."""
    return isinstance(stored, dict) and len(stored) == 1 and MARK in stored


def unsealed(
    connection: Connection, row: Mapping[Any, Any], columns: Iterable[str], place: str
) -> dict[str, Any]:
    """A row with these columns opened, each at `<place>.<column>`."""
    opened = {name: unseal(connection, row[name], f"{place}.{name}") for name in columns}
    return {**row, **opened}
