"""Backups: made while everybody works, restored to a new place, and verified by restoring."""

import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin.cli._shared import emit, installation, refuse, told
from engine.identity.actor import system_actor
from engine.settings import load

if TYPE_CHECKING:
    from engine.settings import Settings

KEEPER = system_actor("backup")


@click.group(invoke_without_command=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="写到哪个文件或文件夹，默认数据文件夹的 backup · file or folder; by default `backup` in the data folder")  # fmt: skip
@click.option("--incremental", is_flag=True, help="只存自同一文件夹里最近一份以来的变化（SQLite）；没有就存全部 · only what changed since the newest of the folder (SQLite); whole where there is none")  # fmt: skip
@click.pass_context
@told
def backup(context: click.Context, output: Path | None, *, incremental: bool) -> None:
    """备份数据库到一个加密文件，不必停机。 · Back the database up into one encrypted file, while running.

    密钥不在备份里：keys.json 和 kek.key 要另外存，与备份分开。
    The keys are not in it: keep keys.json and kek.key apart from the backups.
    """
    if context.invoked_subcommand is not None:
        return
    from engine.audit import checkpoints, trail
    from engine.storage import backups

    with installation() as system:
        with system.read(KEEPER) as work:
            entries = trail.count(work.connection)
            signed = checkpoints.signed(work.connection)
            at = work.at
        folder = output or system.settings.data_path / "backup"
        name = f"yibiao-{at[:19].replace(':', '').replace('-', '')}.backup"
        target = folder if folder.suffix == ".backup" else folder / name
        line = signed[-1].line() if signed else ""
        head = backups.Head(at, "", _version(), entries, line, "")
        if incremental and backups.kind_of(system.settings.url) != backups.SQLITE:
            raise backups.NotIncremental
        since = backups.newest(target.parent) if incremental else None
        backups.write(system.settings.url, system.vault, target, head, since=since)
        size = target.stat().st_size
        system.write(KEEPER, lambda work: work.note("backup.made", target.name, entries=entries))
        known = backups.as_text(system.vault)
    click.echo(f"{target}  {size:,} B")
    if since is not None:
        click.echo(f"只有自 {since.name} 以来的变化，两份都要留着 · only what changed since {since.name}: keep both")  # fmt: skip
    click.echo(f"密钥另存：keys.json 和密钥加密密钥（指纹 {known}） · keep the keys apart (fingerprint {known})")  # fmt: skip


@backup.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def verify(file: Path, as_json: bool) -> None:
    """恢复到临时地方，核对完整：表、审计链、密钥都要对。 · Restore to a scratch place and check all of it.

    有不对的，退出码为 1。PostgreSQL 备份恢复到同一服务器上的临时库，事后删掉。
    Exit code 1 when something is wrong. One of PostgreSQL goes to a scratch database of the same server.
    """
    from engine.storage import backups

    settings = load()
    with _scratch(settings, backups.read_head(file).database) as scratch:
        backups.restore(file, _vault(settings), scratch.url)
        found = _checked(scratch, backups.read_head(file).entries)
    if found["whole"]:
        _noted(settings, file.name, found["entries"])
    if as_json:
        emit(found)
    else:
        for name, value in found.items():
            click.echo(f"{name:<12} {value}")
    if not found["whole"]:
        click.echo("备份不完整 · this backup is not whole", err=True)
        sys.exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "to", required=True, help="新的数据文件夹，或空的 PostgreSQL 库的网址 · a new data folder, or the URL of an empty PostgreSQL database")  # fmt: skip
@click.option("--at", "at", help="FILE 是备份文件夹时：这一刻或之前最近的一份，如 2026-11-28T09:30 · of a folder of backups the last one made by then")  # fmt: skip
@told
def restore(file: Path, to: str, at: str | None) -> None:
    """把备份恢复到新地方；原来的一点不动。 · Restore a backup to a new place; nothing else is touched.

    FILE 是一个备份文件，或放备份的文件夹（取最近的一份，或 --at 那一刻的）。
    FILE is a backup, or a folder of them: the newest is taken, or that of the moment given by --at.
    要有做备份时的密钥：数据文件夹里的 keys.json 和 kek.key，或设置里的。
    It takes the keys of the installation that made it, from the settings in force.
    """
    from engine import clock
    from engine.crypto import keys
    from engine.storage import backups

    settings = load()
    clock.keep_zone(settings.time_zone)
    file = _of_moment(file, at)
    if "://" in to:
        target = replace(settings, database_url=to)
    else:
        target = replace(settings, data_dir=str(Path(to).absolute()), database_url="")
    head = backups.restore(file, _vault(settings), target.url)
    if target.data_path != settings.data_path:
        for path in (keys.key_file(settings), keys.kek_file(settings)):
            copy = target.data_path / path.name
            if path.exists() and not copy.exists():
                copy.write_bytes(path.read_bytes())
                copy.chmod(0o600)
    forgotten = _forgotten_anew(settings, target)
    found = _checked(target, head.entries)
    click.echo(f"{file.name}  {head.at[:19]}  {found['entries']} 条审计 · entries on the trail")
    if forgotten:
        click.echo(f"备份之后依法删除的 {forgotten} 项（人、到期数据）已再次删除 · deleted since the backup, and deleted anew")  # fmt: skip
    if not found["whole"]:
        refuse("恢复了，但不完整 · restored, but not whole")


