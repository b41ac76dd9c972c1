"""Runs commands of `yibiao` in this process, each test with a data folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from admin.cli.__main__ import collect

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("form", "check", path)`; the installation is a folder that is not there yet."""

    def command(*arguments: object, data: Path | None = None, url: str = "") -> Result:
        environment = {"YIBIAO_DATA_DIR": str(data or tmp_path / "var"), "YIBIAO_DATABASE_URL": url}
        return CliRunner().invoke(collect(), [str(one) for one in arguments], env=environment)

    return command
