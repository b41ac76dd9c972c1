"""A position: one press takes the device's, the picture shows it, what is swapped is told; no request leaves."""

from datetime import timedelta

from playwright.sync_api import expect

from forms import documents, publish, store
from forms.positions import PATTERN
from tests import installed
from tests.browser.conftest import Come
from tests.browser.house import House
from workflows import dispatches
from workflows import store as tasks

CODE = "test.position"
HUIAN = installed.COMMUNITIES[0]
AT = {"type": "string", "widget": "position", "pattern": PATTERN}


def test_one_press_takes_the_position(come: Come, house: House) -> None:
    """Saved to six digits with a picture; refused by the device, it says what to do; swapped, it is told."""
    document = {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": f"urn:yibiao:form:{CODE}",
        "title": "点位",
        "type": "object",
        "form": {
            "code": CODE, "kind": "report", "period": "once", "owner": "370602-mzj",
            "flow": "fill_verify_approve",
        },
        "properties": {"well": {**AT, "title": "水井"}, "pump": {**AT, "title": "泵站"}},
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
        task = tasks.tasks_of(work, tasks.TASK.c.dispatch_id == sent.id)[0].id
    page = come("huian", path=f"/tasks/{task}").go(f"/tasks/{task}")
    well, pump = page.locator('[data-cell="/well"]'), page.locator('[data-cell="/pump"]')
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 37.5380004, "longitude": 121.391, "accuracy": 12})
    well.locator("button", has_text="取当前位置").click()
    expect(well.locator("input")).to_have_value("37.538000,121.391000")
    expect(well.locator("svg .position-here")).to_have_count(1)
    expect(well.locator("[role=status]")).to_contain_text("12")
    pump.locator("input").fill("121.39,37.54")
    expect(pump.locator("[data-problem]")).to_be_visible()
    with page.expect_response(lambda one: "37.54,121.392" in (one.request.post_data or "")):
        pump.locator("input").fill("37.54,121.392")
    expect(pump.locator("svg .position-other")).to_have_count(1)
    with house.system.read(installed.person(house.system, "huian")) as work:
        kept = documents.get(work.connection, tasks.task(work, task).document_id).contents
    assert kept == {"well": "37.538000,121.391000", "pump": "37.54,121.392"}
