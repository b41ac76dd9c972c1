"""Signed checkpoints: the number and digest of an entry, signed with a key that is not in the database.

Who can write to the database could rewrite the whole chain; not so that a checkpoint still fits. A
line that was kept elsewhere (`yibiao audit checkpoint`) holds even against somebody with the keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from engine.audit.tables import AuditCheckpointRow
from engine.audit.trail import AUDIT, Verdict
from engine.crypto.vault import Vault, witnessed

CHECKPOINT = AuditCheckpointRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the chain stood at a time."""

    seq: int
    at: str
    digest: str
    signature: str

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.seq} {self.digest} {self.at}"

    def line(self) -> str:
        """As one keeps it elsewhere."""
        return f"{self.text} {self.signature}"


def read_line(line: str) -> Checkpoint | None:
    """A line that was kept elsewhere; None if it is none."""
    parts = line.split()
    if len(parts) != 4 or not (parts[0].isascii() and parts[0].isdigit()):
        return None
    return Checkpoint(int(parts[0]), parts[2], parts[1], parts[3])


def sign(connection: Connection, vault: Vault, at: str) -> Checkpoint | None:
    """Sign the chain as it stands; None where it has not grown since the last time."""
    last = connection.execute(
        select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1)
    ).first()
    if last is None:
        return None
    known = connection.execute(select(CHECKPOINT.c.seq).where(CHECKPOINT.c.seq == last.seq)).first()
    if known is not None:
        return None
    unsigned = Checkpoint(last.seq, at, last.digest, "")
    signed = Checkpoint(last.seq, at, last.digest, vault.witness(unsigned.text))
    connection.execute(
        insert(CHECKPOINT),
        {
            "seq": signed.seq,
            "at": signed.at,
            "digest": signed.digest,
            "signature": signed.signature,
        },
    )
    return signed


def signed(connection: Connection) -> list[Checkpoint]:
    """All checkpoints, the first first."""
    query = select(
        CHECKPOINT.c.seq, CHECKPOINT.c.at, CHECKPOINT.c.digest, CHECKPOINT.c.signature
    ).order_by(CHECKPOINT.c.seq)
    return [Checkpoint(*row) for row in connection.execute(query)]


def check(
    connection: Connection, public_key: str, found: Verdict, kept: Iterable[Checkpoint] = ()
) -> Verdict:
    """What `trail.verify` found, held against the checkpoints here and those kept elsewhere.

    An entry before a checkpoint that does not fit may be any since the one before; the entry of the
    checkpoint itself is named.
    """
    broken = [] if found.broken_at is None else [found.broken_at]
    for one in (*signed(connection), *kept):
        stands = connection.execute(select(AUDIT.c.digest).where(AUDIT.c.seq == one.seq)).scalar()
        if stands != one.digest or not witnessed(one.text, one.signature, public_key):
            broken.append(one.seq)
            break
    if not broken:
        return found
    return Verdict(whole=False, entries=found.entries, broken_at=min(broken))
