"""Trying a new version on last period's reports, in the publish panel, at a desk and on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.identity import store as identity
from engine.work import Work
from forms import documents, store
from forms.designing.design import remove
from tests.browser.conftest import Come
from tests.browser.house import House
from tests.installed import COMMUNITIES
from workflows import dispatches

FORM, PERIOD = "civil.community_monthly", "2026-09"


def _reported(work: Work) -> None:
    """Three communities' final reports of September, one of them with many severe cases."""
    form = store.published(work.connection, FORM)
    places = identity.organisations(work.connection, list(COMMUNITIES[:3])).values()
    head = {"code": form.code, "version": form.version, "owner": form.owner}
    sent = dispatches.create(work, FORM, COMMUNITIES[3:4], PERIOD, work.now + timedelta(days=5))
    made: list[Any] = [
        (place, {"disabled": 9, "disabled_severe": 1 + 3 * n, "veterans": 7}, {})
        for n, place in enumerate(places)
    ]
    documents.add_made(work, head, made, PERIOD, sent.id)


def _draft(work: Work) -> None:
    document = store.document_of(
        work.connection, FORM, store.published(work.connection, FORM).version
    )
    check = {
        "code": "few",
        "formula": "disabled_severe <= 5",
        "severity": "error",
        "text": "重度残疾人不应多于五人",
    }
    head = {**document["form"], "checks": [*document["form"]["checks"], check]}
    store.insert_draft(work, remove({**document, "form": head}, "/veterans"))


@pytest.fixture(scope="module")
def drafted(house: House) -> House:
    """Reports of last period, and a next version that breaks one and loses something of all."""
    house.does("minzheng", _reported)
    house.does("designer", _draft)
    return house


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_what_would_happen_is_told_before_it_is_published(
    drafted: House,
    come: Come,
    phone: bool,
) -> None:
    """One press; what newly fails and what is lost, with the communities and their cells."""
    visitor = come("designer", phone=phone)
    page = visitor.go(f"/designs/{FORM}")
    page.get_by_role("button", name="发布").first.click()
    panel = page.locator("section.replay")
    panel.get_by_role("button", name="用上期真实报送试算").click()
    expect(panel.get_by_text("2026年9月：看了 3 份报送")).to_be_visible()
    failing = panel.locator("li", has_text="重度残疾人不应多于五人").first
    expect(failing).to_contain_text("1 份报送，1 格")
    failing.locator("summary").click()
    expect(failing.locator("details")).to_contain_text("重度残疾人")
    expect(panel.locator("li", has_text="退役军人").first).to_contain_text("3 份报送，3 格")
    visitor.sound()
