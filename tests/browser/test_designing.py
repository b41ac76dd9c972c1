"""The designer from nothing: items from the dictionary and of one's own, moved, undone; two at once."""

import re

from playwright.sync_api import Locator, Page, expect

from engine.identity import store as identity
from engine.work import Work
from tests.browser.conftest import Come
from tests.browser.house import House, Visitor

SAVED = ".designer .sticky-foot [role=status]"


def begin(visitor: Visitor, title: str) -> Page:
    """Start a form with nothing on it; the designer's page."""
    page = visitor.page
    page.locator("details.fold summary", has_text="从别处开始").click()
    page.locator("#start-owner").select_option("370602-mzj")
    page.locator("#start-name").fill(title)
    page.get_by_role("button", name="从空表开始").click()
    page.wait_for_url(re.compile("/designs/"))
    expect(page.locator(".designer")).to_be_visible()
    return page


def card(page: Page, label: str) -> Locator:
    """An item's card."""
    return page.locator("li.item", has=page.locator("h4", has_text=re.compile(f"^{label} $")))


def add(page: Page, kind: str, label: str) -> None:
    """Press a kind, and name what it made."""
    before = page.locator("li.item").count()
    page.locator(".palette-kinds").get_by_role("button", name=kind, exact=True).click()
    expect(page.locator("li.item")).to_have_count(before + 1)
    box = page.locator("li.item-selected .item-name input")
    expect(box).to_be_focused()
    box.fill(label)
    box.press("Enter")
    expect(card(page, label)).to_be_visible()


def order(page: Page) -> list[str]:
    """The labels of the cards, from the top."""
    return [text.strip() for text in page.locator("li.item h4").all_inner_texts()]


def drag(page: Page, thing: Locator, to: Locator, *, above: bool = True) -> None:
    """With the mouse, from a handle to the upper or lower part of a card."""
    to.scroll_into_view_if_needed()
    start, end = thing.bounding_box(), to.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    height = 8 if above else end["height"] - 8
    page.mouse.move(end["x"] + 60, end["y"] + height, steps=12)
    page.mouse.up()


def second(house: House) -> str:
    """Another designer of the same office; gives the log-in."""

    def hire(work: Work) -> None:
        password = identity.hash_password("Xiangqian-2026")
        row = {
            "id": work.new_id(),
            "login": "lixiangqian",
            "name": "李向前",
            "password_hash": password,
            "created_at": work.at,
        }
        account = identity.add_account(work.connection, row)
        post = {
            "id": work.new_id(),
            "account_id": account,
            "role": "designer",
            "organisation_code": "370602-dsj",
            "valid_from": "2026-01-01",
        }
        identity.add_position(work.connection, post)

    house.does("designer", hire)
    house.passwords["lixiangqian"] = "Xiangqian-2026"
    return "lixiangqian"


