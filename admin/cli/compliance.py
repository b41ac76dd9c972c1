"""The self-assessment from the command line, for a check by a program or for the file."""

import sys

import click

from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def compliance(as_json: bool) -> None:
    """等保三级和个人信息保护的自查：逐条给出当场测得的证明。 · Each clause of level 3 with its proof, measured now.

    有未达到的条款时退出码为 1。
    Exit code 1 when a clause is wanting.
    """
    from admin import compliance as measuring
    from admin.views import compliance_view

    with installation() as system, system.read(system_actor("compliance")) as work:
        found = measuring.clauses(work)
        language = work.settings.language
    answer = measuring.told(found)
    if as_json:
        emit(answer)
    else:
        for one in found:
            row = compliance_view.row(one, language)
            click.echo(
                f"{one.chapter:8} {row['state_text']}  {row['title']}\n         {row['proof']}"
            )
            if row["todo"]:
                click.echo(f"         → {row['todo']}")
    if answer["wanting"]:
        sys.exit(1)