def _forgotten_anew(settings: "Settings", target: "Settings") -> int:
    """Whoever was deleted after the backup was made is deleted in it too, before anybody works with it,
    and what was deleted since because its period was over."""
    from admin import working
    from engine.erasure import sweep
    from engine.retention import sweep as retention
    from engine.work import System

    lines = sweep.read_list(settings.data_path)
    over = retention.read_list(settings.data_path)
    if not lines and not over:
        return 0
    working.load()
    system = System(target)
    try:
        with system.read(KEEPER) as work:
            left = sweep.unfinished(work, lines)
            runs = retention.unfinished(work, over)
        for line in left:
            system.write(KEEPER, partial(sweep.again, line=line))
        for line in runs:
            system.write(KEEPER, partial(retention.again, line=line))
    finally:
        system.close()
    return len(left) + len(runs)


def _of_moment(file: Path, at: str | None) -> Path:
    """The backup itself; of a folder the last one made by a moment of the office's clock."""
    from engine import clock
    from engine.storage import backups

    if not file.is_dir():
        if at is not None:
            refuse("--at 要给放备份的文件夹 · with --at name the folder of the backups")
        return file
    try:
        given = datetime.fromisoformat(at) if at else clock.now()
    except ValueError:
        refuse(f"不是时间 · no moment: {at}")
    moment = given if given.tzinfo else given.replace(tzinfo=clock.zone())
    made = {backups.read_head(one).at: one for one in file.glob("*.backup")}
    found = max((one for one in made if one <= clock.stamp(moment)), default=None)
    if found is None:
        refuse(f"{file}：那一刻之前没有备份 · no backup was made by then")
    return made[found]


@contextmanager
def _scratch(settings: "Settings", kind: str) -> Iterator["Settings"]:
    """Settings of a database that is gone afterwards, with the keys of the installation."""
    from sqlalchemy import create_engine, text

    from engine.storage.addresses import url_of

    if kind == "sqlite":
        with tempfile.TemporaryDirectory(dir=settings.data_path) as folder:
            yield replace(settings, database_url=f"sqlite:///{folder}/yibiao.db")
        return
    url = url_of(settings.url)
    if url.get_backend_name() != "postgresql":
        refuse(
            "PostgreSQL 的备份要在 PostgreSQL 上核对 · set database_url to the PostgreSQL server"
        )
    name = f"yibiao_verify_{secrets.token_hex(4)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        fresh = url.set(database=name).render_as_string(hide_password=False)
        yield replace(settings, database_url=fresh)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()


def _vault(settings: "Settings") -> Any:
    from engine.crypto import keys
    from engine.crypto.vault import Vault

    if not keys.key_file(settings).exists():
        refuse(f"没有密钥文件 · no key file: {keys.key_file(settings)}")
    return Vault(keys.ring(settings))


def _noted(settings: "Settings", name: str, entries: int) -> None:
    """Keep on the trail that a backup came back whole: whoever assesses asks for that, too.

    Where the installation itself is gone there is nothing to keep it on.
    """
    from admin import migrate
    from engine.errors import Problem
    from engine.storage.addresses import url_of
    from engine.work import System

    kept = url_of(settings.url)
    if kept.get_backend_name() == "sqlite" and not Path(str(kept.database)).exists():
        return
    system = System(settings)
    try:
        with system.read(KEEPER) as work:
            current = migrate.is_current(work.connection)
        if current:
            system.write(KEEPER, lambda work: work.note("backup.verified", name, entries=entries))
    except Problem as problem:
        click.echo(f"没有记入轨迹 · not noted on the trail: {problem}", err=True)
    finally:
        system.close()


def _version() -> str:
    from admin.app import VERSION

    return VERSION


def _checked(settings: "Settings", entries: int) -> dict[str, Any]:
    """What stands in a restored database: migrations, the chain, sealed values that open."""
    import workflows.store  # noqa: F401 - loaded for the sealed columns they declare
    from admin import migrate
    from engine import rotation
    from engine.audit import checkpoints, trail
    from engine.crypto.vault import KeyUnavailable
    from engine.work import System

    system = System(settings)
    try:
        with system.read(KEEPER) as work:
            current = migrate.is_current(work.connection)
            chain = trail.verify(work.connection)
            verdict = checkpoints.check(work.connection, system.vault.public_key(), chain)
            try:
                opened = sum(rotation.examine(work.connection, system.vault).values())
                opens = True
            except KeyUnavailable:
                opened, opens = 0, False
    finally:
        system.close()
    return {
        "whole": verdict.whole and opens and verdict.entries >= entries,
        "current": current,
        "entries": verdict.entries,
        "opened": opened,
    }
