"""Choosing organisations on pages: by group and rule, in the tree, by name; groups are kept and used."""

import re
from typing import Any

from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from tests import installed
from tests.admin.reports import FORM, PERIOD, TWO
from workflows import dispatches
from workflows.dispatching import progress, targets

NEW, OFFICE, STREET = f"/forms/{FORM}/dispatch", "370602-mzj", "370602011"
CHOOSE = f"/targets/{OFFICE}"


def counted(page: str) -> int:
    """How many units the page says are meant."""
    found = re.search(r'class="chosen-count"><strong class="num">(\d+)<', page)
    assert found, page
    return int(found[1])


def test_a_group_is_kept_and_a_report_sent_to_it(system: System, log_in: Any) -> None:
    """By name and by hand; the next time the same choice is offered."""
    office = log_in("minzheng")
    wrong = office.press("/groups/new", owner=OFFICE, name="重点社区")
    assert (wrong.status_code, "选择单位的条件有误" in wrong.text) == (422, True)
    assert (
        office.press("/groups/new", owner=OFFICE, name="重点社区", org=list(TWO)).status_code == 303
    )
    assert "重点社区" in office.get("/groups").text
    with system.read(installed.person(system, "minzheng")) as work:
        (group,) = targets.groups(work, OFFICE)
    assert counted(office.press(CHOOSE, group=group["id"]).text) == 2
    sent = office.press(NEW, period=PERIOD, due="2026-12-20", group=group["id"])
    assert sent.status_code == 303, sent.text
    page = office.get(NEW).text
    assert counted(page) == 2
    assert re.search(f'name="group" value="{group["id"]}" checked', page)
    assert office.press(f"/groups/{group['id']}/forget").status_code == 303
    assert "还没有分组" in office.get("/groups").text
    assert log_in("tongji").get(f"/groups/{group['id']}").status_code == 404


def test_a_report_is_sent_by_rule(system: System, log_in: Any) -> None:
    """The rule is asked of the register at the moment of sending; a wrong one is told in words."""

    def beds(work: Work) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "组织基础库", work.at))
        counts = zip(installed.COMMUNITIES, range(10, 110, 10), strict=True)
        changes = [Change("org.elder_beds", place, count) for place, count in counts]
        registers.set_values(work, known, changes, origin)

    system.write(installed.ANYBODY, beds)
    office = log_in("minzheng")
    assert counted(office.press(CHOOSE, rule="elder_beds > 80").text) == 2
    assert counted(office.press(CHOOSE, rule="elder_beds > 80 and population = 0").text) == 2
    assert counted(office.press(CHOOSE, rule="population > 0").text) == 0  # nobody is registered
    told = office.press(CHOOSE, rule="population >").text
    assert "选择单位的条件有误" in told
    refused = office.press(NEW, period=PERIOD, due="2026-12-20", rule="population >")
    assert refused.status_code == 422
    sent = office.press(NEW, period=PERIOD, due="2026-12-20", rule="elder_beds > 80")
    with system.read(installed.ANYBODY) as work:
        record = dispatches.get(work, sent.headers["location"].rpartition("/")[2])
        codes = {one.organisation for one in progress.units(work, record)}
    assert codes == set(installed.COMMUNITIES[-2:])


def test_the_tree_unfolds_and_names_are_found(log_in: Any) -> None:
    """A part with all below it is picked, a unit left out, and taken off again, without sending."""
    office = log_in("minzheng")
    rows = office.get(f"{CHOOSE}/tree?at={STREET}").text
    assert f'value="org:{TWO[0]}"' in rows
    found = office.get(f"{CHOOSE}/search?find=惠安").text
    assert f'value="org:{TWO[0]}"' in found
    assert "没有找到" in office.get(f"{CHOOSE}/search?find=火星").text
    page = office.press(NEW, period=PERIOD, due="2026-12-20", add=f"tree:{STREET}")
    assert (page.status_code, counted(page.text)) == (200, 11)  # the street itself fills in too
    page = office.press(NEW, tree=STREET, add=f"without:{TWO[0]}")
    assert counted(page.text) == 10
    page = office.press(NEW, tree=STREET, without=TWO[0], drop=f"tree:{STREET}")
    assert counted(page.text) == 0
    assert office.get(f"{CHOOSE}/tree?at=110000").status_code == 404
    assert log_in("tongji").get(f"{CHOOSE}/tree").status_code == 404


def test_the_api_tells_whom_a_choice_means(log_in: Any) -> None:
    """Before it is sent, by the same parts; who has it already can be skipped."""
    office = log_in("minzheng")
    told = office.post(
        f"/api/forms/{FORM}/targets", {"levels": ["village"], "below": STREET, "without": [TWO[0]]}
    )
    assert (told.status_code, told.json()["count"], told.json()["levels"]) == (
        200,
        9,
        {"village": 9},
    )
    first = {"form": FORM, "period": PERIOD, "due": "2026-12-20", "organisations": [TWO[0]]}
    assert office.post("/api/dispatches", first).status_code == 201
    all_of = {**first, "organisations": [], "targets": {"levels": ["village"], "below": STREET}}
    assert office.post("/api/dispatches", all_of).status_code == 409
    skipped = office.post("/api/dispatches", {**all_of, "skip": True})
    assert skipped.json()["dispatch"]["targets"] == 9
