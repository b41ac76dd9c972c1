"""Defaults on a phone: proposed, confirmed by one press, in a new row before the server hears of it; groups have headings."""

from datetime import timedelta

from playwright.sync_api import expect

from engine.work import Work
from forms import documents, publish
from forms import store as forms
from forms.importers.json_schema.build import build
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.installed import ANYBODY, COMMUNITIES
from workflows import dispatches, store

SCHEMA = b"""{
  "title": "Visits", "type": "object", "required": ["way"],
  "properties": {
    "way": {"enum": ["door", "phone"], "default": "door"},
    "site": {"type": "object", "title": "Site", "properties": {
      "street": {"type": "string"},
      "geo": {"type": "object", "title": "Place on the map", "properties": {"lat": {"type": "number"}}}}},
    "who": {"oneOf": [
      {"title": "Person", "type": "object", "properties": {"name": {"type": "string"}}},
      {"title": "Firm", "type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}]},
    "visits": {"type": "array", "items": {"type": "object", "properties": {
      "day": {"type": "string"}, "times": {"type": "integer", "default": 2}}}}
  }
}"""
CODE = "test.visits"


def sent(house: House) -> str:
    """The schema as a form, published and sent; the page of the staff's task."""

    def out(work: Work) -> None:
        made = build(SCHEMA, code=CODE, owner="370602-mzj")
        assert made.left == ()
        forms.insert_draft(work, made.form)
        publish.publish(work, CODE)

    house.does("designer", out)
    due = timedelta(days=5)
    house.does(
        "minzheng",
        lambda work: dispatches.create(work, CODE, COMMUNITIES[:1], "2026-11", work.now + due),
    )
    return f"/tasks/{house.does('huian', lambda work: store.tasks_of(work)[0].id)}"


def test_a_schema_is_filled_on_a_phone_as_it_says(come: Come, house: House) -> None:
    """The record holds exactly what was typed, chosen and confirmed."""
    visitor = come("huian", phone=True, path=sent(house))
    page = visitor.page
    total = page.locator("[data-total]")
    way = page.locator('[data-cell="/way"]')
    expect(way.locator("[data-state-text]")).to_have_text("默认值")
    expect(page.get_by_role("heading", name="Place on the map")).to_be_visible()
    expect(page.get_by_role("heading", name="Firm")).to_be_hidden()
    expect(total).to_have_text("4")
    visitor.sound()

    page.locator('[name="v:/who/kind"]').select_option(label="Firm")
    expect(page.get_by_role("heading", name="Firm")).to_be_visible()
    expect(page.get_by_role("heading", name="Person")).to_be_hidden()
    expect(total).to_have_text("5")
    page.locator('[name="v:/who/option_2/code"]').fill("1e5")
    page.locator('[name="v:/site/geo/lat"]').fill("37.5")

    page.locator('[data-table="/visits"] [data-add-row]').click()
    row = page.locator('[data-table="/visits"] tbody tr')
    expect(total).to_have_text("7")
    expect(row.locator('[name$="/times"]')).to_have_value("2")
    row.locator('[name$="/day"]').fill("3 日")
    for box in page.locator(".confirm:visible input").all():
        box.check()
    expect(page.locator("[data-mine]")).to_have_text("0")
    page.locator("[data-submit]").click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    with house.system.read(ANYBODY) as work:
        (record,) = (one for one in documents.listed(work) if one.form_code == CODE)
    (only,) = record.contents["visits"]
    assert {key: value for key, value in only.items() if key != "_id"} == {
        "day": "3 日",
        "times": 2,
    }
    rest = {key: value for key, value in record.contents.items() if key != "visits"}
    assert rest == {
        "way": "door",
        "site": {"geo": {"lat": record.contents["site"]["geo"]["lat"]}},
        "who": {"kind": "2", "option_2": {"code": "1e5"}},
    }
    assert str(record.contents["site"]["geo"]["lat"]) == "37.5"
