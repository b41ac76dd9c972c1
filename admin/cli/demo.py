"""`yibiao demo`: the whole story on a scratch database, step by step, with its figures at the end."""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin.cli._shared import emit, refuse, told
from engine import messages
from engine.settings import ROOT, Settings, load
from engine.work import System

if TYPE_CHECKING:
    from admin.demo.story import StoryClock

PACK = ROOT / "packs" / "yantai"
Tell = Callable[[str, Mapping[str, Any]], None]


@click.command()
@click.option(
    "--database-url", default="", help="空库的网址，缺省为临时 SQLite · an empty database"
)
@click.option("--folder", type=click.Path(path_type=Path), help="文件写到哪里 · where files go")
@click.option(
    "--month", is_flag=True, help="演一个月的全部月报 · all the monthly reports of a month"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def demo(database_url: str, folder: Path | None, *, month: bool, as_json: bool) -> None:
    """不用浏览器演完整个故事，并给出自动填报率。 · Play the whole story without a browser.

    从一张部门表样到十个社区报齐，再到第二张表自动填好；数据全部合成，不碰现有数据库。
    All data is synthetic; the installation's own database is not touched.
    """
    started = time.perf_counter()
    place = folder or Path(tempfile.mkdtemp(prefix="yibiao-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    settings = replace(load(), database_url=database_url, data_dir=str(place.resolve()))
    steps: list[dict[str, str]] = []

    def tell(code: str, details: Mapping[str, Any]) -> None:
        text = messages.text(f"cli.demo.{code}", settings.language, details)
        steps.append({"step": code, "text": text})
        if not as_json:
            click.echo(f"{len(steps):>3}  {text}")

    found = _played(settings, place, tell, month=month, quiet=as_json)
    lines = found.pop("figures")
    seconds = round(time.perf_counter() - started, 1)
    if as_json:
        emit({"steps": steps, **found, "folder": str(place), "seconds": seconds})
        return
    for values in lines:
        click.echo(_told(values, settings.language))
    done = {"seconds": seconds, "folder": place}
    click.echo(messages.text("cli.demo.done", settings.language, done))


def _told(values: Mapping[str, Any], language: str) -> str:
    """One line of figures."""
    rates = {
        "percent": f"{values['autofill_rate'] * 100:.1f}",
        "submitted_percent": f"{values['submitted_rate'] * 100:.1f}",
    }
    return messages.text(f"cli.demo.{values['line']}", language, {**values, **rates})


def _played(
    settings: Settings, place: Path, tell: Tell, *, month: bool, quiet: bool
) -> dict[str, Any]:
    """The story, or a month, on the database of these settings, which must be empty."""
    from sqlalchemy import inspect

    from admin import migrate, packs
    from admin.cli._progress import steps
    from admin.demo.load import load_population
    from admin.demo.story import StoryClock

    clock = StoryClock()
    system = System(settings, now=clock)
    try:
        with system.database.read() as connection:
            if inspect(connection).get_table_names():
                refuse("演示只在空库里进行，这个库里已有内容 · the demo needs an empty database")
        with steps(quiet=quiet) as say:
            migrate.upgrade(system.database)
            packs.load(system, PACK, say=say)
            load_population(system, PACK, say=say)
        if month:
            return _month(system, clock, tell)
        return _story(system, clock, place, tell)
    finally:
        system.close()


def _story(system: System, clock: "StoryClock", place: Path, tell: Tell) -> dict[str, Any]:
    from admin.demo.story import play

    outcome = play(system, clock, PACK, place, tell)
    parts = {"first": outcome.first, "second": outcome.second, "whole": outcome.whole}
    found = {name: figures.to_json() for name, figures in parts.items()}
    language = system.settings.language
    lines = [
        {**values, "line": "figures", "name": messages.text(f"cli.demo.{name}", language)}
        for name, values in found.items()
    ]
    return {**found, "figures": lines, "files": outcome.files}


def _month(system: System, clock: "StoryClock", tell: Tell) -> dict[str, Any]:
    from admin.demo.figures import Figures
    from admin.demo.month import play

    found = play(system, clock, PACK, tell)
    whole = sum((figures for _, figures in found.values()), Figures())
    name = messages.text("cli.demo.month.whole", system.settings.language)
    lines = [
        {**figures.to_json(), "line": "month", "name": title}
        for title, figures in (*found.values(), (name, whole))
    ]
    reports = {code: figures.to_json() for code, (_, figures) in found.items()}
    return {"reports": reports, "month": whole.to_json(), "figures": lines}
