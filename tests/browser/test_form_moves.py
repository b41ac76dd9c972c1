"""A form changes while people have its report open: the office tries it and does it, and nobody loses what they typed."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from admin import working
from engine.work import Work
from forms import documents, filing, publish, store
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.browser.test_nothing_lost import box, saved, task_of
from tests.installed import COMMUNITIES, person
from workflows import commands, dispatches

STEPS = True
FORM = "civil.community_monthly"
NEW = {
    "helped": {"type": "integer", "title": "本月帮办代办件数", "titles": {"en": "Cases helped with"}, "unit": "件"},
    "visits": {"type": "integer", "title": "入户走访户数", "titles": {"en": "Households visited"}, "unit": "户"},
}  # fmt: skip
SENT: dict[str, str] = {}


def next_version(work: Work) -> None:
    """Two items more, one of which must be filled in, and one less."""
    now = store.published(work.connection, FORM)
    document = json.loads(
        json.dumps(store.document_of(work.connection, FORM, now.version), default=str)
    )
    del document["properties"]["remark"]
    document["properties"] |= NEW
    for section in document["form"].get("sections", []):
        section["items"] = [one for one in section["items"] if one != "remark"]
    document["form"]["sections"][0]["items"] += list(NEW)
    document["required"] = [*document.get("required", ()), "helped"]
    store.insert_draft(work, document)
    publish.publish(work, FORM)


@pytest.fixture(scope="module", autouse=True)
def sent(house: House) -> None:
    """The report is out to the ten communities."""
    found = house.does(
        "minzheng",
        lambda work: dispatches.create(
            work, FORM, COMMUNITIES, "2026-11", work.now + timedelta(days=5)
        ),
    )
    SENT["at"] = f"/dispatches/{found.id}/version"


def picture(page: Page, name: str) -> None:
    """A look for whoever asks for one."""
    folder = os.environ.get("LOOK_AT")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_report_is_open_in_a_browser(house: House, come: Come) -> None:
    """Typed and saved, also into the item that will be gone; then the next version is published."""
    visitor = come("huian", phone=True, path=task_of(house, "huian"))
    visitor.page.locator(box("births")).fill("7")
    visitor.page.locator(box("remark")).fill("有雨")
    saved(visitor)
    house.does("designer", next_version)
    visitor.sound()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_office_tries_it_first(house: House, come: Come, phone: bool) -> None:
    """What would happen to whom, item by item; nothing is changed by that."""
    office = come("minzheng", phone=phone, path=SENT["at"])
    page = office.page
    page.get_by_role("button", name="先试算").click()
    working.runner(house.system).work_off()
    expect(page.get_by_role("button", name="按此执行")).to_be_visible()
    expect(page.locator("#form-move")).to_contain_text("本月帮办代办件数")
    expect(page.locator("#form-move")).to_contain_text("需要说明的情况")
    expect(page.locator("#form-move-units").locator("xpath=..")).to_contain_text("惠安社区")
    picture(page, f"tried-{'phone' if phone else 'desk'}")
    office.sound()
    with house.system.read(office_of(house)) as work:
        assert {one.form_version for one in documents.listed(work)} == {1}


def office_of(house: House) -> Any:
    return person(house.system, "minzheng")


def test_it_is_done_while_somebody_types(house: House, come: Come) -> None:
    """They are told on the page that is open; what they typed into the gone item is named and in the history."""
    visitor = come("huian", phone=True, path=task_of(house, "huian"))
    page = visitor.page
    office = come("minzheng", path=SENT["at"])
    office.page.get_by_role("button", name="按此执行").click()
    expect(office.page.get_by_role("button", name="停下")).to_be_visible()
    working.runner(house.system).work_off()
    expect(office.page.get_by_text("已换到第 2 版")).to_be_visible()
    picture(office.page, "done-desk")
    page.locator(box("deaths")).fill("2")
    page.locator(box("remark")).fill("有大雨")
    page.locator(box("remark")).blur()
    told = page.locator("#form-moved")
    expect(told).to_contain_text("第 2 版")
    expect(told).to_contain_text("需要说明的情况")
    picture(page, "told-phone")
    told.get_by_role("button", name="打开新版").click()
    expect(page.locator(box("births"))).to_have_value("7")
    expect(page.locator(box("deaths"))).to_have_value("2")
    expect(page.locator(box("remark"))).to_have_count(0)
    notice = page.locator("#form-changed")
    expect(notice).to_contain_text("本月帮办代办件数")
    expect(page.locator('[data-cell="/helped"]')).to_contain_text("新增")
    picture(page, "filler-phone")
    visitor.sound()
    office.sound()


def test_what_was_handed_in_is_given_back(house: House, come: Come) -> None:
    """By choice, with the items in the reason; only those are open."""
    handed_in(house)
    house.does("designer", another_version)
    office = come("minzheng", path=SENT["at"])
    page = office.page
    page.get_by_label("退回补填").check()
    page.get_by_role("button", name="先试算").click()
    working.runner(house.system).work_off()
    expect(page.locator("#form-move")).to_contain_text("会退回补填 1")
    page.get_by_role("button", name="按此执行").click()
    working.runner(house.system).work_off()
    expect(page.get_by_text("已换到第 3 版")).to_be_visible()
    picture(page, "back-desk")
    visitor = come("nanyao", phone=True, path=task_of(house, "nanyao"))
    expect(visitor.page.locator(".note-late").first).to_contain_text("满意度")
    expect(visitor.page.locator(box("content"))).to_be_editable()
    expect(visitor.page.locator(box("births"))).to_have_count(0)
    picture(visitor.page, "back-phone")
    visitor.sound()
    office.sound()


def handed_in(house: House) -> None:
    task = task_of(house, "nanyao").rpartition("/")[2]

    def inside(work: Work) -> None:
        held = commands.open_task(work, task)
        _, missing = filing.obstacles(work, held.record)
        form = filing.opened(work, held.record).form
        changes = {}
        for one in missing:
            item = form.item(one.path)
            if item is not None and one.code == "required":
                changes[one.path] = (
                    item.options[0].value if item.options else 0 if item.numeric else "无"
                )
        edit = commands.Edit(held.record.revision, changes)
        commands.save_cells(work, held.record.id, edit, language="zh")
        commands.submit(work, task, confirm=True)

    house.does("nanyao", inside)


def another_version(work: Work) -> None:
    now = store.published(work.connection, FORM)
    document = json.loads(
        json.dumps(store.document_of(work.connection, FORM, now.version), default=str)
    )
    document["properties"]["content"] = {
        "type": "integer",
        "title": "满意度",
        "titles": {"en": "Satisfaction"},
    }
    document["form"]["sections"][0]["items"].append("content")
    document["required"] = [*document["required"], "content"]
    store.insert_draft(work, document)
    publish.publish(work, FORM)
