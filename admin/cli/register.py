"""Registers from the command line: how many by what."""

from collections.abc import Sequence

import click

from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor

ACTOR = system_actor("cli")


@click.group()
def register() -> None:
    """登记库：交叉表。 · Registers."""


@register.command()
@click.argument("subject")
@click.argument("axes", nargs=-1, required=True, metavar="AXIS...")
@click.option("--where", default="", help="条件，写公式 · a condition, as a formula")
@click.option(
    "--this", default="", metavar="CODE", help="条件里的 this 是哪个组织 · what `this` is"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def cross(subject: str, axes: Sequence[str], where: str, this: str, *, as_json: bool) -> None:
    """交叉表：按几个维度数人（户、房、企业）。 · Count subjects by several axes.

    维度是字段名，或带分段的数：age:0,16,60,80。例：register cross person residence age:0,60,80 sex
    An axis is a field's name, or a number with the bands it is divided into.
    """
    from engine.dictionary.store import dictionary
    from engine.registers.cross import Axis, cross_table

    with installation() as system, system.read(ACTOR) as work:
        found = cross_table(
            work,
            dictionary(work.connection),
            subject,
            [Axis.read(one) for one in axes],
            where=where,
            this=this,
        )
    rows = [
        [*(axis.label(key) for axis, key in zip(found.axes, keys, strict=True)), count]
        for keys, count in sorted(found.cells.items(), key=lambda one: tuple(map(str, one[0])))
    ]
    if as_json:
        emit({"axes": [axis.name for axis in found.axes], "rows": rows, "total": found.total})
        return
    for row in rows:
        click.echo("\t".join(map(str, row)))
    click.echo(f"合计 · total\t{found.total}")
