"""Packs from the command line: load one, see what it would change, write one out."""

from pathlib import Path

import click

from admin.cli._shared import emit, installation, refuse, told

FOLDER = click.Path(path_type=Path)
SIGNS = {"+": "新增 added", "-": "没有 missing", "~": "不同 different"}


@click.group()
def pack() -> None:
    """包：字段、代码表、组织、表单、流程。 · Packs of declarations."""


@pack.command()
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def load(folder: Path, as_json: bool) -> None:
    """载入或更新一个包；可反复执行。 · Load or renew a pack; may be run again."""
    from admin import packs
    from engine.identity import pack as accounts

    with installation() as system:
        say = (lambda _: None) if as_json else (lambda text: click.echo(f"  {text}"))
        loaded = packs.load(system, folder, say=say)
        system.write(packs.LOADER, lambda work: accounts.ask_for_new(work, loaded.passwords))
    if as_json:
        emit({"counts": loaded.counts, "passwords": loaded.passwords})
        return
    for login, password in loaded.passwords.items():
        click.echo(f"{login:<12} {password}")
    if loaded.passwords:
        click.echo(
            "密码只显示这一次，第一次登录要换 · shown this once, changed at the first log-in"
        )
    click.echo(f"已载入 · loaded: {folder}")


@pack.command()
@click.argument("divisions", type=FOLDER)
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def begin(divisions: Path, folder: Path, as_json: bool) -> None:
    """用本县区的区划名单写一个起步的包。 · Write a first pack from your county's divisions.

    名单是两列的 CSV：区划代码、名称；县级一行，下面是乡镇街道、村和社区，省、市可有可无。
    包里有全国代码表、字段、填报流程、县级各部门，和报表、安全、审计、系统四个管理员。
    The list is a CSV of code and name: one county, its towns and villages; province and city may be there.
    """
    from admin import beginning

    counts = beginning.write(divisions.read_bytes(), folder)
    if as_json:
        emit({"folder": str(folder), "counts": counts})
        return
    for name, count in counts.items():
        click.echo(f"  {name}: {count}")
    click.echo(f"已写出 · written: {folder}")
    click.echo(f"下一步 · next: yibiao pack load {folder}")


@pack.command()
@click.argument("folder", type=FOLDER)
@click.argument("other", type=FOLDER, required=False)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def diff(folder: Path, other: Path | None, as_json: bool) -> None:
    """载入后会有什么变化；或比较两个包。 · What loading would change, or two packs compared.

    与现有数据比较时，只在库中有、包中没有的内容不会因载入而删除。
    Loading never removes what only the installation has.
    """
    from admin import pack_contents, packs

    new = pack_contents.of_folder(folder if other is None else other)
    if other is not None:
        old = pack_contents.of_folder(folder)
    else:
        with installation() as system, system.read(packs.LOADER) as work:
            old = pack_contents.of_installation(work)
    found = list(pack_contents.differences(old, new))
    if as_json:
        emit([one.to_json() for one in found])
        return
    for one in found:
        places = f"  {' '.join(one.places)}" if one.places else ""
        click.echo(f"{one.sign} {one.section}/{one.code}{places}")
    told_ = "、".join(
        f"{sum(one.sign == sign for one in found)} {words}" for sign, words in SIGNS.items()
    )
    click.echo(told_ if found else "没有差异 · no difference")


@pack.command()
@click.argument("folder", type=FOLDER)
@click.option("--code", default="", help="包的代码，缺省为文件夹名 · code of the pack")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def export(folder: Path, code: str, as_json: bool) -> None:
    """把现有声明写成一个包，可再载入；不含账户与登记数据。 · Write what is in force as a pack.

    Loading it gives the same again; accounts and registers are not in it.
    """
    from admin import pack_contents, packs

    with installation() as system, system.read(packs.LOADER) as work:
        contents = pack_contents.of_installation(work)
    if not any(contents.documents.values()):
        refuse("库中没有可导出的内容，请先载入一个包 · nothing to export: load a pack first")
    files = pack_contents.write(contents, folder, code or folder.resolve().name)
    counts = {name: len(found) for name, found in contents.documents.items()}
    if as_json:
        emit({"folder": str(folder), "files": files, "counts": counts})
        return
    for name, count in counts.items():
        click.echo(f"  {name}: {count}")
    click.echo(f"已写出 · written: {folder} ({files})")
