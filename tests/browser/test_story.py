"""The whole promise on the page: a report is sent, filled, returned, approved, gathered, and fills the next.

The steps stand in the order in which people live them and share one house; each is a test.
"""

import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page, expect

from engine.work import Work
from forms.filing import Edit
from renderers import qr
from tests.browser.conftest import Come
from tests.browser.house import House
from workflows import commands, store

STEPS = True
"""When one fails the later ones are skipped."""
FORM = "civil.community_monthly"
SECOND = "emergency.community_monthly"
FILLERS = (
    "huian", "nanyao", "shangyao", "lianhua", "huaxin", "lufeng", "dadong", "shixiu", "shixuelu", "shilian",
)  # fmt: skip
TYPED = {"births": 3, "deaths": 1, "elderly_new": 2, "elderly_visits": 40}
"""What the registers cannot know, by item of the form."""


@dataclass
class Story:
    """What one step leaves for the next."""

    dispatch: str = ""
    task: str = ""
    document: str = ""
    record: str = ""
    seen: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story() -> Story:
    """One story for all steps."""
    return Story()


def hand_in(work: Work) -> str:
    """An actor's first fill task, opened, the asked cells typed, confirmed and submitted; its document."""
    task = store.tasks_of(work, store.TASK.c.kind == "fill", store.TASK.c.status == "open")[0]
    record = commands.open_task(work, task.id).record
    changes = {f"/{name}": value for name, value in TYPED.items()}
    commands.save_cells(work, record.id, Edit(record.revision, changes), language="zh")
    commands.submit(work, task.id, confirm=True)
    return record.id


def pass_all(kind: str) -> Callable[[Work], int]:
    """Pass every open task of a kind that the actor has."""

    def inside(work: Work) -> int:
        found = store.tasks_of(work, store.TASK.c.kind == kind, store.TASK.c.status == "open")
        for task in found:
            commands.pass_(work, task.id)
        return len(found)

    return inside


def cell(path: str) -> str:
    """A cell's element on the fill page."""
    return f'[data-cell="{path}"]'


def box(path: str) -> str:
    """A cell's control."""
    return f'[name="v:{path}"]'


STREET = "370602011"


def choose_communities(page: Page) -> None:
    """Take the level of communities, only in the street."""
    expect(page.locator('input[name="level"][value="village"]')).to_be_checked()
    page.locator(".fold:has(#below) > summary").click()
    page.locator("#below").select_option(STREET)
    expect(page.locator(".chosen-count")).to_contain_text("10")


def test_department_sees_what_is_known_and_sends(come: Come, story: Story) -> None:
    """Admission is told before sending: items known, cells that will fill themselves; then ten get it."""
    visitor = come("minzheng", path="/forms")
    page = visitor.page
    visitor.sound()
    page.locator(f'a[href="/forms/{FORM}/dispatch"]').click()
    expect(page.locator("#period")).to_have_value("2026-11")
    rate = page.locator(".rate-figure").inner_text()
    assert float(rate.rstrip("% ")) >= 80
    expect(page.locator("#admission ~ ul.facts")).to_contain_text(
        re.compile(r"其中 \d+ 项已有数据")
    )
    choose_communities(page)
    page.locator("#due").fill("2026-12-05")
    visitor.sound()
    page.locator(".sticky-foot button[type=submit]").click()
    page.wait_for_url(re.compile("/dispatches/"))
    story.dispatch = page.url.rpartition("/")[2]
    expect(page.locator(".arrivals-figure")).to_have_text("0/10")
    visitor.sound()


def test_staff_finds_the_report_mostly_filled(come: Come, story: Story) -> None:
    """The to-do list names the due date; known cells stand filled and tell their source when asked."""
    visitor = come("huian", phone=True)
    page = visitor.page
    task = page.locator(".task").first
    expect(task).to_contain_text("社区基本情况和高龄老人月报表")
    expect(task).to_contain_text("2026-12-05")
    visitor.sound()
    task.locator("a").first.click()
    story.task = page.url.rpartition("/")[2]
    story.document = str(page.locator("#fill").get_attribute("data-document"))
    expect(page.locator("[data-mine]")).to_have_text(str(len(TYPED)))
    expect(page.locator(box("/population"))).not_to_have_value("")
    population = page.locator(cell("/population"))
    population.locator("summary").click()
    expect(population.locator(".source-facts")).to_be_visible()
    expect(population.locator(".source-facts")).to_contain_text("基础库自动统计")
    visitor.sound()


