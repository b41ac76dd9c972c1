"""What changed in a database's file between two copies of it: whole blocks, each by its place.

Worth it where a file keeps its pages in their places, as SQLite does; a dump moves at the first new row.
"""

import os
from pathlib import Path
from typing import BinaryIO

BLOCK = 16 * 1024
"""Four pages of SQLite's usual size."""


def write(before: BinaryIO, now: BinaryIO, to: BinaryIO) -> int:
    """Write how long `now` is, and its blocks that `before` has otherwise or not; gives how many."""
    to.write(os.fstat(now.fileno()).st_size.to_bytes(8, "big"))
    number = changed = 0
    while block := now.read(BLOCK):
        if before.read(BLOCK) != block:
            to.write(number.to_bytes(8, "big") + len(block).to_bytes(4, "big") + block)
            changed += 1
        number += 1
    return changed


def apply(changes: BinaryIO, to: Path) -> None:
    """Make of the earlier copy the later one. Raises EOFError for changes that were cut off."""
    size = int.from_bytes(_read(changes, 8), "big")
    with to.open("r+b") as file:
        while head := changes.read(12):
            if len(head) != 12:
                raise EOFError
            file.seek(int.from_bytes(head[:8], "big") * BLOCK)
            file.write(_read(changes, int.from_bytes(head[8:], "big")))
        file.truncate(size)


def _read(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) != count:
        raise EOFError
    return found
