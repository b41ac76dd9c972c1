"""Hostile texts and files, for whatever takes input: a sharp selection of our own, and the corpus beside us."""

import json
from pathlib import Path
from typing import Any

from engine.settings import ROOT

CORPUS = ROOT.parent / "shared" / "corpus" / "attacks"
PLANTED = "'\"></script><img src=x onerror=alert(7)>{{71*137}}"
"""Short enough for every box: closes quotes, tags and scripts, then runs, then asks a template to count."""
COUNTED = "9727"
"""What a page would show if a template had counted."""
SHARP = (
    PLANTED,
    "<svg/onload=alert(7)>",
    "javascript:alert(7)",
    "'; DROP TABLE account; --",
    "${71*137}#{71*137}<%= 71*137 %>",
    "{0.__class__}%s%n{}",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "＝1+1",
    "\u202egnp.exe\u2066",
    "\u200b=1+1\ufeff",
    "../../etc/passwd",
    "e\u0301é ﷽ 👩‍👩‍👧 ￭ \u0085\u2028\u2029",
    "_x0041_ &lt;b&gt; &amp;amp; \\u0041 %3Cb%3E",
    "田" * 90,
)
"""One of each kind; all of them fit a box of a hundred characters and must come back as they went in."""


def strings() -> list[str]:
    """The whole list of naughty strings; ours where it is not beside the repository."""
    return [*SHARP, *_read("naughty-strings.json", [])]


def formulas() -> list[str]:
    """Published spreadsheet formulas that run programs or send data away."""
    found: list[str] = _read("csv-injection.json", {"payloads": SHARP})["payloads"]
    return found


def json_texts() -> list[str]:
    """Texts that are JSON, almost JSON, or what parsers differ about."""
    return [one["input"] for one in _read("json-parsing-suite.json", {"parsing": []})["parsing"]]


def workbooks() -> list[Path]:
    """Bombs, entities, paths out of the archive."""
    return sorted((CORPUS / "xlsx").glob("*.xlsx"))


def _read(name: str, otherwise: Any) -> Any:
    path = CORPUS / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else otherwise
