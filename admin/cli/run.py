"""Setting up and serving: `init`, `serve`, `settings`."""

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path

import click
from sqlalchemy import select

from admin.cli._shared import emit, installation, told
from engine.identity import store as identity
from engine.settings import ROOT, Settings, load
from engine.work import System

PACK = ROOT / "packs" / "yantai"
POPULATION = "yantai+population"
KEEP_ALIVE = 75
"""Seconds a quiet connection stays open: longer than people think, and than proxies wait (nginx: 60)."""
"""Under this name it is kept that the synthetic registers were loaded."""


@click.command()
@click.option(
    "--demo", is_flag=True, help="载入烟台包、合成人口与演示账户 · load the Yantai demonstration"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def init(demo: bool, as_json: bool) -> None:
    """建库或升级；可反复执行。 · Create or upgrade the database; may be run again."""
    started = time.perf_counter()
    settings = load()
    say = (lambda _: None) if as_json else (lambda text: click.echo(f"  {text}"))
    done: dict[str, object] = {"database": _safe(settings.url)}
    with installation(settings) as system:
        if demo:
            done.update(_demonstration(system, settings, say))
        with system.database.read() as connection:
            empty = connection.execute(select(identity.ACCOUNT.c.id).limit(1)).first() is None
    done["seconds"] = round(time.perf_counter() - started, 1)
    if as_json:
        emit(done)
    else:
        click.echo(f"数据库就绪 · database ready: {done['database']} ({done['seconds']} s)")
        if empty:
            click.echo("还没有账户 · no account yet: yibiao pack begin 区划.csv 文件夹")


@click.command()
@click.option("--host", help="监听地址 · address to listen on")
@click.option("--port", type=int, help="端口 · port")
@click.option("--demo", is_flag=True, help="先载入烟台演示 · load the Yantai demonstration first")
@told
def serve(host: str | None, port: int | None, demo: bool) -> None:
    """提供页面与接口。 · Serve the pages and the API."""
    settings = load()
    settings = replace(
        settings, host=host or settings.host, port=port or settings.port, demo=demo or settings.demo
    )
    log_as_set(settings)
    with installation(settings) as system:
        import uvicorn

        from admin import working
        from admin.app import create_app
        from admin.web.patience import patient

        if demo:
            _demonstration(system, settings, lambda text: click.echo(f"  {text}"))
        logins = _logins(settings)
        for login, entry in logins.items():
            click.echo(f"{login:<12} {entry['password']:<22} {entry['about']}")
        click.echo(f"一表 · Yibiao: {settings.public_url}")
        app = create_app(settings, system)
        working.beside(app, system)
        working.settled()
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
            timeout_keep_alive=KEEP_ALIVE,
            forwarded_allow_ips=settings.trusted_proxies,
            h11_max_incomplete_event_size=64 * 1024,
            http=patient(settings.head_seconds),
        )


@click.command(name="settings")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def show_settings(as_json: bool) -> None:
    """现行设置及其来源。 · The settings in force."""
    secret = {one.name for one in fields(Settings) if not one.repr}
    values = {
        name: "***" if name in secret and value else value for name, value in asdict(load()).items()
    }
    values["database_url"] = _safe(load().url)
    if as_json:
        emit(values)
        return
    for one in fields(Settings):
        click.echo(f"{one.name:<16} {values[one.name]}    YIBIAO_{one.name.upper()}")


def _demonstration(
    system: System, settings: Settings, say: Callable[[str], None]
) -> dict[str, object]:
    """Load the pack and its population, unless both were loaded as they stand."""
    from admin import packs

    stands = packs.digest(PACK)
    with system.read(packs.LOADER) as work:
        known = packs.loaded(work)
    done: dict[str, object] = {"pack": {}, "registers": {}}
    if known.get(PACK.name) != stands:
        loaded = packs.load(system, PACK, say=say)
        done["pack"] = loaded.counts
        _keep_logins(settings, loaded.passwords)
    if POPULATION not in known:
        from admin.demo.load import load_population

        done["registers"] = load_population(system, PACK, say=say)
        system.write(packs.LOADER, lambda work: packs.mark_loaded(work, POPULATION, ""))
    return done


def _safe(url: str) -> str:
    """A database URL without its password."""
    from engine.storage.addresses import url_of

    return url_of(url).render_as_string(hide_password=True)


def _logins_file(settings: Settings) -> Path:
    return settings.data_path / "demo-logins.json"


def _logins(settings: Settings) -> dict[str, dict[str, str]]:
    path = _logins_file(settings)
    if not path.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _keep_logins(settings: Settings, passwords: dict[str, str]) -> None:
    """The demonstration's passwords, readable by the operator alone; made new with the database."""
    if not passwords:
        return
    accounts = json.loads((PACK / "accounts.json").read_text(encoding="utf-8"))["accounts"]
    about = {account["login"]: account["about"] for account in accounts}
    known = _logins(settings)
    for login, password in passwords.items():
        known[login] = {"password": password, "about": about.get(login, "")}
    path = _logins_file(settings)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(known, file, ensure_ascii=False, indent=1)


def log_as_set(settings: Settings) -> None:
    """One JSON object a line, from the level the settings ask for."""
    import structlog  # most commands log nothing

    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
