"""The generated part of `docs/reference/command-line.md`: every command, argument and option.

`python -m admin.cli._reference` writes it anew between the two marks of the page.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from admin.cli.__main__ import collect
from engine.settings import ROOT

PAGE = ROOT / "docs" / "reference" / "command-line.md"
BEGIN, END = "<!-- generated: commands -->", "<!-- end -->"


def generated() -> str:
    """The reference of all commands as Markdown."""
    return "\n".join(_lines(collect(), ("yibiao",))).strip() + "\n"


def written(page: str) -> str:
    """A page with its generated part renewed."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{generated()}\n{END}{after}"


def _lines(group: click.Group, path: tuple[str, ...]) -> Iterator[str]:
    for name in sorted(group.commands):
        command = group.commands[name]
        here = (*path, name)
        if isinstance(command, click.Group):
            yield from (f"## {' '.join(here)}", "", *_about(command), "")
            yield from _options(command)
            yield from _lines(command, here)
        else:
            level = "###" if len(here) > 2 else "##"
            yield from (f"{level} {_usage(command, here)}", "", *_about(command), "")
            yield from _options(command)


def _usage(command: click.Command, path: tuple[str, ...]) -> str:
    arguments = [
        one.make_metavar(click.Context(command))
        for one in command.params
        if isinstance(one, click.Argument)
    ]
    return f"`{' '.join((*path, *arguments))}`"


def _about(command: click.Command) -> Iterator[str]:
    paragraphs = (command.help or "").strip().split("\n\n")
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ""
        yield "  \n".join(line.strip() for line in paragraph.splitlines())


def _options(command: click.Command) -> Iterator[str]:
    options = [one for one in command.params if isinstance(one, click.Option)]
    if not options:
        return
    yield from ("| | |", "| --- | --- |")
    for one in options:
        names = ", ".join(f"`{name}`" for name in one.opts)
        default = f" ({one.default})" if one.show_default and one.default else ""
        yield f"| {names} | {one.help or ''}{default} |"
    yield ""


def main(page: Path = PAGE) -> None:
    """Renew the page."""
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
