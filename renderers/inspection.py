"""迎检材料: many reports as inspectors want them: a cover with an index, every report as paper with its
sign-offs, its stamped pages, where each value came from, what was done to it, and a signed list of hashes.

One zip file. It grows paper by paper, so that hundreds can be packed bit by bit; the cover, which knows
them all, and the list come last.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import messages
from renderers.contract import (
    Cell,
    Column,
    Document,
    Item,
    Language,
    PageSetup,
    Row,
    Section,
    Table,
)

MEDIA_TYPE = "application/zip"
MOST_NAME = 80
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_OBJECTS = re.compile(rb"/ObjStm\b[^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL)
"""Our PDF library keeps most of a file's objects together and pressed."""
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class Paper:
    """One report in the index."""

    number: int
    title: str
    organisation: str
    period: str
    version: int
    signed: str
    """Who answered for it, in order."""
    stamped: int
    pages: int
    digest: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cover says."""

    organisation: str
    made_by: str
    made_at: str
    asked: str
    """Which forms, periods and units were chosen, in words."""
    masked: bool
    """Values are masked, and stamped pages that show them left out."""


def name(number: int, *parts: str, ending: str) -> str:
    """A file's name in the zip: its number, then words, without signs that systems refuse."""
    words = _UNFIT.sub(" ", " ".join(part for part in parts if part)).strip(" .")[:MOST_NAME]
    return f"{number:03d} {words}.{ending}"


def added(content: bytes, files: Mapping[str, bytes]) -> bytes:
    """The zip with more files in it; it begins empty."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as packed:
        for path, data in files.items():
            packed.writestr(path, data)
    return target.getvalue()


def pages(paper: bytes) -> int:
    """How many pages a PDF of ours has."""
    packed = b"".join(zlib.decompressobj().decompress(one) for one in _OBJECTS.findall(paper))
    return len(_PAGE.findall(paper)) + len(_PAGE.findall(packed))


def cover(facts: Facts, papers: Sequence[Paper], language: Language) -> Document:
    """The cover and the index, which says on which page of the whole each report begins."""
    word = _Words(language)
    first, rows = 1, []
    for one in papers:
        told = (
            str(one.number), one.title, one.organisation, one.period, str(one.version), one.signed,
            str(one.stamped or "—"), f"{first}–{first + one.pages - 1}", one.digest[:16],
        )  # fmt: skip
        rows.append(Row(tuple(Cell(text) for text in told)))
        first += max(one.pages, 1)
    columns = tuple(
        Column((word(key),), width=width)
        for key, width in (
            ("number", 3), ("form", 16), ("unit", 12), ("period", 6), ("version", 3), ("signed", 16),
            ("stamped", 4), ("pages", 6), ("digest", 10),
        )
    )  # fmt: skip
    items = [
        (word("unit_of"), facts.organisation), (word("made"), f"{facts.made_by} {facts.made_at}"),
        (word("asked"), facts.asked), (word("count"), word("counted", n=len(papers), pages=first - 1)),
    ]  # fmt: skip
    note = word("masked") if facts.masked else ""
    return Document(
        title=word("title"),
        organisation="",
        sections=(
            Section(items=tuple(Item(label, Cell(text), wide=True) for label, text in items)),
            Section(word("index"), tables=(Table(columns, tuple(rows), note=note),)),
        ),
        setup=PageSetup(orientation="landscape"),
    )


def sums(content: bytes) -> str:
    """The list of hashes, as `sha256sum -c` reads it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "".join(
            f"{hashlib.sha256(packed.read(one)).hexdigest()}  {one}\n"
            for one in sorted(packed.namelist())
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What the list of hashes of a file says of it."""

    files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    listed: str
    """The list, that was signed."""
    signature: str
    key: str

    @property
    def whole(self) -> bool:
        """Every file is as it was packed, and there is no other. The signature is another question."""
        return not (self.changed or self.missing or self.unlisted)


def checked(content: bytes) -> Checked | None:
    """A file held against its own list of hashes; nothing for a zip without one. Raises BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
        stems = (
            one.removesuffix(".sig") for one in names if one.endswith(".sig") and "/" not in one
        )
        stem = next((one for one in stems if f"{one}.txt" in names), "")
        if not stem:
            return None
        listed = packed.read(f"{stem}.txt").decode()
        signature, key = (*packed.read(f"{stem}.sig").decode().split(), "", "")[:2]
        lines = (one.partition("  ") for one in listed.splitlines())
        told = {path: mark for mark, _, path in lines}
        there = {one for one in names if one not in (f"{stem}.txt", f"{stem}.sig")}
        changed = tuple(
            one
            for one in sorted(there & set(told))
            if hashlib.sha256(packed.read(one)).hexdigest() != told[one]
        )
    missing, more = tuple(sorted(set(told) - there)), tuple(sorted(there - set(told)))
    return Checked(len(there), changed, missing, more, listed, signature, key)


def paper_of(content: bytes, path: str) -> bytes:
    """A file that was packed before."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(path)


class _Words:
    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, key: str, **details: Any) -> str:
        return messages.text(f"render.inspection.{key}", self._language, details)
