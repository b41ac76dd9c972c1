"""Organisations that change, from the command line."""

from pathlib import Path
from typing import Any

import click

from admin.cli._known import read_object
from admin.cli._shared import emit, installation, told
from engine.identity.actor import system_actor

ACTOR = system_actor("cli")


@click.group()
def organisation() -> None:
    """机构变动：更名、改代码、划转、合并、拆分、撤销、新设。 · Organisations that change."""


@organisation.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--preview", is_flag=True, help="只看影响，不办 · only what it would do")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def change(file: Path, *, preview: bool, as_json: bool) -> None:
    """办一项变动，内容在一个 JSON 文件里；生效日未到的先存着。 · Make the change a JSON file describes.

    例 · e.g. {"kind": "merge", "units": ["370602001002"], "into": "370602001001",
    "effective": "2027-01-01", "number": "烟民〔2026〕12号"}
    """
    from engine.identity.reform import Wish
    from workflows.reforming import commands

    asked = Wish.read(read_object(file))
    with installation() as system:
        with system.read(ACTOR) as work:
            found = commands.preview(work, asked)
        effects = {f"{what}.{cell}": n for (what, cell), n in sorted(found.effects.items())}
        shown: dict[str, Any] = {
            "units": [one.to_json() for one in found.reform.steps],
            "effects": effects,
            "values": dict(found.values),
            "own_values": found.own,
            "final_reports": found.final,
            "dispatches": found.dispatches,
        }
        if not preview:
            shown["id"] = system.write(ACTOR, lambda work: commands.keep(work, asked))
    if as_json:
        emit(shown)
        return
    for one in found.reform.steps:
        was = f"{one.before.code} {one.before.name}" if one.before else "—"
        now = "；".join(f"{unit.code} {unit.name}" for unit in one.after)
        click.echo(f"{was}\t→\t{now or '—'}")
    for name, count in (effects | dict(found.values)).items():
        click.echo(f"{name}\t{count}")
    if not preview:
        click.echo(shown["id"])


@organisation.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def changes(*, as_json: bool) -> None:
    """列出变动：待生效、已办、未办成、已撤回。 · The changes there are."""
    from engine.identity import lineage

    with installation() as system, system.read(ACTOR) as work:
        found = lineage.changes(work.connection)
    if as_json:
        emit(
            [
                {"id": one.id, "kind": one.kind, "state": one.state, "effective": one.effective,
                 "number": one.number, "title": one.title}
                for one in found
            ]
        )  # fmt: skip
        return
    for one in found:
        click.echo(f"{one.id}\t{one.state}\t{one.effective}\t{one.kind}\t{one.title}\t{one.number}")


@organisation.command()
@click.argument("change_id", metavar="ID")
@told
def undo(change_id: str) -> None:
    """撤回一项已办的变动，只要没有新的东西建在它上面。 · Undo a change nothing new stands on."""
    from workflows.reforming import commands

    with installation() as system:
        left = system.write(ACTOR, lambda work: commands.undo(work, change_id))
    click.echo(f"已撤回，{left} 个后来改过的值保留 · undone, {left} values changed since stay")


@organisation.command()
@click.argument("change_id", metavar="ID")
@told
def cancel(change_id: str) -> None:
    """取消一项未到生效日或没有办成的变动。 · Take back a change whose day has not come."""
    from workflows.reforming import commands

    with installation() as system:
        system.write(ACTOR, lambda work: commands.cancel(work, change_id))
    click.echo("已取消 · cancelled")


@organisation.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def divisions(file: Path, *, as_json: bool) -> None:
    """拿新一年的区划表（CSV）和现有机构比，列出该办的变动。 · Compare a list of divisions; propose changes."""
    from admin.views import organisation_view
    from engine.identity import division_list

    listed = division_list.read(file.read_bytes())
    with installation() as system, system.read(ACTOR) as work:
        found = organisation_view.compared(work, listed)
    if as_json:
        emit([{"unit": one.unit, "told": one.told, "open": one.open, **one.wish} for one in found])
        return
    for one in found:
        mark = "\t?" if one.open else ""
        click.echo(
            f"{one.kind}\t{one.unit}\t{one.told}\t{one.wish.get('name') or one.wish.get('code', '')}{mark}"
        )
    click.echo(f"共 · in all\t{len(found)}")


@organisation.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--forget", is_flag=True, help="全部删除 · take all away")
@click.option(
    "--export",
    type=click.Path(dir_okay=False, path_type=Path),
    help="把现有轮廓写成 GeoJSON · write what there is as GeoJSON",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def boundaries(file: Path | None, *, forget: bool, export: Path | None, as_json: bool) -> None:
    """地图用的行政区轮廓：导入 GeoJSON、查看、导出、删除。 · Outlines of divisions for maps, as GeoJSON.

    不带文件时列出各级单位有多少有轮廓。 · Without a file: how many of the organisations have one.
    """
    from admin.pages import boundaries as outlines
    from engine import json_text
    from engine.identity import boundaries as kept

    if sum(map(bool, (file, forget, export))) > 1:
        raise click.UsageError("FILE、--forget、--export 只能用一个 · use only one of them")
    with installation() as system:
        if file:
            found = kept.read(file.read_bytes())
            system.write(ACTOR, lambda work: outlines.keep(work, found))
        elif forget:
            system.write(ACTOR, outlines.forget)
        with system.read(ACTOR) as work:
            known, places = kept.coverage(work.connection)
            if export:
                every = [kept.feature(work.connection, one) for one in kept.codes(work.connection)]
                text = json_text.dumps({"type": "FeatureCollection", "features": every})
                export.write_text(text, encoding="utf-8")
    if as_json:
        emit({"outlines": known, "places": places})
        return
    for place in places:
        click.echo(f"{place['kind']}\t{place['known']}/{place['all']}")
    click.echo(f"轮廓 · outlines\t{known}")
