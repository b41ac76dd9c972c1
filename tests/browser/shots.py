"""The pictures of the guides: `python -m tests.browser.shots [NAME...]` writes docs/images.

A real server on scratch data with the Yantai pack; the people of the story do by commands what they
would do on pages, and at each point of interest a browser takes a picture.
"""

import io
import logging
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from playwright.sync_api import Browser, Page, expect, sync_playwright

from admin.demo import story
from admin.demo.story import FIRST, REASON, SECOND, Play, StoryClock
from engine.audit import checks
from engine.settings import ROOT
from engine.work import Work
from forms import document, documents, publish, store
from forms.designing import intake
from forms.filing import Edit
from tests.browser.house import ARGUMENTS, DESK, PHONE, House, Visitor, chromium
from tests.installed import ANYBODY, COMMUNITIES, PACK, with_people
from workflows import bulk, commands, dispatches
from workflows.dispatch import DispatchRecord
from workflows.store import TaskRecord

IMAGES = ROOT / "docs" / "images"
BEDS = "/elder_beds"
CODE = "guides.transfer"
TRANSFER: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "事项转办单",
    "type": "object",
    "required": ["near", "who"],
    "form": {"code": CODE, "kind": "report", "period": "month", "owner": "370602-mzj", "flow": "fill_verify_approve"},
    "properties": {
        "matter": {"type": "string", "title": "事项"},
        "near": {
            "type": "string", "title": "受理社区", "widget": "organisation",
            "scope": {"within": "above", "levels": ["village"]},
        },
        "who": {"type": "string", "title": "老人", "widget": "person", "fills": True},
        "name": {"$ref": "field:person.name"},
    },
}  # fmt: skip
LARGEST = 120 * 1024
COLOURS = (256, 128, 64, 32)


class Album:
    """A browser at a house, and the names of the pictures that are wanted (all when none is named)."""

    def __init__(self, browser: Browser, house: House, wanted: set[str]) -> None:
        self.browser, self.house, self.wanted = browser, house, wanted

    def picture(
        self,
        name: str,
        login: str,
        path: str,
        *,
        phone: bool = False,
        focused: bool = False,
        before: Callable[[Page], object] | None = None,
    ) -> None:
        """What somebody sees at a path, after `before` did something there; `focused` keeps a box open."""
        if self.wanted and name not in self.wanted:
            return
        context = self.browser.new_context(
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]  # width and height
            locale="zh-CN",  # no touch: only where there is a mouse our own font is fetched
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        visitor = Visitor(context.new_page(), self.house)
        page = visitor.log_in(login, path) if login else visitor.go(path)
        page.wait_for_load_state("networkidle")
        if before is not None:
            before(page)
        page.evaluate("document.fonts.ready.then(() => 0)")
        if not focused:
            page.evaluate("document.activeElement?.blur()")
        content = small(page.screenshot())
        (IMAGES / f"{name}.png").write_bytes(content)
        print(f"{name}.png {len(content) // 1024 + 1} KB")  # noqa: T201 - whoever runs it wants to know
        context.close()


