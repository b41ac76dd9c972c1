"""From a department's workbook to a published form, by the page alone."""

import re
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Locator, Page, expect

from engine.settings import ROOT
from tests.browser.conftest import Come
from tests.browser.house import Visitor
from tests.forms.importers.excel.books import book

SHEET = ROOT / "packs" / "yantai" / "uploads" / "civil.visits.xlsx"
OPEN = ROOT.parent / "shared" / "corpus" / "excel-zh" / "open"
REAL = (
    OPEN / "nongcun-tongji-nianbao" / "02_农村基层组织及户数、人口、从业人员情况（一）.xlsx",
    OPEN / "tongji-baobiao-zhidu" / "03_农村劳动力转移情况.xlsx",
)


def upload(visitor: Visitor, sheet: Path, owner: str = "370602-mzj") -> Page:
    """Bring a workbook in; the designer's page."""
    page = visitor.page
    page.goto(f"{visitor.house.url}/forms")
    page.locator('a[href="/forms/upload"]').first.click()
    visitor.sound()
    page.locator("#owner").select_option(owner)
    page.locator("#file").set_input_files(sheet)
    page.locator("form[action='/forms/upload'] button[type=submit]").click()
    if page.locator('input[name="join"]').count():
        visitor.sound()
        page.locator("form[action='/forms/upload'] button[type=submit]").click()
    page.wait_for_url(re.compile("/designs/"))
    expect(page.locator(".designer")).to_be_visible()
    return page


def item(page: Page, label: str) -> Locator:
    """An item's card by its label."""
    return page.locator("li.item", has=page.locator("h4", has_text=re.compile(f"^{label} ")))


def saved(page: Page) -> None:
    """What was done has arrived at the server."""
    expect(page.locator(".designer .sticky-foot [role=status]")).to_have_text("已保存")


def bind(page: Page, label: str, code: str, words: str) -> None:
    """Search another field for an item and take it."""
    card = item(page, label)
    card.get_by_role("button", name="换一个数据项").click()
    card.locator("input[type=search]").fill(words)
    card.locator(
        ".hits button", has=page.locator("code", has_text=re.compile(f"^{re.escape(code)}$"))
    ).click()
    expect(card.locator(".item-field code")).to_have_text(code)


def add_field(visitor: Visitor, page: Page) -> None:
    """Add a field to the dictionary for an item that none fits, and take it."""
    card = item(page, "慰问金")
    card.get_by_role("button", name="换一个数据项").click()
    card.get_by_role("button", name="新增数据项").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("对象").select_option("person")
    dialog.get_by_label("编码").fill("comfort_money")
    dialog.get_by_label("中文名称").fill("走访慰问金额")
    dialog.get_by_label("英文名称").fill("Comfort money")
    dialog.get_by_label("类型").select_option("number")
    dialog.get_by_label("计量单位").fill("元")
    visitor.sound()
    dialog.get_by_role("button", name="新增并采用").click()
    expect(card.locator(".item-field code")).to_have_text("person.comfort_money")
    saved(page)


def add_check(visitor: Visitor, page: Page) -> None:
    """Write a check over the rows, with the item's name put in by the page."""
    page.get_by_role("button", name=re.compile("^审核关系")).first.click()
    page.get_by_label("检查范围").select_option(index=1)
    name = str(item_name(page))
    page.locator("#check-formula").fill(f"{name} <= 5000")
    page.locator("#check-text").fill("单户慰问金一般不超过5000元")
    expect(page.locator(".formula-words")).to_contain_text("≤ 5000")
    visitor.sound()
    page.locator("form", has=page.locator("#check-formula")).locator("button[type=submit]").click()
    expect(page.locator(".designer-split .plain-list")).to_contain_text(
        "单户慰问金一般不超过5000元"
    )


def preview(visitor: Visitor, page: Page) -> None:
    """See the form as a phone and as a desk will show it."""
    page.get_by_role("button", name="预览", exact=True).click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("退役军人和困难群众走访慰问情况表")
    assert page.locator("iframe").evaluate("frame => frame.clientWidth") < 450
    page.get_by_role("button", name="电脑").click()
    expect(frame.locator(".grid thead").first).to_contain_text("走访对象")
    assert page.locator("iframe").evaluate("frame => frame.clientWidth") > 900
    visitor.sound()


def press_publish(page: Page) -> None:
    """The last press; a form that asks what another asks needs its reason first."""
    panel = page.locator("section", has=page.locator("#publish-title"))
    expect(panel.locator("#publish-title")).to_have_text("发布第 1 版")
    if panel.locator("#publish-repeats").count():
        panel.get_by_label("为什么要单独发表").fill("对象和口径由专门文件规定")
    panel.get_by_role("button", name="发布").click()


