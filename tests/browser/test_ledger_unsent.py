"""A cell of a ledger typed without a network: kept on the device, sent when it is back, its maker's alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Come
from tests.browser.house import Visitor
from tests.browser.test_ledger_pages import OLD, cell, opened, set_to

UNSENT = "#ledger-unsent"


def keeps(page: Page) -> int:
    """How many cells are kept on this device, by whomever."""
    script = "Object.keys(localStorage).filter(key => key.startsWith('yibiao-ledger:')).length"
    return int(page.evaluate(script))


def answered(page: Page, number: int) -> None:
    """The server has answered for so many cells since the page was opened."""
    expect(page.locator("#ledger-news p")).to_have_count(number)
    expect(page.locator(UNSENT)).to_be_hidden()


def line(page: Page) -> Locator:
    """The one entry above the table."""
    return page.locator(f"{UNSENT} li")


def logged_out(visitor: Visitor) -> None:
    """The log-in of this browser ends."""
    visitor.page.context.clear_cookies(name="yibiao_session")


def test_what_is_typed_without_network_is_sent_when_it_is_back(come: Come) -> None:
    """Opened before or after the network went, by phone; the page is left and opened again in between."""
    visitor = come("huian", phone=True, path=OLD)
    page = visitor.page
    page.locator("#ledger tbody tr").first.locator(".blanks").click()
    dialog = opened(page, "visit_note")
    with visitor.expecting_no_network():
        dialog.locator('[name="v:/visit_note"]').fill("没有信号的楼道里")
        dialog.locator("[data-edit-cell] button[type=submit]").click()
        expect(page.locator("#ledger-cell[open]")).to_have_count(0)
        expect(page.locator(UNSENT)).to_contain_text("网络")
        expect(cell(page, "visit_note")).to_have_text("没有信号的楼道里")
        dialog = opened(page, "guardian_name")
        expect(dialog).to_contain_text("没有网络")
        dialog.locator('[name="v:/guardian_name"]').fill("丙女士")
        dialog.locator("button[type=submit]").click()
        expect(line(page)).to_have_count(2)
        page.goto("about:blank")
    visitor.go("/ledgers")
    expect(page.locator("[data-unsent] a")).to_be_visible()
    page.locator("[data-unsent] a").click()
    answered(page, 2)
    assert keeps(page) == 0
    visitor.go(OLD)
    expect(cell(page, "visit_note")).to_have_text("没有信号的楼道里")
    expect(cell(page, "guardian_name")).to_have_text("丙女士")


def test_a_dialog_that_is_closed_keeps_what_was_typed(come: Come) -> None:
    """Escape in the middle of a word: told above the table, there again when opened, saved by a press."""
    page = come("huian", path=OLD).page
    dialog = opened(page, "visit_note")
    dialog.locator('[name="v:/visit_note"]').fill("半句话")
    page.keyboard.press("Escape")
    expect(line(page)).to_contain_text("半句话")
    page.reload()
    expect(line(page)).to_contain_text("还没有保存")
    dialog = opened(page, "visit_note")
    expect(dialog.locator('[name="v:/visit_note"]')).to_have_value("半句话")
    dialog.locator(".close").click()
    line(page).locator('[data-press="send"]').click()
    expect(page.locator(UNSENT)).to_be_hidden()
    expect(cell(page, "visit_note")).to_have_text("半句话")
    opened(page, "visit_note").locator('[name="v:/visit_note"]').fill("不要的话")
    page.keyboard.press("Escape")
    line(page).locator('[data-press="drop"]').click()
    expect(page.locator(UNSENT)).to_be_hidden()
    expect(cell(page, "visit_note")).to_have_text("半句话")


@pytest.mark.parametrize("choice", ["drop", "send"])
def test_what_somebody_wrote_meanwhile_is_not_overwritten(come: Come, choice: str) -> None:
    """Typed without a network, changed by another: both are shown, and the person decides."""
    first, second = come("huian", path=OLD), come("shihuiyao", path=OLD)
    mine, theirs = f"我的{choice}", f"对方的{choice}"
    dialog = opened(first.page, "guardian_name")
    with first.expecting_no_network():
        dialog.locator('[name="v:/guardian_name"]').fill(mine)
        dialog.locator("[data-edit-cell] button[type=submit]").click()
        expect(line(first.page)).to_contain_text(mine)
        set_to(second.page, "guardian_name", theirs)
        expect(cell(second.page, "guardian_name")).to_have_text(theirs)
    expect(line(first.page)).to_contain_text(theirs, timeout=15_000)
    line(first.page).locator(f'[data-press="{choice}"]').click()
    expect(first.page.locator(UNSENT)).to_be_hidden()
    expect(cell(first.page, "guardian_name")).to_have_text(mine if choice == "send" else theirs)


def test_another_log_in_neither_sees_nor_sends_it(come: Come) -> None:
    """A shared computer: the next person's page knows nothing of it; the first one finds it again."""
    visitor = come("huian", path=OLD)
    page = visitor.page
    before = cell(page, "visit_note").inner_text()
    dialog = opened(page, "visit_note")
    with visitor.expecting_no_network():
        dialog.locator('[name="v:/visit_note"]').fill("惠安的秘密")
        dialog.locator("[data-edit-cell] button[type=submit]").click()
        expect(line(page)).to_have_count(1)
        logged_out(visitor)  # or the page, when it is left, sends it as huian all the same
        page.goto("about:blank")
    visitor.log_in("shihuiyao", OLD)
    expect(page.locator("#ledger")).to_be_visible()
    expect(page.locator(UNSENT)).to_be_hidden()
    assert "惠安的秘密" not in page.content()
    assert cell(page, "visit_note").inner_text() == before
    visitor.go("/ledgers")
    expect(page.locator("[data-unsent]")).to_be_hidden()
    assert keeps(page) == 1
    logged_out(visitor)
    visitor.log_in("huian", OLD)
    answered(page, 1)
    expect(cell(page, "visit_note")).to_have_text("惠安的秘密")
    expect(page.locator(UNSENT)).to_be_hidden()


