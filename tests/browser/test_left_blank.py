"""A department's sheet requires nothing by itself: whoever hands in much of it blank is asked, whoever checks is told."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path

from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page, expect

from engine.work import Work
from forms import publish
from forms.designing import intake
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.forms.importers.excel.books import book
from tests.installed import COMMUNITIES
from workflows import commands, dispatches, store


def drawn(sheet: Worksheet) -> None:
    """Facts that are known, and some that nobody knows, each row in its own unit."""
    for line in (
        ["便民服务情况统计表"],
        ["指标名称", "计量单位", "代码", "合计", "其中：财政"],
        ["甲", "乙", "丙", "1", "2"],
        ["一、常住人口", "人", "01", None, "—"],
        ["二、道路硬化投入", "万元", "02"],
        ["三、志愿者队伍数", "支", "03", None, "—"],
        ["四、便民服务办件量", "件", "04", None, "—"],
    ):
        sheet.append(line)
    sheet.merge_cells("A1:E1")


def sent(house: House) -> None:
    """The workbook as it came, recognised, published without a word and sent to one community."""

    def out(work: Work) -> str:
        draft = intake.start(work, book(drawn), "表.xlsx", sheet=None, owner="370602-mzj")
        publish.publish(work, draft.code, note="口径由专门文件规定")
        return draft.code

    code = house.does("designer", out)
    due = timedelta(days=5)
    house.does(
        "minzheng",
        lambda work: dispatches.create(work, code, COMMUNITIES[:1], "2026-11", work.now + due),
    )


def first_task(page: Page) -> None:
    page.locator("a.task-link").first.click()
    page.wait_for_url(re.compile("/tasks/"))


def test_what_is_left_blank_is_asked_about_told_and_returned(come: Come, house: House) -> None:
    """Once before it goes, to the verifier cell by cell, to the leader as an exception; never of locked cells."""
    sent(house)
    filler = come("huian", phone=True)
    page = filler.page
    first_task(page)
    expect(page.locator('[name$="/r01/hj"]')).to_have_value(re.compile(r"^[\d,]+$"))
    asked = page.locator("dialog.ask-blank")
    page.locator("[data-submit]").click()
    expect(asked).to_contain_text("还有 4 格空着")
    expect(asked).to_contain_text("志愿者队伍数")
    filler.sound()
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(page.locator('[name$="/r02/hj"]')).to_be_focused()
    page.locator("[data-submit]").click()
    asked.get_by_role("button", name="空着，照样提交").click()
    expect(page.locator(".note-ok")).to_be_visible()

    checker = come("shenhe", phone=True)
    desk = checker.page
    first_task(desk)
    desk.get_by_role("link", name="有 4 格空着没有填").click()
    box = desk.locator('.blanks input[name="return"][value$="/r03/hj"]')
    expect(box).to_be_visible()  # the fold opened
    checker.sound()
    box.check()
    desk.locator('.blanks input[name^="reason:"][name$="/r03/hj"]').fill("请按名册填写")
    desk.get_by_role("button", name=re.compile("^退回")).click()
    expect(desk.locator(".note-ok")).to_be_visible()

    page.goto(house.url)
    first_task(page)
    expect(page.locator('[name^="v:"]')).to_have_count(1)
    page.locator('[name$="/r03/hj"]').fill("6")
    page.locator(
        "[data-submit]"
    ).click()  # the three that are locked cannot be filled: nothing is asked
    expect(page.locator(".note-ok")).to_be_visible()

    house.does("shenhe", _passed)
    leader = come("lingdao", path="/approvals")
    expect(leader.page.locator("li.approve")).to_contain_text("有 3 格空着没有填")


def _passed(work: Work) -> None:
    (task,) = store.tasks_of(work, store.TASK.c.status == "open")
    commands.pass_(work, task.id)


def test_the_print_says_in_what_each_row_counts(come: Come, house: House) -> None:
    """One column has a unit of its own (all its open rows count in 万元); the rows keep theirs all the same."""
    visitor = come("lingdao", path="/approvals")
    visitor.page.locator("li.approve a").first.click()
    visitor.page.locator("button[value=pass]").click()
    expect(visitor.page.locator(".note-ok")).to_be_visible()
    record = house.does("lingdao", lambda work: store.tasks_of(work)[0].document_id)
    visitor.go(f"/records/{record}")
    with visitor.page.expect_download(timeout=60_000) as coming:
        visitor.page.locator('a[download][href*="/pdf"]').first.click()
    pdf = Path(coming.value.path()).read_bytes()
    printed = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    said = "".join(printed.stdout.decode().split())
    assert "便民服务办件量（件）" in said
    assert "常住人口（人）" in said