def test_a_wrong_value_is_told_beside_its_cell(come: Come, story: Story) -> None:
    """At once, in plain words, without pressing anything; and it is gone when it is right."""
    visitor = come("huian", phone=True, path=f"/tasks/{story.task}")
    page = visitor.page
    right = page.locator(box("/population_male")).input_value()
    page.locator(box("/population_male")).fill(str(int(right) + 5))
    message = page.locator("[data-messages] .error").first
    expect(message).to_contain_text("常住人口应等于男、女人数之和")
    page.locator(box("/births")).fill("三")
    expect(page.locator(cell("/births")).locator(".error")).to_be_visible()
    story.seen["births"] = page.locator(cell("/births")).locator(".error").inner_text()
    page.locator(box("/population_male")).fill(right)
    page.locator(box("/births")).fill("3")
    expect(page.locator("[data-problem]")).to_have_count(0)
    expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "saved")


def test_staff_hands_in(come: Come, story: Story) -> None:
    """What was told is typed, every number that stays is confirmed by typing it; then it is the verifier's."""
    visitor = come("huian", phone=True, path=f"/tasks/{story.task}")
    page = visitor.page
    with visitor.expecting(422):
        page.locator("[data-submit]").click()
        page.wait_for_selector("#problems")
    expect(page.locator("#problems")).to_contain_text("本月死亡人口")
    visitor.sound()
    for name, value in TYPED.items():
        page.locator(box(f"/{name}")).fill(str(value))
    expect(page.locator("[data-mine]")).to_have_text("0")
    page.locator("[data-submit]").click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    expect(page.locator(".note-ok")).to_be_visible()
    expect(page.locator(".task")).to_have_count(0)
    visitor.sound()


def test_verifier_returns_one_cell(come: Come, story: Story) -> None:
    """A difference, not a wall of cells; one cell goes back with a reason."""
    visitor = come("shenhe")
    page = visitor.page
    visitor.sound()
    page.locator(".task-link").first.click()
    rows = page.locator("table.diff tbody tr")
    assert rows.count() <= 6
    story.seen["differences"] = page.locator("table.diff").inner_text()
    assert "本月出生人口" in story.seen["differences"]
    visitor.sound()
    page.locator('input[name="return"][value="/births"]').check()
    with visitor.expecting(422):
        page.get_by_role("button", name=re.compile("退回")).click()
        expect(
            page.locator(".note-late[role=alert]")
        ).to_be_visible()  # without a reason it is refused
    page.locator('input[name="return"][value="/births"]').check()
    page.locator('input[name="reason:/births"]').fill("与派出所出生登记数不符，请核对")
    page.get_by_role("button", name=re.compile("退回")).click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    expect(page.locator(".note-ok")).to_be_visible()


def test_staff_corrects_that_cell_only(come: Come, story: Story) -> None:
    """The reason stands at the cell; every other cell is locked."""
    visitor = come("huian", phone=True)
    page = visitor.page
    expect(page.locator(".task.is-returned")).to_contain_text("与派出所出生登记数不符")
    visitor.sound()
    page.locator(".task-link").first.click()
    expect(page.locator(cell("/births"))).to_contain_text("与派出所出生登记数不符，请核对")
    expect(page.locator(cell("/deaths"))).to_have_attribute("data-state", "locked")
    assert page.locator('[name^="v:"]').count() == 1
    visitor.sound()
    page.locator(box("/births")).fill("4")
    page.locator("[data-submit]").click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    expect(page.locator(".note-ok")).to_be_visible()


def test_verifier_passes(come: Come, story: Story) -> None:
    """The corrected cell is what they see; it goes on to the leader."""
    visitor = come("shenhe")
    page = visitor.page
    page.locator(".task-link").first.click()
    expect(page.locator("table.diff")).to_contain_text("本月出生人口")
    page.get_by_role("button", name="通过").click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    expect(page.locator(".note-ok")).to_be_visible()


def test_leader_approves_nine_at_once_and_one_alone(come: Come, house: House, story: Story) -> None:
    """Those without an exception are ticked together; one is looked at by itself."""
    for login in FILLERS[1:]:
        house.does(login, hand_in)
    assert house.does("shenhe", pass_all("verify")) == 9
    visitor = come("lingdao")
    page = visitor.page
    page.goto(f"{house.url}/approvals")
    visitor.sound()
    boxes = page.locator('input[name="task"]')
    expect(boxes).to_have_count(10)
    own = page.locator("li.approve", has_text="惠安社区")
    for row in page.locator("li.approve").all():
        if "惠安社区" not in row.inner_text():
            row.locator("input").check()
    expect(page.locator("[data-picked]")).to_have_text("9")
    page.get_by_role("button", name=re.compile("批准|审批|同意")).last.click()
    expect(page.locator(".note-ok")).to_contain_text("9")
    expect(boxes).to_have_count(1)
    own.locator("a").click()
    visitor.sound()
    page.locator('button[value="pass"]').click()
    page.wait_for_url(lambda url: "/tasks/" not in url)
    expect(page.locator(".empty")).to_be_visible()


