"""A month is played by people: what they cannot have known is typed, the rest was there."""

from pathlib import Path

import pytest

from admin import packs
from admin.demo import month
from admin.demo.figures import Figures
from admin.demo.load import load_population
from admin.demo.story import StoryClock
from engine.identity.actor import system_actor
from engine.settings import ROOT
from engine.work import System
from forms import documents
from forms.documents import DOCUMENT

PACK = ROOT / "packs" / "yantai"


@pytest.fixture
def played(sqlite_system: System) -> tuple[System, dict[str, tuple[str, Figures]]]:
    clock = StoryClock()
    sqlite_system.now = clock
    packs.load(sqlite_system, PACK)
    load_population(sqlite_system, PACK)
    return sqlite_system, month.play(sqlite_system, clock, Path(PACK), lambda *_: None, places=1)


def test_a_month_needs_little_typing_and_some(played) -> None:
    """At least 95 of 100 cells submitted were known and stood; what is new each month was typed."""
    system, found = played
    assert set(found) == set(month.REPORTS)
    whole = sum((figures for _, figures in found.values()), Figures())
    assert whole.submitted_rate >= 0.95
    assert whole.accepted_unchanged + whole.typed == whole.submitted
    assert whole.submitted + whole.left_blank == whole.asked
    assert found["emergency.enterprise_inspection"][1].typed > 0
    assert found["civil.community_monthly"][1].typed > 0
    with system.read(system_actor("test")) as work:
        assert documents.count(work.connection, DOCUMENT.c.status == "final") == 4


def test_a_rate_of_nothing_is_nothing() -> None:
    """No cell, no share."""
    assert Figures().submitted_rate == Figures().rate == 0.0
    assert Figures(1, 10, 9, 6, 2, 2).submitted_rate == 0.75
