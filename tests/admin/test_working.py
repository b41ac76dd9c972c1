"""What a started program does once, and that every kind of job is known to whoever does jobs alone."""

import gc

from admin import working
from engine.settings import ROOT


def test_every_module_of_handlers_is_known_without_the_pages() -> None:
    """`yibiao work` imports no page; a job it does not know would wait for ever."""
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for folder in ("engine", "forms", "workflows", "admin")
        for path in (ROOT / folder).rglob("*.py")
        if "\n@JOBS.job(" in path.read_text("utf-8")
    }
    assert "engine.registers.quality" in found
    assert found <= set(working.KINDS)


def test_a_started_program_is_not_looked_through_again() -> None:
    """What it holds is put aside for good."""
    before = gc.get_threshold()
    try:
        working.settled()
        assert gc.get_freeze_count() > 1_000
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
