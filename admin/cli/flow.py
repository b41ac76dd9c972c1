"""Flow documents: can somebody get stuck in it, and trying one out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.cli import _known
from admin.cli._shared import emit, language, refuse, told

if TYPE_CHECKING:
    from workflows.flow import Flow


@click.group()
def flow() -> None:
    """流程文件：检查、试走。 · Flow documents."""


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


@flow.command()
@click.argument("flow")
@click.argument("script", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def simulate(flow: str, script: Path, as_json: bool) -> None:
    """按脚本试走一个流程：人员、单据、可拨动的时钟。 · Play a script of actions on a flow.

    FLOW 是流程文件，或系统中、烟台包中流程的代码；脚本写法见 docs/reference/flow-script.md。
    全部如脚本所料时退出码为 0；有一处出乎意料为 1；流程或脚本写错为 2。
    FLOW is a file, or the code of a flow; exit code 1 when something came otherwise than expected.
    """
    from workflows.simulate import script as scripts
    from workflows.simulate import told as telling

    loaded = _flow(flow)
    played = telling.play(loaded, scripts.load(_known.read_object(script), loaded))
    if as_json:
        emit(telling.to_json(played, language()))
    else:
        for line in telling.lines(played, language()):
            click.echo(line)
    if not telling.as_told(played):
        click.echo("与脚本所料不符 · not as the script expects", err=True)
        sys.exit(1)


def _flow(name: str) -> "Flow":
    """A flow by its file or its code. Raises FlowUnknown, FlowInvalid, JsonInvalid."""
    from workflows import flow as flows

    return flows.load(_known.flow(name))
