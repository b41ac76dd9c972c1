"""Copies for training and testing in which nobody real is left."""

from dataclasses import replace
from pathlib import Path

import click

from admin.cli._shared import emit, installation, refuse, told
from engine.settings import load


@click.group()
def copy() -> None:
    """复制一份给培训、测试用。 · Copies for training and testing."""


@copy.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--database-url", default="", help="空的 PostgreSQL 库的网址；不给就在文件夹里建 SQLite · an empty PostgreSQL database; otherwise SQLite in the folder")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def pseudonymised(folder: Path, database_url: str, *, as_json: bool) -> None:
    """假名化副本：姓名、号码、电话、地址换掉，文字说明和附件不带。 · A pseudonymised copy.

    同一个值处处换成同一个假值，证件号校验位正确；换值的密钥用完即丢，谁也换不回来。日期在当月内移动，金额、代码、
    合计不变，报表仍对得上。加密列用新密钥重新加密；会话、口令、第二因素、令牌、审计不带，账户换成演示账户。
    The same value becomes the same other one everywhere; ID numbers stay valid; the key is thrown away.
    Dates move within their month; amounts, codes and totals stay, so that reports still add up. Sealed
    columns get new keys; log-ins, factors, tokens and the trail stay behind, accounts become demo accounts.
    """
    from admin import working
    from admin.copying import run
    from engine.work import System

    if folder.exists() and any(folder.iterdir()):
        refuse(f"文件夹不是空的 · the folder is not empty: {folder}")
    working.load()
    settings = load()
    target = replace(
        settings, data_dir=str(folder.absolute()), database_url=database_url, kek="", kek_file="",
        kek_command="",
    )  # fmt: skip
    with installation() as source:
        folder.mkdir(parents=True, exist_ok=True)
        made = System(target)
        try:
            counts = run.pseudonymised(
                source,
                made,
                lambda name, rows: None if as_json else click.echo(f"{rows:>9,}  {name}"),
            )
        finally:
            made.close()
        source.write(run.ACTOR, lambda work: work.note("copy.made", "copy", rows=sum(counts.values())))  # fmt: skip
    if as_json:
        emit({"folder": str(folder), "rows": counts})
        return
    click.echo(f"{folder}：登录名和口令在 {run.LOGINS} · log-ins are in it")
