"""Messages at the top of the to-do page."""

from datetime import timedelta

import pytest

from tests.admin import reports
from tests.browser.conftest import Come
from tests.browser.house import House
from workflows import urging


@pytest.fixture(scope="module")
def urged(house: House) -> str:
    """Three communities have a report; the office reminded one of them, which then had it returned."""
    sent = reports.sent(house.system, reports.installed.COMMUNITIES[:3])
    for _ in range(2):
        house.does("minzheng", lambda work: urging.urge(work, sent.id, "370602011001"))
    record = reports.handed_in(house.system, sent, "nanyao")
    reports.returned(house.system, sent, record, "/population")
    return sent.id


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_reminder_leads_to_its_task(come: Come, urged: str, phone: bool) -> None:
    """What is asked, of which report, by whom; one press away from doing it."""
    visitor = come("huian", phone=phone)
    notice = visitor.page.locator(".notices li").filter(has_text="请尽快办理").first
    assert "惠安社区" in notice.inner_text()
    assert "柳如琢" in notice.inner_text()
    visitor.sound()
    notice.get_by_role("link").click()
    assert "/tasks/" in visitor.page.url


def test_a_message_is_gone_once_it_was_read(come: Come, urged: str) -> None:
    """By one press, without a script."""
    page = come("nanyao").page
    page.locator(".notices").get_by_role("button", name="知道了").click()
    page.wait_for_load_state()
    assert page.locator(".notices").count() == 0
