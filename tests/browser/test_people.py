"""Choosing people: found by name, pinyin or office, ticked, taken away again; by keys alone, and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.admin import reports
from tests.browser.conftest import Come
from tests.browser.house import House, Visitor
from tests.browser.test_flow_designer import begin, card, saved
from workflows import packs

FLOW = {
    "code": "fill_verify_approve", "version": 2, "start": "fill",
    "titles": {"zh": "自选", "en": "Chosen"},
    "steps": [
        {"code": "fill", "kind": "fill", "titles": {"zh": "填报", "en": "Fill"}, "next": [{"to": "verify"}],
         "assign": {"rule": "position", "role": "staff", "at": "same"}},
        {"code": "verify", "kind": "verify", "titles": {"zh": "核对", "en": "Look"}, "next": [{"to": "end"}],
         "assign": {"rule": "chosen"}, "sign": {"mode": "all"}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def sent(house: House) -> None:
    """A report whose filler chooses who verifies it."""
    house.does("designer", lambda work: packs.load_flow(work, FLOW))
    reports.sent(house.system)


@pytest.fixture
def copying(come: Come, house: House, sent: None) -> Visitor:
    """Somebody about to let others know."""
    visitor = come("nanyao")
    visitor.page.locator(".task-link").first.click()
    visitor.page.locator("#more > summary").click()
    visitor.page.locator(".more-fold:has(#copy-person) > summary").click()
    return visitor


def test_by_keys_alone(copying: Visitor) -> None:
    """Letters of pinyin, Enter, arrows and Space; a chip is taken away by Enter; nothing is sent meanwhile."""
    page, box = copying.page, copying.page.locator("#copy-person")
    find, chips = box.get_by_role("searchbox"), box.locator(".choose-chip")
    where = page.url
    find.focus()
    page.keyboard.type("hsz")
    expect(box.get_by_role("status")).to_have_text("找到 1 人")
    page.keyboard.press("Enter")
    expect(chips).to_have_text(["韩慎之✕"])
    expect(find).to_have_value("")
    page.keyboard.type("qin zhiyuan".replace(" ", ""))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(chips).to_have_count(2)
    page.keyboard.press("ArrowUp")
    expect(find).to_be_focused()
    page.keyboard.press("Escape")
    expect(find).to_have_value("")
    page.keyboard.type("没有这个人")
    expect(box.get_by_role("status")).to_contain_text("没有找到")
    expect(box.locator(".choose-list")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(chips).to_have_count(1)
    expect(chips.first).to_be_focused()
    assert page.url == where
    copying.sound()


def test_nobody_is_let_know_of_nothing(copying: Visitor) -> None:
    """抄送 without a name said it was done; now one is asked to choose, then it is, with who has not looked yet."""
    page, box = copying.page, copying.page.locator("#copy-person")
    send = page.locator("button[value=copy]")
    send.click()
    expect(box.get_by_role("alert")).to_have_text("请先选人。")
    box.get_by_text("韩慎之").click()
    box.get_by_text("秦致远").click()
    send.click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.locator("#more > summary").click()
    page.locator("#more a[href^='/cases/']").click()
    expect(page.locator("#copies + ul li")).to_have_count(2)
    page.locator("details:has(#say-to) > summary").click()
    copying.sound()


def test_who_does_the_next_step_is_ticked_on_a_phone(come: Come, sent: None) -> None:
    """It cannot be handed in before somebody is; a chip takes one away again."""
    visitor = come("huian", phone=True)
    page = visitor.page
    page.locator(".task-link").first.click()
    box = page.locator("#choose-verify")
    page.locator("button[value=submit]").click()
    expect(box.get_by_role("alert")).to_have_text("请先选人。")
    box.get_by_text("韩慎之").tap()
    box.get_by_text("秦致远").tap()
    box.get_by_role("button", name="去掉 秦致远").tap()
    expect(box.locator(".choose-chip")).to_have_count(1)
    visitor.sound()


def test_at_which_step_people_are_chosen_is_drawn(come: Come) -> None:
    """自选 by whoever verifies could be had only by writing the flow by hand; only the filler could be set to choose."""
    visitor = come("designer")
    page = begin(visitor, "审核时选人")
    step = card(page, "审批")
    step.locator("summary").first.click()
    step.get_by_label("由谁办理").first.select_option("chosen")
    expect(step.locator(".flow-who")).to_have_text("由提交的人选定")
    step.get_by_label("在哪一步选").select_option(label="审核")
    expect(step.locator(".flow-who")).to_have_text("由办“审核”的人选定")
    saved(page)
    expect(page.locator(".note-late")).to_have_count(0)
    visitor.sound()


def test_an_office_that_does_a_step_is_found_by_name(come: Come) -> None:
    """Another office's position had its code typed, and the card told the code."""
    visitor = come("designer")
    page = begin(visitor, "民政局审核")
    step = card(page, "审核")
    step.locator("summary").first.click()
    step.get_by_label("哪个单位的").first.select_option("other")
    office = step.get_by_role("combobox", name="哪个单位", exact=True)
    office.fill("芝罘区民政局")
    expect(step.locator("[role=option]:visible").first).to_contain_text("芝罘区民政局")
    office.press("Enter")
    expect(step.locator(".flow-who")).to_have_text("芝罘区民政局的审核人")
    saved(page)
    visitor.sound()
    page.reload()
    expect(card(page, "审核").locator(".flow-who")).to_have_text("芝罘区民政局的审核人")
