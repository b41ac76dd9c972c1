"""Registers from the command line: how many by what, and who stands there twice."""

from collections.abc import Sequence
from pathlib import Path

import click

from admin.cli._shared import emit, installation, language, told
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


@register.command()
@click.argument("subject", metavar="REGISTER")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", required=True, help="从哪里来，如 户籍库 2026-11 · what people call the source"
)
@click.option("--preview", is_flag=True, help="只看会怎样，不写 · only what it would do")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def load(subject: str, file: Path, source: str, *, preview: bool, as_json: bool) -> None:
    """成批载入一张表（CSV、Excel）：新的登记；不详、不适用、拒答记为没有值的回答。 · Load a sheet of new subjects.

    表头写字段名称或代码。号码已在库里的行不动，列出数目；不合规则的行不进，列出原因。
    Rows whose key is there already are left and counted; rows against the rules stay out, with why.
    """
    from admin.register_load import load_sheet

    with installation() as system:
        found = load_sheet(system, ACTOR, subject, file, source=source, preview=preview)
    shown = {
        "new": found.new, "there": found.there, "rejected": found.rejected,
        "absences": [[field, kind, n] for (field, kind), n in found.absences.items()], "written": not preview,
        "faults": [
            {"row": one.row, "field": one.field, "why": one.text(language())} for one in found.faults
        ],
    }  # fmt: skip
    if as_json:
        emit(shown)
        return
    click.echo(
        f"新的 · new\t{found.new}\n已有 · there already\t{found.there}\n不合 · rejected\t{found.rejected}"
    )
    for (field, kind), count in found.absences.items():
        click.echo(f"{field}\t{kind}\t{count}")
    for one in found.faults[:50]:
        click.echo(f"{one.row}\t{one.field}\t{one.text(language())}")
