"""A workbook of several worksheets by the pages alone: upload, one form of it, filled, taken home and brought back."""

import re
from datetime import timedelta
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from forms import store
from tests import several_sheets as made
from tests.browser.conftest import Come
from tests.browser.house import House, Visitor
from tests.browser.test_designer import press_publish
from tests.installed import ANYBODY, COMMUNITIES
from workflows import dispatches


def chosen(visitor: Visitor, folder: Path) -> Page:
    """The upload, and the page that tells what each worksheet is."""
    sent = folder / "年报.xlsx"
    sent.write_bytes(made.workbook())
    page = visitor.page
    page.goto(f"{visitor.house.url}/forms/upload")
    page.locator("#owner").select_option("370602-mzj")
    page.locator("#file").set_input_files(sent)
    page.locator("form[action='/forms/upload'] button[type=submit]").click()
    expect(page.get_by_text("工作簿里有 6 张工作表")).to_be_visible()
    visitor.sound()
    return page


def published(visitor: Visitor, folder: Path) -> str:
    """One form of all that are ticked, every worksheet looked at, published; its code."""
    page = chosen(visitor, folder)
    page.get_by_role("button", name="把打勾的合成一张表单").click()
    page.wait_for_url(re.compile("/designs/"))
    sheets = page.get_by_role("group", name="工作表")
    for name, text in (
        (made.PEOPLE, "耕地面积"),
        (made.SUMMARY, "户均耕地"),
        (made.COVER, "填报人"),
    ):
        sheets.get_by_role("button", name=name).click()
        expect(page.locator("section.sheet .sheet-table")).to_contain_text(text)
    visitor.sound()
    page.get_by_role("button", name=re.compile("^审核关系")).first.click()
    expect(page.get_by_text("表三!C7").first).to_be_visible()
    visitor.sound()
    page.get_by_role("button", name=re.compile("^发布")).first.click()
    press_publish(page)
    page.wait_for_url(re.compile("/forms/"))
    return page.url.rpartition("/")[2].partition("?")[0]


def test_several_worksheets_become_one_form_and_one_workbook_again(
    come: Come, house: House, tmp_path: Path
) -> None:
    """The department's own workbook comes back with all worksheets filled; a mistake in it is told by its cell."""
    code = published(come("designer"), tmp_path)
    house.does(
        "minzheng",
        lambda work: dispatches.create(
            work, code, COMMUNITIES[:1], "2026", work.now + timedelta(days=9)
        ),
    )
    with house.system.read(ANYBODY) as work:
        form = store.published(work.connection, code)
    path = next(one.path for one in form.items if one.at == "C4" and not one.sheet)
    visitor = come("huian", phone=True)
    page = visitor.page
    page.get_by_role("link", name=re.compile(made.TITLES[made.COVER])).first.click()
    expect(page.get_by_role("heading", name="表三 汇总情况")).to_be_visible()
    visitor.sound()
    page.locator(f'[name="v:{path}"]').first.fill("9")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "saved")
    page.get_by_text("用 Excel 或 WPS 填").click()
    with page.expect_download() as download:
        page.locator('a[href$="/workbook"]').first.click()
    taken = tmp_path / "taken.xlsx"
    download.value.save_as(taken)
    book = openpyxl.load_workbook(taken)
    assert [book[made.COVER]["B4"].value, book[made.VILLAGES]["C4"].value] == [
        "惠安社区居民委员会",
        9,
    ]
    assert book.sheetnames[-1] == made.CODES
    book[made.PEOPLE]["B4"], book[made.PEOPLE]["C4"] = "王芳", "六十亩"
    book[made.VILLAGES]["C5"], book[made.VILLAGES]["C6"] = 4, 4
    with visitor.expecting(422):
        brought(page, book, taken)
    expect(page.locator("tbody")).to_contain_text("表二!C4")
    visitor.sound()
    book[made.PEOPLE]["C4"], book[made.SUMMARY]["C4"] = 60, 1000
    brought(page, book, taken)
    expect(page.get_by_text("改对了才能提交").first).to_be_visible()
    expect(page.get_by_text("表三!C4")).to_be_visible()
    visitor.sound()


def brought(page: Page, book: openpyxl.Workbook, at: Path) -> None:
    """The workbook, filled in and uploaded."""
    book.save(at)
    page.locator("input[type=file]").first.set_input_files(at)
    page.locator("form[action$='/workbook'] button[type=submit]").click()
    expect(page.get_by_role("heading", name="取入填好的表")).to_be_visible()
