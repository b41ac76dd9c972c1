"""Keys: which there are, a new generation, and whether everything still opens."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin.cli._shared import emit, installation, refuse, told
from engine.identity.actor import system_actor
from engine.settings import load

if TYPE_CHECKING:
    from engine.work import System

KEEPER = system_actor("keys")


@click.group()
def keys() -> None:
    """密钥：现状、轮换、演练。 · Keys: status, rotation, drill."""


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def status(as_json: bool) -> None:
    """每一代密钥，和还有多少内容没有换成新密钥。 · Generations, and what is left to seal anew."""
    _load()
    with installation() as system:
        found = _status(system)
    if as_json:
        emit(found)
        return
    click.echo(f"密钥加密密钥 · key-encryption key: {found['kek']}")
    click.echo(f"公钥 · public key: {found['public_key']}")
    for one in found["generations"]:
        current = "  *" if one["current"] else ""
        click.echo(f"{one['generation']:>4}  {one['algorithm']:<12} {one['made_at']}{current}")
    rows, left = found["rows"], found["left"]
    done = 100 if not rows else 100 * (rows - left) // rows
    click.echo(f"已用最新密钥 · with the newest keys: {done} %  ({rows - left} / {rows})")
    for one in found["columns"]:
        if one["left"]:
            click.echo(f"  {one['name']:<32} {one['left']}")


@keys.command()
@click.option("--kek", "kek_to", metavar="FILE", help="换密钥加密密钥：新的一把在这个文件里 · another key-encryption key, in this file")  # fmt: skip
@click.option("--forget", type=int, metavar="N", help="销毁第 N 代密钥，须已无内容用它 · destroy generation N, which nothing may use")  # fmt: skip
@click.option("--now", "at_once", is_flag=True, help="马上全部重新加密，不等后台 · seal all anew here and now")  # fmt: skip
@told
def rotate(kek_to: str | None, forget: int | None, at_once: bool) -> None:
    """新建一代密钥，由后台任务把已有内容逐步换过去。 · A new generation; a job seals all anew."""
    from admin import working
    from engine import rotation
    from engine.crypto import kek, keyfile
    from engine.crypto import keys as installed

    _load()
    settings = load()
    path, service = installed.key_file(settings), installed.service(settings)
    if kek_to is not None:
        keyfile.rewrap(path, service, kek.from_file(Path(kek_to), make=True))
        click.echo(f"已换。请把 kek_file 设为 · set kek_file to: {kek_to}")
        return
    with installation(settings) as system:
        if forget is not None:
            _forget(system, forget)
            return
        keyfile.rotate(path, service, suite=settings.cryptography)
        system.vault.ring = installed.ring(settings)
        system.write(KEEPER, rotation.begin)
        if at_once:
            runner = working.runner(system)
            runner.work_off()
            runner.stop()
        left = _status(system)["left"]
    click.echo(f"第 {system.vault.generation} 代 · generation {system.vault.generation}; 余 · left {left}")  # fmt: skip


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def drill(as_json: bool) -> None:
    """演练：从文件重新读密钥，各类内容最旧的和最新的都打开看。 · Do the keys open what is there?

    有打不开的，退出码为 1。
    Exit code 1 when something does not open.
    """
    from engine import rotation
    from engine.crypto.vault import KeyUnavailable

    _load()
    with installation() as system:
        try:
            with system.read(KEEPER) as work:
                opened = rotation.examine(work.connection, system.vault)
            system.write(KEEPER, lambda work: work.note("keys.drilled", "keys", whole=True))
        except KeyUnavailable:
            system.write(KEEPER, lambda work: work.note("keys.drilled", "keys", whole=False))
            click.echo("有内容打不开 · something does not open", err=True)
            sys.exit(1)
    if as_json:
        emit(opened)
        return
    for name, count in opened.items():
        click.echo(f"{name:<32} {count}")
    click.echo(f"打开 {sum(opened.values())} 项，全部完好 · all of them open")


def _forget(system: "System", generation: int) -> None:
    from engine.crypto import keyfile
    from engine.crypto import keys as installed

    known = system.vault.ring.roots
    if generation not in known or generation == system.vault.generation:
        refuse(f"没有可销毁的第 {generation} 代 · no such older generation")
    left = _status(system)["left"]
    if left:
        refuse(
            f"还有 {left} 项没有换成新密钥，先轮换完 · {left} values are still sealed by older keys"
        )
    settings = system.settings
    keyfile.forget(installed.key_file(settings), installed.service(settings), generation)
    system.write(KEEPER, lambda work: work.note("keys.forgotten", "keys", generation=generation))
    click.echo(f"已销毁 · destroyed: {generation}")


def _status(system: "System") -> dict[str, Any]:
    from engine import rotation
    from engine.crypto import keys as installed

    ring = system.vault.ring
    with system.read(KEEPER) as work:
        found = rotation.progress(work.connection, system.vault)
    return {
        "kek": installed.service(system.settings).where,
        "sealed": ring.sealed,
        "public_key": system.vault.public_key(),
        "digest": ring.digest,
        "generations": [
            {
                "generation": number,
                "algorithm": root.algorithm,
                "made_at": root.made_at,
                "current": number == ring.current,
            }
            for number, root in sorted(ring.roots.items())
        ],
        "rows": sum(one.rows for one in found),
        "left": sum(one.left for one in found),
        "columns": [{"name": one.name, "rows": one.rows, "left": one.left} for one in found],
    }


def _load() -> None:
    """Whoever seals tells of it when loaded."""
    from admin import working

    working.load()
