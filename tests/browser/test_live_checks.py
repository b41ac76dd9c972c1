"""While somebody types, with no network at all: computed cells follow, checks tell both sides, a press leads there."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Come
from tests.browser.house import House
from tests.installed import COMMUNITIES
from workflows import dispatches, store

FORM = "emergency.community_monthly"


@pytest.fixture(scope="module", autouse=True)
def sent(house: House) -> None:
    """The report is out to the ten communities."""
    house.does(
        "yingji",
        lambda work: dispatches.create(
            work, FORM, COMMUNITIES, "2026-11", work.now + timedelta(days=5)
        ),
    )


def task_of(house: House, login: str) -> str:
    """The page of somebody's task."""
    return f"/tasks/{house.does(login, lambda work: store.tasks_of(work)[0].id)}"


def box(name: str) -> str:
    """An item's control."""
    return f'[name="v:/{name}"]'


def test_computed_cells_and_checks_follow_the_typing_without_a_server(
    come: Come, house: House
) -> None:
    """Both sides, the difference and the severity are told; the way to the cell leads there; right again, it goes."""
    visitor = come("huian", path=task_of(house, "huian"))
    page = visitor.page
    rate = page.locator('[data-cell="/fix_rate"] output')
    with visitor.expecting_no_network():
        page.locator(box("hazards_found")).fill("8")
        page.locator(box("hazards_fixed")).fill("9")
        expect(rate).to_have_text("112.5")
        first = page.locator(".check-error", has_text="现在左边是 9，右边是 8，相差 1")
        expect(first).to_contain_text("强制")
        second = page.locator(".check-explain", has_text="现在左边是 9，右边是 8，相差 1")
        expect(second).to_contain_text("核实")
        page.locator(box("remark")).focus()
        first.locator("button").nth(1).click()
        expect(page.locator(box("hazards_found"))).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type("9")
        expect(rate).to_have_text("100")
        expect(first).to_have_count(0)
        expect(second).to_have_count(0)


def test_an_empty_phrase_is_no_reason(come: Come, house: House) -> None:
    """A check that asks for a reason refuses 核实无误 while it is typed, and again on submitting."""
    visitor = come("nanyao", phone=True, path=task_of(house, "nanyao"))
    page = visitor.page
    page.locator(box("hazards_found")).fill("8")
    page.locator(box("hazards_fixed")).fill("7")
    reason = page.locator("[data-explain]").first
    reason.fill("核实无误")
    expect(page.locator(".explain-hint")).to_contain_text("核实无误")
    visitor.sound()
    expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "saved")
    with visitor.expecting(422):
        page.locator("[data-submit]").click()
        expect(page.locator("#problems")).to_be_visible()
    reason.fill("一处正在整改，十二月底前完成")
    expect(page.locator(".explain-hint")).to_have_count(0)


def test_a_wrong_kind_is_told_before_the_server_hears_of_it(come: Come, house: House) -> None:
    """A word in a number, and what only a program takes for one."""
    visitor = come("shangyao", path=task_of(house, "shangyao"))
    page = visitor.page
    with visitor.expecting_no_network():
        for text in ("三个", "1e5"):
            page.locator(box("grids")).fill(text)
            expect(page.locator('[data-cell="/grids"] [data-problem]')).to_contain_text("整数")
            expect(page.locator('[data-cell="/grids"] [data-problem]')).to_contain_text(text)
        page.locator(box("grids")).fill("3")
        expect(page.locator('[data-cell="/grids"] [data-problem]')).to_have_count(0)
