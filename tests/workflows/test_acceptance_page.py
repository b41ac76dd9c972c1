"""The page that says what holds each action names only tests and scripts that are there."""

import re

import pytest

from engine.settings import ROOT

HERE = ROOT / "tests" / "workflows"
PAGE = (ROOT / "docs" / "reference" / "flow-acceptance.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and "held by" not in line and "---" not in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:20])
def test_what_holds_a_row_is_there(row: list[str]) -> None:
    """Each row has something, each script its log, and each test its name in its file."""
    named = re.findall(r"`([^`]+)`", row[-1])
    assert named
    for name in named:
        file, _, test = name.partition(":")
        if not test:
            assert (HERE / "scripts" / f"{file}.json").is_file()
            continue
        source = (HERE / f"{file}.py").read_text(encoding="utf-8")
        assert f"def {test}(" in source, name


def test_every_script_stands_in_a_row() -> None:
    """A script that holds nothing, or whose row is missing, is seen here."""
    named = {name for row in ROWS for name in re.findall(r"`([^`:]+)`", row[-1])}
    scripts = {path.stem for path in (HERE / "scripts").glob("*.json")}
    assert scripts - named == {"rules", "reroute"}, (
        "assignment and incidents have tests of their own"
    )
