"""Whole installations for tests: the Yantai pack, with or without its people, made once and copied."""

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from admin import migrate, packs
from admin.demo.load import load_population
from admin.working import runner
from engine.identity import store as identity
from engine.identity.actor import Actor, system_actor
from engine.settings import ROOT, Settings
from engine.work import System, Work

PACK = ROOT / "packs" / "yantai"
COMMUNITIES = tuple(f"370602011{number:03d}" for number in range(1, 11))
"""The ten communities of the street in the story."""
MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""Half past nine on a Monday in Yantai, whenever the tests run."""
ANYBODY = system_actor("test")
_begun = time.monotonic()


def ticking() -> datetime:
    """A clock that began at MORNING with the tests and goes on."""
    return MORNING + timedelta(seconds=time.monotonic() - _begun)


def work_until(system: System, done: Callable[[Work], bool]) -> None:
    """Do what waits to be done in the background, as long as it takes."""
    works = runner(system)
    for _ in range(200):
        works.work_off()
        with system.read(ANYBODY) as work:
            if done(work):
                break
    works.stop()


@dataclass(frozen=True)
class Template:
    """An installation to be copied, and the passwords of its people by log-in."""

    folder: Path
    passwords: dict[str, str]

    def copy(self, to: Path, **settings: Any) -> System:
        """An installation of one's own."""
        shutil.copytree(self.folder, to, dirs_exist_ok=True)
        return System(Settings(data_dir=str(to), **settings), now=ticking)


@cache
def pack_only() -> Template:
    """The pack: organisations, accounts, fields, forms, flows; empty registers."""
    folder = _folder()
    system = System(Settings(data_dir=str(folder)), now=ticking)
    migrate.upgrade(system.database)
    passwords = packs.load(system, PACK).passwords
    system.close()
    return Template(folder, passwords)


@cache
def with_people() -> Template:
    """The pack and the synthetic population, as `yibiao init --demo` makes them."""
    folder = _folder()
    system = pack_only().copy(folder)
    load_population(system, PACK)
    system.close()
    return Template(folder, pack_only().passwords)


def person(system: System, login: str) -> Actor:
    """Somebody of the pack, for commands in place of pages."""
    with system.read(ANYBODY) as work:
        return identity.actor_by_login(work.connection, login, now=work.now)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="yibiao-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
