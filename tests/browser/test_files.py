"""A photo and a signature at a phone, from the hand of the filler to the verifier's page and the paper."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import json_text
from engine.settings import ROOT
from forms import documents
from tests.admin import reports, with_files
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.engine.attachments import samples
from tests.factories import TESTER
from tests.installed import ANYBODY, person
from workflows import commands, store
from workflows import packs as flow_packs


@pytest.fixture
def task(house: House) -> str:
    """The fill task of a report with photos, a file and a signature."""
    return with_files.sent(house.system)


def draw(page: Page) -> None:
    """A stroke in the box to sign in."""
    canvas = page.locator("[data-sign-pad]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 30 + step * 20, box["y"] + 60 + (step % 3) * 14)
    page.mouse.up()


def test_a_photo_and_a_signature_at_a_phone(
    come: Come, house: House, task: str, tmp_path: Path
) -> None:
    """Taken, lost network and all; a second photo, one too many, one out; signed; seen; printed."""
    filler = come("huian", phone=True, path=f"/tasks/{task}")
    page = filler.page
    cell = lambda path: page.locator(f'[data-cell="{path}"]')  # noqa: E731 - a locator by its path
    photo = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": samples.photo((1200, 900))}
    other = {"name": "远景.jpg", "mimeType": "image/jpeg", "buffer": samples.photo(color="olive")}
    cell("/place").locator("input").fill("惠安路口")
    expect(cell("/scene").locator(".file-camera")).to_be_visible()
    chooser = cell("/scene").locator('input[name="file:/scene"]')
    with filler.expecting_no_network():
        chooser.set_input_files([photo])
        expect(cell("/scene").get_by_role("alert")).to_contain_text("网络不通")
    expect(cell("/scene").locator(".file-picture img")).to_have_count(1)
    assert (
        cell("/scene").locator("img").evaluate("one => one.complete || one.decode()") is not False
    )
    with filler.expecting(422):
        chooser.set_input_files([{**photo, "buffer": samples.SVG}])
        expect(cell("/scene").get_by_role("alert")).to_contain_text("不是这里能收的文件")
    chooser.set_input_files([other])
    expect(cell("/scene").locator(".file-picture img")).to_have_count(2)
    expect(cell("/scene").locator(".file-add")).to_have_count(0)
    cell("/scene").get_by_role("button", name="删除 远景.jpg").click()
    expect(cell("/scene").locator(".file-picture img")).to_have_count(1)
    cell("/sign").get_by_role("button", name="签好了").click()
    expect(cell("/sign").get_by_role("alert")).to_contain_text("还没有签名")
    draw(page)
    cell("/sign").get_by_role("button", name="签好了").click()
    expect(cell("/sign").locator(".file-signature img")).to_have_count(1)
    page.locator("[data-add-row]").click()
    row = page.locator("tr[data-row]").first
    row.locator('input[name^="v:"]').fill("护栏松动")
    row.locator('input[name^="file:"]').set_input_files([other])
    expect(row.locator(".file-picture img")).to_have_count(1)
    filler.sound()
    page.screenshot(path=tmp_path / "fill-phone.png", full_page=True)
    page.locator("[data-submit]").click()
    page.wait_for_url(house.url + "/")
    verify = with_files.waiting(house.system, "shenhe")
    verifier = come("shenhe", phone=True, path=f"/tasks/{verify}")
    expect(verifier.page.locator(".diff .file-picture img")).to_have_count(3)
    verifier.sound()
    verifier.page.screenshot(path=tmp_path / "verify-phone.png", full_page=True)
    with house.system.read(ANYBODY) as work:
        (record,) = documents.listed(work, documents.DOCUMENT.c.form_code == with_files.CODE)
    assert record.contents["place"] == "惠安路口"
    reader = filler.go(f"/records/{record.id}")
    expect(reader.locator(".file-picture img")).to_have_count(3)
    filler.sound()
    paper = filler.page.request.get(f"{house.url}/records/{record.id}/pdf").body()
    (tmp_path / "paper.pdf").write_bytes(paper)
    assert paper.count(b"/Subtype /Image") >= 3


def test_a_leader_signs_many_at_a_phone(come: Come, house: House) -> None:
    """Told at once that the signature is missing; drawn once, all that were ticked are done."""
    file = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
    flow = {**json_text.loads(file.read_bytes()), "version": 2}
    flow["steps"][2]["signature"] = "drawn"
    house.system.write(TESTER, lambda work: flow_packs.load_flow(work, flow))
    sent = reports.sent(house.system)
    for login in reports.STAFF[:2]:
        record = reports.handed_in(house.system, sent, login)
        with house.system.read(person(house.system, "shenhe")) as work:
            (task,) = store.tasks_of(
                work, store.TASK.c.document_id == record, store.TASK.c.status == "open"
            )
        house.does("shenhe", lambda work, one=task.id: commands.pass_(work, one))
    leader = come("lingdao", phone=True, path="/approvals")
    for box in leader.page.locator("[data-signs]").all():
        box.check()
    press = leader.page.get_by_role("button", name="批准所选")
    press.click()
    expect(leader.page.locator("[data-sign-told]")).to_be_visible()
    draw(leader.page)
    leader.sound()
    press.click()
    expect(leader.page.locator(".empty")).to_be_visible()
    leader.go(f"/records/{record}")
    expect(leader.page.locator(".hand img")).to_have_count(1)
    leader.sound()
