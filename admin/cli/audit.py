"""The audit trail: is it whole, where it stood, and a copy of it elsewhere."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from admin.cli._shared import emit, installation, refuse, told
from engine.identity.actor import system_actor

AUDITOR = system_actor("audit")


@click.group()
def audit() -> None:
    """审计轨迹。 · The audit trail."""


@audit.command()
@click.option("--checkpoint", "kept", type=click.Path(path_type=Path), help="存在别处的核对点文件 · a file of checkpoints that were kept elsewhere")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def verify(kept: Path | None, as_json: bool) -> None:
    """重算整条审计轨迹，与签名的核对点对照；被删、被改、被换序都会发现。 · Recompute the whole chain.

    轨迹不完整时退出码为 1。
    Exit code 1 when it is not whole.
    """
    from engine.audit import checkpoints, trail

    lines = kept.read_text(encoding="utf-8").splitlines() if kept else []
    elsewhere = [checkpoints.read_line(line) for line in lines if line.strip()]
    if None in elsewhere:
        refuse(f"不是核对点文件 · not a file of checkpoints: {kept}")
    with installation() as system, system.read(AUDITOR) as work:
        chain = trail.verify(work.connection)
        points = [one for one in elsewhere if one is not None]
        found = checkpoints.check(work.connection, system.vault.public_key(), chain, points)
        signed = len(checkpoints.signed(work.connection))
    if as_json:
        emit(
            {
                "whole": found.whole,
                "entries": found.entries,
                "broken_at": found.broken_at,
                "checkpoints": signed + len(points),
            }
        )
    elif found.whole:
        click.echo(f"完整 · whole: {found.entries}，核对点 · checkpoints: {signed + len(points)}")
    else:
        click.echo(f"第 {found.broken_at} 条起不相符 · broken at entry {found.broken_at}", err=True)
    if not found.whole:
        sys.exit(1)


@audit.command()
@told
def checkpoint() -> None:
    """核对后签一个核对点，打印出来；请存到别人管的机器上。 · Verify, sign, and print a checkpoint."""
    from engine.audit import checkpoints, checks

    with installation() as system:
        found = system.write(AUDITOR, checks.run_check)
        if not found.whole:
            click.echo(f"第 {found.broken_at} 条起不相符 · broken at entry {found.broken_at}", err=True)  # fmt: skip
            sys.exit(1)
        with system.read(AUDITOR) as work:
            signed = checkpoints.signed(work.connection)
    if signed:
        click.echo(signed[-1].line())


@audit.command()
@click.option("--after", type=click.IntRange(0), default=0, show_default=True, help="从哪一条之后 · after which entry")  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), help="写到文件，每行一条 JSON · a file of JSON lines")  # fmt: skip
@click.option("--syslog", metavar="URL", help="送到日志服务器 udp://host:514 或 tcp://… · to a log server")  # fmt: skip
@told
def export(after: int, output: Path | None, syslog: str | None) -> None:
    """导出审计轨迹：到文件、到日志服务器，或打印。 · Export the trail: to a file, a log server, or print it."""
    from engine.audit import shipping

    last = after
    with installation() as system, system.read(AUDITOR) as work, ExitStack() as held:
        server = shipping.Syslog(syslog) if syslog else None
        if server is not None:
            held.callback(server.close)
        file = held.enter_context(output.open("w", encoding="utf-8")) if output else None
        for number, line in shipping.lines(work.connection, after=after):
            last = number
            if server is not None:
                server.send(work.at, line)
            if file is not None:
                file.write(line + "\n")
            if server is None and file is None:
                click.echo(line)
    with installation() as system:
        system.write(
            AUDITOR, lambda work: work.note("audit.exported", "audit", entries=last - after)
        )
    click.echo(f"到第 {last} 条 · up to entry {last}", err=True)
