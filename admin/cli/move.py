"""From the SQLite file an installation began in to PostgreSQL."""

from dataclasses import replace

import click

from admin.cli._shared import emit, installation, told


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def move(url: str, *, as_json: bool) -> None:
    """把 SQLite 里的全部数据搬到一个空的 PostgreSQL 库。 · Move everything from SQLite to PostgreSQL.

    先停服务。密钥不变，审计链和历史原样搬走，搬完逐表核对行数和审计链；中途出错，那边什么都不留。
    原来的文件不动。搬好后把 database_url 设成这个网址再启动。
    Stop the server first. The keys stay the same; the trail and the history go along as they are, and
    rows and chain are checked before anything counts. The old file stays as it is. Then set
    `database_url` to this address and start.
    """
    from admin import moving, working
    from engine.work import System

    working.load()
    with installation() as source:
        target = System(replace(source.settings, database_url=url), now=source.now)
        try:
            counts = moving.moved(
                source,
                target,
                lambda name, rows: (
                    None if as_json or not rows else click.echo(f"{rows:>9,}  {name}")
                ),
            )
        finally:
            target.close()
    if as_json:
        emit({"rows": counts})
        return
    click.echo(f"{sum(counts.values()):>9,}  全部 · in all")
    click.echo(
        "请把 database_url 设成这个网址再启动 · set database_url to this address, then start"
    )
