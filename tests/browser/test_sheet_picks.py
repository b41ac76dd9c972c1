"""Organisations, staff and codes by level in a large table: found while typing, pasted by name, told when not sure."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from engine.work import Work
from forms import publish, store
from forms.documents import DOCUMENT
from tests import installed
from tests.browser.conftest import Come
from tests.browser.house import House, axe
from tests.browser.test_sheet import at, contents, paste, saved
from tests.installed import ANYBODY, COMMUNITIES
from workflows import dispatches
from workflows.store import TASK

CODE = "test.sheet_picks"
ROWS = 101
NEXT_DOOR = "南尧社区居民委员会"
FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "走访转办登记",
    "type": "object",
    "form": {
        "code": CODE, "kind": "report", "period": "once", "owner": "370602-mzj",
        "flow": "fill_verify_approve",
    },
    "properties": {
        "rows": {
            "type": "array",
            "title": "走访登记",
            "table": {"kind": "floating"},
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "title": "事项", "maxLength": 20},
                    "to": {
                        "type": "string", "title": "转办社区", "widget": "organisation",
                        "scope": {"within": "above"}, "header": ["转办", "转办社区"],
                    },
                    "by": {
                        "type": "string", "title": "经办人", "widget": "account",
                        "scope": {"within": "above"}, "header": ["转办", "经办人"],
                    },
                    "trade": {
                        "type": "string", "title": "行业", "codelist": "GB/T 4754", "widget": "tree",
                    },
                },
            },
        }
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def task(house: House) -> str:
    """A task of the report with a hundred rows that say nothing yet but their number."""
    house.system.write(ANYBODY, lambda work: store.insert_draft(work, FORM))
    house.does("designer", lambda work: publish.publish(work, CODE))

    def send(work: Work) -> str:
        due = work.now + timedelta(days=9)
        sent = dispatches.create(work, CODE, [COMMUNITIES[0]], "2026-11", due)
        task = work.connection.execute(select(TASK).where(TASK.c.dispatch_id == sent.id)).one()
        rows = [{"_id": f"r{n}", "name": f"第{n + 1}件"} for n in range(ROWS)]
        work.connection.execute(
            update(DOCUMENT)
            .where(DOCUMENT.c.id == task.document_id)
            .values(contents={"rows": rows}, cells={}, revision=1, opened_at=work.at)
        )
        return str(task.id)

    return house.does("minzheng", send)


def named(house: House, login: str) -> str:
    """What somebody is called."""
    return installed.person(house.system, login).name


def test_names_are_found_typed_and_pasted_in_the_sheet(come: Come, house: House, task: str) -> None:
    """Pinyin and Enter, a press, a paste of names and codes; nobody is guessed; by code on the server."""
    visitor = come("huian", path=f"/tasks/{task}")
    page = visitor.page
    expect(page.locator(".sheet-holder.is-live")).to_be_visible()
    at(page, 0, 1).click()
    page.keyboard.type("nysq")
    offers = page.get_by_role("listbox").get_by_role("option")
    expect(offers.first).to_contain_text(NEXT_DOOR)
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(at(page, 0, 1)).to_have_text(NEXT_DOOR)

    paste(page, f"{NEXT_DOOR}\n没有的村\n{COMMUNITIES[0]}")
    expect(at(page, 1, 1)).to_have_text(NEXT_DOOR)
    expect(at(page, 2, 1)).to_have_text("")
    expect(at(page, 3, 1)).to_have_text("惠安社区居民委员会")
    expect(page.locator(".sheet-untold")).to_contain_text("没有找到或不在可选范围：没有的村")

    boss = named(house, "lingdao")
    at(page, 0, 2).click()
    page.keyboard.type(boss[:2])
    offers.filter(has_text=boss).click()
    expect(at(page, 0, 2)).to_have_text(boss)
    at(page, 0, 2).click()
    page.keyboard.press("Control+d")
    saved(page)
    first, second = contents(house, task)["rows"][:2]
    assert first["to"] == second["to"] == COMMUNITIES[1]
    assert first["by"] == installed.person(house.system, "lingdao").id
    page.reload()
    expect(at(page, 1, 1)).to_have_text(NEXT_DOOR)
    expect(at(page, 0, 2)).to_have_text(boss)


def test_a_card_on_the_phone_has_the_same_pickers(come: Come, house: House, task: str) -> None:
    """A row opened as a card: the box looks up, and the value is the code."""
    visitor = come("huian", path=f"/tasks/{task}", phone=True)
    page = visitor.page
    page.locator(".sheet-card button").nth(4).click()
    box = page.get_by_role("combobox", name="转办 / 转办社区")
    box.fill("南尧")
    page.get_by_role("option", name=NEXT_DOOR).click()
    expect(box).to_have_value(NEXT_DOOR)
    visitor.sound()
    saved(page)
    assert contents(house, task)["rows"][4]["to"] == COMMUNITIES[1]
