"""The reference a printed report carries: which record, which version, which values; not guessable.

`<record>.<version>.<digest>.<mark>`: the mark is keyed, so nobody can make one for a report that was
never approved, and the digest tells whether the values are still those that were printed.
"""

from dataclasses import dataclass

from engine.crypto.vault import Vault

PURPOSE = "proof"
DIGITS = 16
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Reference:
    """What a genuine token names."""

    record_id: str
    version: int
    digest: str


def token(vault: Vault, record_id: str, version: int, digest: str) -> str:
    """The token of a version of a record with these values."""
    said = f"{record_id}.{version}.{digest[:DIGITS]}"
    return f"{said}.{vault.sign(said, PURPOSE)}"


def read(vault: Vault, given: str) -> Reference | None:
    """What a token names; nothing if it is not one of ours."""
    said, _, mark = given.rpartition(".")
    parts = said.split(".")
    if len(given) > LONGEST or len(parts) != 3 or not vault.verify(said, mark, PURPOSE):
        return None
    return Reference(parts[0], int(parts[1]), parts[2])
