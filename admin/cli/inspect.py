"""Reports for inspectors (迎检材料) from the command line: put together, and checked when they come back."""

import sys
import zipfile
from pathlib import Path

import click

from admin.cli._shared import emit, installation, refuse, told
from engine.crypto.vault import witnessed
from engine.identity import store as identity
from engine.work import Work
from renderers import inspection


@click.group()
def inspect() -> None:
    """迎检材料：打成一包，核对收到的一包。 · Reports put together for inspectors, and checked."""


@inspect.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--form", "forms", multiple=True, required=True, help="哪些表 · which forms")
@click.option("--period", "periods", multiple=True, required=True, help="哪些期 · which periods")
@click.option("--unit", "units", multiple=True, help="哪些单位，默认全部 · which units, else all")
@click.option(
    "--as", "login", required=True, metavar="LOGIN", help="以谁的权限 · with whose rights"
)
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
    help="封面、清单的语言 · the language of cover and lists",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def make(
    target: Path,
    forms: tuple[str, ...],
    periods: tuple[str, ...],
    units: tuple[str, ...],
    *,
    login: str,
    language: str,
    as_json: bool,
) -> None:
    """把已办结的报表打成迎检材料，写到 TARGET。 · Put final reports together for inspectors, as TARGET.

    敏感内容按这个人平时看到的遮盖。
    What that person sees masked stays masked.
    """
    from admin import working
    from admin.pages.inspections import chosen
    from workflows.dispatching import exports

    with installation() as system:
        with system.read(working.ACTOR) as work:
            actor = identity.actor_by_login(work.connection, login, now=work.now)

        def begin(work: Work) -> str:
            found = chosen(work, forms, periods, units)
            return exports.ask_chosen(work, found, language=language)

        own = system.write(actor, begin)
        runner = working.runner(system)
        runner.work_off()
        runner.stop()
        with system.read(actor) as work:
            record = exports.get(work, own)
            content = exports.content(work, own)
    if not record.finished:
        refuse("没有打完，请看任务页 · not finished; see the page of jobs")
    target.write_bytes(content)
    if as_json:
        emit({"file": str(target), "reports": record.total, "bytes": len(content)})
    else:
        click.echo(f"{target}  {record.total} 份 · reports  {len(content)} 字节 · bytes")


@inspect.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--key", default="", help="签名应当用的公钥；默认只核对包里的 · the key it should be signed with")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def verify(file: Path, *, key: str, as_json: bool) -> None:
    """核对迎检材料：每个文件没有改过，清单的签名有效。 · Check that no file was changed and the list is signed.

    不需要数据，别处也能核对；改过、少了、多了、签名不对时退出码为 1。
    Needs no data, so anybody can check; exit code 1 when something was changed, is missing, more, or not signed.
    """
    try:
        found = inspection.checked(file.read_bytes())
    except zipfile.BadZipFile:
        refuse("这不是压缩包，或者已损坏 · no zip file, or a damaged one")
    if found is None:
        refuse("包里没有校验清单 · there is no list of check sums in it")
    signed = witnessed(found.listed, found.signature, found.key)
    ours = signed and (not key or key == found.key)
    if as_json:
        emit(
            {
                "files": found.files, "whole": found.whole, "signed": ours, "key": found.key,
                "changed": list(found.changed), "missing": list(found.missing),
                "unlisted": list(found.unlisted),
            }
        )  # fmt: skip
    else:
        _tell(found, signed=signed, ours=ours)
    if not (found.whole and ours):
        sys.exit(1)


def _tell(found: inspection.Checked, *, signed: bool, ours: bool) -> None:
    for said, names in (
        ("改过 · changed", found.changed),
        ("缺少 · missing", found.missing),
        ("清单里没有 · not listed", found.unlisted),
    ):
        for name in names:
            click.echo(f"✗ {said}  {name}")
    if found.whole:
        click.echo(f"✓ {found.files} 个文件与清单一致 · files as listed")
    if not signed:
        click.echo("✗ 清单的签名无效 · the signature of the list does not hold")
    elif not ours:
        click.echo(f"✗ 签名有效，但不是这把公钥 · signed with another key  {found.key}")
    else:
        click.echo(f"✓ 签名有效，公钥 · signed with the key  {found.key}")
