"""Hostile texts on every page that shows them, in Chromium: no script of theirs runs, nothing is asked of anybody."""

import httpx
import pytest
from playwright.sync_api import Dialog

from tests import hostile_story
from tests.admin.conftest import Caller
from tests.attacks import PLANTED
from tests.browser.conftest import Come
from tests.browser.house import House, Visitor
from tests.hostile_story import Planted


@pytest.fixture(scope="module")
def planted(house: House) -> Planted:
    """Every box filled with the text."""
    with httpx.Client(base_url=house.url, timeout=30) as client:
        return hostile_story.live(lambda login: Caller(client, login, house.passwords[login]))  # type: ignore[arg-type]  # asked as a TestClient is


def looked(visitor: Visitor, path: str) -> bool:
    """Open a page, unfold what can be unfolded, and look for what the text would have made; whether it is shown."""
    page = visitor.go(path)
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for box in page.locator(".source-mark, [data-why]").all()[:2]:
        box.hover()
    assert page.locator("img[src=x], [onerror], [onload]").count() == 0, path
    return PLANTED in page.content().replace("&lt;", "<").replace("&gt;", ">").replace(
        "&quot;", '"'
    )


def test_nothing_of_it_runs_on_any_page(come: Come, planted: Planted) -> None:
    """No dialog, no refused script (the console would say so), no request for the picture; the text is read."""
    asked: list[str] = []

    def heard(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    for login, paths in _tour(planted).items():
        visitor = come(login)
        visitor.page.on("dialog", heard)
        for path in paths:
            assert looked(visitor, path), f"{login} {path} does not show the text"
            if path == "/":
                task = visitor.page.locator(".task a").first
                if task.count():
                    assert looked(visitor, str(task.get_attribute("href"))), "the task"
    assert asked == []


def _tour(planted: Planted) -> dict[str, list[str]]:
    form, sent, document = planted.form, planted.dispatch, planted.document
    return {
        "nanyao": ["/", "/account/away"],
        "shenhe": ["/", f"/records/{document}", f"/cases/{planted.case}"],
        "minzheng": [
            f"/forms/{form}",
            f"/dispatches/{sent}",
            f"/dispatches/{sent}/rollup?table=%2Fsheet",
            f"/dispatches/{sent}/manage",
        ],
        "designer": [
            "/dictionary/person.planted",
            "/flows/fill_verify_approve",
            "/calendar?year=2027",
            f"/designs/{form}",
            f"/designs/{form}/preview",
        ],
        "huian": [f"/ledgers/{hostile_story.LEDGER}", f"/records/{document}"],
        "shenji": ["/audit"],
        "anquan": ["/accounts"],
    }
