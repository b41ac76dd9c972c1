"""A flow drawn, tried out and published by its designer, by the page alone; by keys alone; on a phone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Come
from tests.browser.house import Visitor


def begin(visitor: Visitor, title: str) -> Page:
    """A new flow, in the designer."""
    page = visitor.page
    page.goto(f"{visitor.house.url}/flows")
    page.get_by_label("流程名称").fill(title)
    page.get_by_role("button", name="开始设计").click()
    expect(page.locator(".flow-card")).to_have_count(3)
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator(".flow-card", has=page.locator("h3", has_text=re.compile(f"^{title}")))


def saved(page: Page) -> None:
    expect(page.locator(".flow-designer .sticky-foot [role=status]")).to_have_text("已保存")


def add(page: Page, after: str, kind: str) -> None:
    page.get_by_role("button", name=f"在“{after}”后面加一步").click()
    page.locator(".flow-kinds").get_by_role("button", name=kind, exact=True).click()


def test_a_flow_is_drawn_tried_and_published(come: Come) -> None:
    """Cards, branches, who does it, soundness beside the card, the clock, the new version in words."""
    visitor = come("designer")
    page = begin(visitor, "补贴发放")
    visitor.sound()
    add(page, "审核", "并行分支")
    expect(page.locator(".flow-branch")).to_have_count(2)
    page.get_by_role("button", name="增加分支").click()
    expect(page.locator(".flow-branch")).to_have_count(3)
    first = page.locator(".flow-branch").first.locator(".flow-card")
    first.locator("summary").first.click()
    first.get_by_label("中文名称").fill("派出所核实")
    first.get_by_label("中文名称").press("Tab")
    police = card(page, "派出所核实")
    police.get_by_label("由谁办理").select_option("person")
    expect(police.locator(".flow-who")).to_be_visible()
    saved(page)
    expect(police.locator(".note-late")).to_contain_text("派出所核实")
    police.get_by_label("由谁办理").select_option("position")
    police.get_by_label("几个人怎样决定").select_option("all")
    police.get_by_text("规定期限").click()
    expect(police.locator("p.small").first).to_contain_text("个工作日")
    saved(page)
    expect(page.locator(".note-late")).to_have_count(0)
    visitor.sound()
    page.get_by_role("button", name="试走").click()
    expect(page.locator(".flow-task")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^提交 填报")).click()
    page.get_by_role("button", name=re.compile("^通过 审核")).click()
    expect(page.locator(".flow-task")).to_have_count(5)
    page.get_by_role("button", name="过 7 天").click()
    expect(page.locator(".flow-log")).to_contain_text("超时")
    visitor.sound()
    page.get_by_role("button", name=re.compile("^比较与发布")).click()
    expect(page.get_by_text("这是第一版")).to_be_visible()
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/flows/flow_1$"))
    expect(page.get_by_role("heading", name="补贴发放")).to_be_visible()
    visitor.sound()


def test_undone_redone_and_gone_back_to(come: Come) -> None:
    """Ctrl+Z, Ctrl+Y, up and down, removed; and a state that was saved an hour ago."""
    visitor = come("designer")
    page = begin(visitor, "撤销试验")
    add(page, "审批", "抄送")
    expect(page.locator(".flow-card")).to_have_count(4)
    card(page, "抄送").get_by_role("button", name=re.compile("^上移")).click()
    expect(page.locator(".flow-card h3").nth(2)).to_contain_text("抄送")
    card(page, "审核").get_by_role("button", name=re.compile("^删除")).click()
    expect(page.locator(".flow-card")).to_have_count(3)
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("Control+z")
    expect(page.locator(".flow-card")).to_have_count(4)
    page.keyboard.press("Control+y")
    expect(page.locator(".flow-card")).to_have_count(3)
    saved(page)
    page.get_by_role("button", name="修改记录").click()
    page.get_by_role("button", name=re.compile("^恢复到这时")).last.click()
    expect(page.locator(".flow-card")).to_have_count(3)
    expect(page.locator(".flow-card h3").nth(1)).to_contain_text("审核")
    visitor.page.reload()
    expect(page.locator(".flow-card h3").nth(1)).to_contain_text("审核")


def test_by_keys_alone_and_on_a_phone(come: Come) -> None:
    """A step is added and the next version of a flow in force begun without a mouse, on a small screen."""
    visitor = come("designer", phone=True)
    page = visitor.go("/flows")
    page.get_by_role("button", name=re.compile("^修改（新版本）")).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".flow-card")).to_have_count(3)
    page.get_by_role("button", name="在“填报”后面加一步").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".flow-card")).to_have_count(4)
    saved(page)
    visitor.sound()
    page.get_by_role("button", name=re.compile("^比较与发布")).click()
    expect(page.locator(".difference")).to_contain_text("新增")
    visitor.sound()


def test_keys_are_never_lost(come: Come) -> None:
    """Escape closes the choice; who moved or removed a step by keys stands beside it, not at the page's top."""
    visitor = come("designer")
    page = begin(visitor, "键盘试验")
    held = page.locator(":focus")
    page.get_by_role("button", name="在“填报”后面加一步").press("Enter")
    expect(page.locator(".flow-kinds")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".flow-kinds")).to_have_count(0)
    expect(held).to_have_accessible_name("在“填报”后面加一步")
    add(page, "填报", "并行分支")
    titles = page.locator(".flow-branch h3")
    expect(titles).to_contain_text(["审核 2", "审核 3"])
    card(page, "审核 2").get_by_role("button", name=re.compile("^删除")).press("Enter")
    page.get_by_role("button", name="在“并行分支”的分支 1 里加一步").press("Enter")
    page.locator(".flow-kinds").get_by_role("button", name="审批", exact=True).press("Enter")
    expect(titles).to_contain_text(
        ["审批 2", "审核 3"]
    )  # a branch that was emptied can be filled again
    fork = card(page, "并行分支")
    fork.get_by_role("button", name=re.compile("^下移")).press("Enter")
    expect(held).to_have_accessible_name(re.compile("^下移 并行分支"))
    page.keyboard.press("Enter")
    expect(held).to_have_accessible_name(re.compile("^上移 并行分支"))
    fork.get_by_role("button", name=re.compile("^删除")).press("Enter")
    expect(page.locator(".flow-card")).to_have_count(3)
    expect(held).to_have_accessible_name(re.compile("^设置 审批"))


