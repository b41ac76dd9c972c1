"""A large table as a sheet: keys, paste, undo, checks, conflict, phone, reader; and without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bench import wide
from engine.work import Work
from forms import documents, filing
from forms.filing import Edit
from tests.browser.conftest import Come
from tests.browser.house import DESK, House, Visitor
from tests.installed import ANYBODY, COMMUNITIES
from workflows.store import TASK

ROWS, COLUMNS = 60, 12


@pytest.fixture(scope="module", autouse=True)
def published(house: House) -> None:
    """The report with one wide table."""
    house.system.write(ANYBODY, lambda work: wide.published(work, COLUMNS))


@pytest.fixture
def task(house: House) -> str:
    """A task with sixty rows, new for every test."""
    task.month = getattr(task, "month", 0) + 1
    period = f"20{10 + task.month // 12}-{task.month % 12 + 1:02d}"
    return house.system.write(
        ANYBODY, lambda work: wide.sent(work, COMMUNITIES[0], period, ROWS, COLUMNS)
    )


def contents(house: House, task: str) -> dict:
    """What the server holds."""
    with house.system.read(ANYBODY) as work:
        return documents.get(work.connection, document_of(work, task)).contents


def document_of(work: Work, task: str) -> str:
    """The document that a task is about."""
    return work.connection.execute(select(TASK.c.document_id).where(TASK.c.id == task)).scalar_one()


def at(page: Page, row: int, column: int):
    """A cell of the sheet by its place, both from 0."""
    return page.locator(f'.sheet-cell[data-at="{row},{column}"]')


def saved(page: Page) -> None:
    """Everything has arrived."""
    expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "saved")
    for _ in range(100):
        if not page.evaluate("Object.keys(localStorage).some(key => key.startsWith('yibiao:'))"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the queue is not empty")


def paste(page: Page, text: str) -> None:
    """As the browser pastes from the clipboard."""
    page.evaluate(
        """text => {
            const data = new DataTransfer(); data.setData('text/plain', text)
            document.activeElement.dispatchEvent(
                new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))
        }""",
        text,
    )


def opened(come: Come, task: str, **how) -> tuple[Visitor, Page]:
    """The sheet, ready."""
    visitor = come("huian", path=f"/tasks/{task}", **how)
    expect(visitor.page.locator(".sheet-holder.is-live")).to_be_visible()
    return visitor, visitor.page


def test_keys_move_type_and_undo_and_only_what_changed_is_sent(
    come: Come, house: House, task: str
) -> None:
    """Typing begins at once, Enter goes down, Tab right, Escape takes back; undo reaches the server."""
    _, page = opened(come, task)
    sent: list[dict] = []
    page.on(
        "request", lambda one: sent.append(one.post_data_json) if one.method == "PATCH" else None
    )
    at(page, 2, 3).click()
    page.keyboard.type("7.5")
    page.keyboard.press("Enter")
    expect(at(page, 3, 3)).to_have_class(re.compile("active"))
    expect(at(page, 2, 3)).to_have_text("7.5")
    page.keyboard.type("99")
    page.keyboard.press("Escape")
    expect(at(page, 3, 3)).to_have_text("3")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("F2")
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    expect(at(page, 2, 3)).to_have_text("7.51")
    expect(at(page, 2, 4)).to_have_class(re.compile("active"))
    expect(at(page, 2, COLUMNS - 1)).to_have_text("25.51")
    expect(page.locator('[data-cell="/whole"] output')).to_have_text(re.compile("1,955.51"))
    saved(page)
    assert {path for one in sent for path in one["changes"]} == {"/lines/r00002/n0"}
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(at(page, 2, 3)).to_have_text("2")
    page.keyboard.press("Control+y")
    expect(at(page, 2, 3)).to_have_text("7.5")
    saved(page)
    assert str(contents(house, task)["lines"][2]["n0"]) == "7.5"
    page.keyboard.press("Control+End")
    expect(at(page, ROWS - 1, COLUMNS - 1)).to_have_class(re.compile("active"))
    page.keyboard.press("Control+Home")
    expect(at(page, 0, 0)).to_have_class(re.compile("active"))


def test_a_paste_from_excel_adds_rows_and_one_undo_takes_it_back(
    come: Come, house: House, task: str
) -> None:
    """Labels become codes, dates are read, what does not fit is counted; more lines than rows add rows."""
    _, page = opened(come, task)
    at(page, 0, 0).click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    paste(
        page,
        '新一户\t乙类\t2026/11/5\t1\t2\n新二户\t丁类\t2026年1月2日\t3\t4,000.50\n"第\n三户"\t丙类\t\t5\t6\n',
    )
    expect(page.locator(".sheet-grid")).to_have_attribute("aria-rowcount", str(ROWS + 4))
    saved(page)
    held = contents(house, task)["lines"]
    assert len(held) == ROWS + 2
    assert (held[-3]["name"], held[-3]["kind"], held[-3]["day"]) == ("新一户", "乙", "2026-11-05")
    assert (held[-2]["name"], held[-2]["day"], str(held[-2]["n1"])) == (
        "新二户",
        "2026-01-02",
        "4000.5",
    )
    assert "kind" not in held[-2]
    assert held[-1]["name"] == "第\n三户"
    page.keyboard.press("Control+z")
    saved(page)
    held = contents(house, task)["lines"]
    assert len(held) == ROWS
    assert held[-1]["name"] == f"第{ROWS}户"


def test_checks_run_on_the_sheet_and_lead_to_the_cell(come: Come, house: House, task: str) -> None:
    """A row far down breaks a check without a network; the list leads there, in words both sides."""
    visitor, page = opened(come, task)
    with visitor.expecting_no_network():
        at(page, 0, 3).click()
        page.keyboard.press("Control+ArrowDown")
        page.keyboard.type("500")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Home")
        line = page.locator(".check-error")
        expect(line).to_contain_text(f"明细第 {ROWS} 行：第1项不应大于第2项")
        expect(line).to_contain_text("左边是 500，右边是 10")
        expect(page.locator(".check-explain")).to_contain_text("核实")
        line.locator("button").first.click()
        expect(at(page, ROWS - 1, 3)).to_have_class(re.compile("active"))
        expect(at(page, ROWS - 1, 3)).to_have_class(re.compile("has-error"))
        expect(page.locator(".sheet-bar")).to_contain_text("强制")
        page.keyboard.type("abc")
        page.keyboard.press("Enter")
        expect(at(page, ROWS - 1, 3)).to_have_attribute("aria-invalid", "true")
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+z")
        expect(page.locator(".check-line")).to_have_count(0)


def test_selection_copy_fill_down_clear_and_rows(come: Come, house: House, task: str) -> None:
    """Shift extends, Ctrl+C and Ctrl+X hand out what is selected, Ctrl+D repeats, rows go and come back."""
    _, page = opened(come, task)
    at(page, 1, 3).click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    copied = page.evaluate(
        """() => { const data = new DataTransfer()
            document.activeElement.dispatchEvent(
                new ClipboardEvent('copy', {clipboardData: data, bubbles: true, cancelable: true}))
            return data.getData('text/plain') }"""
    )
    assert copied == "1\t2\n2\t3"
    page.keyboard.press("Control+d")
    expect(at(page, 2, 3)).to_have_text("1")
    page.keyboard.press("Delete")
    expect(at(page, 1, 4)).to_have_text("")
    saved(page)
    assert "n0" not in contents(house, task)["lines"][1]
    page.get_by_role("button", name="删除所选行").click()
    saved(page)
    assert len(contents(house, task)["lines"]) == ROWS - 2
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    saved(page)
    held = {one["_id"]: one for one in contents(house, task)["lines"]}
    assert len(held) == ROWS
    assert (held["r00001"]["n0"], held["r00002"]["n1"], held["r00001"]["name"]) == (1, 3, "第2户")


def test_two_people_in_one_cell_are_asked(come: Come, house: House, task: str) -> None:
    """What a colleague changed meanwhile is shown beside what was typed; nothing is overwritten."""
    _, page = opened(come, task)
    with house.system.read(ANYBODY) as work:
        document = document_of(work, task)
        revision = documents.get(work.connection, document).revision
    edit = Edit(revision, {"/lines/r00000/n0": 41})
    house.system.write(
        ANYBODY,
        lambda work: filing.save(work, documents.get(work.connection, document), edit, only=None),
    )
    at(page, 0, 3).click()
    page.keyboard.type("42")
    page.keyboard.press("Enter")
    box = page.locator(".conflict")
    expect(box).to_contain_text("41")
    box.get_by_role("button", name="采用对方的").click()
    expect(at(page, 0, 3)).to_have_text("41")
    assert contents(house, task)["lines"][0]["n0"] == 41


def test_rows_are_cards_on_a_phone(come: Come, house: House, task: str) -> None:
    """A row opens over the page with plain controls; what is typed is saved; page and card are sound."""
    visitor, page = opened(come, task, phone=True)
    expect(page.locator(".sheet")).to_be_hidden()
    visitor.sound()
    page.locator(".sheet-card button").nth(1).click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("h3")).to_have_text("2. 第2户")
    dialog.get_by_label("第1组 / 第1项（元）").fill("900")
    dialog.get_by_label("第1组 / 第1项（元）").press("Enter")
    expect(dialog.get_by_label("第1组 / 第2项（元）")).to_be_focused()
    expect(dialog).to_contain_text("第1项不应大于第2项")
    visitor.sound()
    dialog.get_by_role("button", name="下一行").click()
    expect(dialog.locator("h3")).to_have_text("3. 第3户")
    dialog.get_by_role("button", name="完成").click()
    saved(page)
    assert contents(house, task)["lines"][1]["n0"] == 900


def test_a_screen_reader_finds_a_grid_and_its_size(come: Come, task: str) -> None:
    """Roles, counts and places, also of rows that are not drawn; axe finds nothing."""
    visitor, page = opened(come, task)
    grid = page.get_by_role("grid", name="明细")
    expect(grid).to_have_attribute("aria-rowcount", str(ROWS + 2))
    expect(grid).to_have_attribute("aria-colcount", str(COLUMNS + 1))
    at(page, 4, 3).click()
    expect(page.locator(".sheet-editor")).to_have_attribute(
        "aria-label", "5 第5户 · 第1组 / 第1项（元）"
    )
    expect(page.locator(".sheet-holder [aria-live]")).to_have_text(re.compile("第5户.* 4"))
    visitor.sound()


def test_without_scripts_the_table_is_filled_page_by_page(
    chrome: Browser, house: House, task: str
) -> None:
    """The link leads to thirty rows at a time; saving touches only those."""
    context = chrome.new_context(viewport=DESK, java_script_enabled=False, locale="zh-CN")
    visitor = Visitor(context.new_page(), house)
    page = visitor.log_in("huian", f"/tasks/{task}")
    page.get_by_role("link", name=re.compile("逐页填写")).click()
    expect(page.locator("tbody tr")).to_have_count(30)
    page.get_by_role("link", name="下一页").click()
    page.locator('[name="v:/lines/r00031/n0"]').fill("3")
    page.locator('button[value="save"]').last.click()
    page.wait_for_url(re.compile("plain=2"))
    held = contents(house, task)["lines"]
    assert (held[31]["n0"], held[0]["n0"], len(held)) == (3, 0, ROWS)
    context.close()
    visitor.quiet()
