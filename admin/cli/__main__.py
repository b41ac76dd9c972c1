"""`yibiao`: finds the commands in the modules of this folder."""

import importlib
import pkgutil

import click

import admin.cli


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def yibiao() -> None:
    """一表：一次填报，一次核实，多表共用。 · Enter a fact once; every report that needs it fills itself."""


def collect() -> click.Group:
    """The group with every command."""
    for module in pkgutil.iter_modules(admin.cli.__path__):
        if module.name.startswith("_"):
            continue
        content = vars(importlib.import_module(f"admin.cli.{module.name}")).values()
        for command in content:
            if isinstance(command, click.Command) and command.name:
                yibiao.add_command(command)
    return yibiao


if __name__ == "__main__":
    collect()(prog_name="yibiao")
