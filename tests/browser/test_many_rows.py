"""Many rows and two persons: rows ticked across pages and changed at once, two made one, and a cell
that says why it has no value; each as a clerk does it.
"""

import re

from playwright.sync_api import Page, expect

from admin.working import runner
from engine.dictionary.store import dictionary
from engine.registers import bulk, store
from engine.registers.store import Change, Origin
from engine.work import Work
from tests import factories, installed
from tests.admin import reports
from tests.admin.test_task_workbook import task_of
from tests.browser.conftest import Come
from tests.browser.house import House

OLD = "/ledgers/civil.elderly_ledger"
BORN = "1938-05-06"


def many(house: House, count: int) -> list[str]:
    """So many old people of one's own, more than a page holds."""

    def command(work: Work) -> list[str]:
        rows = [
            factories.person(
                id=f"many{at:03d}", name=f"批改{at:03d}", birth_date=BORN, residence=installed.COMMUNITIES[0],
                id_number=factories.id_number(BORN),
            )
            for at in range(count)
        ]  # fmt: skip
        came = store.add_origin(work, Origin("steward", "户籍库", work.at))
        bulk.load(work, dictionary(work.connection), "person", rows, came)
        return [str(row["id"]) for row in rows]

    return house.system.write(installed.ANYBODY, command)


def levels(house: House, ids: list[str]) -> list[object]:
    with house.system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        field = known.field("person.care_level")
        found = store.fetch(work, known, "person", ids, [field])
    return [
        found.get(one, {}).get(field.code, None) and found[one][field.code].value for one in ids
    ]


def tick(page: Page, at: int, *, shift: bool = False) -> None:
    box = page.locator("#ledger tbody tr").nth(at).locator("[data-pick-row]")
    box.click(modifiers=["Shift"] if shift else [])


def test_two_that_are_one_are_merged_and_parted(come: Come, house: House) -> None:
    """Searched for, put side by side, one made of two, and two again."""

    def command(work: Work) -> None:
        came = store.add_origin(work, Origin("steward", "网格摸排", work.at))
        first, second = factories.alike_id_numbers(BORN)
        for own, name, phone, number in (
            ("twin1", "毕淑方", None, first),
            ("twin2", "毕淑芳", "13800138000", second),
        ):
            facts = {
                "name": name, "sex": "2", "birth_date": BORN, "residence": installed.COMMUNITIES[0],
                "address": "惠安小区9号楼3单元", "phone": phone, "id_number": number,
            }  # fmt: skip
            changes = [Change(f"person.{key}", own, value) for key, value in facts.items()]
            store.set_values(work, dictionary(work.connection), changes, came)

    house.system.write(installed.ANYBODY, command)
    page = come("huian", path="/registers/duplicates?subject=person").page
    page.get_by_role("button", name="现在查重").click()
    runner(house.system).work_off()
    page.goto(f"{house.url}/registers/duplicates?subject=person")
    page.locator("a", has_text="毕淑芳").first.click()
    page.locator('input[name="f:name"][value="first"]').check()
    page.locator("#reason").fill("同一位老人")
    page.locator('button[value="merge"]').click()
    page.wait_for_url(re.compile("/registers/acts/"))
    ledger = come("huian", path=f"{OLD}?q=毕淑").page
    expect(ledger.locator("#ledger tbody tr")).to_have_count(1)
    page.locator('form:has(button[value="undo"]) input[name="reason"]').fill("是姐妹")
    page.locator('button[value="undo"]').click()
    expect(page.locator('button[value="undo"]')).to_have_count(0)
    ledger.reload()
    expect(ledger.locator("#ledger tbody tr")).to_have_count(2)


def test_rows_ticked_on_two_pages_are_changed_and_changed_back(come: Come, house: House) -> None:
    """Shift ticks what lies between; the preview has exactly those; undone, all is as it was."""
    ids = many(house, 55)
    visitor = come("huian", path=f"{OLD}?q=批改")
    page, said = visitor.page, visitor.page.locator("[data-picked]")
    tick(page, 1)
    tick(page, 4, shift=True)
    expect(said).to_contain_text("已勾选 4 行")
    tick(page, 2)
    expect(said).to_contain_text("已勾选 3 行")
    visitor.sound()
    page.locator('a[rel="next"]').click()
    expect(said).to_contain_text("其中 3 行不在这一页")
    tick(page, 0)
    expect(said).to_contain_text("已勾选 4 行")
    page.locator("#ledger-picked button[type=submit]").click()
    expect(page.locator("[role=status]").first).to_contain_text("勾选的 4 行")
    page.locator("#column").select_option("care_level")
    page.get_by_role("button", name="选这一列").click()
    visitor.sound()
    page.locator('select[name="v:/care_level"]').select_option("3")
    page.get_by_role("button", name="预览").click()
    page.wait_for_url(re.compile("/imports/"))
    picked = [1, 3, 4, 50]
    titles = page.locator("tbody tr")
    expect(titles).to_have_count(4)
    for at, number in enumerate(picked):
        expect(titles.nth(at)).to_contain_text(f"批改{number:03d}")
    page.locator('button[value="apply"]').click()
    runner(house.system).work_off()
    expect(page.locator('button[value="undo"]')).to_be_visible()
    assert levels(house, ids) == ["3" if at in picked else None for at in range(55)]
    page.locator('button[value="undo"]').click()
    runner(house.system).work_off()
    assert levels(house, ids) == [None] * 55


def test_one_press_says_why_a_cell_has_no_value(come: Come, house: House) -> None:
    """不适用 beside the cell is saved as any answer; a value typed over it wins; one is pressed at a time."""
    reports.sent(house.system)
    task = task_of(house.system, "huian")
    visitor = come("huian", path=f"/tasks/{task}")
    page = visitor.page
    presses = page.locator('[name="absent:/meal_points"]')

    def reload() -> None:
        expect(page.locator("[data-saving], [data-unsaved]")).to_have_count(0)
        page.wait_for_timeout(1_500)
        page.reload()

    page.locator('label.press:has([name="absent:/meal_points"][value="inapplicable"])').click()
    reload()
    expect(page.locator('[name="absent:/meal_points"]:checked')).to_have_attribute(
        "value", "inapplicable"
    )
    page.locator('label.press:has([name="absent:/meal_points"][value="unknown"])').click()
    expect(page.locator('[name="absent:/meal_points"]:checked')).to_have_count(1)
    page.locator('[name="v:/meal_points"]').fill("7")
    page.locator('[name="v:/meal_points"]').blur()
    expect(page.locator('[name="absent:/meal_points"]:checked')).to_have_count(0)
    reload()
    expect(page.locator('[name="v:/meal_points"]')).to_have_value("7")
    assert presses.count() >= 1
