"""Two people in one ledger, each with a browser: no edit is lost, and both are told."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Come
from tests.browser.house import Visitor

OLD, DISABLED = "/ledgers/civil.elderly_ledger", "/ledgers/disabled.persons_ledger"


def cell(page: Page, column: str, row: int = 0) -> Locator:
    """A cell of the table."""
    return page.locator("#ledger tbody tr").nth(row).locator(f'[data-col="{column}"]')


def opened(page: Page, column: str) -> Locator:
    """The dialog of a cell of the first row."""
    cell(page, column).click()
    dialog = page.locator("#ledger-cell[open]")
    expect(dialog).to_be_visible()
    return dialog


def set_to(page: Page, column: str, value: str) -> Locator:
    """Open a cell and save another value in it."""
    dialog = opened(page, column)
    dialog.locator(f'[name="v:/{column}"]').fill(value)
    dialog.locator("[data-edit-cell] button[type=submit]").click()
    return dialog


def test_two_people_at_one_cell_and_no_edit_is_lost(come: Come) -> None:
    """The second sees what the first wrote and chooses; the first hears of it; history has both."""
    first, second = come("huian", path=OLD), come("shihuiyao", path=OLD)
    stale = opened(second.page, "guardian_name")
    set_to(first.page, "guardian_name", "甲先生")
    expect(cell(first.page, "guardian_name")).to_contain_text("甲先生")
    stale.locator('[name="v:/guardian_name"]').fill("乙女士")
    stale.locator("[data-edit-cell] button[type=submit]").click()
    box = stale.locator("[data-clash]")
    expect(box).to_contain_text("江晚晴")
    expect(box).to_contain_text("甲先生")
    expect(first.page.locator("#ledger-news")).to_contain_text("许望舒", timeout=15_000)
    expect(cell(first.page, "guardian_name")).to_contain_text("甲先生")
    box.locator('[data-keep="mine"]').click()
    expect(cell(second.page, "guardian_name")).to_contain_text("乙女士")
    expect(cell(first.page, "guardian_name")).to_contain_text("乙女士", timeout=15_000)
    first.page.locator("#ledger tbody tr").first.locator("th a").click()
    history = first.page.locator("details.fold ol.timeline").last
    expect(history).to_contain_text("甲先生")
    expect(history).to_contain_text("乙女士")


def test_two_people_at_two_cells_of_a_row_keep_both(come: Come) -> None:
    """Each sees the other's cell change by itself."""
    first, second = come("huian", path=OLD), come("shihuiyao", path=OLD)
    set_to(first.page, "visit_note", "身体好")
    set_to(second.page, "address", "世回尧街道惠安社区1号楼101室")
    expect(cell(second.page, "visit_note")).to_contain_text("身体好", timeout=15_000)
    expect(cell(first.page, "address")).to_contain_text("1号楼101室", timeout=15_000)
    expect(second.page.locator("#ledger-news")).to_contain_text("江晚晴")


def test_ticks_are_gone_once_the_change_is_written(come: Come) -> None:
    """They stay while somebody looks at the preview, and have done their work when it is applied."""
    page = come("huian", path=OLD).page
    page.locator("[data-pick-row]").first.check()
    page.locator("#ledger-picked button[type=submit]").click()
    page.locator('[name="column"]').select_option("visit_note")
    page.locator("main form button[type=submit]").last.click()
    page.locator('[name="v:/visit_note"]').fill("已走访")
    page.locator("main form button[type=submit]").last.click()
    apply = page.locator('button[value="apply"]')
    expect(apply).to_be_visible()
    preview = page.url
    page.goto(page.url.split("/ledgers")[0] + OLD)
    expect(page.locator("[data-pick-row]").first).to_be_checked()
    page.goto(preview)
    apply.click()
    expect(apply).to_have_count(0)
    page.goto(page.url.split("/ledgers")[0] + OLD)
    expect(page.locator("[data-pick-row]:checked")).to_have_count(0)


def test_a_wrong_value_is_told_beside_its_input(come: Come) -> None:
    """Nothing is saved, and the words say what to do; by keyboard alone."""
    visitor: Visitor = come("huian", path=OLD)
    page = visitor.page
    cell(page, "id_number").focus()
    for _ in range(10):
        if page.evaluate("document.activeElement.dataset.col") == "phone":
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = page.locator("#ledger-cell[open]")
    expect(dialog).to_be_visible()
    dialog.locator('[name="v:/phone"]').fill("12x")
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-error]")).to_contain_text("电话")
    page.keyboard.press("Escape")
    expect(page.locator("#ledger-cell[open]")).to_have_count(0)


def test_the_pages_fit_and_are_readable_by_everybody(come: Come) -> None:
    """Phone and desk, by axe: list, table, row, proposals."""
    visitor = come("huian", path="/ledgers")
    visitor.sound()
    visitor.go(f"{OLD}?f=age:ge:85&sort=age")
    visitor.sound()
    visitor.page.locator("#ledger tbody tr").first.locator("th a").click()
    visitor.sound()
    visitor.go("/proposals")
    visitor.sound()


def test_a_filter_is_added_by_pressing(come: Come) -> None:
    """The operators fit the column; the filter stands in words and can be taken away."""
    page = come("huian", path=OLD).page
    page.locator("details.fold > summary").first.click()
    page.locator("#fc").select_option("sex")
    page.locator("#fo").select_option("eq")
    page.locator("select#fv").select_option(label="女")
    page.locator("form[data-filter] button").click()
    expect(page.locator(".chips")).to_contain_text("性别 等于 女")
    for text in page.locator('#ledger [data-col="sex"]').all_inner_texts():
        assert text == "女"
    page.locator(".chips a").click()
    expect(page.locator(".chips")).to_have_count(0)