def test_an_ended_log_in_keeps_it_and_shows_the_door(come: Come) -> None:
    """Logged out elsewhere: told where to log in; back on the page it is sent."""
    visitor = come("huian", path=OLD)
    page = visitor.page
    dialog = opened(page, "visit_note")
    logged_out(visitor)
    with visitor.expecting(401, 403):
        dialog.locator('[name="v:/visit_note"]').fill("登录过期时填的")
        dialog.locator("[data-edit-cell] button[type=submit]").click()
        expect(page.locator('[data-unsent-state="login"]')).to_be_visible()
    page.locator("[data-unsent-state] a").click()
    page.wait_for_url("**/login?next=*")
    visitor.log_in("huian", OLD)
    expect(cell(page, "visit_note")).to_have_text("登录过期时填的")
    expect(page.locator(UNSENT)).to_be_hidden()


def test_a_refused_cell_does_not_hold_up_the_others(come: Come) -> None:
    """One wrong value and one right one wait; the right one arrives, the wrong one says why."""
    visitor = come("huian", path=OLD)
    page = visitor.page
    with visitor.expecting_no_network():
        for column, value in (("phone", "12x"), ("visit_note", "好的")):
            dialog = opened(page, column)
            dialog.locator(f'[name="v:/{column}"]').fill(value)
            dialog.locator("button[type=submit]").click()
        expect(line(page)).to_have_count(2)
    expect(line(page)).to_have_count(1, timeout=15_000)
    expect(line(page)).to_contain_text("电话")
    expect(cell(page, "visit_note")).to_have_text("好的")
    line(page).locator('[data-press="open"]').click()
    expect(page.locator("#ledger-cell[open] [data-error]")).to_be_visible()
    page.keyboard.press("Escape")
    visitor.sound()
    line(page).locator('[data-press="drop"]').click()
    expect(page.locator(UNSENT)).to_be_hidden()


def test_in_english_it_is_told_how_many_wait_and_which(come: Come) -> None:
    """A number, and a colon of the language."""
    visitor = come("huian", path=OLD)
    visitor.page.context.add_cookies([{"name": "lang", "value": "en", "url": visitor.house.url}])
    visitor.go(OLD)
    page = visitor.page
    dialog = opened(page, "guardian_name")
    with visitor.expecting_no_network():
        dialog.locator('[name="v:/guardian_name"]').fill("Ding")
        dialog.locator("[data-edit-cell] button[type=submit]").click()
        expect(page.locator(UNSENT)).to_contain_text("1 change is kept on this device")
        expect(line(page)).to_contain_text("Guardian or contact: Ding")
    answered(page, 1)
    expect(page.locator("#ledger-news p")).to_contain_text("Guardian or contact: ")
