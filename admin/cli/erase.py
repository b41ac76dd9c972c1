"""Deletion of personal data: requests and certificates, and carrying out what is approved."""

import click

from admin.cli import _deletions
from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor
from engine.work import Work

KEEPER = system_actor("erase")


@click.group()
def erase() -> None:
    """删除个人数据：申请、证明、执行。 · Deletion of personal data.

    提出和批准只在页面上，由两个人办。
    It is asked for and approved on the page only, by two people.
    """


@erase.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def list_(*, as_json: bool) -> None:
    """申请和处理情况。 · Requests and what came of them."""
    from engine.erasure import store

    with installation() as system, system.read(KEEPER) as work:
        found = store.listed(work)
    if as_json:
        emit([{"id": one.id, "subject": one.subject, "state": one.state, "asked_at": one.asked_at, "done_at": one.done_at, "key": one.generation} for one in found])  # fmt: skip
        return
    for one in found:
        click.echo(
            f"{one.id}  {one.state:<10} {one.subject:<12} {one.asked_at[:19]}  {one.done_at or ''}"
        )


@erase.command()
@click.argument("request")
@told
def certificate(request: str) -> None:
    """删除证明，并验签。 · The certificate of a deletion, its signature checked."""
    from engine.erasure import store

    _deletions.certificate(KEEPER, lambda work: store.get(work, request), store.DONE)


@erase.command()
@told
def run() -> None:
    """马上做完已经批准的，不等后台任务。 · Carry out here and now what was approved."""
    from engine.erasure import store, sweep

    def approved(work: Work) -> list[str]:
        return [one.id for one in store.listed(work) if one.state == store.SWEEPING]

    _deletions.carry_out(KEEPER, approved, sweep.turn)
