"""`yibiao bench load`: many people at once, against a started server."""

from collections.abc import Mapping
from typing import Any

import click

from admin.cli._progress import steps
from admin.cli._shared import emit, told
from admin.cli._table import table
from admin.cli.bench import DATABASE, JSON, POSTGRES, bench, place


@bench.command()
@DATABASE
@POSTGRES
@click.option("--sessions", default=200, show_default=True, help="同时多少人 · people at once")
@click.option("--minutes", default=5.0, show_default=True, help="几分钟 · for how long")
@click.option(
    "--pause",
    default=3.0,
    show_default=True,
    help="两步之间平均想几秒 · seconds of thought between two steps",
)
@JSON
@told
def load(
    database: str, postgres: bool, sessions: int, *, minutes: float, pause: float, as_json: bool
) -> None:
    """许多人同时做不同的事：差错、每种请求的 p50 与 p99、服务器内存。 · Mixed work of many people at once.

    看待办、打开、存草稿、提交、翻台账、查找、领导看待批；每人经 HTTP 登录。 Looking at tasks, opening,
    drafts, submitting, ledgers, searches, approvals; everybody logs in over HTTP.
    """
    from bench import load as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, sessions, minutes=minutes, pause=pause, say=say)
    if as_json:
        emit(found)
        return
    kinds: Mapping[str, Any] = found.pop("kinds")
    for name, value in found.items():
        click.echo(f"{name}\t{value}")
    table([{"kind": kind, **one} for kind, one in kinds.items()])
