"""For everyone: with keys alone, in large type, in English, with old eyes and thick fingers."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine.dictionary.store import dictionary
from engine.registers import pairs
from engine.registers import store as registers
from engine.registers.pairs import Likely
from engine.registers.store import Change, Origin
from engine.work import Work
from forms.filing import Edit
from tests.admin.test_measures_page import counted
from tests.browser.conftest import Come
from tests.browser.house import CHINESE, House, Visitor
from tests.installed import ANYBODY, COMMUNITIES
from workflows import commands, dispatches, store

FORM = "civil.community_monthly"
IN_WORDS = """() => {
  const shown = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!parent.closest('script, template, option, textarea, [lang="zh-CN"]')) shown.push(walk.currentNode.textContent.trim());
  }
  for (const one of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (one.getAttribute(name)) shown.push(one.getAttribute(name));
  shown.push(document.title);
  return shown.filter(text => text);
}"""


@pytest.fixture(scope="module", autouse=True)
def sent(house: House) -> None:
    """The report is out to two communities; one has handed it in."""
    house.does(
        "minzheng",
        lambda work: dispatches.create(
            work, FORM, COMMUNITIES[:5], "2026-11", work.now + timedelta(days=5)
        ),
    )
    house.does("nanyao", _hand_in)


def _hand_in(work: Work) -> None:
    task = store.tasks_of(work)[0]
    record = commands.open_task(work, task.id).record
    changes = {"/births": 3, "/deaths": 1, "/elderly_new": 2, "/elderly_visits": 40}
    commands.save_cells(work, record.id, Edit(record.revision, changes), language="zh")
    commands.submit(work, task.id, confirm=True)


def focused(page: Page) -> str:
    """The name of the control that has the focus."""
    return str(
        page.evaluate(
            "document.activeElement.name || document.activeElement.id || document.activeElement.tagName"
        )
    )


def test_a_report_is_filled_with_keys_alone(come: Come) -> None:
    """Log in, open, find the asked cells, type, hand in: no mouse; where one is can be seen."""
    visitor = come()
    page = visitor.go("/")
    page.keyboard.type("huian")
    page.keyboard.press("Tab")
    page.keyboard.type(visitor.house.passwords["huian"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.keyboard.press("Tab")  # past the address bar: the way past the menu
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/tasks/next"
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    for value in ("3", "1", "2", "40"):
        page.locator("[data-next]").focus()
        page.keyboard.press("Enter")
        _to_the_box(page)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
        assert (outline, shadow) != ("none", "none")
        page.keyboard.press("Control+a")
        page.keyboard.type(value)
        page.keyboard.press("Enter")  # to the next cell
    expect(page.locator("[data-mine]")).to_have_text("0")
    page.locator("[data-submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/tasks/" not in url)
    expect(page.locator(".note-ok")).to_be_visible()


def _to_the_box(page: Page) -> None:
    """From the tick that confirms a carried value back to its box."""
    for _ in range(4):
        if focused(page).startswith("v:"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError(f"no box near {focused(page)}")


def test_arrows_go_down_a_column_and_escape_closes_a_source(come: Come, house: House) -> None:
    """In a roster one goes down without leaving the column; a source that was opened closes again."""
    visitor = come("shangyao")
    page = visitor.page
    page.locator(".task-link").first.click()
    names = page.locator('[data-table="/elders"] input[name$="/name"]')
    names.nth(0).focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == names.nth(1).get_attribute("name")
    source = page.locator("details.source").first
    source.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(source).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(source).not_to_have_attribute("open", "")


def test_a_soft_check_is_explained_and_the_verifier_reads_it(come: Come) -> None:
    """A number that differs much asks for the reason beside its cell; the reason stays with the report."""
    visitor = come("shangyao", phone=True)
    page = visitor.page
    page.locator(".task-link").first.click()
    for name, value in {"births": 3, "deaths": 1, "elderly_new": 2, "elderly_visits": 4}.items():
        page.locator(f'[name="v:/{name}"]').fill(str(value))
    persons = page.locator('[name="v:/allowance_persons"]')
    persons.fill(str(int(page.locator('[name="v:/elderly_80"]').input_value()) + 5))
    reason = page.locator("[data-explain]").first
    expect(reason).to_be_visible()
    visitor.sound()
    with visitor.expecting(422):
        page.locator("[data-submit]").click()
        page.wait_for_selector("#problems, .note-ok")
    if page.locator("#problems").count():
        page.locator("[data-explain]").first.fill("含本月迁出后仍享受津贴的5人")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "saved")
        page.locator("[data-submit]").click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    verifier = come("shenhe").page
    verifier.locator(".task", has_text="上尧社区").locator(".task-link").click()
    expect(verifier.locator(".explanation")).to_contain_text("含本月迁出后仍享受津贴的5人")


def test_large_type_stays(come: Come) -> None:
    """Chosen once: larger on every page, after logging out too, and nothing is cut off."""
    visitor = come("lingdao", phone=True)
    page = visitor.page
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    before = page.evaluate(size)
    page.get_by_role("button", name="大字").click()
    page.wait_for_load_state()
    assert page.evaluate(size) >= before * 1.15
    visitor.sound()
    page.goto(f"{visitor.house.url}/approvals")
    assert page.evaluate(size) >= before * 1.15
    page.context.clear_cookies(name="yibiao_session")
    page.goto(f"{visitor.house.url}/")
    assert page.evaluate(size) >= before * 1.15
    visitor.sound()


def untranslated(visitor: Visitor) -> list[str]:
    """Chinese words on an English page, without those that are data."""
    data = visitor.house.data_words()
    found = []
    for text in visitor.page.evaluate(IN_WORDS):
        left = text
        for word in data:
            left = left.replace(word, "")
        found += CHINESE.findall(left)
    return sorted(set(found))


def test_english_is_complete(come: Come) -> None:
    """Home, fill, verify in English: no Chinese but names, addresses and titles of departments."""
    for login, phone in (("huaxin", True), ("shenhe", False)):
        visitor = come(login, phone=phone)
        page = visitor.page
        page.get_by_role("button", name="English").click()
        page.wait_for_load_state()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert untranslated(visitor) == []
        page.locator(".task-link").first.click()
        page.wait_for_url("**/tasks/*")
        assert untranslated(visitor) == []


def test_what_was_done_is_told_in_english(come: Come) -> None:
    """The titles of a person's latest reports, in the language chosen."""
    visitor = come("nanyao")
    visitor.page.get_by_role("button", name="English").click()
    visitor.page.wait_for_load_state()
    assert untranslated(visitor) == []


