"""One-click reports on their page and over the API: what needs nobody, made, watched, opened; what does not, told why."""

from typing import Any

import pytest

from admin import working
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms import documents
from forms import store as forms
from tests import installed
from tests.admin import reports
from workflows.dispatching import making

KNOWN = ("births", "deaths", "elderly_new", "elderly_visits", "households", "population")
PERIOD = "2026-11"


@pytest.fixture
def known(system: System) -> str:
    """The first community, of which the register has all that the month's report must have."""

    def command(work: Work) -> None:
        fields = dictionary(work.connection)
        came = registers.add_origin(work, Origin("steward", "试验", work.at))
        changes = [
            Change(f"org.{name}", installed.COMMUNITIES[0], 0, PERIOD)
            for name in KNOWN
            if not fields.field(f"org.{name}").compute
        ]
        registers.set_values(work, fields, changes, came)

    system.write(installed.ANYBODY, command)
    return installed.COMMUNITIES[0]


def test_the_page_tells_what_needs_nobody_and_why_not_the_others(
    system: System, log_in: Any, known: str
) -> None:
    """For one organisation: ready or not, the cells that are missing by name."""
    office = log_in("minzheng")
    page = office.get(f"/makings?org={known}&month={PERIOD}").text
    assert "都有了，可以直接生成" in page
    with system.read(installed.person(system, "minzheng")) as work:
        form = forms.published(work.connection, reports.FORM)
        place = identity.organisation(work.connection, known)
        lacking, blanks = making.missing(work, form, place, PERIOD)
    assert lacking == []
    assert blanks >= 1
    assert f"选填的有 {blanks} 格没有数据，会空着" in page
    other = office.get(f"/makings?org={installed.COMMUNITIES[1]}&month={PERIOD}").text
    assert "缺「本月出生人口」" in other
    assert "还差" in other
    assert log_in("huian").get("/makings").status_code == 403


def test_made_for_one_it_can_be_opened(system: System, log_in: Any, known: str) -> None:
    """A press, a job, a report; a second press finds it there."""
    office = log_in("minzheng")
    wanted = {"form": reports.FORM, "period": PERIOD, "org": known, "scope": "one"}
    begun = office.press("/makings", **wanted)
    assert begun.status_code == 303
    here = begun.headers["location"]
    assert "hx-trigger" in office.get(here).text
    working.runner(system).work_off()
    page = office.get(here).text
    assert "做完了：生成 1 份，共 1 个单位" in page
    assert "hx-trigger" not in office.get(f"{here}/state").text
    with system.read(installed.person(system, "minzheng")) as work:
        made = documents.of_dispatch(work.connection, here.rpartition("/")[2])
        name = identity.organisation(work.connection, known).name
    assert f'href="/records/{made[0].id}"' in page
    assert name in page
    assert office.get(f"/records/{made[0].id}").status_code == 200
    again = office.press("/makings", **wanted).headers["location"]
    working.runner(system).work_off()
    assert "这一期已经有这张报表" in office.get(again).text
    assert office.press("/makings", **{**wanted, "scope": "moon"}).status_code == 404
    assert log_in("tongji").get(here).status_code == 404


def test_over_the_api_for_all_that_fill_in(system: System, log_in: Any, known: str) -> None:
    """What was made and what was left, each with its cell and reason."""
    office = log_in("minzheng")
    begun = office.post("/api/makings", {"form": reports.FORM, "period": PERIOD})
    assert begun.status_code == 201, begun.text
    working.runner(system).work_off()
    found = office.get(f"/api/makings/{begun.json()['id']}").json()
    assert (found["finished"], found["made"]) == (True, 1)
    assert found["made"] + found["not_made"] == found["total"] == len(found["left"]) + 1
    assert {one["reason"] for one in found["left"]} == {"missing"}
    assert log_in("tongji").get(f"/api/makings/{found['id']}").status_code == 404
    wrong = office.post("/api/makings", {"form": reports.FORM, "period": "2026"})
    assert wrong.status_code == 422
