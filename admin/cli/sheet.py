"""Workbooks of departments: what a sheet asks for, and a sheet filled in its own layout."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin.cli import _known
from admin.cli._shared import emit, language, refuse, told
from engine import json_text, messages
from engine.json_text import Json

if TYPE_CHECKING:  # they load much, and `--help` needs none of it
    from forms.compiled import CompiledForm
    from forms.importers.excel.files.grid import Grid
    from forms.importers.excel.proposal import Proposal
    from forms.importers.excel.several.recognise import Several

FILE = click.Path(path_type=Path)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins: zip for .xlsx and .ods, the older container for .xls."""


def _worksheets(command: Callable[..., None]) -> Callable[..., None]:
    """Which worksheets of an empty workbook are meant, said in the same words wherever one is filled or read."""
    named = click.option(
        "--sheet",
        "names",
        multiple=True,
        help="表样的工作表名，可写几次 · name of the worksheet; may be given several times",
    )
    every = click.option(
        "--all-sheets",
        is_flag=True,
        help="表样的封面和要填的表都要 · all worksheets that belong into one form",
    )
    return named(every(command))


@click.group()
def sheet() -> None:
    """部门下发的表格：识别、填写。 · Sheets that departments sent."""


@sheet.command()
@click.argument("file", type=FILE)
@click.option(
    "--sheet",
    "names",
    multiple=True,
    help="工作表名，缺省为第一张有内容的；可写几次 · name of the worksheet; may be given several times",
)
@click.option(
    "--all-sheets",
    is_flag=True,
    help="封面、要填的表和填报说明都要，合成一张表单 · all that belong into one form",
)
@click.option("--form", "as_form", is_flag=True, help="输出表单草稿 · print the draft form as JSON")
@click.option("--code", default="draft.sheet", help="草稿的代码 · code of the draft form")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def propose(
    file: Path,
    names: tuple[str, ...],
    *,
    all_sheets: bool,
    as_form: bool,
    code: str,
    as_json: bool,
) -> None:
    """识别一张表，或合成一张表单的几张：标题、表头、栏目，及各栏对应的字段。 · What a sheet asks for, field by field.

    几张工作表时，--json 输出 {"sheets": 各工作表是什么, "proposals": 每张的识别结果, "checks": 跨表的审核关系, "notes": 说明}。
    Of several worksheets --json prints what each is, what was recognised on each, the checks between them.
    """
    from forms.importers.excel.draft import to_form
    from forms.importers.excel.files.read import open_sheet
    from forms.importers.excel.several.draft import to_one_form

    if all_sheets or len(names) > 1:
        several = _several(file.read_bytes(), names)
        if as_form:
            emit(to_one_form(several, code=code, owner="", template=file.name))
        elif as_json:
            emit(several.to_json())
        else:
            for one in several.proposals:
                _shown(one.to_json())
        return
    grid = open_sheet(file, names[0] if names else None)
    found = _proposal(grid)
    if as_form:
        emit(to_form(found, code=code, owner="", template=file.name))
    elif as_json:
        emit(found.to_json())
    else:
        _shown(found.to_json())


@sheet.command()
@click.argument("form")
@click.argument("document", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="写到哪里 · where to write")
@click.option("--template", type=FILE, help="空白表样，缺省为表单自带的 · the empty workbook")
@_worksheets
@click.option("--organisation", default="", help="填报单位 · who reports")
@click.option("--period", default="", help="报告期，如 2026-11 · the period reported for")
@click.option("--draft", is_flag=True, help="允许缺项和审核不通过 · accept what is unfinished")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def fill(
    form: str,
    document: Path,
    output: Path,
    template: Path | None,
    names: tuple[str, ...],
    *,
    all_sheets: bool,
    organisation: str,
    period: str,
    draft: bool,
    as_json: bool,
) -> None:
    """把一份 JSON 数据填进原表样。 · Fill a document into the department's own layout.

    FORM 是表单代码、表单文件或空白表样；空白表样先识别成表单，栏目名见 sheet propose --form。
    FORM is a form's code, a form's file, or an empty workbook, which is recognised first.
    """
    from admin.views.placing import identity, placed
    from admin.views.print_view import Frame
    from engine.periods import Period
    from forms import compile as compiler
    from renderers import workbook

    known = _known.dictionary()
    given = _given(form, names, all_sheets=all_sheets)
    blank = template.read_bytes() if template else given.template
    if blank is None:
        refuse(f"表单没有附表样，请用 --template 指定 · the form has no workbook: {form}")
    compiled = compiler.compile_form(given.document, known.fields, known.codes())
    values = _values(compiled, _known.read_object(document), draft=draft)
    when = Period.parse(period).label("zh") if period else ""
    placements = placed(compiled, values, known, Frame(organisation, when))
    content = workbook.fill(blank, placements, identity=identity(compiled))
    output.write_bytes(content)
    rows = sum(len(block.rows) for block in placements.blocks)
    if as_json:
        emit({"file": str(output), "cells": len(placements.cells), "rows": rows})
    else:
        click.echo(f"已写出 · written: {output} ({len(placements.cells)} cells, {rows} rows)")


