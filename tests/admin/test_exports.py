"""All workbooks of a dispatch in one file, packed by jobs that survive being killed."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from admin import exports as packing
from admin import working
from engine.work import System
from renderers import workbook
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows.dispatching import exports

LogIn = Callable[[str], Caller]
NAMES = ["惠安社区居民委员会", "南尧社区居民委员会"]


@pytest.fixture
def dispatch(system: System) -> Any:
    """Two reports that are final, and one that is not."""
    sent = reports.sent(system, installed.COMMUNITIES[:3])
    reports.final(system, sent, "huian", grids=6)
    reports.final(system, sent, "nanyao", grids=5)
    return sent


def asked(caller: Caller, dispatch: Any, kind: str) -> str:
    """The page of a new export."""
    answer = caller.press(f"/dispatches/{dispatch.id}/exports", kind=kind)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def worked_off(system: System) -> None:
    """Every job that is due, done."""
    working.runner(system).work_off()


def test_an_archive_holds_every_workbook(system: System, log_in: LogIn, dispatch: Any) -> None:
    """The roll-up and one workbook an organisation; the page tells how far it is before."""
    office = log_in("minzheng")
    page = asked(office, dispatch, "zip")
    assert office.get(f"{page}/file").status_code == 404
    assert "0/2" in office.get(page).text
    assert 'hx-get="' in office.get(f"{page}/state").text
    worked_off(system)
    assert "/file" in office.get(page).text
    assert "hx-get" not in office.get(f"{page}/state").text
    archive = zipfile.ZipFile(io.BytesIO(office.get(f"{page}/file").content))
    wanted = ["汇总表.xlsx"] + [f"{n:03d} {name}.xlsx" for n, name in enumerate(NAMES, 1)]
    assert archive.namelist() == wanted
    sheet = openpyxl.load_workbook(io.BytesIO(archive.read(wanted[1]))).worksheets[0]
    assert sheet["F26"].value == 6


def test_one_workbook_holds_a_sheet_for_each(
    system: System, log_in: LogIn, dispatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roll-up's sheet, then one an organisation, each as the original; packed one at a time here."""
    monkeypatch.setattr(packing, "AT_ONCE", 1)
    office = log_in("minzheng")
    page = asked(office, dispatch, "sheets")
    worked_off(system)
    content = office.get(f"{page}/file").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[-2:] == NAMES
    first = book.worksheets[0]
    assert [first["F26"].value, *(book[name]["F26"].value for name in NAMES)] == [11, 6, 5]
    for name in NAMES:
        assert book[name].merged_cells.ranges == first.merged_cells.ranges
        assert book[name].print_area == first.print_area.replace(first.title, name)
    assert workbook.identity(content) is not None


def test_a_job_that_died_goes_on_where_it_was(
    system: System, log_in: LogIn, dispatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was packed stays; only the part under way is done again."""
    monkeypatch.setattr(packing, "AT_ONCE", 1)
    office = log_in("minzheng")
    page = asked(office, dispatch, "zip")
    who = installed.person(system, "minzheng")

    def once(work: Any) -> None:
        record = exports.get(work, page.rpartition("/")[2])
        found = packing._look(work, {"export": record.id, "done": 0})
        exports.advance(work, found.record, found.done, found.content)

    system.write(who, once)
    assert "1/2" in office.get(page).text
    worked_off(system)
    archive = zipfile.ZipFile(io.BytesIO(office.get(f"{page}/file").content))
    assert len(archive.namelist()) == len(set(archive.namelist())) == 3


def test_asking_twice_gives_the_one_under_way(system: System, log_in: LogIn, dispatch: Any) -> None:
    """Two presses are one job; another office is told nothing; an odd kind neither."""
    office = log_in("minzheng")
    page = asked(office, dispatch, "zip")
    assert asked(office, dispatch, "zip") == page
    assert asked(office, dispatch, "sheets") != page
    stranger = log_in("tongji")
    for path in (page, f"{page}/state", f"{page}/file"):
        assert stranger.get(path).status_code == 404
    assert stranger.press(f"/dispatches/{dispatch.id}/exports", kind="zip").status_code == 404
    assert office.press(f"/dispatches/{dispatch.id}/exports", kind="tar").status_code == 404
