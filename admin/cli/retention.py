"""Retention: what falls due, the runs with their certificates, and carrying out what is approved."""

import click

from admin.cli import _deletions
from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor
from engine.work import Work

KEEPER = system_actor("retention")


@click.group()
def retention() -> None:
    """留存期限：什么到期、删除记录、执行。 · Retention periods: what is due, deletions, carrying out.

    期限、提出、批准只在页面上办，要两个人。
    Periods are set, deletions asked for and approved on the page only, by two people.
    """


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def due(*, as_json: bool) -> None:
    """今天和本月底到期多少。 · How much is due today, and by the end of the month."""
    from admin import working
    from engine.retention import store

    working.load()
    with installation() as system, system.read(KEEPER) as work:
        found = store.due(work)
    if as_json:
        emit([{"kind": one.rule.kind, "code": one.rule.code, "months": one.rule.months, "before": one.before, "now": one.now, "month": one.month} for one in found])  # fmt: skip
        return
    for one in found:
        click.echo(f"{one.now:>8} {one.month:>8}  {one.rule.kind:<7} {one.rule.code}  {one.rule.months} m")  # fmt: skip


@retention.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def list_(*, as_json: bool) -> None:
    """删除记录。 · Deletions and what came of them."""
    from engine.retention import store

    with installation() as system, system.read(KEEPER) as work:
        found = store.runs(work)
    if as_json:
        emit([{"id": one.id, "state": one.state, "parts": one.parts, "asked_at": one.asked_at, "done_at": one.done_at} for one in found])  # fmt: skip
        return
    for one in found:
        click.echo(f"{one.id}  {one.state:<10} {one.asked_at[:19]}  {one.done_at or ''}")


@retention.command()
@click.argument("run_id", metavar="RUN")
@told
def certificate(run_id: str) -> None:
    """删除证明，并验签。 · The certificate of a deletion, its signature checked."""
    from engine.retention import store

    _deletions.certificate(KEEPER, lambda work: store.get(work, run_id), store.DONE)


@retention.command()
@told
def run() -> None:
    """马上做完已经批准的，不等后台任务。 · Carry out here and now what was approved."""
    from engine.retention import store, sweep

    def approved(work: Work) -> list[str]:
        return [one.id for one in store.runs(work) if one.state == store.RUNNING]

    _deletions.carry_out(KEEPER, approved, sweep.turn)
