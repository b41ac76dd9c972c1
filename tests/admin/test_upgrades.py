"""A populated database as earlier programs left it, brought to this one: whole, and its work goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from admin import migrate, packs
from engine.audit import trail
from engine.settings import Settings
from engine.work import System
from forms import documents
from tests import installed
from tests.admin import reports
from workflows.dispatch import DispatchRecord

EARLIER = ("0040", "0030", "0020", "0010")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """The pack, on either database."""
    if request.param == "sqlite":
        opened = installed.pack_only().copy(tmp_path)
    else:
        settings = Settings(
            database_url=request.getfixturevalue("postgres_url"), data_dir=str(tmp_path)
        )
        opened = System(settings, now=installed.ticking)
        migrate.upgrade(opened.database)
        packs.load(opened, installed.PACK)
    yield opened
    opened.close()


def under_way(system: System) -> tuple[DispatchRecord, list[str]]:
    """A report to three communities: one approved, one handed in and sent back, one waits to be filled."""
    dispatch = reports.sent(system, installed.COMMUNITIES[:3])
    done = reports.final(system, dispatch, "huian")
    back = reports.handed_in(system, dispatch, "nanyao")
    reports.returned(system, dispatch, back, "/elder_beds")
    return dispatch, [done, back]


def test_work_under_way_goes_on_after_every_upgrade(town: System) -> None:
    """Undone to what an earlier program had and brought back, with all that people did meanwhile."""
    dispatch, (done, back) = under_way(town)
    for revision in EARLIER:
        migrate.downgrade(town.database, revision)
        migrate.upgrade(town.database)
        with town.read(installed.ANYBODY) as work:
            assert trail.verify(work.connection).whole, revision
    reports.again(town, dispatch, "nanyao", {"/elder_beds": 3})
    reports.passed(town, dispatch, "shenhe", "verify", back)
    reports.passed(town, dispatch, "lingdao", "approve", back)
    third = reports.final(town, dispatch, "shangyao")
    with town.read(installed.ANYBODY) as work:
        found = documents.several(work.connection, [done, back, third])
        assert {one.status for one in found} == {"final"}
        assert trail.verify(work.connection).whole