def test_a_form_grows_from_nothing_and_every_step_can_be_undone(come: Come) -> None:
    """From the dictionary by pinyin, of one's own, by dragging and by keys; undone after a reload too."""
    visitor = come("designer", path="/forms/upload")
    page = begin(visitor, "志愿者登记")
    page.get_by_label("从数据字典找").fill("lxdh")
    page.locator(".palette .hits button", has_text="联系电话").first.click()
    expect(page.locator("li.item h4")).to_have_count(1)
    add(page, "短文字", "特长")
    add(page, "单选", "服务类别")
    add(page, "金额", "补贴")
    assert order(page) == ["联系电话", "特长", "服务类别", "补贴"]
    visitor.sound()

    page.set_viewport_size({"width": 1366, "height": 1800})
    page.evaluate("window.scrollTo(0, 0)")  # near an edge the page would move by itself
    drag(page, card(page, "补贴").locator(".drag-handle"), card(page, "特长"))
    expect(page.locator("li.item h4").nth(1)).to_have_text("补贴 ")
    handle = card(page, "补贴").locator(".drag-handle")
    handle.focus()
    handle.press("Alt+ArrowDown")
    expect(page.locator("li.item h4").nth(2)).to_have_text("补贴 ")
    expect(page.locator(SAVED)).to_have_text("已移动「补贴」")
    expect(card(page, "补贴").locator(".drag-handle")).to_be_focused()

    page.get_by_role("button", name="新增分组").click()
    expect(page.locator(".section-head")).to_have_count(2)
    page.locator(".section-head input").nth(2).fill("服务情况")
    page.locator(".section-head input").nth(2).press("Enter")
    expect(page.locator(SAVED)).to_have_text("已保存")
    last = card(page, "服务类别").locator(".drag-handle")
    last.press("Alt+ArrowDown")
    expect(page.locator(SAVED)).to_have_text("已移动「服务类别」，现在在「服务情况」")
    expect(page.locator(".section-block").nth(1).locator("h4")).to_have_text("服务类别 ")

    page.reload()
    expect(page.locator(".undo-words")).to_have_text("撤销：移动「服务类别」")
    page.locator("body").press("Control+z")
    expect(page.locator(SAVED)).to_have_text("已撤销：移动「服务类别」")
    expect(page.locator(".section-block").nth(0).locator("h4")).to_have_count(4)
    for _ in range(2):
        page.locator("body").press("Control+z")
    expect(page.locator(".section-head")).to_have_count(0)
    page.locator("body").press("Control+y")
    expect(page.locator(".section-head")).to_have_count(2)
    visitor.sound()


def test_a_table_from_nothing_with_headings_of_two_levels(come: Come) -> None:
    """Fixed rows, a heading above two columns, another row and column; filled in the preview."""
    visitor = come("designer", path="/forms/upload")
    page = begin(visitor, "农作物播种情况")
    page.get_by_role("button", name="固定行列的表").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("表格名称").fill("播种情况")
    dialog.get_by_label("列名").fill("面积\n产量")
    dialog.get_by_label("行名").fill("小麦\n玉米")
    visitor.sound()
    dialog.get_by_role("button", name="做好这张表").click()
    for column in ("面积", "产量"):
        box = page.locator(".columns > li.item", has=page.locator("h4", has_text=column))
        box.get_by_text("更多设置").click()
        box.get_by_label("上级表头").fill("本年")
        box.get_by_label("上级表头").press("Enter")
        expect(page.locator(".head-look")).to_contain_text("本年")
    expect(page.locator(".head-look th[colspan='2']")).to_have_text("本年")
    page.get_by_label("再加几行").fill("大豆\n花生")
    page.locator(".rows-of-table").get_by_role("button", name="增加").click()
    expect(page.locator(".row-line")).to_have_count(4)
    handle = page.locator(".row-line").nth(3).locator(".drag-handle")
    handle.press("Alt+ArrowUp")
    expect(page.locator(".head-look tbody th").nth(2)).to_have_text("花生")
    visitor.sound()
    page.get_by_role("button", name="预览", exact=True).click()
    page.get_by_role("button", name="电脑").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("thead").first).to_contain_text("本年")
    expect(frame.locator("tbody tr")).to_have_count(4)


