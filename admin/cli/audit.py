"""The audit trail: is it whole."""

import sys

import click

from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor


@click.group()
def audit() -> None:
    """审计轨迹。 · The audit trail."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def verify(as_json: bool) -> None:
    """重算整条审计轨迹；被删、被改、被换序都会发现。 · Recompute the whole chain.

    轨迹不完整时退出码为 1。
    Exit code 1 when it is not whole.
    """
    from engine.audit import trail

    with installation() as system, system.read(system_actor("audit")) as work:
        found = trail.verify(work.connection)
    if as_json:
        emit({"whole": found.whole, "entries": found.entries, "broken_at": found.broken_at})
    elif found.whole:
        click.echo(f"完整 · whole: {found.entries}")
    else:
        click.echo(f"第 {found.broken_at} 条起不相符 · broken at entry {found.broken_at}", err=True)
    if not found.whole:
        sys.exit(1)
