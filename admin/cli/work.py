"""Jobs from the command line: `work` does them, `jobs` shows them."""

import signal
import threading

import click

from admin import working
from admin.cli._shared import emit, installation, told
from admin.cli.run import log_as_set
from engine.jobs import outbox
from engine.settings import load

STATES = ("waiting", "running", "failed", "done")


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), help="线程数 · threads")
@click.option("--once", is_flag=True, help="办完到期的就退出 · do what is due, then end")
@told
def work(workers: int | None, once: bool) -> None:
    """只办后台任务，不提供页面。 · Do background jobs, without serving pages."""
    settings = load()
    log_as_set(settings)
    with installation(settings) as system:
        runner = working.runner(system)
        if once:
            done = runner.work_off()
            runner.stop()
            click.echo(f"已办 {done} 件 · {done} jobs done")
            return
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        working.settled()
        runner.start(workers or max(settings.workers, 1))
        click.echo("后台任务已开始，Ctrl+C 结束 · working; Ctrl+C ends")
        ended.wait()
        runner.stop(seconds=30)


@click.command()
@click.option(
    "--state",
    type=click.Choice(STATES),
    default="failed",
    show_default=True,
    help="列出哪一种 · which of them to list",
)
@click.option("--again", metavar="ID", help="重办一件失败的任务 · try a failed job anew")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def jobs(state: str, again: str | None, as_json: bool) -> None:
    """后台任务：各有多少，哪些失败。 · Background jobs: how many, and which failed."""
    with installation() as system:
        if again:
            system.write(working.ACTOR, lambda work: outbox.again(work.connection, again, work.now))
        with system.read(working.ACTOR) as looking:
            counts = outbox.counts(looking.connection)
            rows = outbox.listed(looking.connection, state)
    if as_json:
        emit({"counts": counts, state: rows})
        return
    click.echo("  ".join(f"{name} {counts.get(name, 0)}" for name in STATES))
    for row in rows:
        click.echo(
            f"{row['id']}  {row['kind']:<20} {row['attempts']:>3}  {row['run_at'][:19]}  {row['error'] or ''}"
        )
