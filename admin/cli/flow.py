"""Flow documents: can somebody get stuck in it."""

from pathlib import Path

import click

from admin.cli import _known
from admin.cli._shared import emit, language, refuse, told


@click.group()
def flow() -> None:
    """流程文件。 · Flow documents."""


@flow.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def check(file: Path, as_json: bool) -> None:
    """检查一份流程：写法，以及会不会卡住。 · Whether a flow is sound.

    每处毛病一行：步骤、说明和走到那里的路径；有毛病时退出码为 2。
    One line a fault: step, words, a way that leads there; exit code 2 when there is one.
    """
    from workflows import flow as flows
    from workflows import soundness

    loaded = flows.load(_known.read_object(file))
    found = soundness.check(loaded)
    if as_json:
        faults = [
            {
                "step": one.step,
                "code": one.code,
                "text": one.text(language()),
                "example": list(one.example),
            }
            for one in found
        ]
        emit({"sound": not found, "steps": len(loaded.steps), "faults": faults})
    for one in found if not as_json else ():
        way = f"  ({' → '.join(one.example)})" if one.example else ""
        click.echo(f"{one.step}  {one.text(language())}{way}")
    if found:
        refuse(f"流程有 {len(found)} 处毛病 · the flow has {len(found)} faults: {file.name}")
    if not as_json:
        click.echo(f"没有毛病 · sound: {loaded.code} ({len(loaded.steps)} steps)")
