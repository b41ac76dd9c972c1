"""What commands share: the opened installation, output for people or programs, plain refusals."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from engine import json_text
from engine.errors import Problem
from engine.settings import Settings, load
from engine.work import System

P = ParamSpec("P")
T = TypeVar("T")


def refuse(text: str) -> NoReturn:
    """One clear line and exit code 2: the input is wrong, nothing was done."""
    click.echo(text, err=True)
    sys.exit(2)


def told(command: Callable[P, T]) -> Callable[P, T]:
    """Turn a command's problems into one line and exit code 2."""

    @wraps(command)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            refuse(problem.text(language()))
        except FileNotFoundError as error:
            refuse(f"没有这个文件 · no such file: {error.filename}")
        except IsADirectoryError as error:
            refuse(f"这是文件夹，不是文件 · a folder, not a file: {error.filename}")

    return inside


def language() -> str:
    """The language the operator's settings ask for."""
    try:
        return load().language
    except Problem:
        return "zh"


def logs_aside() -> None:
    """What is logged on the way goes to standard error: standard output is the command's own."""
    import structlog  # as heavy as what logs, and loaded by it anyway

    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


@contextmanager
def installation(settings: Settings | None = None) -> Iterator[System]:
    """The installation by the settings in force, migrated; closed at the end."""
    from admin import migrate

    logs_aside()
    system = System(settings or load())
    try:
        with system.database.read() as connection:
            current = migrate.is_current(connection)
        if not current:
            migrate.upgrade(system.database)
        yield system
    finally:
        system.close()


def emit(value: Any) -> None:
    """JSON on standard output, for programs."""
    click.echo(json_text.dumps(value, indent=2))


def plain(value: Any) -> str:
    """A value as one line for people."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
