"""Lists that grow on one sheet: those below one another grow apart, those side by side together.

Inserting a row moves the whole sheet. So lists that share rows get the rows that the one with most to
say needs, and the others' columns of these rows are left empty in their own style.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import Problem
from renderers.ooxml.addresses import MAX_ROW, Insertion, RowMap, number
from renderers.placements import Block


class BlockInvalid(Problem):
    """The floating rows of a form overlap, run backwards, or do not fit on a sheet."""

    code, status = "render.block-invalid", 422
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Band:
    """Lists that share rows, from left to right; `first..last` are the rows that all of them have."""

    blocks: tuple[int, ...]
    first: int
    last: int

    @property
    def after(self) -> int:
        """Below which row more are inserted: above the last one, which may have a thick border."""
        return max(self.first, self.last - 1)


def bands(blocks: Sequence[Block]) -> list[Band]:
    """The lists in bands, from the top. Raises BlockInvalid for lists that cannot grow on one sheet."""
    found: list[Band] = []
    reach = 0
    for index in sorted(range(len(blocks)), key=lambda n: (blocks[n].first, blocks[n].last)):
        block = blocks[index]
        if not 1 <= block.first <= block.last <= MAX_ROW:
            raise BlockInvalid(first=block.first, last=block.last)
        if found and block.first <= reach:
            found[-1] = _wider(found[-1], blocks, index)
        else:
            found.append(Band((index,), block.first, block.last))
        reach = max(reach, block.last)
    return found


def plan(blocks: Sequence[Block]) -> RowMap:
    """How the sheet grows."""
    insertions, added = [], 0
    for band in bands(blocks):
        mine = [blocks[n] for n in band.blocks]
        more = max(0, *(len(one.rows) - (one.last - one.first + 1) for one in mine))
        added += more
        if (reach := max(one.last for one in mine)) + added > MAX_ROW:
            raise BlockInvalid(first=band.first, last=reach)
        if more > 0:
            insertions.append(Insertion(band.first, band.last, band.after, more))
    return RowMap(tuple(insertions))


def insertion_of(rows: RowMap, block: Block) -> Insertion | None:
    """The rows that are put into a list, if any are."""
    return next(
        (one for one in rows.insertions if block.first <= one.first and one.last <= block.last),
        None,
    )


def grounds(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """For each list the columns whose numbers and words are its own: up to the lists beside it.

    What stands between two lists belongs to the right one, as numbers of rows stand before them.
    """
    for block in blocks:
        beside = [
            one for one in blocks if one is not block and one.first <= block.last and block.first <= one.last
        ]  # fmt: skip
        _, right = _columns(block)
        before = [_columns(one)[1] for one in beside if _columns(one)[1] < right]
        behind = any(_columns(one)[0] > right for one in beside)
        yield max(before, default=0) + 1, right if behind else 16_384


def _wider(band: Band, blocks: Sequence[Block], index: int) -> Band:
    """The band with one more list. Raises BlockInvalid where it does not stand beside the others."""
    block = blocks[index]
    first, last = max(band.first, block.first), min(band.last, block.last)
    left, right = _columns(block)
    apart = all(
        right < _columns(blocks[n])[0] or _columns(blocks[n])[1] < left for n in band.blocks
    )
    if first > last or not apart:
        raise BlockInvalid(first=block.first, last=block.last)
    return Band((*band.blocks, index), first, last)


def _columns(block: Block) -> tuple[int, int]:
    places = [number(one.letter) for one in block.columns] or [1]
    return min(places), max(places)