def small(content: bytes) -> bytes:
    """The same picture with a palette: as many colours as fit into the size."""
    from PIL import Image

    picture = Image.open(io.BytesIO(content)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()


def to(selector: str) -> Callable[[Page], object]:
    """Scroll there, leaving a little of what stands above."""

    def scroll(page: Page) -> None:
        page.locator(selector).first.evaluate(
            "e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - 90)"
        )

    return scroll


def show_source(path: str) -> Callable[[Page], object]:
    """Unfold where a cell's value comes from."""

    def unfold(page: Page) -> None:
        cell = page.locator(f'[data-cell="{path}"]')
        cell.locator("summary").first.click()
        expect(cell.locator(".source-facts").first).to_be_visible()
        to(f'[data-cell="{path}"]')(page)

    return unfold


def mistake(page: Page) -> None:
    """Type a sum that is not one, and a word where a number belongs."""
    box = page.locator('[name="v:/population_male"]')
    right = box.input_value()
    box.fill(str(int(right) + 5))
    page.locator('[name="v:/births"]').fill("三")
    expect(page.locator("[data-problem]").first).to_be_visible()
    to('[data-cell="/population"]')(page)


def choose_ten(page: Page) -> None:
    """Pick the communities of the street."""
    for level in page.locator('input[name="level"]:checked').all():
        level.uncheck()
    page.locator(".fold:has(#find) > summary").click()
    for code in COMMUNITIES:
        page.locator("#find").fill(code)
        page.locator(f'#found button[value="org:{code}"]').click()
        expect(page.locator(f'#chosen input[value="{code}"]')).to_be_attached()
    page.evaluate("window.scrollTo(0, 0)")


def design(album: Album, cast: Play) -> None:
    """The designer: a department's sheet has just been recognised."""
    sheet = PACK / story.UPLOAD
    draft = cast.do(
        cast.who("designer"), intake.start, sheet.read_bytes(), sheet.name, sheet=None, owner="370602-mzj"
    )  # fmt: skip
    album.picture("designer", "designer", f"/designs/{draft.code}", before=lambda page: expect(
        page.locator("li.item").first).to_be_visible())  # fmt: skip


def sent(album: Album, cast: Play) -> DispatchRecord:
    """The department: what is known already; then it sends."""
    album.picture("dispatch", "minzheng", f"/forms/{FIRST}/dispatch", before=choose_ten)
    return story.send(cast, "minzheng", FIRST)


def filled(album: Album, cast: Play, first: DispatchRecord) -> None:
    """Staff: the to-do list, a source, a mistake, all ten handed in."""
    album.picture("todo-phone", "huian", "/", phone=True)
    task = cast.todo("huian", first)[0]
    path = f"/tasks/{task.id}"
    album.picture("fill", "huian", path)
    album.picture("source-phone", "huian", path, phone=True, before=show_source("/population"))
    known = cast.do(cast.who("huian"), commands.open_task, task.id).record
    album.picture("mistake-phone", "huian", path, phone=True, before=mistake)
    save(cast, known.id, {"/population_male": known.contents["population_male"]})
    story.fill_all(cast, first, typing=True)


def save(cast: Play, document_id: str, changes: dict[str, Any]) -> None:
    """Staff types."""
    edit = Edit(cast.opened(document_id).record.revision, changes)
    cast.do(cast.who("huian"), commands.save_cells, document_id, edit, language="zh")


def verified(album: Album, cast: Play, first: DispatchRecord) -> None:
    """The verifier: a difference; one cell goes back, is corrected, all pass."""
    todo = cast.todo("shenhe", first)
    own = next(one for one in todo if one.subject_code == COMMUNITIES[0])
    album.picture("verify", "shenhe", f"/tasks/{own.id}")
    cast.do(cast.who("shenhe"), commands.return_, own.id, {"/births": REASON})
    back = cast.todo("huian", first)[0]
    album.picture("returned-phone", "huian", f"/tasks/{back.id}", phone=True)
    save(cast, back.document_id, {"/births": 4})
    cast.do(cast.who("huian"), commands.submit, back.id, confirm=True)
    for task in cast.todo("shenhe", first):
        cast.do(cast.who("shenhe"), commands.pass_, task.id)


def collected(album: Album, cast: Play, first: DispatchRecord) -> None:
    """The leader approves, the department gathers, a stranger checks a print."""
    album.picture("approvals", "lingdao", "/approvals")
    waiting = cast.todo("lingdao", first)
    cast.do(cast.who("lingdao"), bulk.pass_each, [one.id for one in waiting[:6]])
    album.picture("progress", "minzheng", f"/dispatches/{first.id}")
    cast.do(cast.who("lingdao"), bulk.pass_each, [one.id for one in waiting[6:]])
    album.picture("rollup", "minzheng", f"/dispatches/{first.id}/rollup?cell=/elderly_80")
    record = next(one.document_id for one in waiting if one.subject_code == COMMUNITIES[0])
    album.picture("record", "minzheng", f"/records/{record}", before=to("section:has(#signoffs)"))
    album.picture("proof-phone", "", _proof(album, record), phone=True)


def _proof(album: Album, record: str) -> str:
    """The path that the code on a print leads to."""
    context = album.browser.new_context()
    visitor = Visitor(context.new_page(), album.house)
    page = visitor.log_in("minzheng", f"/records/{record}")
    link = str(page.locator(".verify-link a").first.get_attribute("href"))
    context.close()
    return re.sub(r"^https?://[^/]+", "", link)


def second(album: Album, cast: Play) -> None:
    """Another department's report opens filled from the first."""
    report = story.send(cast, "yingji", SECOND)
    task = cast.todo("huian", report)[0]
    album.picture(
        "second-phone", "huian", f"/tasks/{task.id}", phone=True, before=show_source(BEDS)
    )
    differing(album, cast, task)


def differing(album: Album, cast: Play, task: TaskRecord) -> None:
    """Two sources of one number, side by side."""
    opened = cast.do(cast.who("huian"), commands.open_task, task.id).record

    def command(work: Work) -> None:
        record = documents.get(work.connection, opened.id)
        cells = document.load_cells(record.cells, record.contents)
        known = cells[BEDS]
        other = {"source": "carried", "title": "上月报表", "at": work.at, "value": 24}
        told = {**(known.source or {}), "others": [other]}
        cells[BEDS] = replace(known, source=told)
        documents.set_columns(work, record.id, cells=document.dump_cells(cells))

    album.house.system.write(ANYBODY, command)
    album.picture("differing-phone", "huian", f"/tasks/{task.id}", phone=True, before=to(f'[data-cell="{BEDS}"]'))  # fmt: skip


def picked(album: Album, cast: Play) -> None:
    """An organisation is picked by its initials."""
    album.house.system.write(ANYBODY, lambda work: store.insert_draft(work, TRANSFER))
    cast.do(cast.who("designer"), publish.publish, CODE)
    sent = cast.do(
        cast.who("minzheng"), dispatches.create, CODE, [COMMUNITIES[0]], story.PERIOD, story.DUE
    )
    task = cast.todo("huian", sent)[0]

    def look(page: Page) -> None:
        to('[data-cell="/near"]')(page)
        page.get_by_role("combobox", name="受理社区").fill("ny")
        expect(page.locator('.tree-panel:not([hidden]) [role="option"]').first).to_be_visible()

    album.picture(
        "picker-phone", "huian", f"/tasks/{task.id}", phone=True, focused=True, before=look
    )


def governed(album: Album, cast: Play) -> None:
    """The dictionary and the trail, which has just been recomputed."""
    cast.do(cast.who("shenji"), checks.run_check)
    album.picture("dictionary", "designer", "/dictionary?subject=person")
    album.picture("audit", "shenji", "/audit")


def main(wanted: set[str]) -> None:
    """Take them all, or those named."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    house = House(with_people(), Path(tempfile.mkdtemp(prefix="yibiao-shots-")))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), args=[*ARGUMENTS, "--lang=zh-CN"]
            )
            album = Album(browser, house, wanted)
            cast = Play(house.system, StoryClock(), PACK, lambda *_: None)
            design(album, cast)
            first = sent(album, cast)
            filled(album, cast, first)
            verified(album, cast, first)
            collected(album, cast, first)
            second(album, cast)
            picked(album, cast)
            governed(album, cast)
            browser.close()
    finally:
        house.close()


if __name__ == "__main__":
    main(set(sys.argv[1:]))
