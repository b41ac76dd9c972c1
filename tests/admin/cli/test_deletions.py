"""Deletions from the command line: listed, carried out here and now, certified; one cut off is said to be."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from admin import working
from engine.dictionary.store import dictionary
from engine.erasure import store as erasures
from engine.retention import store as retention
from engine.work import System
from tests import factories, installed
from tests.admin import reports
from tests.admin.cli.conftest import Run

LATER = datetime(2036, 12, 1, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one deletion of a person and one of a report, both approved and not begun."""
    working.load()
    folder = tmp_path / "data"
    system = installed.pack_only().copy(folder)
    reports.final(system, reports.sent(system))
    who = factories.person(residence=installed.COMMUNITIES[0], residency="1", name="钱三多")
    with system.read(installed.ANYBODY) as work:
        factories.load_people(system, dictionary(work.connection), [who])
    asks, decides = (installed.person(system, login) for login in ("anquan", "xitong"))
    with system.read(asks) as work:
        own = erasures.find(work, "person", who["id_number"])
    erased = system.write(
        asks,
        lambda work: erasures.ask(
            work, "person", own, basis="purpose-ended", reason="本人持证申请，已核实"
        ),
    )
    system.write(decides, lambda work: erasures.decide(work, erased, agreed=True))
    system.close()
    later = System(system.settings, now=lambda: LATER)
    rule = later.write(
        asks,
        lambda work: retention.set_period(work, "form", reports.FORM, 60, "档案管理规定：短期"),
    )
    run = later.write(asks, lambda work: retention.ask(work, [rule]))
    later.write(decides, lambda work: retention.decide(work, run, agreed=True))
    later.close()
    return folder


@pytest.mark.parametrize("command", ["erase", "retention"])
def test_what_was_approved_is_carried_out_and_certified(run: Run, data: Path, command: str) -> None:
    """Before that there is no certificate; afterwards there is nothing left to do."""
    (one,) = json.loads(run(command, "list", "--json", data=data).stdout)
    early = run(command, "certificate", one["id"], data=data)
    assert (early.exit_code, "not done yet" in early.stderr) == (2, True)
    assert run(command, "run", data=data).stdout.startswith("1 ")
    (one,) = json.loads(run(command, "list", "--json", data=data).stdout)
    assert (one["state"], bool(one["done_at"])) == ("done", True)
    told = run(command, "certificate", one["id"], data=data)
    assert told.exit_code == 0
    assert one["id"] in told.stdout
    assert "钱三多" not in told.stdout
    assert run(command, "run", data=data).stdout.startswith("0 ")
    assert run(command, "certificate", "nobody", data=data).exit_code == 2


def test_what_is_due_is_told_by_period(run: Run, data: Path) -> None:
    """As of today nothing is due yet: the report is younger than its period."""
    (due,) = json.loads(run("retention", "due", "--json", data=data).stdout)
    assert (due["kind"], due["code"], due["months"], due["now"]) == ("form", reports.FORM, 60, 0)
