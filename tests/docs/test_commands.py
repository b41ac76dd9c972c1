"""What a page tells to type can be typed."""

import re
from pathlib import Path

import click
import pytest

from admin.cli.__main__ import collect
from engine.settings import ROOT, Settings
from tests.docs import pages

ASSIGNED = re.compile(r"([A-Z_]+)=.*")
MAKE = set(
    re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
SETTINGS = {f"YIBIAO_{name.upper()}" for name in Settings.__dataclass_fields__} | {"YIBIAO_CONFIG"}
WITH_COMMANDS = [page for page in pages.pages() if any(pages.commands(page))]


def faults(words: list[str]) -> list[str]:
    """What is wrong with a command of ours; nothing is said about other programs."""
    wrong = []
    while words and (assigned := ASSIGNED.fullmatch(words[0])):
        if assigned[1].startswith("YIBIAO_") and assigned[1] not in SETTINGS:
            wrong.append(assigned[1])
        words = words[1:]
    if words[:1] == ["make"]:
        wrong += [word for word in words[1:] if word not in MAKE]
    if words and words[0] in ("yibiao", "./yibiao"):
        wrong += _unknown(collect(), words[1:])
    return wrong


def _unknown(command: click.Command, words: list[str]) -> list[str]:
    while isinstance(command, click.Group):
        name = words[0] if words else ""
        if name in ("-h", "--help"):
            return []
        if command.invoke_without_command and (not name or name.startswith("-")):
            break
        if name not in command.commands:
            return [f"no command {name!r}"]
        command, words = command.commands[name], words[1:]
    options = {
        option
        for one in command.params
        if isinstance(one, click.Option)
        for option in (*one.opts, *one.secondary_opts)
    } | {"-h", "--help"}
    given = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
    wrong = [word for word in given if word not in options]
    needed = [one for one in command.params if isinstance(one, click.Argument) and one.required]
    if not {"-h", "--help"} & set(given) and len(words) < len(needed):
        wrong.append(f"{command.name} needs {len(needed)} arguments")
    return wrong


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=pages.name)
def test_commands_options_targets_and_variables_of_a_page_exist(page: Path) -> None:
    """In blocks marked `sh`: commands and options of `yibiao`, targets of make, our variables."""
    found = {" ".join(words): faults(words) for words in pages.commands(page)}
    assert {command: wrong for command, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "typed",
    [
        "yibiao bake",
        "./yibiao serve --prot 80",
        "make cake",
        "YIBIAO_PROT=80 ./yibiao serve",
        "./yibiao pack load",
    ],
)
def test_a_command_that_does_not_exist_is_noticed(typed: str) -> None:
    """The test above can fail."""
    assert faults(typed.split()) != []
