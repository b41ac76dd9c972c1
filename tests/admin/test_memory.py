"""A server's memory stands still: of a page that was answered nothing remains, and what is kept is bounded."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from admin.web import html
from bench.load import memory_told
from engine.settings import ROOT
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller
from tests.admin.rounds import Rounds, blocks

FOLDERS = ("engine", "forms", "workflows", "renderers", "admin")
EACH = 2.0
"""Blocks of memory a page; the smallest thing that is kept of each is one, a few lines of a log are six."""
FEW = {
    "engine/messages/__init__.py:table": "two languages",
    "workflows/flow.py:_defaults": "our own classes",
    "renderers/ooxml/addresses.py:letters": "a sheet has 16,384 columns",
    "renderers/ooxml/addresses.py:number": "a sheet has 16,384 columns",
    "admin/web/html.py:texts": "two languages",
    "admin/web/html.py:_starting": "prefixes that stand in templates",
    "admin/web/html.py:static": "files of our own that templates name",
    "admin/web/html.py:entry": "the islands",
}
"""Kept for good by what was given, of which there is little: a person cannot give anything else."""
KEPT = {
    "engine/absence.py:_own": "the words of the settings",
    "engine/dictionary/store.py:_cache": "emptied after eight",
    "engine/ledgers/shapes.py:_shapes": "emptied after MOST",
    "engine/ledgers/shapes.py:_asked": "emptied after MOST",
    "engine/erasure/sweep.py:_beside": "steps, as modules are imported",
    "engine/erasure/sweep.py:_names": "steps, as modules are imported",
    "engine/retention/parts.py:_parts": "each kind once, as modules are imported",
    "engine/notices/delivery.py:DESCRIBES": "ways to describe, as modules are imported",
    "engine/rotation.py:_fixed": "sealed columns, as modules are imported",
    "forms/documents.py:_NOTHING_KEPT": "what a record says by default: a Mapping, which nobody fills",
    "forms/compiled.py:_validators": "the oldest goes after _KEPT",
    "forms/kinds/ledger.py:_lenses": "emptied after 256",
    "forms/retaining/documents.py:_beside": "steps, as modules are imported",
    "forms/store.py:_compiled": "emptied after 512",
    "workflows/store.py:_flows": "emptied after 512",
}
"""What a module keeps at its top, and why it does not grow."""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """The pack with its people, whose pages nobody counts."""
    opened = installed.with_people().copy(
        tmp_path / "data", searches_per_minute=0, exports_per_minute=0, logins_per_minute=0
    )
    yield opened
    opened.close()


def test_of_a_page_that_was_answered_nothing_remains(
    system: System,
    app: Litestar,
    log_in: Callable[[str], Caller],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Round after round through everybody's pages the same memory does; a few lines kept of each show."""
    rounds = Rounds(system, app, log_in)
    assert len(rounds.pages) > 200
    for number in range(3):  # what is kept for good is kept now
        rounds.turn(number)
    before = blocks()
    for number in range(3, 5):
        rounds.turn(number)
    kept = (blocks() - before) / (2 * len(rounds.pages))
    assert kept < EACH

    forgotten: list[str] = []
    drawn: Callable[..., Any] = html.page

    def keeping(*given: object, **more: object) -> Any:
        forgotten.extend(f"line {len(forgotten)} {number}" for number in range(6))
        return drawn(*given, **more)

    monkeypatch.setattr(html, "page", keeping)
    before = blocks()
    rounds.turn(5)
    assert (blocks() - before) / len(rounds.pages) > EACH


def test_what_is_kept_by_what_was_given_has_an_end() -> None:
    """A cache without a size, and a container at the top of a module, stand in a table with a reason."""
    endless, kept = set(), set()
    for path in (file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree := ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.args.args:
                marks = {ast.unparse(one) for one in node.decorator_list}
                if any(re.fullmatch(r"(functools\.)?(cache|lru_cache\(.*None.*\))", one) for one in marks):  # fmt: skip
                    endless.add(f"{name}:{node.name}")
        for line in tree.body:
            match line:
                case (
                    ast.AnnAssign(target=ast.Name(id=own), value=ast.Dict(keys=[]))
                    | ast.AnnAssign(target=ast.Name(id=own), value=ast.List(elts=[]))
                    | ast.AnnAssign(
                        target=ast.Name(id=own),
                        value=ast.Call(
                            func=ast.Name(
                                id="set" | "dict" | "list" | "defaultdict" | "OrderedDict" | "deque"
                            ),
                            args=[],
                        ),
                    )
                ):
                    kept.add(f"{name}:{own}")
                case _:
                    pass
    assert endless == set(FEW)
    assert kept == set(KEPT)


def test_the_load_tells_how_memory_rises() -> None:
    """By half minutes, and for the second half by the line through them: filling caches is the first half's."""
    flat = memory_told([(0, 180), (30, 350), (60, 356), (90, 356), (120, 356)])
    assert flat["every_half_minute"] == [350, 356, 356]
    assert flat["second_half_mb_a_minute"] == 0
    rising = memory_told([(0, 180), (30, 350), (60, 360), (90, 365), (120, 370)])
    assert rising["second_half_mb_a_minute"] == 10
    assert memory_told([(0, 180), (5, 190)])["second_half_mb_a_minute"] == 0


HEAPS = """
import ctypes, re, sys, threading
from admin import working
if sys.argv[1] == "settled":
    working.settled()
held = threading.Barrier(12)
def one():
    ctypes.CDLL(None).malloc(100_000)
    held.wait()
threads = [threading.Thread(target=one) for _ in range(12)]
[each.start() for each in threads]
[each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w")))
libc.fflush(None)
print(open(sys.argv[2]).read().count("<heap nr="))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only the GNU library has heaps for threads")
def test_threads_share_two_heaps(tmp_path: Path) -> None:
    """What one thread leaves free another uses: sixteen heaps held 150 MB of emptiness."""

    def heaps(how: str) -> int:
        told = subprocess.run(
            [sys.executable, "-P", "-c", HEAPS, how, str(tmp_path / how)],
            cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return int(told.stdout)

    assert heaps("as it comes") > 2
    assert heaps("settled") == 2
