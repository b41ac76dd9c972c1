"""The pages of the documentation, as the tests of this folder read them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from engine.settings import ROOT

DOCS = ROOT / "docs"
LANGUAGES = ("zh", "en")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """README and everything in docs."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def name(page: Path) -> str:
    """A page by its place in the repository, for messages."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The text without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[tuple[bool, str]]:
    """(is it a picture, where to) of every link."""
    return [(mark == "!", target) for mark, _, target in LINK.findall(prose(page))]


def headings(page: Path) -> list[tuple[int, str]]:
    """(level, text) of every heading."""
    found = re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`, as GitHub makes it from headings."""
    return {
        re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
        for _, text in headings(page)
    }


def rows(page: Path) -> list[list[str]]:
    """The cells of every table's lines, without heads and rules."""
    lines = prose(page).splitlines()
    return [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for number, line in enumerate(lines)
        if line.startswith("| ")
        and not line.startswith("| ---")
        and not (number + 1 < len(lines) and lines[number + 1].startswith("| ---"))
    ]


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every command of a block marked `sh`, without comments."""
    for kind, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "sh":
            for line in block.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield words
