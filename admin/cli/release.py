"""Open data from the command line: a ledger released k-anonymous and l-diverse, and any table judged."""

import csv
from pathlib import Path

import click

from admin.cli._shared import emit, installation, refuse, told
from engine import json_text
from engine.identity.actor import system_actor

ACTOR = system_actor("cli")


@click.command()
@click.argument("ledger")
@click.option(
    "--as", "login", required=True, metavar="LOGIN", help="以谁的岗位取数 · by whose positions"
)
@click.option(
    "--quasi",
    multiple=True,
    required=True,
    metavar="COLUMN[:5,10,…]",
    help="可用来认出人的列，数字可带分段 · columns by which somebody could be known; numbers may have bands",
)
@click.option(
    "--sensitive", multiple=True, metavar="COLUMN", help="要公布的敏感列 · what is told of them"
)
@click.option(
    "-k",
    "k",
    default=5,
    show_default=True,
    help="至少几行看起来一样 · so many rows at least are alike",
)
@click.option(
    "-l",
    "l_",
    default=2,
    show_default=True,
    help="每组敏感列至少几种取值 · so many different sensitive values in each group",
)
@click.option(
    "--left-out",
    default=0.05,
    show_default=True,
    help="最多去掉多少行 · the largest part of rows left out",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="CSV 文件；旁边写同名的 .report.json · the CSV file; its report is written beside it",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def release(
    ledger: str,
    login: str,
    *,
    quasi: tuple[str, ...],
    sensitive: tuple[str, ...],
    k: int,
    l_: int,
    left_out: float,
    out: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """开放数据：台账脱敏发布，k-匿名、l-多样，附抑制报告。 · Release a ledger as open data.

    各列统一放宽到同一级（年龄段、区划级、代码树），在满足要求的方案里取损失最小的；放出前由独立的检查器核对，
    并与以前公布过的放在一起核对；这一份也留底，以后公布的都与它核对。
    Every column is told at one level throughout; of the ways that reach the demand the one that loses
    least is taken, and a checker of its own judges the table before it is written. It is held against what
    was public before, and kept so that what comes later is held against it.
    """
    from engine.identity import store as identity
    from engine.privacy.anonymity import Demand
    from forms.public import decided as public_data
    from forms.public.open_data import Wish
    from renderers import csv_table
    from renderers.contract import Cell, Column, Row, Table

    names, widths = _read(quasi)
    wish = Wish(names, sensitive, Demand(k, l_ if sensitive else 1, left_out), widths)
    with installation() as system:
        with system.read(ACTOR) as work:
            actor = identity.actor_by_login(work.connection, login, now=work.now)
        made = system.write(actor, lambda work: public_data.hand_out(work, ledger, wish))
    lines = tuple(Row(tuple(Cell(one) for one in row)) for row in made.rows)
    out.write_bytes(csv_table.render(Table(tuple(Column((one,)) for one in made.heads), lines)))
    beside = out.with_suffix(".report.json")
    beside.write_text(json_text.dumps(dict(made.report), indent=2), encoding="utf-8")
    if as_json:
        emit(dict(made.report))
        return
    report = made.report
    click.echo(f"{report['given']} → {report['released']}（去掉 · left out {report['left_out']}）")
    for one in report["columns"]:
        click.echo(f"{one['label']}\t{one['told']}\t{one['loss']}")
    click.echo(f"信息损失 · loss {report['loss']}")


@click.command("release-check")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--quasi",
    multiple=True,
    required=True,
    metavar="HEADING",
    help="可用来认出人的列 · columns by which somebody could be known",
)
@click.option("--sensitive", multiple=True, metavar="HEADING", help="敏感列 · sensitive columns")
@click.option("-k", "k", default=5, show_default=True, help="要求 · demanded")
@click.option("-l", "l_", default=2, show_default=True, help="要求 · demanded")
@told
def release_check(
    table: Path, *, quasi: tuple[str, ...], sensitive: tuple[str, ...], k: int, l_: int
) -> None:  # fmt: skip
    """核对任何一份 CSV 是否 k-匿名、l-多样；不是时退出码 1。 · Judge any CSV table; exit code 1 if not."""
    from engine.privacy.anonymity_check import judge

    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = [one for one in (*quasi, *sensitive) if rows and one not in rows[0]]
    if missing:
        refuse(f"没有这一列 · no such column: {'、'.join(missing)}")
    verdict = judge(rows, quasi, sensitive)
    emit(
        {
            "rows": verdict.rows,
            "groups": verdict.groups,
            "smallest_group": verdict.k,
            "fewest_values": dict(verdict.l),
        }
    )
    if not verdict.keeps(k, l_):
        click.get_current_context().exit(1)


def _read(quasi: tuple[str, ...]) -> tuple[list[str], dict[str, list[int]]]:
    names, widths = [], {}
    for one in quasi:
        name, _, given = one.partition(":")
        names.append(name)
        if given:
            parts = given.split(",")
            if not all(part.isdecimal() and int(part) for part in parts):
                refuse(f"分段要写成 5,10,20 · bands are written 5,10,20: {one}")
            widths[name] = [int(part) for part in parts]
    return names, widths
