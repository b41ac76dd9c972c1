"""The photos and files of a ledger's rows in a ZIP beside the table: by row and column, once each."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from admin.views.ledger_showing import Showing
from engine.attachments import store
from engine.attachments.store import MEGABYTE, Home, mark_of
from engine.errors import Problem
from engine.ledgers.rows import Row
from engine.work import Work
from forms import attached

MOST_FILES, MOST_MB = 2_000, 200
LONGEST = 40
_UNSAFE = re.compile(r'[\x00-\x1f/\\<>:"|?*]')


class ExportTooHeavy(Problem):
    """More photos and files than one ZIP takes while somebody waits."""

    code, status = "ledger.export-too-heavy", 413
    files: int
    mb: int
    limit_files: int
    limit_mb: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that goes along: what it is called there, and where it is kept."""

    path: str
    mark: str
    home: Home


def wanted(work: Work, shown: Showing, rows: Sequence[Row], *, whole: bool) -> list[Beside]:
    """The files of these rows; those of masked columns only where masks are lifted.

    Raises ExportTooHeavy.
    """
    columns = [one for one in shown.lens.columns if one.files and (whole or not one.masked)]
    named = [
        (f"{number:05d}/{_plain(shown.label(one))}-{at}", mark_of(ref))
        for number, row in enumerate(rows, 1)
        for one in columns
        for at, ref in enumerate(attached.refs(row.cell(one.name).value), 1)
    ]
    kept = store.located(work.connection, {mark for _, mark in named})
    there = [(path, mark) for path, mark in named if mark in kept]
    size = sum(kept[mark][1].size for _, mark in there)
    if len(there) > MOST_FILES or size > MOST_MB * MEGABYTE:
        raise ExportTooHeavy(
            files=len(there), mb=-(-size // MEGABYTE), limit_files=MOST_FILES, limit_mb=MOST_MB
        )
    return [
        Beside(f"{path}-{_plain(kept[mark][1].name)}", mark, kept[mark][0]) for path, mark in there
    ]


def packed(work: Work, name: str, content: bytes, beside: Sequence[Beside]) -> bytes:
    """The table and the files as one ZIP; pictures are not packed smaller, they are so already."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content, zipfile.ZIP_DEFLATED)
        for one in beside:
            archive.writestr(one.path, store.content(work.connection, one.home, one.mark))
    return made.getvalue()


def _plain(text: str) -> str:
    stem, dot, ending = _UNSAFE.sub("", text).rpartition(".")
    return f"{stem[:LONGEST]}{dot}{ending[:LONGEST]}".strip(" .")