def test_rows_stand_under_merged_headings_named_in_both_languages(come: Come) -> None:
    """Ticked rows are merged under one name, twice over, split again; English says its own."""
    visitor = come("designer", path="/forms/upload")
    page = begin(visitor, "农业生产情况")
    page.get_by_role("button", name="固定行列的表").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("表格名称").fill("生产情况")
    dialog.get_by_label("列名").fill("面积\n产量")
    dialog.get_by_label("行名").fill("小麦\n玉米\n花生\n生猪")
    dialog.get_by_role("button", name="做好这张表").click()

    def merge(name: str, *rows: str) -> None:
        for row in rows:
            page.get_by_label(f"选中“{row}”这一行").check()
        page.get_by_label("给选中的行加一个共同的行名").fill(name)
        page.get_by_role("button", name="合并", exact=True).click()
        expect(page.locator(".head-look tbody")).to_contain_text(name)

    look = page.locator(".head-look tbody")
    merge("粮食", "小麦", "玉米")
    expect(look.locator("th[rowspan='2']")).to_have_text("粮食")
    merge("种植业", "小麦", "玉米", "花生")
    expect(look.locator("th[rowspan='3']")).to_have_text("种植业")
    merge("养殖业", "生猪")
    visitor.sound()
    page.get_by_label("选中“生猪”这一行").check()
    page.get_by_role("button", name="拆开").click()
    expect(look).not_to_contain_text("养殖业")
    page.get_by_text("合并的表头、行名的英文").click()
    for chinese, english in (("种植业", "Crops"), ("粮食", "Grain")):
        box = page.get_by_label(f"英文名称 {chinese}")
        box.fill(english)
        box.press("Enter")
        expect(page.locator(SAVED)).to_contain_text("已保存")
    visitor.sound()
    page.get_by_role("button", name="预览", exact=True).click()
    page.get_by_role("button", name="电脑").click()
    rows = page.frame_locator("iframe").locator("tbody tr")
    expect(rows.nth(0).locator("th")).to_have_text(["种植业", "粮食", re.compile("小麦")])
    expect(rows.nth(1).locator("th")).to_have_text([re.compile("玉米")])
    expect(rows.nth(3).locator("th").last).to_have_attribute("colspan", "3")


def test_two_designers_lose_nothing(come: Come, house: House) -> None:
    """They see each other; different items merge; of the same thing both are told both values."""
    su = come("designer", path="/forms/upload")
    page = begin(su, "两个人一起做的表")
    add(page, "短文字", "姓名")
    add(page, "整数", "年龄")
    li = come(second(house), path=page.url.removeprefix(house.url))
    other = li.page
    card(other, "年龄").locator(".drag-handle").focus()
    expect(page.locator(".people")).to_contain_text("李向前 正在看「年龄」")
    expect(card(page, "年龄")).to_contain_text("李向前 也在这里")

    # both at once, on different items, neither having seen the other's change
    card(other, "年龄").get_by_text("更多设置").click()
    card(page, "姓名").get_by_text("更多设置").click()
    first = card(page, "姓名").locator(".item-name input")
    first.fill("户主姓名")
    typing = card(other, "年龄").locator(".item-name input")
    typing.fill("周岁")
    first.press("Enter")
    expect(card(page, "户主姓名")).to_be_visible()
    expect(card(other, "户主姓名")).to_be_visible()  # it came while they were typing
    expect(typing).to_have_value("周岁")
    typing.press("Enter")
    expect(card(page, "周岁")).to_be_visible()
    expect(page.locator(".news")).to_contain_text("李向前：「年龄」改名")

    # the same item, both at once
    first = card(page, "户主姓名").locator(".item-name input")
    card(other, "户主姓名").get_by_text("更多设置").click()
    second_box = card(other, "户主姓名").locator(".item-name input")
    first.fill("家长姓名")
    second_box.fill("户主名字")
    other.evaluate("window.setInterval = () => 0")
    # they do not hear of it in time, though their page goes on asking
    with li.expecting_no_network():
        first.press("Enter")
        expect(card(page, "家长姓名")).to_be_visible()
    li.expected |= {409}
    second_box.press("Tab")
    panel = other.locator(".clash")
    expect(panel).to_contain_text("苏景明刚刚也改了这里")
    expect(panel.locator("tbody")).to_contain_text("家长姓名")
    expect(panel.locator("tbody")).to_contain_text("户主名字")
    li.sound()
    expect(other.locator(SAVED)).to_be_visible()
    other.wait_for_timeout(
        500
    )  # leaving the box must not have said it once more, over the colleague
    expect(card(other, "家长姓名")).to_be_visible()
    expect(page.locator(".news-clash")).to_contain_text("户主名字")
    panel.get_by_role("button", name="用我的").click()
    expect(card(page, "户主名字")).to_be_visible()
    # before the press: on a busy machine the answer is there before it returns
    su.expected |= {409}
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".clash")).to_contain_text("户主名字")
    page.locator(".clash").get_by_role("button", name="保留对方的").click()
    expect(card(page, "户主名字")).to_be_visible()


