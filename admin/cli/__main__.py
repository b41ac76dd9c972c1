"""`yibiao`: finds the commands in the modules of this folder."""

import importlib
import pkgutil

import click

import admin.cli


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def yibiao() -> None:
    """一表：一次填报，一次核实，多表共用。 · Enter a fact once; every report that needs it fills itself."""


def collect() -> click.Group:
    """The group with every command; those of a group are found under it."""
    for module in pkgutil.iter_modules(admin.cli.__path__):
        if module.name.startswith("_"):
            continue
        content = vars(importlib.import_module(f"admin.cli.{module.name}")).values()
        commands = [one for one in content if isinstance(one, click.Command) and one.name]
        groups = [one for one in commands if isinstance(one, click.Group)]
        inner = [below for group in groups for below in group.commands.values()]
        for command in commands:
            if command not in inner:
                yibiao.add_command(command)
    return yibiao


if __name__ == "__main__":
    collect()(prog_name="yibiao")
