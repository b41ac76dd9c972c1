"""How `make test` runs the tests (admin/setup/passes.sh), tried on a handful of tests of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.settings import ROOT

PROJECT = {
    "pyproject.toml": """
        [tool.pytest.ini_options]
        testpaths = ["checks"]
        markers = ["alone: by itself"]
        addopts = "-q --strict-markers --import-mode=importlib"
        """,
    "checks/test_many.py": """
        import os, pathlib, pytest
        @pytest.mark.parametrize("number", range(5))
        def test_beside(number):
            assert number >= int(os.environ.get("WRONG", 0))
        def test_first_time():
            been = pathlib.Path(__file__).with_name("been")
            again = been.exists()
            been.touch()
            assert again or not os.environ.get("ONCE")
        """,
    "checks/test_other.py": """
        import os
        def test_process():
            if "DIE" in os.environ:
                os._exit(int(os.environ["DIE"]))
        """,
    "checks/test_alone.py": """
        import os, pytest
        if os.environ.get("UNREADABLE"):
            import nowhere
        if not os.environ.get("NOBODY"):
            @pytest.mark.alone
            def test_alone():
                assert "PYTEST_XDIST_WORKER" not in os.environ
                assert not os.environ.get("ALONE")
        def test_not_alone():
            pass
        """,
    "run.sh": """
        set -eu
        . "$SETUP/steps.sh"
        . "$SETUP/passes.sh"
        mkdir failures
        failures=$PWD/failures
        shown "测试" "tests" passes
        say "all is well"
        """,
}
Ran = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """The passes over the project, with what goes wrong in it; on one core only if so wished."""
    for name, text in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        indent = " " * 8
        lines = [line.removeprefix(indent) for line in text.strip("\n").splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(cores: int = 2, gigabytes: int = 8, **wrong: str) -> subprocess.CompletedProcess[str]:
        memory = f"MemTotal: 99 kB\nMemAvailable: {gigabytes}000000 kB\n"
        (tmp_path / "meminfo").write_text(memory, encoding="utf-8")
        (tmp_path / "nproc").write_text(f"#!/bin/sh\necho {cores}\n", encoding="utf-8")
        (tmp_path / "nproc").chmod(0o755)
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "SETUP": str(ROOT / "admin/setup"),
            "python": sys.executable, "PYTHONDONTWRITEBYTECODE": "1", "MEMORY": str(tmp_path / "meminfo"),
            # without the plugins that this project does not need
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p xdist.plugin --tb=short", "CI": "true",
            **wrong,
        }  # fmt: skip
        return subprocess.run(
            ["sh", "run.sh"], cwd=tmp_path, env=environment, check=False, timeout=300,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("cores", "gigabytes", "told"),
    [(1, 8, "one process"), (2, 8, "2 processes"), (16, 99, "3 processes"), (2, 4, "one process")],
)
def test_all_pass_side_by_side_and_then_alone(ran: Ran, cores: int, gigabytes: int, told: str) -> None:  # fmt: skip
    """As many processes as cores, if there is room for them; on one core none is begun."""
    done = ran(cores, gigabytes)
    assert done.returncode == 0, done.stdout
    assert told in done.stdout
    assert done.stdout.index("8 passed") < done.stdout.index("1 passed")
    assert "once more" not in done.stdout


@pytest.mark.parametrize("wrong", [{"WRONG": "1"}, {"ALONE": "1"}, {"WRONG": "1", "ALONE": "1"}])
def test_a_failure_of_either_pass_is_named_tried_again_and_fails(ran: Ran, wrong: dict[str, str]) -> None:  # fmt: skip
    """Both passes are run first, so that all failures are told."""
    done = ran(**wrong)
    assert done.returncode == 1, done.stdout
    before, _, again = done.stdout.partition("once more on their own")
    for key, name in (("WRONG", "test_many.py::test_beside[0]"), ("ALONE", "test_alone.py::test_alone")):  # fmt: skip
        assert (f"FAILED checks/{name}" in before) is (key in wrong)
        assert (f"FAILED checks/{name}" in again) is (key in wrong)
    assert "by themselves" in before
    assert f"{len(wrong)} failed" in again
    assert "all is well" not in done.stdout


def test_what_passes_when_tried_again_is_named(ran: Ran) -> None:
    """Somebody has to look, though all is well."""
    done = ran(ONCE="1")
    assert done.returncode == 0, done.stdout
    told = done.stdout.partition("somebody has to look")[2]
    assert '"checks/test_many.py::test_first_time": true' in told
    assert "all is well" in told


@pytest.mark.parametrize(
    ("cores", "wrong"),
    [
        (2, {"WRONG": "4"}),  # more than a few failures
        (2, {"NOBODY": "1"}),  # nothing is alone
        (2, {"UNREADABLE": "1"}),  # a file cannot be imported
        (2, {"DIE": "0"}),  # a process of the tests ends in the middle
        (1, {"DIE": "0"}),  # the only one does, and says that all is well
        (1, {"WRONG": "1", "PYTEST_ADDOPTS": "-p xdist.plugin -x"}),  # stopped early
        (2, {"WRONG": "1", "PYTEST_ADDOPTS": "-p xdist.plugin -x"}),
    ],
)
def test_nothing_is_tried_again_where_it_would_prove_nothing(ran: Ran, cores: int, wrong: dict[str, str]) -> None:  # fmt: skip
    """There are tests that nobody ran, or too many failures to be chance."""
    done = ran(cores, **wrong)
    assert done.returncode != 0, done.stdout
    assert "once more" not in done.stdout
    assert "all is well" not in done.stdout
