"""Where cells come from, told once: as a document is kept, its cells name their source by a number.

Of forty cells that one register filled, each would repeat its name, its day and whoever verified it,
and every look at the document would unpack and read that forty times.
"""

from collections.abc import Mapping
from operator import methodcaller
from typing import Any

from engine.json_text import Json, encoded

SOURCES = ""
"""Where the sources stand among the cells: no cell's path is empty."""

_SOURCE = methodcaller("get", "source")


def packed(cells: Mapping[str, Any]) -> dict[str, Json]:
    """Cells as they are kept."""
    sources: list[Json] = []
    numbers: dict[bytes, int] = {}
    kept: dict[str, Json] = {}
    for path, meta in cells.items():
        source = meta.get("source")
        if source is None:
            kept[path] = meta
            continue
        number = numbers.setdefault(encoded(source), len(sources))
        if number == len(sources):
            sources.append(source)
        kept[path] = {**meta, "source": number}
    return {SOURCES: sources, **kept} if sources else kept


def unpacked(kept: dict[str, Any]) -> dict[str, Json]:
    """Cells as `packed` was given them, in the same dictionary; what was kept before reads as it stands."""
    sources = kept.pop(SOURCES, None)
    if sources:
        metas = kept.values()
        for meta, number in zip(metas, map(_SOURCE, metas), strict=True):
            if number is not None:
                meta["source"] = sources[number]
    return kept
