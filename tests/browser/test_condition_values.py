"""Organisations and people in a condition are found by name: one, or several as chips; said by name, kept as codes."""

import re
from typing import Any

from playwright.sync_api import expect

from forms import publish, store
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.browser.test_flow_conditions import way
from tests.browser.test_flow_designer import begin, saved
from tests.browser.test_flow_designer import publish as publish_flow

CASE: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": "urn:yibiao:form:test.case",
    "title": "受理登记",
    "type": "object",
    "form": {"code": "test.case", "kind": "report", "period": "once", "owner": "370602-mzj"},
    "properties": {
        "place": {
            "type": "string", "title": "受理单位", "widget": "organisation", "scope": {"within": "all"},
        },
        "by": {"type": "string", "title": "经办人", "widget": "account", "scope": {"within": "all"}},
    },
}  # fmt: skip


def test_values_are_found_by_name(come: Come, house: House) -> None:
    """They were typed as codes with commas between; the words name them, and so does the line when it is opened again."""
    visitor = come("designer")
    page = begin(visitor, "受理审批")
    publish_flow(page, "受理审批")
    code = page.url.rpartition("/")[2]
    form = {**CASE, "form": {**CASE["form"], "flow": code}}
    house.does("designer", lambda work: store.insert_draft(work, form))
    house.does("designer", lambda work: publish.publish(work, "test.case"))
    page.get_by_role("button", name=re.compile("^修改（新版本）")).click()
    box = way(page, "审核")
    line = box.locator(".condition-line").first
    line.get_by_label("比较").select_option(label="是其中之一")
    values = line.get_by_role("combobox", name="哪几个")
    values.fill("惠安社区")
    expect(line.locator("[role=option]:visible").last).to_contain_text("惠安社区居民委员会")
    values.press("Enter")
    values.fill("南尧社区")
    expect(line.locator("[role=option]:visible").last).to_contain_text("南尧社区居民委员会")
    values.press("Enter")
    expect(line.locator(".choose-chip")).to_have_text(
        ["惠安社区居民委员会✕", "南尧社区居民委员会✕"]
    )
    said = box.locator(".formula-words")
    expect(said).to_have_text("当 受理单位 是 惠安社区居民委员会、南尧社区居民委员会 之一 时")
    values.press("Backspace")
    expect(line.locator(".choose-chip")).to_have_count(1)
    box.get_by_role("button", name="再加一条").click()
    second = box.locator(".condition-line").nth(1)
    item = second.get_by_role("combobox", name="项目")
    item.fill("经办")
    item.press("Enter")
    who = second.get_by_role("combobox", name="值")
    who.fill("qzy")
    expect(second.locator("[role=option]:visible").last).to_contain_text("秦致远")
    who.press("Enter")
    expect(who).to_have_value("秦致远")
    told = "受理单位 是 惠安社区居民委员会 之一 且 经办人 是 秦致远"
    expect(said).to_have_text(f"当 {told} 时")
    visitor.sound()
    box.get_by_role("button", name="用这个条件").click()
    expect(box.locator(".flow-ways li").first).to_contain_text(told)
    saved(page)
    page.reload()
    box = page.locator(".flow-card", has=page.locator("h3", has_text=re.compile("^审核")))
    box.locator("summary").first.click()
    box.get_by_role("button", name=re.compile("^修改条件")).first.click()
    expect(box.locator(".choose-chip")).to_have_text(["惠安社区居民委员会✕"])
    expect(box.get_by_role("combobox", name="值").last).to_have_value("秦致远")
