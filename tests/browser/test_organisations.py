"""Organisations that change, on the page: named as people name them, shown whole, done, read both ways, undone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.admin import reports
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.installed import pack_only


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Without people: what takes long about a merge is no matter of the page."""
    found = House(pack_only(), tmp_path_factory.mktemp("house"))
    yield found
    found.close()


GONE, STAYS = "南尧社区居民委员会", "惠安社区居民委员会"


def test_two_communities_become_one_and_two_again(come: Come, house: House) -> None:
    """Both are named, the one that stays among them; its report is found under it; undoing brings it back."""
    sent = reports.sent(house.system)
    visitor = come("xitong", path="/organisations")
    page = visitor.page
    visitor.sound()
    page.get_by_role("link", name="合并").click()
    page.locator("#f-units").fill(f"{STAYS}\n{GONE}")
    page.locator("#f-into").fill("没有这样的单位")
    page.locator("#f-effective").fill("2026-11-23")
    page.locator("#f-number").fill("烟民〔2026〕12号")
    look = page.get_by_role("button", name="先看影响")
    with visitor.expecting(422):
        look.click()
        expect(page.get_by_role("alert")).to_contain_text("相近的：没有找到")
    expect(page.locator("#f-units")).to_have_value(f"{STAYS}\n{GONE}")
    page.locator("#f-into").fill(STAYS)
    look.click()
    steps = page.locator("section[aria-labelledby=shown] table").first.locator("tbody tr")
    expect(steps).to_have_count(1)
    expect(steps.locator("td")).to_have_text([re.compile(GONE), re.compile(STAYS)])
    visitor.sound()
    page.get_by_role("button", name="确认办理").click()
    undo = page.get_by_role("button", name="撤回这项变动")
    expect(undo).to_be_visible()
    visitor.sound()
    office = come("minzheng", path=f"/dispatches/{sent.id}")
    row = office.page.locator("tr", has_text=GONE)
    expect(row).not_to_contain_text("今属")
    office.page.get_by_role("link", name="今天的单位").click()
    expect(row).to_contain_text(f"今属 {STAYS}")
    office.sound()
    office.go(f"/dispatches/{sent.id}/rollup?units=today")
    joined = office.page.locator(".rollup tbody th", has_text=STAYS)
    expect(joined).to_contain_text(f"由 {STAYS}、{GONE} 而来")
    wide = joined.evaluate("one => one.scrollWidth - one.clientWidth")
    assert wide <= 0, f"what it is made of stands {wide} px over its neighbours"
    office.sound()
    undo.click()
    expect(page.locator(".head .mark")).to_have_text("已撤回")
    office.go(f"/dispatches/{sent.id}")
    expect(office.page.locator(".units-tabs")).to_have_count(0)
