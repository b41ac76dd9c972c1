"""Messages at the top of the to-do page."""

import pytest

from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import Work
from tests.admin import reports
from tests.browser.conftest import Come
from tests.browser.house import House
from workflows.dispatching import urging


@pytest.fixture(scope="module")
def urged(house: House) -> str:
    """Three communities have a report; the office reminded one of them, which then had it returned."""
    sent = reports.sent(house.system, reports.installed.COMMUNITIES[:3])
    house.does("minzheng", lambda work: urging.urge(work, sent.id, reports.TWO[0]))
    record = reports.handed_in(house.system, sent, "nanyao")
    reports.returned(house.system, sent, record, "/population")
    return sent.id


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_reminder_leads_to_its_task(come: Come, urged: str, phone: bool) -> None:
    """What is asked, by whom, of which report; one press away from doing it."""
    visitor = come("huian", phone=phone)
    notice = visitor.page.locator(".notices li").filter(has_text="请尽快办理").first
    assert "柳如琢" in notice.inner_text()
    visitor.sound()
    notice.get_by_role("link").click()
    assert "/tasks/" in visitor.page.url


def test_all_are_read_by_one_press(come: Come, house: House, urged: str) -> None:
    """Those too that the short list does not show."""
    for day in range(7):
        house.does("minzheng", lambda work, day=day: _tell(work, day))
    page = come("shangyao").page
    assert page.locator(".notices .plain-list > li").count() == 5
    page.get_by_role("button", name="全部知道了").click()
    page.wait_for_load_state()
    assert page.locator(".notices").count() == 0


def _tell(work: Work, day: int) -> None:
    notices.tell(
        work,
        [
            Notice(
                "flow.notice.commented",
                organisation_code=reports.installed.COMMUNITIES[2],
                role="staff",
                detail={"text": f"第 {day} 次"},
            )
        ],
    )


def test_a_message_is_gone_once_it_was_read(come: Come, urged: str) -> None:
    """By one press, without a script."""
    page = come("nanyao").page
    page.locator(".notices").get_by_role("button", name="知道了").click()
    page.wait_for_load_state()
    assert page.locator(".notices").count() == 0