@sheet.command("read")
@click.argument("form")
@click.argument("workbook", type=FILE)
@click.option("-o", "--output", type=FILE, help="读出的数据写到哪里 · where to write the document")
@click.option("--template", type=FILE, help="空白表样，缺省为表单自带的 · the empty workbook")
@_worksheets
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def read_back(
    form: str,
    workbook: Path,
    output: Path | None,
    template: Path | None,
    names: tuple[str, ...],
    *,
    all_sheets: bool,
    as_json: bool,
) -> None:
    """把填好的工作簿读成 JSON 数据，逐格核对。 · Read a filled workbook back, cell for cell.

    FORM 同 sheet fill。有一格不对就什么都不写，逐格列出位置、问题和办法，退出码为 2。
    FORM as in sheet fill. One faulty cell and nothing is written; each is named with its place and
    what to do, and the exit code is 2.
    """
    from admin.views import placing, workbook_view
    from forms import compile as compiler
    from forms import document
    from renderers import workbook as book

    known = _known.dictionary()
    given = _given(form, names, all_sheets=all_sheets)
    blank = template.read_bytes() if template else given.template
    if blank is None:
        refuse(f"表单没有附表样，请用 --template 指定 · the form has no workbook: {form}")
    compiled = compiler.compile_form(given.document, known.fields, known.codes())
    content = workbook.read_bytes()
    book.require_identity(content, placing.identity(compiled))
    numbers = iter(range(1, sys.maxsize))
    found = workbook_view.read(
        compiled,
        blank,
        content,
        base={},
        dictionary=known,
        language=language(),
        fresh=lambda: f"r{next(numbers)}",
    )
    faults = [{"cell": f.address, "path": f.path, "item": f.label, "code": f.code, "text": f.text} for f in found.faults]  # fmt: skip
    if as_json:
        emit({"values": None if faults else found.contents, "faults": faults})
    if faults:
        for one in [] if as_json else faults:
            click.echo(f"{one['cell']}  {one['item']}  {one['text']}", err=True)
        refuse(f"有 {len(faults)} 格要改，没有写出 · cells to correct, nothing written")
    if output is not None:
        output.write_text(json_text.dumps(found.contents, indent=2) + "\n", encoding="utf-8")
    if not as_json:
        cells = len(document.flatten(found.contents, compiled))
        click.echo(f"已读出 · read: {cells} cells" + (f", {output}" if output else ""))


def _proposal(grid: "Grid") -> "Proposal":
    from forms.importers.excel.propose import propose as recognise

    known = _known.dictionary()
    return recognise(grid, [one for one in known.fields.values() if one.status != "retired"])


def _several(content: bytes, names: Sequence[str]) -> "Several":
    """The named sheets as one form, in the order of the workbook; without names all that belong together."""
    from forms.importers.excel.files.guard import SheetUnknown
    from forms.importers.excel.several import recognise

    seen = recognise.look(content)
    known = [one.name for one in seen]
    for name in names:
        if name not in known:
            raise SheetUnknown(sheet=name, sheets="、".join(known[:20]))
    usable = _known.dictionary().fields.values()
    chosen = [one.name for one in seen if (one.name in names if names else one.role in recognise.JOINED)]  # fmt: skip
    return recognise.recognise(
        content, chosen, [one for one in usable if one.status != "retired"], seen=seen
    )


def _given(form: str, names: Sequence[str], *, all_sheets: bool) -> _known.GivenForm:
    """A form as it was declared, or the one that an empty workbook itself proposes."""
    from forms.importers.excel.draft import to_form
    from forms.importers.excel.files.read import open_sheet
    from forms.importers.excel.several.draft import to_one_form

    path = Path(form)
    if not path.is_file() or not path.read_bytes().startswith(WORKBOOKS):
        return _known.form(form)
    content = path.read_bytes()
    if all_sheets or len(names) > 1:
        several = _several(content, names)
        document = to_one_form(several, code="draft.sheet", owner="", template=path.name)
    else:
        found = _proposal(open_sheet(path, names[0] if names else None))
        document = to_form(found, code="draft.sheet", owner="", template=path.name)
    return _known.GivenForm(document, content)


def _values(compiled: "CompiledForm", given: Mapping[str, Json], *, draft: bool) -> dict[str, Json]:
    """The values with computed cells worked out; refused where they do not fit the form."""
    from engine import clock
    from engine.formula.document import Document
    from forms import document as cells
    from forms import judge
    from forms.checks import compute
    from forms.validate import problems

    values = cells.identified(compiled, given)
    env = Document(values, today=clock.today())
    found = problems(compiled, values, language=language(), draft=True)
    if not found:
        values = compute.computed(compiled, env)
        env = env.having(values)
    if not found and not draft:
        told_ = judge.problems(compiled, env, language=language(), draft=False)
        found = [one for one in told_ if one.severity == "error"]
    if found:
        for one in found[:20]:
            click.echo(f"{one.path}  {one.text}", err=True)
        refuse(f"数据不符合表单，没有写出 · the data does not fit the form: {len(found)}")
    return values


def _shown(found: dict[str, Any]) -> None:
    """The proposal for people: what was recognised, item by item."""
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True)
    console.print(f"{found['title']}  [{found['kind']}]", markup=False, style="bold")
    for block in found["blocks"]:
        console.print(
            f"  {block['role']}: {block.get('text', '')} {block['value_cell']}", markup=False
        )
    table = Table(box=None)
    for name in ("格 cell", "栏目 item", "类型 type", "字段 field", "把握 confidence"):
        table.add_column(name, overflow="fold")
    for item in found["items"]:
        field, sure = item["field"] or "", f"{item['confidence']:.2f}" if item["field"] else ""
        table.add_row(item["cell"], " / ".join(item["path"]), item["type"], field, sure)
    console.print(table)
    for check in found["checks"]:
        console.print(f"  √ {check['cell']} {check['text']}: {check['formula']}", markup=False)
    for warning in found["warnings"]:
        details = {"cell": warning.get("cell", ""), "text": warning.get("text", "")}
        console.print(f"  ! {messages.text(warning['code'], language(), details)}", markup=False)
