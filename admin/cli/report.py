"""One-click reports from the command line."""

import click

from admin import working
from admin.cli._shared import emit, installation, told
from engine.work import Work
from workflows.dispatching import making
from workflows.dispatching.making import Making


@click.group()
def report() -> None:
    """报表：一键生成，看做到哪里。 · Reports made without asking anybody."""


@report.command()
@click.argument("form")
@click.option("--period", required=True, help="期别，如 2026-11 · the period")
@click.option("--within", default="", metavar="CODE", help="此组织之下的全部 · all below it")
@click.option("--org", "orgs", multiple=True, metavar="CODE", help="只这些组织 · only these")
@click.option("--kind", default="village", show_default=True, help="哪一级 · of which level")
@click.option("--wait", is_flag=True, help="就地做完，不等服务 · do it here and now")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def make(
    form: str,
    period: str,
    within: str,
    orgs: tuple[str, ...],
    *,
    kind: str,
    wait: bool,
    as_json: bool,
) -> None:
    """一键生成：数据齐全的报表不必人填。 · Make a report for many organisations in one job.

    缺数、不合审核关系或有待确认的不生成，列出原因，可照常派发。
    What lacks a value, fails a check or must be confirmed is left, with the reason.
    """
    with installation() as system:

        def begin(work: Work) -> str:
            chosen = list(orgs) or making.below(work, within, kind)
            return making.begin(work, form, chosen, period).id

        made = system.write(working.ACTOR, begin)
        if wait:
            runner = working.runner(system)
            runner.work_off()
            runner.stop()
        with system.read(working.ACTOR) as work:
            _show(making.get(work, made), as_json=as_json)


@report.command()
@click.argument("making_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def status(making_id: str, as_json: bool) -> None:
    """一键生成做到哪里。 · How far a making is."""
    with installation() as system, system.read(working.ACTOR) as work:
        _show(making.get(work, making_id), as_json=as_json)


def _show(found: Making, *, as_json: bool) -> None:
    if as_json:
        left = [[one.organisation, one.path, one.code] for one in found.left]
        emit(
            {
                "id": found.id,
                "status": found.status,
                "total": found.total,
                "made": found.made,
                "not_made": found.not_made,
                "left": left,
            }
        )
        return
    click.echo(
        f"{found.id}  {found.status}  {found.made}/{found.total}  未生成 · left {found.not_made}"
    )
    for one in found.left[:20]:
        click.echo(f"  {one.organisation}  {one.path or '-'}  {one.code}")