def publish(visitor: Visitor, page: Page) -> None:
    """Publish version 1."""
    page.get_by_role("button", name=re.compile("^发布")).first.click()
    expect(page.locator("#publish-title")).to_have_text("发布第 1 版")
    visitor.sound()
    press_publish(page)
    page.wait_for_url(re.compile(r"/forms/form\."))
    expect(page.locator("main")).to_contain_text("退役军人和困难群众走访慰问情况表")
    expect(page.locator("main")).to_contain_text("走访慰问金额")
    visitor.sound()


def test_a_three_level_header_becomes_a_published_form(come: Come) -> None:
    """Upload, recognise, correct two bindings, add a field and a check, preview, publish version 1."""
    visitor = come("designer", path="/forms")
    page = upload(visitor, SHEET)
    expect(page.locator("#form-title, .designer input").first).to_have_value(
        "退役军人和困难群众走访慰问情况表"
    )
    blocks = page.locator(".sheet .facts")
    for role in ("填报单位", "计量单位", "负责人", "填报人", "电话", "填报日期"):
        expect(blocks).to_contain_text(role)
    expect(item(page, "姓名").locator("p.small.quiet").first).to_have_text("走访对象 / 身份情况")
    expect(item(page, "身份证号码").locator(".item-field code")).to_have_text("person.id_number")
    expect(item(page, "身份证号码").locator(".item-confidence")).to_contain_text("%")
    expect(page.locator(".items-table")).to_have_count(1)
    visitor.sound()

    bind(page, "联系方式", "person.phone", "联系电话")
    saved(page)
    bind(page, "家庭住址", "person.address", "现住址")
    saved(page)

    page.get_by_role("button", name="添加栏目").click()
    page.locator(".palette-kinds").get_by_role("button", name="整数", exact=True).click()
    expect(page.locator("li.item-selected")).to_contain_text("原表上没有这一栏")
    saved(page)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".undo-words")).not_to_contain_text("整数")
    page.get_by_role("button", name="原表").click()

    add_field(visitor, page)
    add_check(visitor, page)
    preview(visitor, page)
    publish(visitor, page)


def item_name(page: Page) -> str:
    """The name that a formula uses for the new field's item, as the page inserts it."""
    page.locator(".formula details.fold", has_text="插入栏目").locator("summary").click()
    page.locator(".formula .names button", has_text="慰问金").first.click()
    return page.locator("#check-formula").input_value().strip()


@pytest.mark.corpus
@pytest.mark.parametrize("sheet", REAL, ids=lambda path: path.stem[:2])
def test_a_real_sheet_is_recognised_and_published(come: Come, sheet: Path) -> None:
    """A workbook straight from a department: recognised, partly bound, published, without a fault."""
    if not sheet.is_file():
        pytest.skip(f"no real sheet at {sheet}")
    visitor = come("designer", path="/forms")
    page = upload(visitor, sheet, owner="370602-tjj")
    assert page.locator("li.item").count() >= 5
    visitor.sound()
    page.get_by_role("button", name=re.compile("^发布")).first.click()
    press_publish(page)
    page.wait_for_url(re.compile(r"/forms/form\."))


def test_printed_rules_that_need_a_person_stand_beside_the_checks(
    come: Come, tmp_path: Path
) -> None:
    """Between tables and about one cell they are checks; what speaks of another form says why it is none."""
    sheet = tmp_path / "two.xlsx"
    sheet.write_bytes(book(two_tables))
    visitor = come("designer", path="/forms")
    page = upload(visitor, sheet)
    page.get_by_role("button", name=re.compile("^审核关系")).first.click()
    checks = page.locator(".designer-split .plain-list")
    expect(checks).to_contain_text("A表第3行=B表合计")
    expect(checks).to_contain_text("第3行第2列≥第2行第2列")
    left = page.locator(".designer-split .note")
    expect(left).to_contain_text("本表07行=农业综合表12行")
    expect(left).to_contain_text("表单之间没有自动审核")
    visitor.sound()


def two_tables(page: Worksheet) -> None:
    """Two tables on one sheet, their rules below."""
    lines: list[list[str]] = [["民政对象情况表"]]
    for name in ("A表 城镇低保", "B表 农村低保"):
        lines += [[name], ["指标", "代码", "上年", "本年"], ["甲", "乙", "1", "2"]]
        lines += [["户数", "01"], ["人数", "02"], ["合计", "03"]]
    rules = "A表第3行=B表合计；A表第3行第2列≥第2行第2列；本表07行=农业综合表12行"
    for line in [*lines, [f"审核关系：{rules}。"]]:
        page.append(line)
    for row in (1, 2, 8, len(lines) + 1):
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=4)
