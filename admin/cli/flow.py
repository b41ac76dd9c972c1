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
    """流程文件：检查、试走、BPMN。 · Flow documents."""


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
    from workflows.simulate import check as scripts
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


@flow.command()
@click.argument("flow")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="写到哪里 · where to write")
@told
def export(flow: str, output: Path | None) -> None:
    """把一个流程写成带图的 BPMN 2.0。 · Write a flow as BPMN 2.0 with its diagram.

    FLOW 是流程文件，或流程的代码；没有 -o 时写到标准输出。再导入得到同样的流程。
    FLOW is a file or the code of a flow; imported again it is the same flow.
    """
    from workflows.bpmn import write

    content = write.write(_flow(flow), language())
    if output is None:
        click.echo(content.decode())
    else:
        output.write_bytes(content)
        click.echo(f"已写 · written: {output.name} ({len(content)} bytes)")


@flow.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="写到哪里 · where to write")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def import_(file: Path, output: Path | None, as_json: bool) -> None:
    """从 BPMN 2.0 得到流程文件，并列出没有带过来的。 · A flow from BPMN 2.0, and what was not carried.

    没有带过来的（数据、信息流、程序任务等）逐条写到标准错误；泳道不会变成岗位，须在流程中选定。
    What was not carried is named on standard error, a line each.
    """
    from engine import json_text
    from workflows import flow as flows
    from workflows import soundness
    from workflows.bpmn import read

    found = read.read(file.read_bytes())
    faults = [one.text(language()) for one in soundness.check(flows.load(found.document))]
    text = json_text.dumps(found.document, indent=2)
    if output is not None:
        output.write_text(text + "\n", encoding="utf-8")
    if as_json:
        emit({"flow": found.document, "not_carried": read.words(found), "faults": faults})
        return
    if output is None:
        click.echo(text)
    for line in read.words(found):
        click.echo(f"没有带过来 · not carried: {line}", err=True)
    for line in faults:
        click.echo(f"发布前须改 · to be put right: {line}", err=True)


def _flow(name: str) -> "Flow":
    """A flow by its file or its code. Raises FlowUnknown, FlowInvalid, JsonInvalid."""
    from workflows import flow as flows

    return flows.load(_known.flow(name))
