"""A form with conditions in a browser: what is typed shows, requires, locks and offers other cells at once."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from forms import documents, publish, store
from tests import installed
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.forms.test_conditions import FARM
from tests.installed import ANYBODY
from workflows import dispatches
from workflows import store as tasks

CODE = "test.conditions"
HUIAN = installed.COMMUNITIES[0]


@pytest.fixture
def task(house: House) -> str:
    """The form of the unit tests, published by a designer and sent to one community; its fill task."""
    document = {
        **FARM,
        "form": {
            "code": CODE, "kind": "report", "period": "once", "owner": "370602-mzj",
            "flow": "fill_verify_approve",
        },
    }  # fmt: skip
    house.does("designer", lambda work: store.insert_draft(work, document))
    house.does("designer", lambda work: publish.publish(work, CODE))
    sent = house.does(
        "minzheng",
        lambda work: dispatches.create(
            work, CODE, [HUIAN], "2026-11", work.now + timedelta(days=5)
        ),
    )
    with house.system.read(installed.person(house.system, "huian")) as work:
        found = tasks.tasks_of(work, tasks.TASK.c.dispatch_id == sent.id)
    return found[0].id


def test_cells_come_and_go_while_typing(come: Come, house: House, task: str) -> None:
    """Yes shows the area, which must then be filled; a city offers its towns; what is hidden is not handed in."""
    visitor = come("huian", path=f"/tasks/{task}")
    page = visitor.go(f"/tasks/{task}")
    cell = lambda path: page.locator(f'[data-cell="{path}"]')  # noqa: E731 - a locator by its path
    table = page.locator('[data-table="/people"]')
    expect(cell("/area")).to_be_hidden()
    expect(table).to_be_hidden()
    cell("/farms").locator('input[value="true"]').check()
    expect(cell("/area")).to_be_visible()
    expect(cell("/area").locator(".required")).to_be_visible()
    expect(table).to_be_visible()
    cell("/area").locator("input").fill("200")
    expect(cell("/why")).to_be_visible()
    cell("/why").locator("input").fill("大户")
    expect(cell("/double").locator("output")).to_have_text("400")
    cell("/city").locator("select").select_option("qd")
    town = cell("/town").locator("select")
    expect(town.locator('option[value="zf"]')).to_be_disabled()
    town.select_option("sn")
    cell("/note").locator("input").fill("看过")
    cell("/done").locator('input[value="true"]').check()
    expect(cell("/note").locator("input")).to_be_disabled()
    visitor.sound()
    cell("/farms").locator('input[value="false"]').check()
    expect(cell("/area")).to_be_hidden()
    expect(cell("/why")).to_be_hidden()
    page.locator("[data-submit]").click()
    page.wait_for_url(house.url + "/")
    with house.system.read(ANYBODY) as work:
        record = next(
            one
            for one in documents.listed(work, documents.DOCUMENT.c.form_code == CODE)
            if one.organisation_code == HUIAN
        )
    assert record.contents == {
        "farms": False, "city": "qd", "town": "sn", "note": "看过", "done": True,
    }  # fmt: skip
