"""A draft saves itself: whatever happens to browser, network or server, what was typed is there again."""

import os
import re
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from tests.browser.conftest import Come
from tests.browser.house import ARGUMENTS, PHONE, House, Visitor, children, chromium
from tests.installed import COMMUNITIES
from workflows import dispatches, store

FORM = "civil.community_monthly"


@pytest.fixture(scope="module", autouse=True)
def sent(house: House) -> None:
    """The report is out to the ten communities."""
    house.does(
        "minzheng",
        lambda work: dispatches.create(
            work, FORM, COMMUNITIES, "2026-11", work.now + timedelta(days=5)
        ),
    )


def task_of(house: House, login: str) -> str:
    """The page of somebody's task."""
    found = house.does(login, lambda work: store.tasks_of(work)[0].id)
    return f"/tasks/{found}"


def box(name: str) -> str:
    """An item's control."""
    return f'[name="v:/{name}"]'


def saved(visitor: Visitor) -> None:
    """The page says that everything has arrived."""
    state = visitor.page.locator("[data-save-state]")
    expect(state).to_have_attribute("data-save-state", "saved")
    expect(state).to_contain_text("已保存")


def test_a_closed_browser_loses_nothing(come: Come, house: House) -> None:
    """Typed, and the window is gone before the save was due: another browser shows what had arrived."""
    path = task_of(house, "huian")
    visitor = come("huian", phone=True, path=path)
    visitor.page.locator(box("births")).fill("7")
    saved(visitor)
    visitor.page.context.close()
    again = come("huian", phone=True, path=path)
    expect(again.page.locator(box("births"))).to_have_value("7")


def test_a_dead_network_loses_nothing(come: Come, house: House) -> None:
    """Without a network the page says so; left and opened again, it puts back what was typed and sends it."""
    path = task_of(house, "nanyao")
    visitor = come("nanyao", phone=True, path=path)
    page = visitor.page
    with visitor.expecting_no_network():
        page.locator(box("births")).fill("5")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "waiting")
        expect(page.locator("[data-save-text]")).to_contain_text("网络")
        page.locator("[data-submit]").click()
        expect(page.locator("[data-save-text]")).to_contain_text("还没有提交")
        page.goto("about:blank")
    visitor.go(path)
    expect(page.locator(box("births"))).to_have_value("5")
    # the page that was left may have got it through when the network came back: then nothing is sent
    arrived = re.compile("已保存|填写内容会自动保存")
    expect(page.locator("[data-save-text]")).to_contain_text(arrived)
    assert come("nanyao", path=path).page.locator(box("births")).input_value() == "5"


def test_an_ended_session_loses_nothing(come: Come, house: House) -> None:
    """Logged out in another window: told at once; after the next log-in the words stand there again."""
    path = task_of(house, "shangyao")
    visitor = come("shangyao", phone=True, path=path)
    page = visitor.page
    page.context.clear_cookies(name="yibiao_session")
    with visitor.expecting(401):
        page.locator(box("births")).fill("6")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "failed")
        expect(page.locator("[data-save-text]")).to_contain_text("登录")
        page.locator("[data-submit]").click()
        expect(page.get_by_role("link", name="重新登录")).to_be_focused()
    page.get_by_role("link", name="重新登录").click()
    page.wait_for_url("**/login?next=*")
    visitor.log_in("shangyao", path)
    expect(page.locator(box("births"))).to_have_value("6")
    saved(visitor)


def test_a_log_in_of_another_window_serves_this_one_too(come: Come, house: House) -> None:
    """Logged out and in again elsewhere: the page goes on with the new log-in, and hands in with it."""
    path = task_of(house, "huaxin")
    visitor = come("huaxin", path=path)
    page = visitor.page
    page.context.clear_cookies(name="yibiao_session")
    other = Visitor(page.context.new_page(), house)
    other.log_in("huaxin", path)
    with visitor.expecting(403):
        page.locator(box("births")).fill("3")
        saved(visitor)
    with visitor.expecting(422):
        page.locator("[data-submit]").click()
        expect(page.locator("#problems")).to_be_focused()
    expect(page.locator(box("births"))).to_have_value("3")


def test_two_windows_of_one_person_lose_nothing(come: Come, house: House) -> None:
    """On the desk and on the phone at once: each is told what the other typed, and asked where both did."""
    path = task_of(house, "shilian")
    desk, phone = come("shilian", path=path), come("shilian", phone=True, path=path)
    desk.page.locator(box("births")).fill("6")
    saved(desk)
    phone.page.locator(box("deaths")).fill("8")
    saved(phone)
    told = phone.page.locator(".elsewhere")
    expect(told).to_contain_text("您在另一个窗口")
    expect(phone.page.locator(box("births"))).to_have_value("6")
    desk.page.locator(box("deaths")).fill("9")
    question = desk.page.locator(".conflict")
    expect(question).to_contain_text("您在另一个窗口")
    question.get_by_role("button", name="采用对方的").click()
    expect(desk.page.locator(box("deaths"))).to_have_value("8")
    with phone.page.expect_response(re.compile("/cells$")):
        phone.page.locator(box("births")).fill("7")
    expect(told).to_have_count(0)
    desk.go(path)
    for name, value in (("births", "7"), ("deaths", "8")):
        expect(desk.page.locator(box(name))).to_have_value(value)


class Killable:
    """A browser with a folder of its own, which can be killed and started again."""

    def __init__(self, playwright: Playwright, folder: Path, house: House) -> None:
        self.playwright, self.folder, self.house = playwright, folder, house
        self.context: BrowserContext | None = None

    def start(self) -> Visitor:
        """A new process on the same folder."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=chromium(),
            args=ARGUMENTS,
            viewport=PHONE,  # type: ignore[arg-type]  # width and height
            locale="zh-CN",
        )
        return Visitor(self.context.pages[0], self.house)

    def kill(self) -> None:
        """SIGKILL to every process of the browser."""
        processes = children(f"--user-data-dir={self.folder}")
        assert processes
        for process in processes:
            os.kill(process, signal.SIGKILL)
        while children(f"--user-data-dir={self.folder}"):
            time.sleep(0.05)


@pytest.fixture
def killable(playwright: Playwright, tmp_path: Path, house: House) -> Iterator[Killable]:
    """A browser to be killed."""
    browser = Killable(playwright, tmp_path / "profile", house)
    yield browser
    if browser.context is not None:
        browser.context.close()


def test_a_killed_browser_loses_nothing(killable: Killable, house: House) -> None:
    """kill -9 a second after the last key: the values are in the document and on the page again."""
    path = task_of(house, "lianhua")
    visitor = killable.start()
    visitor.log_in("lianhua", path)
    visitor.page.locator(box("births")).fill("8")
    visitor.page.locator(box("remark")).fill("本月新建长者食堂一处")
    visitor.page.wait_for_timeout(1500)
    killable.kill()
    again = killable.start()
    again.log_in("lianhua", path)
    expect(again.page.locator(box("births"))).to_have_value("8")
    expect(again.page.locator(box("remark"))).to_have_value("本月新建长者食堂一处")
    again.quiet()
