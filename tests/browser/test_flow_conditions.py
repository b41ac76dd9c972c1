"""When a way of a flow is taken, picked item by item and read in words; by keys alone; on a phone."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from forms import publish, store
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.browser.test_flow_designer import begin, card, saved
from tests.browser.test_flow_designer import publish as publish_flow

LOAN: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": "urn:yibiao:form:test.loan",
    "title": "贷款申请",
    "titles": {"en": "Application for a loan"},
    "type": "object",
    "form": {"code": "test.loan", "kind": "report", "period": "once", "owner": "370602-mzj"},
    "properties": {
        "amount": {
            "type": "number", "title": "贷款金额", "titles": {"en": "Sum of the loan"},
            "unit": "万元",
        },
        "kind": {
            "title": "类别", "titles": {"en": "Kind"},
            "oneOf": [
                {"const": "firm", "title": "企业", "titles": {"en": "Enterprise"}},
                {"const": "farm", "title": "合作社", "titles": {"en": "Cooperative"}},
                {"const": "person", "title": "个人", "titles": {"en": "Person"}},
            ],
        },
        "since": {
            "type": "string", "format": "date", "title": "成立日期", "titles": {"en": "Founded"},
        },
        "poor": {"type": "boolean", "title": "是否低保户", "titles": {"en": "On subsistence aid"}},
    },
}  # fmt: skip


def way(page: Page, step: str) -> Locator:
    """The settings of a step, with its first condition begun."""
    box = card(page, step)
    box.locator("summary").first.click()
    box.get_by_role("button", name=re.compile("^(增加一个条件|Add a condition)")).click()
    box.get_by_role("button", name=re.compile("^(设条件|Set a condition)")).last.click()
    return box


SAID = "贷款金额 ≥ 5000 万元 且 类别 是 企业 且 （成立日期 早于 2020-01-01 或 类别 是 企业、个人 之一）"


def test_a_condition_is_picked_and_read_in_words(come: Come, house: House) -> None:
    """Item, comparison, value with its unit; and, or; the card and the difference say it in words."""
    visitor = come("designer")
    page = begin(visitor, "贷款审批")
    publish_flow(page, "贷款审批")
    code = page.url.rpartition("/")[2]
    form = {**LOAN, "form": {**LOAN["form"], "flow": code}}
    house.does("designer", lambda work: store.insert_draft(work, form))
    house.does("designer", lambda work: publish.publish(work, "test.loan"))
    page.get_by_role("button", name=re.compile("^修改（新版本）")).click()
    expect(page.locator(".flow-card")).to_have_count(3)
    box = way(page, "审核")
    item = box.get_by_role("combobox", name="项目").first
    item.fill("金额")
    expect(box.locator(".item-pick-list:visible li")).to_have_text(["贷款金额万元"])
    item.press("Enter")
    line = box.locator(".condition-line").first
    line.get_by_label("比较").select_option(label="大于或等于")
    line.get_by_label("值", exact=True).fill("许多")
    with visitor.expecting(422):
        expect(box.locator(".error")).to_contain_text("贷款金额")
    line.get_by_label("值", exact=True).fill("5000")
    box.get_by_role("button", name="再加一条").click()
    second = box.locator(".condition-line").nth(1)
    second.get_by_label("值", exact=True).select_option(label="企业")
    expect(box.locator(".formula-words")).to_have_text("当 贷款金额 ≥ 5000 万元 且 类别 是 企业 时")
    box.get_by_role("button", name="加一组（括号）").click()
    inner = box.locator(".picked-inner .condition-line")
    inner.nth(0).get_by_role("combobox", name="项目").fill("成立")
    inner.nth(0).get_by_role("combobox", name="项目").press("Enter")
    inner.nth(0).get_by_label("值", exact=True).fill("2020-01-01")
    inner.nth(0).get_by_label("比较").select_option(label="早于")
    inner.nth(1).get_by_label("比较").select_option(label="是其中之一")
    inner.nth(1).get_by_label("个人").check()
    expect(box.locator(".formula-words")).to_have_text(f"当 {SAID} 时")
    visitor.sound()
    box.get_by_role("button", name="用这个条件").click()
    expect(box.locator(".flow-ways li").first).to_contain_text(SAID)
    saved(page)
    visitor.sound()


def test_a_formula_that_lines_cannot_say_stays_one(come: Come) -> None:
    """What was picked is there again; a formula by hand is said by labels, and so in the difference."""
    visitor = come("designer")
    page = visitor.go("/flows")
    page.get_by_role("link", name="贷款审批").first.click()
    box = card(page, "审核")
    expect(box.locator(".flow-ways li").first).to_contain_text(SAID)
    box.locator("summary").first.click()
    box.get_by_role("button", name="修改条件 条件 1").click()
    expect(box.locator(".condition-line")).to_have_count(4)
    box.get_by_role("button", name="改用公式写").click()
    area = box.get_by_label("公式", exact=True)
    expect(area).to_have_value(re.compile("^amount >= 5000 and kind = "))
    area.fill("amount * 2 > 100")
    box.get_by_role("button", name="用这个条件").click()
    expect(box.locator(".flow-ways li").first).to_contain_text("「贷款金额」 * 2 > 100")
    box.get_by_role("button", name="修改条件 条件 1").click()
    expect(box.locator(".condition-edit")).to_contain_text("选的方式说不全")
    box.get_by_role("button", name="取消").click()
    saved(page)
    page.get_by_role("button", name=re.compile("^比较与发布")).click()
    expect(page.locator(".difference")).to_contain_text("当 「贷款金额」 * 2 > 100 时 → ")
    visitor.sound()


def test_who_does_it_is_picked_by_conditions_and_by_an_item(come: Come) -> None:
    """Case by case a condition and a person; an item found by letters; both said in words on the card."""
    visitor = come("designer")
    page = visitor.go("/flows")
    page.get_by_role("link", name="贷款审批").first.click()
    box = card(page, "审批")
    box.locator("summary").first.click()
    box.get_by_label("由谁办理").first.select_option(label="按条件分别由谁办理")
    box.get_by_role("button", name="设条件 情况 1").click()
    box.get_by_role("combobox", name="项目").fill("金额")
    box.get_by_role("combobox", name="项目").press("Enter")
    box.locator(".condition-line").get_by_label("值", exact=True).fill("100")
    box.get_by_role("button", name="用这个条件").click()
    box.locator(".flow-case").get_by_label("由谁办理").select_option("lingdao")
    box.get_by_label("都不符合时由谁办理").select_option("qulingdao")
    said = re.compile("^当 贷款金额 ＝ 100 万元 时由 秦致远 办理；否则由 .+ 办理$")
    expect(box.locator(".flow-who")).to_have_text(said)
    saved(page)
    expect(box.locator(".note-late")).to_have_count(0)
    visitor.sound()
    page.reload()
    box = card(page, "审批")
    expect(box.locator(".flow-who")).to_have_text(said)
    box.locator("summary").first.click()
    expect(box.locator(".flow-case")).to_have_count(1)
    box.get_by_label("由谁办理").first.select_option(label="按表里的项目")
    box.get_by_role("combobox", name="项目").fill("类")
    box.get_by_role("combobox", name="项目").press("Enter")
    expect(box.locator(".flow-who")).to_have_text("表里“类别”写的人")
    saved(page)
    visitor.sound()


def test_by_keys_alone_on_a_phone_in_english(come: Come) -> None:
    """Found by letters, taken by Enter, told in English with the unit; Escape gives up and stays there."""
    visitor = come("designer", phone=True)
    page = visitor.go("/flows")
    page.get_by_role("link", name="贷款审批").first.click()
    page.get_by_role("button", name="English").first.click()
    box = way(page, "Verify")
    item = box.get_by_role("combobox", name="Item").first
    expect(item).to_be_focused()
    item.press("ArrowDown")
    expect(box.locator(".item-pick-list:visible li")).to_have_count(4)
    page.keyboard.type("loan")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("m")
    page.keyboard.press("Tab")
    page.keyboard.type("12.5")
    expect(box.locator(".formula-words")).to_have_text(
        re.compile(r"^When Sum of the loan (=|>|≠|≥|<|≤) 12.5 × 10,000 yuan$")
    )
    visitor.sound()
    page.keyboard.press("Escape")
    expect(box.locator(".condition-edit")).to_have_count(0)
    expect(page.locator(":focus")).to_have_accessible_name(re.compile("^Set a condition"))
