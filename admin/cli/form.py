"""Form documents: is it a form, and does a document fit it."""

from functools import partial
from pathlib import Path

import click

from admin.cli import _known
from admin.cli._shared import emit, installation, language, refuse, told

FILE = click.Path(path_type=Path)


@click.group()
def form() -> None:
    """表单文件：检查、校验数据。 · Form documents."""


@form.command()
@click.argument("file", type=FILE)
@click.option("--units", is_flag=True, help="也检查计量单位 · also doubtful sums of units")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def check(file: Path, units: bool, as_json: bool) -> None:
    """检查一份表单：写法，以及与数据字典是否相符。 · Whether a file is a form that compiles.

    每处错误一行：位置（JSON 指针）和说明；有错误时退出码为 2。
    One line a fault, with its place as a JSON pointer; exit code 2 when there is one.
    """
    from engine import json_text
    from forms import compile as compiler

    document = json_text.loads(file.read_bytes())
    known = _known.dictionary()
    complaints = compiler.problems(document, known.fields, known.codes(), units=units)
    told_ = [one.to_json(language()) for one in complaints]
    found = list({(one["pointer"], one["text"]): one for one in told_}.values())
    if as_json:
        emit({"valid": not found, "complaints": found})
    for one in found if not as_json else ():
        click.echo(f"{one['pointer'] or '/'}  {one['text']}")
    if found:
        refuse(f"表单有 {len(found)} 处错误 · the form has {len(found)} faults: {file.name}")
    if not as_json:
        click.echo(f"没有错误 · no fault: {file.name}")


@form.command()
@click.argument("form")
@click.argument("document", type=FILE)
@click.option("--draft", is_flag=True, help="不追究尚未填写的 · do not blame what is missing")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def validate(form: str, document: Path, draft: bool, as_json: bool) -> None:
    """用一张表单（代码或文件）校验一份 JSON 数据。 · Whether a document fits a form.

    要查登记数据或上期数据的审核关系在这里不能判断，予以略过。
    Checks that ask the registers or another period cannot be judged here and are passed over.
    """
    from engine import clock
    from engine.formula.document import Document
    from forms import compile as compiler
    from forms import document as cells
    from forms import judge
    from forms.checks import compute
    from forms.validate import problems

    known = _known.dictionary()
    compiled = compiler.compile_form(_known.form(form).document, known.fields, known.codes())
    values = cells.identified(compiled, _known.read_object(document))
    env = Document(values, today=clock.today())
    if not problems(compiled, values, language=language(), draft=True):
        env = env.having(compute.computed(compiled, env))
    found = judge.problems(compiled, env, language=language(), draft=draft)
    stopping = [one for one in found if one.severity == "error"]
    if as_json:
        told_ = [
            {"path": one.path, "severity": one.severity, "code": one.code, "text": one.text}
            for one in found
        ]
        emit({"valid": not stopping, "problems": told_})
    for one in found if not as_json else ():
        click.echo(f"{one.severity:<8}{one.path}  {one.text}")
    if stopping:
        refuse(f"数据有 {len(stopping)} 处错误 · the document has {len(stopping)} faults")
    if not as_json:
        click.echo(f"符合表单 · fits the form: {compiled.code}")


@form.command()
@click.argument("form")
@click.option("--period", help="哪一期，缺省为最近一期 · the period, the last one if not given")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def replay(form: str, period: str | None, as_json: bool) -> None:
    """用上期真实报送试算尚未发布的新版。 · Try a draft on what was really submitted.

    只看不改：哪些单位的哪些格会新出现错误、会丢失、要改为手填、会自动填好。
    Nothing is written: what would newly fail, be lost, have to be typed, or fill itself, and where.
    """
    from engine.identity.actor import system_actor
    from forms.designing import replay as replays
    from forms.designing.replayed import ordered

    with installation() as system, system.read(system_actor("replay")) as work:
        found = replays.replay(work, form, language=language(), period=period)
    if as_json:
        emit(found.to_json())
        return
    click.echo(f"{found.period or '—'}  {found.looked_at}  ✓ {found.passing}")
    for one in ordered(found.findings):
        click.echo(f"{one.kind:<10}{one.documents:>6}{one.cells:>8}  {one.path}  {one.text}")
        for place in one.places[:3]:
            click.echo(f"{'':<26}{place.organisation} · {place.label}")


@form.command()
@click.argument("form")
@click.option("--period", help="只换这一期 · only the dispatches of this period")
@click.option(
    "--handed-in",
    type=click.Choice(["stay", "same", "back"]),
    default="stay",
    help="已上报的：留下、不受影响的才换、退回补填 · what was handed in stays, moves where nothing changes, or is given back",
)
@click.option("--go", is_flag=True, help="试算之后就执行 · carry it out, too")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def move(form: str, period: str | None, handed_in: str, *, go: bool, as_json: bool) -> None:
    """把在收的报表换到最新版；没有 --go 时只试算。 · Move running reports to the newest version.

    每个发表先试算：会换的、会退回的、会留下的各多少份，哪些项目要填、不再适用、没有了。已办结的不动。
    Each dispatch is tried first, and tells what would happen; nothing is changed without --go.
    """
    from admin import working
    from admin.views import form_moves_view
    from engine.identity.actor import system_actor
    from workflows.versions import batch, moving
    from workflows.versions import store as moves

    who, told_ = system_actor("form.move"), []
    working.load()
    with installation() as system:
        with system.read(who) as work:
            found = moves.running_of(work, form)
        for one in (one for one in found if period in (None, one.period)):
            system.write(who, partial(moving.try_dry, dispatch_id=one.id, handed_in=handed_in))
            batch.finish(system, who, one.id)
            if go:
                system.write(who, partial(moving.carry_out, dispatch_id=one.id))
                batch.finish(system, who, one.id)
            with system.read(who) as work:
                now = moves.dispatch_of(work, one.id)
                told_.append(form_moves_view.state(work, now, language()))
    if as_json:
        emit({"dispatches": told_})
        return
    for each in told_:
        done = each["move"]
        counts = "  ".join(f"{name} {n}" for name, n in done["outcomes"].items())
        click.echo(f"{each['dispatch']}  → {done['version']}  {counts}")
        for kind in done["findings"]:
            for item in kind["items"]:
                click.echo(f"{'':<4}{kind['kind']:<8}{item['reports']:>6}  {item['label']}")


@form.command("import")
@click.argument("file", type=FILE)
@click.option("--code", default="draft.imported", help="草稿的代码 · code of the draft form")
@click.option(
    "-o", "--output", type=FILE, help="草稿写到哪里，缺省为标准输出 · where to write the draft"
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="草稿和未带入的内容一起输出 · draft and what was left, as JSON",
)
@told
def import_(file: Path, code: str, output: Path | None, as_json: bool) -> None:
    """导入 XLSForm（ODK、Kobo）或 JSON Schema。 · Import an XLSForm or a JSON Schema.

    没有带入或换了做法的内容，逐条写到标准错误。
    What did not come along or became something else is told line by line on standard error.
    """
    from engine import json_text
    from forms.designing import intake

    document, left = intake.imported(file.read_bytes(), code, "")
    told_ = [one.to_json(language()) for one in left]
    if as_json:
        emit({"form": document, "left": told_})
        return
    for one in told_:
        click.echo(one["text"], err=True)
    if output is None:
        emit(document)
    else:
        output.write_text(json_text.dumps(document, indent=2) + "\n", encoding="utf-8")
        click.echo(
            f"已导入 · imported: {output} ({len(document['properties'])} items, {len(left)} left)"
        )