def test_department_has_all_ten_and_drills_to_the_row(come: Come, story: Story) -> None:
    """10/10; a total leads to the communities it is made of, a community's number to its rows."""
    visitor = come("minzheng", path=f"/dispatches/{story.dispatch}")
    page = visitor.page
    expect(page.locator(".arrivals-figure")).to_have_text("10/10")
    visitor.sound()
    page.get_by_role("link", name="汇总表").click()
    visitor.sound()
    page.locator("tr.total td a").first.click()
    drill = page.locator("section", has=page.locator("#drill"))
    expect(drill.locator("tbody tr")).to_have_count(10)
    visitor.sound()
    drill.locator("tbody a", has_text="惠安社区").click()
    expect(page.locator("h1")).to_contain_text("社区基本情况和高龄老人月报表")
    expect(page.locator("main .facts").first).to_contain_text("惠安社区居民委员会")
    found = re.search(r"/records/([0-9a-z]+)", page.url)
    assert found
    story.record = found[1]
    assert page.locator(cell("/births")).locator("output").inner_text() == "4"
    visitor.sound()


def download(page: Page, ending: str) -> bytes:
    """Press a download; the file's content."""
    with page.expect_download(timeout=60_000) as coming:
        page.locator(f'a[download][href*="/{ending}"]').first.click()
    return Path(coming.value.path()).read_bytes()


def sheet_of(content: bytes) -> Worksheet:
    """The sheet of a workbook."""
    found: Worksheet = openpyxl.load_workbook(io.BytesIO(content))["Sheet1"]
    return found


def test_files_are_in_the_departments_layout_and_can_be_proved(come: Come, story: Story) -> None:
    """The workbook holds the values where the sheet has them; the PDF's code leads to a public page."""
    visitor = come("minzheng", path=f"/records/{story.record}")
    page = visitor.page
    sheet = sheet_of(download(page, "workbook"))
    assert sheet["A1"].value == "社区基本情况和高龄老人月报表"
    assert sheet["J12"].value == 4  # births, where the department has it
    assert "惠安社区" in str(sheet["D5"].value)
    first = page.locator("[role=grid] [role=gridcell]").first
    assert sheet["B33"].value == first.inner_text().strip()
    pdf = download(page, "pdf")
    assert pdf.startswith(b"%PDF")
    printed = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    assert "社区基本情况和高龄老人月报表" in printed.stdout.decode().replace("\n", "")
    link = str(page.locator(".verify-link a").get_attribute("href"))
    assert link.startswith(visitor.house.url + "/v/")
    expect(page.locator("img.qr")).to_be_visible()
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    drawn = page.request.get(
        visitor.house.url + str(page.locator("img.qr").get_attribute("src"))
    ).text()
    assert qr.svg(link) == drawn
    story.seen["proof"] = link


def test_whole_dispatch_as_one_file(come: Come, story: Story) -> None:
    """The roll-up in the department's layout: a total is the sum of the ten; and as a PDF."""
    visitor = come("minzheng", path=f"/dispatches/{story.dispatch}/rollup")
    page = visitor.page
    sheet = sheet_of(download(page, "workbook"))
    assert sheet["J12"].value == 4 + 9 * TYPED["births"]
    assert download(page, "pdf").startswith(b"%PDF")


def test_a_stranger_sees_that_the_print_is_genuine(come: Come, story: Story) -> None:
    """Without a log-in and without anybody's data; a code that we did not make is told as such."""
    visitor = come(phone=True)
    page = visitor.page
    page.goto(story.seen["proof"])
    expect(page.locator(".note-ok")).to_be_visible()
    expect(page.locator("main")).to_contain_text("惠安社区居民委员会")
    expect(page.locator("main")).not_to_contain_text("江晚晴")
    visitor.sound()
    with visitor.expecting(404):
        page.goto(story.seen["proof"][:-3] + "AAA")
        expect(page.locator(".note-late")).to_be_visible()
    visitor.sound()


def test_the_second_form_opens_filled_from_the_first(
    come: Come, house: House, story: Story
) -> None:
    """Another department's report: shared cells stand there, naming form, task, verifier and date."""
    visitor = come("yingji", path=f"/forms/{SECOND}/dispatch?period=2026-11")
    page = visitor.page
    choose_communities(page)
    page.locator("#due").fill("2026-12-05")
    page.locator(".sticky-foot button[type=submit]").click()
    page.wait_for_url(re.compile("/dispatches/"))
    staff = come("huian", phone=True)
    page = staff.page
    page.locator(".task-link", has_text="社区安全和应急基础情况月报表").click()
    known, total = (
        int(page.locator(place).inner_text()) for place in ("[data-known]", "[data-known] + span")
    )
    assert known / total >= 0.9
    first = page.locator(cell("/elder_beds"))
    first.locator("summary").click()
    facts = first.locator(".source-facts")
    expect(facts).to_contain_text("社区基本情况和高龄老人月报表")
    expect(facts).to_contain_text("2026年11月")
    expect(facts).to_contain_text("韩慎之")
    expect(facts).to_contain_text("2026-11-23")
    staff.sound()
