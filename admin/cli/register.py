"""Registers from the command line: how many by what, and who stands there twice."""

from collections.abc import Sequence

import click

from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor

ACTOR = system_actor("cli")


@click.group()
def register() -> None:
    """登记库：交叉表、查重。 · Registers."""


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


@register.command()
@click.argument("subject", metavar="REGISTER")
@click.option("--listed", is_flag=True, help="只列已发现的，不重新查 · only what is known already")
@click.option("--limit", default=200, show_default=True, help="最多列多少对 · how many at most")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def duplicates(subject: str, *, listed: bool, limit: int, as_json: bool) -> None:
    """查重：按号码、姓名、出生、住址找出可能重复的登记。 · Likely duplicates of a register.

    查一遍后列出待核对的，不合并；合并在页面上由人核对。中断后再运行，从断处继续。
    Searches, then lists; a person merges on the page. Cut off, it goes on from there when run again.
    """
    from admin.cli._progress import steps
    from engine.dictionary.store import dictionary
    from engine.errors import NotFound
    from engine.registers import duplicates as searching
    from engine.registers import pairs

    with installation() as system, steps(quiet=as_json) as say:
        with system.read(ACTOR) as work:
            if subject not in dictionary(work.connection).subjects:
                raise NotFound
        if not listed:
            searching.whole(system, ACTOR, subject, say=lambda one: say(f"{one.percent}%"))
        with system.read(ACTOR) as work:
            found = pairs.listed(work, subject, pairs.FOUND, limit=limit)
            number = pairs.count(work, subject, pairs.FOUND)
            last = searching.newest(work, subject)
    if as_json:
        emit(
            {
                "register": subject,
                "rows": last.rows if last else None,
                "crowded": last.crowded if last else None,
                "total": number,
                "pairs": [
                    {"id": one.id, "first": one.first_id, "second": one.second_id,
                     "score": one.score, "why": dict(one.why)}
                    for one in found
                ],
            }
        )  # fmt: skip
        return
    for one in found:
        why = " ".join(f"{name}:{alike}" for name, alike in one.why.items())
        click.echo(f"{one.score}\t{one.first_id}\t{one.second_id}\t{why}")
    click.echo(f"待核对 · to look at\t{number}")