def publish(page: Page, title: str) -> None:
    page.get_by_role("button", name=re.compile("^比较与发布")).click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def test_a_step_starts_another_flow(come: Come) -> None:
    """子流程: chosen among those in force, said on the card, tried out to its end, and published."""
    visitor = come("designer")
    page = begin(visitor, "入户核对")
    publish(page, "入户核对")
    page = begin(visitor, "救助审批")
    add(page, "审核", "子流程")
    below = card(page, "子流程")
    expect(below.locator(".flow-who")).to_have_text("还没有选流程")
    saved(page)
    expect(below.locator(".note-late")).to_be_visible()
    below.get_by_label("启动哪个流程").select_option(label="入户核对")
    below.get_by_label("子流程不同意时").select_option("go_on")
    below.get_by_label("启动几个").select_option(index=1)
    saved(page)
    expect(below.locator(".flow-who")).to_have_text("入户核对")
    expect(below.locator("p.small").first).to_contain_text("不同意也继续")
    expect(page.locator(".note-late")).to_have_count(0)
    visitor.sound()
    page.get_by_role("button", name="试走").click()
    page.get_by_label("样例行").fill("张三\n\n李四")
    page.get_by_role("button", name=re.compile("^提交 填报")).click()
    page.get_by_role("button", name=re.compile("^通过 审核")).click()
    for left in (2, 1):
        ends = page.get_by_role("button", name=re.compile("^子流程结束"))
        expect(ends).to_have_count(left)
        ends.first.click()
    expect(page.get_by_role("button", name=re.compile("^通过 审批"))).to_be_visible()
    visitor.sound()
    publish(page, "救助审批")
