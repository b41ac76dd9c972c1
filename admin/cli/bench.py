"""Measurements: submissions, the same over HTTP, validation, registers; each beside its floor."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from admin.cli._progress import steps
from admin.cli._shared import emit, logs_aside, refuse, told
from admin.cli._table import table

DATABASE = click.option(
    "--database",
    default="sqlite",
    show_default=True,
    help="sqlite 或 PostgreSQL 网址；在其旁新建临时库 · sqlite, or the URL of a PostgreSQL server",
)
POSTGRES = click.option(
    "--postgres", is_flag=True, help="用测试自带的 PostgreSQL · the server of the test suite"
)
SECONDS = click.option(
    "--seconds", default=5.0, show_default=True, help="每项最多测多久 · at most so long each"
)
JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")


@click.group()
def bench() -> None:
    """性能测量；与同一次运行中的下限相比。 · Measurements beside their floors."""
    logs_aside()


@bench.command()
@DATABASE
@POSTGRES
@click.option("--clients", default="1,16", show_default=True, help="同时提交人数 · side by side")
@SECONDS
@click.option("--documents", default=4800, show_default=True, help="备多少份单据 · how many tasks")
@JSON
@told
def submit(
    database: str, postgres: bool, clients: str, *, seconds: float, documents: int, as_json: bool
) -> None:
    """每秒落盘的提交数，与裸驱动写同样的行相比。 · Durable submissions a second.

    一次提交包括校验、审核关系、流程一步、单据、事件、任务、审计和落盘。
    目标：SQLite 不低于 0.5，PostgreSQL 不低于 0.35。
    A submission is validation, checks, a flow step, its rows and the trail, on the disk.
    """
    from bench import submit as measuring

    many = _numbers(clients)
    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(
            url, folder, many, seconds=seconds, documents=documents, say=say
        ).to_json()
    if as_json:
        emit(found)
        return
    writes = found["writes_per_submission"]
    click.echo(
        f"{found['database']}: {writes['statements']} statements, {writes['rows']} rows a submission;"
        f" bar {found['bar']}; trail whole: {found['trail_whole']}"
    )
    table(found["results"])


@bench.command()
@DATABASE
@POSTGRES
@click.option("--clients", default="1,16", show_default=True, help="同时办理人数 · side by side")
@SECONDS
@click.option("--documents", default=1600, show_default=True, help="备多少份单据 · how many cases")
@JSON
@told
def flow(
    database: str, postgres: bool, clients: str, *, seconds: float, documents: int, as_json: bool
) -> None:
    """每秒走完的填报—审核—审批，逐步落盘。 · Whole cases a second, each step durable.

    与裸驱动写同样的行相比，目标不低于 0.3；与 SpiffWorkflow 在 SQLite 上走同样三步相比，目标 10 倍。
    core alone 是我们的流程内核按 SpiffWorkflow 的方式单独落盘。
    Beside the bare row writes (bar 0.3), and SpiffWorkflow kept in SQLite on the same steps (10x).
    """
    from bench import flow as measuring

    many = _numbers(clients)
    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(
            url, folder, many, seconds=seconds, documents=documents, say=say
        ).to_json()
    if as_json:
        emit(found)
        return
    writes = found["writes_per_instance"]
    click.echo(
        f"{found['database']}: {writes['statements']} statements, {writes['rows']} rows a case;"
        f" bars {found['bar']} of the floor, {found['bar_times_spiff']}x SpiffWorkflow;"
        f" {found['documents_final']} final; trail whole: {found['trail_whole']}"
    )
    table(found["results"])


@bench.command()
@DATABASE
@POSTGRES
@click.option("--clients", default=16, show_default=True, help="同时多少人 · side by side")
@SECONDS
@click.option("--documents", default=2400, show_default=True, help="备多少份单据 · how many tasks")
@JSON
@told
def http(
    database: str, postgres: bool, clients: int, *, seconds: float, documents: int, as_json: bool
) -> None:
    """同样的提交经 HTTP，以及打开已填好的任务。 · The same over HTTP, and opening filled tasks."""
    from bench import over_http

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = over_http.measure(
            url, folder, clients, seconds=seconds, documents=documents, say=say
        ).to_json()
    _http(found, as_json=as_json)


@bench.command(name="open")
@DATABASE
@POSTGRES
@click.option("--clients", default=16, show_default=True, help="同时多少人 · side by side")
@SECONDS
@click.option("--documents", default=800, show_default=True, help="备多少份单据 · how many tasks")
@JSON
@told
def open_(
    database: str, postgres: bool, clients: int, *, seconds: float, documents: int, as_json: bool
) -> None:
    """十六人同时打开已填好的四十项任务：p50、p99。 · Opening a prefilled task of forty items."""
    from bench import over_http

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = over_http.opening(
            url, folder, clients, seconds=seconds, documents=documents, say=say
        )
    _http(found, as_json=as_json)


@bench.command()
@click.option("--documents", default=100_000, show_default=True, help="多少份 · how many")
@JSON
@told
def validate(documents: int, as_json: bool) -> None:
    """校验四十项的单据，与裸校验器相比。 · Validation beside the bare validator."""
    from bench import validate as measuring

    with steps(quiet=as_json) as say:
        _one(measuring.measure(documents, say).to_json(), as_json=as_json)


@bench.command()
@click.option("--rows", default=10_000, show_default=True, help="多少行 · how many rows")
@JSON
@told
def sheet(rows: int, as_json: bool) -> None:
    """万行花名册填入原表样，再读回来。 · Ten thousand rows into the workbook and back."""
    from bench import sheet as measuring

    with steps(quiet=as_json) as say:
        _one(measuring.measure(rows, say).to_json(), as_json=as_json)


@bench.command()
@DATABASE
@POSTGRES
@click.option("--count", default=100, show_default=True, help="多少个单位 · how many organisations")
@JSON
@told
def units(database: str, postgres: bool, *, count: int, as_json: bool) -> None:
    """百个单位的工作簿打成一包，或一单位一表：固定表与四十行花名册。 · Workbooks of a hundred units."""
    from bench import units as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, count, say)
    if as_json:
        emit(found)
        return
    _named({f"{form} {kind}": one for form, kinds in found.items() for kind, one in kinds.items()})


@bench.command()
@DATABASE
@POSTGRES
@click.option(
    "--sizes",
    default="10000,100000",
    show_default=True,
    help="登记库的人数 · persons in the register",
)
@JSON
@told
def registers(database: str, postgres: bool, sizes: str, *, as_json: bool) -> None:
    """一座城市那么大的登记库与预填，与下限相比。 · Registers and prefill at the size of a city.

    装载（含校验和来源）、按号查人、翻页、交叉表、六十项预填、一千行名册、一键生成、汇总。
    Loading with validation and provenance, look-ups, pages, cross-tables, prefill, rosters,
    one-click reports for every organisation, a roll-up of them all.
    """
    from bench import registers as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, _numbers(sizes), say)
    if as_json:
        emit(found)
        return
    for size, parts in found["sizes"].items():
        _named({name: {"persons": size, **one} for name, one in parts.items()})
    _named(found["reports"])
    _named(found["largest_to_smallest"])
    click.echo(f"database: {found['database']}; most memory: {found['most_memory_mb']} MB")


@bench.command()
@DATABASE
@POSTGRES
@click.option(
    "--sizes",
    default="10000,100000",
    show_default=True,
    help="登记库的人数 · persons in the register",
)
@JSON
@told
def ledger(database: str, postgres: bool, sizes: str, *, as_json: bool) -> None:
    """台账一页五十行，与手写的同样 SQL 相比（目标 2 倍以内）。 · A page of a ledger beside its SQL."""
    from bench import ledger as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, _numbers(sizes), say)
    if as_json:
        emit(found)
        return
    for size, parts in found["sizes"].items():
        _named({name: {"persons": size, **one} for name, one in parts.items()})
    click.echo(f"{found['database']}: largest to smallest {found['largest_to_smallest']}")


@bench.command()
@DATABASE
@POSTGRES
@click.option("--documents", default=6_683, show_default=True, help="多少份报送 · how many reports")
@JSON
@told
def replay(database: str, postgres: bool, *, documents: int, as_json: bool) -> None:
    """用一期全部报送试算新版。 · A draft tried on everything that was submitted for a period."""
    from bench import replay as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, documents, say)
    _one(found, as_json=as_json)


@bench.command()
@DATABASE
@POSTGRES
@click.option("--size", default=100_000, show_default=True, help="登记库的人数 · persons")
@JSON
@told
def duplicates(database: str, postgres: bool, *, size: int, as_json: bool) -> None:
    """登记库查重：用时、查全多少、误报多少。 · Likely duplicates: time, hits, false alarms."""
    from bench import duplicates as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, size, say)
    if as_json:
        emit(found)
        return
    for name, value in found.items():
        click.echo(f"{name}\t{value}")


def _one(found: Mapping[str, Any], *, as_json: bool) -> None:
    """A measurement of one line."""
    emit(found) if as_json else table([found])


def _named(parts: Mapping[str, Mapping[str, Any]]) -> None:
    """Parts that have columns of their own: one line a part."""
    for name, values in parts.items():
        told_ = "  ".join(f"{key} {value}" for key, value in values.items())
        click.echo(f"{name}: {told_}")


@bench.command()
@DATABASE
@POSTGRES
@click.option("--numbered", is_flag=True, help="每件带编号 · each case gets a number")
@JSON
@told
def dispatch(database: str, postgres: bool, *, numbered: bool, as_json: bool) -> None:
    """发给全部 6,683 个单位（目标 10 秒内），并看其进度页（200 毫秒内）。 · To every organisation."""
    from bench import dispatch as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, numbered=numbered, say=say)
    _one(found, as_json=as_json)


@bench.command()
@DATABASE
@POSTGRES
@click.option("--tasks", default=1_000_000, show_default=True, help="共多少任务 · how many in all")
@JSON
@told
def todo(database: str, postgres: bool, *, tasks: int, as_json: bool) -> None:
    """一百万任务中某人五千项待办的列表，与手写 SQL 相比（p99 不超过 2 倍）。 · The to-do list."""
    from bench import todo as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, tasks=tasks, say=say)
    _one(found, as_json=as_json)


@bench.command()
@DATABASE
@POSTGRES
@click.option("--count", default=1000, show_default=True, help="多少份 · how many")
@click.option("--signed", is_flag=True, help="一次手写签名用于全部 · one drawn signature for all")
@JSON
@told
def approve(database: str, postgres: bool, *, count: int, signed: bool, as_json: bool) -> None:
    """一次审批一千份，各自成败（目标 5 秒内）。 · A thousand approvals, each by itself."""
    from bench import approve as measuring

    with place(database, postgres) as (url, folder), steps(quiet=as_json) as say:
        found = measuring.measure(url, folder, count=count, signed=signed, say=say)
    _one(found, as_json=as_json)


@bench.command()
@JSON
@told
def grid(as_json: bool) -> None:
    """大表在 Chromium 中：打开、按键、粘贴、滚动、内存，与预算相比。 · The sheet in Chromium.

    1000 × 50 打开 < 500 ms，按键 < 16 ms，粘贴 5000 格并校验 < 1 s，一万行滚动无空白，内存 < 150 MB。
    Opening, a key, a paste of 5,000 cells checked, 10,000 rows scrolled, memory.
    """
    from bench import grid as measuring

    with steps(quiet=as_json) as say:
        found = measuring.measure(say)
    if as_json:
        emit(found)
        return
    budget, within = found.pop("budget"), found.pop("within")
    table(
        [
            {
                "what": name,
                "found": value,
                "budget": budget.get(name, ""),
                "within": within.get(name, ""),
            }
            for name, value in found.items()
        ]
    )


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        refuse(f"应是正整数，用逗号分开 · whole numbers, as in 1,16: {text}")
    return [int(part) for part in parts]


@contextmanager
def place(database: str, postgres: bool) -> Iterator[tuple[str, Path]]:
    """The server to measure on, and a folder for files; both gone afterwards."""
    if database != "sqlite" and not database.startswith("postgresql"):
        refuse(f"--database 应为 sqlite 或 postgresql+psycopg://… · not a database: {database}")
    with tempfile.TemporaryDirectory(prefix="yibiao-bench-") as folder:
        if not postgres:
            yield database, Path(folder)
            return
        from tests import postgres as server

        with server.running(durable=True) as running:
            yield running.url("postgres"), Path(folder)


def _http(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(found)
        return
    rows = [{"what": name, **values} for name, values in found.items() if isinstance(values, dict)]
    table(rows)
    for name, value in found.items():
        if not isinstance(value, dict):
            click.echo(f"{name}: {value}")