def test_conditions_and_formulas_without_code(come: Come) -> None:
    """Shown when another item says so; computed from labels; tried with values; working in the preview."""
    visitor = come("designer", path="/forms/upload")
    page = begin(visitor, "补贴申请")
    add(page, "是／否", "是否低保户")
    add(page, "金额", "每月标准")
    add(page, "整数", "月数")
    add(page, "金额", "应发金额")

    box = card(page, "应发金额")
    box.get_by_role("button", name="设公式").click()
    box.get_by_text("插入栏目").click()
    for pick, sign in (("每月标准", "*"), ("月数", "")):
        box.locator(".names button", has_text=pick).click()
        if sign:
            box.locator(".signs button", has_text=sign).click()
    expect(box.locator(".formula-words")).to_have_text("意思是： 「每月标准」 * 「月数」")
    box.locator(".trial").get_by_label("每月标准").fill("800.5")
    box.locator(".trial").get_by_label("月数").fill("12")
    expect(box.locator(".trial-result")).to_have_text("= 9606")
    area = box.locator("textarea")
    right = area.input_value()
    area.fill(right + "+ nobody")
    expect(box.locator(".fault mark")).to_have_text("n")
    visitor.sound()
    area.fill(right)
    box.get_by_role("button", name="用这个公式").click()
    expect(box.locator(".item-field")).to_contain_text("自动计算")

    box = card(page, "月数")
    box.locator("summary", has_text="更多设置").click()
    box.get_by_label("必填").first.check()
    expect(page.locator(SAVED)).to_have_text("已保存")
    box.get_by_role("button", name="设条件 月数 显示").click()
    item = box.get_by_role("combobox", name="项目")
    item.fill("低保")
    expect(box.locator(".item-pick-list:visible li")).to_have_text(["是否低保户"])
    item.press("Enter")
    expect(box.locator(".formula-words")).to_have_text("当 是否低保户 是 是 时")
    visitor.sound()
    box.get_by_role("button", name="用这个条件").click()
    expect(box.locator(".item-head")).to_contain_text("有条件")
    expect(box.locator(".condition .said")).to_have_text(["是否低保户 是 是"] * 2)
    box.get_by_role("button", name="修改 月数 显示").click()
    expect(box.get_by_role("combobox", name="项目")).to_have_value("是否低保户")
    box.get_by_role("button", name="取消").click()

    page.get_by_role("button", name="预览", exact=True).click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("是否低保户")).to_be_visible()
    expect(frame.locator("[data-cell='/ys']")).to_be_hidden()


def test_a_total_over_a_table_is_tried_on_rows(come: Come) -> None:
    """Rows to change, add and take away beside the formula; the result follows."""
    visitor = come("designer", path="/forms/upload")
    page = begin(visitor, "补贴名册")
    page.get_by_role("button", name="可增行的表").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("表格名称").fill("名册")
    dialog.get_by_label("列名").fill("姓名\n金额")
    dialog.get_by_role("button", name="做好这张表").click()
    amount = page.locator(".columns > li.item", has=page.locator("h4", has_text="金额"))
    amount.locator("select").first.select_option(label="金额")
    expect(page.locator(SAVED)).to_have_text("已保存")
    add(page, "金额", "总额")
    box = card(page, "总额")
    box.get_by_role("button", name="设公式").click()
    box.locator("textarea").fill("SUM(mc.je)")
    trial = box.locator(".trial-table")
    expect(trial.locator("tbody tr")).to_have_count(3)
    expect(box.locator(".trial-result")).to_have_text("= 60")
    trial.get_by_label("金额 1").fill("100.5")
    expect(box.locator(".trial-result")).to_have_text("= 150.5")
    trial.get_by_role("button", name="去掉第 3 行").click()
    expect(box.locator(".trial-result")).to_have_text("= 120.5")
    trial.get_by_role("button", name="再加一行试试").click()
    trial.get_by_label("金额 3").fill("1")
    expect(box.locator(".trial-result")).to_have_text("= 121.5")
    visitor.sound()