@pytest.mark.parametrize("by", ["organisation", "month", "form"])
def test_the_figures_fit_a_desk_in_english(come: Come, house: House, by: str) -> None:
    """Eleven columns at 1366: nothing to scroll sideways, and a share stays on one line."""
    counted(house.system)
    visitor = come("minzheng")
    page = visitor.page
    page.get_by_role("button", name="English").click()
    visitor.go(f"/measures?by={by}")
    wrap = page.locator(".table-wrap").first
    expect(wrap.locator("tbody tr")).not_to_have_count(0)
    assert wrap.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    heights = wrap.locator("td.number").evaluate_all(
        "cells => cells.map(cell => cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight))"
    )
    assert max(heights) < 4
    visitor.sound()


def test_why_a_report_cannot_be_made_stands_inside_its_panel(come: Come) -> None:
    """The bullets of the list are not on the panel's edge."""
    page = come("minzheng").go("/makings")
    lists = page.locator("section.panel > ul")
    expect(lists).not_to_have_count(0)
    inset = lists.first.evaluate("list => parseFloat(getComputedStyle(list).paddingLeft)")
    assert inset >= 16


def test_on_a_phone_the_buttons_of_two_values_stand_in_one_line(come: Come, house: House) -> None:
    """Whose name is right is chosen at the same place of the page for both."""

    def alike(work: Work) -> str:
        known = dictionary(work.connection)
        said = (("t1", "王秀英", "户籍库"), ("t2", "王秀瑛", "网格员入户走访摸排登记数据"))
        for own, name, title in said:
            origin = registers.add_origin(work, Origin("steward", title, work.at))
            facts = {"name": name, "birth_date": "1941-03-02", "residence": COMMUNITIES[2]}
            changes = [Change(f"person.{key}", own, value) for key, value in facts.items()]
            registers.set_values(work, known, changes, origin)
        pairs.keep(work, "person", [Likely("t1", "t2", 0, {})])
        return pairs.between(work, "person", "t1", "t2")

    number = house.system.write(ANYBODY, alike)
    visitor = come("shangyao", phone=True)
    page = visitor.go(f"/registers/duplicates/{number}")
    buttons = page.locator("input[name='f:name']")
    expect(buttons).to_have_count(2)
    first, second = (buttons.nth(at).bounding_box() for at in (0, 1))
    assert first
    assert second
    assert abs(first["x"] - second["x"]) < 4
    visitor.sound()
