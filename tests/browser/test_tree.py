"""A code list with levels: gone down by keys, found by pinyin, taken by a press; an organisation picked so too."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from forms import documents, publish, store
from tests import installed
from tests.browser.conftest import Come
from tests.browser.house import House
from workflows import dispatches
from workflows import store as tasks

CODE = "test.tree"
HUIAN = installed.COMMUNITIES[0]
TREE = {"type": "string", "codelist": "GB/T 4754", "widget": "tree"}


@pytest.fixture(scope="module")
def task(house: House) -> str:
    """A form with two such items, one of leaves only, sent to a community; its fill task."""
    document = {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": f"urn:yibiao:form:{CODE}",
        "title": "行业",
        "type": "object",
        "form": {
            "code": CODE, "kind": "report", "period": "once", "owner": "370602-mzj",
            "flow": "fill_verify_approve",
        },
        "properties": {
            "any": {**TREE, "title": "主营"},
            "leaf": {**TREE, "title": "兼营", "pick": "leaf"},
            "unit": {
                "type": "string", "title": "受理社区", "widget": "organisation",
                "scope": {"within": "above", "levels": ["village"]},
            },
        },
    }  # fmt: skip
    house.does("designer", lambda work: store.insert_draft(work, document))
    house.does("designer", lambda work: publish.publish(work, CODE))
    sent = house.does(
        "minzheng",
        lambda work: dispatches.create(
            work, CODE, [HUIAN], "2026-11", work.now + timedelta(days=5)
        ),
    )
    with house.system.read(installed.person(house.system, "huian")) as work:
        found = tasks.tasks_of(work, tasks.TASK.c.dispatch_id == sent.id)
    return found[0].id


def test_a_code_is_found_by_keys_and_by_letters(come: Come, house: House, task: str) -> None:
    """Down, right, Enter; pinyin initials and Enter; a branch of a leaves-only item opens and is not taken."""
    page = come("huian", path=f"/tasks/{task}").go(f"/tasks/{task}")
    first, second = (
        page.get_by_role("combobox", name="主营"),
        page.get_by_role("combobox", name="兼营"),
    )
    first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(first).to_have_value("02 林业")
    first.fill("xmy")
    page.keyboard.press("Enter")
    expect(first).to_have_value("03 畜牧业")
    second.click()
    page.get_by_role("option", name="采矿业").click()
    expect(second).to_have_value("")
    page.get_by_role("option").first.click()
    expect(second).to_have_value("06 煤炭开采和洗选业")
    expected, kept = {"any": "03", "leaf": "06"}, None
    for _ in range(200):  # what stands as saved at first may be the first of the two
        with house.system.read(installed.person(house.system, "huian")) as work:
            kept = documents.get(work.connection, tasks.task(work, task).document_id).contents
        if kept == expected:
            break
        page.wait_for_timeout(50)
    assert kept == expected


def test_an_organisation_is_picked_by_its_initials(come: Come, house: House, task: str) -> None:
    """Letters and Enter; words that fit nothing point at no line, and what was picked stays."""
    page = come("huian", path=f"/tasks/{task}").go(f"/tasks/{task}")
    box = page.get_by_role("combobox", name="受理社区")
    offered = page.locator('.tree-panel:not([hidden]) [role="option"]')
    box.fill("nysq")
    expect(offered.first).to_contain_text("南尧")
    box.press("Enter")
    expect(box).to_have_value(re.compile("南尧"))
    box.fill("没有这个社区")
    expect(page.locator(".tree-panel:not([hidden]) .quiet")).to_be_visible()
    expect(offered).to_have_count(0)
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    expect(box).to_have_value(re.compile("南尧"))
