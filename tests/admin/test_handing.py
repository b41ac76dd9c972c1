"""What may be done with a task besides passing it on: what is refused is told beside what was typed."""

import re
from typing import Any

from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.test_signing_pages import waiting


def test_a_refusal_keeps_what_was_typed(system: System, log_in: Any) -> None:
    """The fold stands open with the reason, the day and the person, and says what is wrong."""
    sent = reports.sent(system)
    reports.handed_in(system, sent, "huian")
    verifier, (task,) = log_in("shenhe"), waiting(system, "shenhe")
    asked = {"action": "reject", "comment": "数字和上月差太多", "dated": "2099-01-01"}
    page = verifier.press(f"/tasks/{task}/more", **asked)
    assert page.status_code == 422
    assert 'role="status"' in page.text
    assert (
        'name="comment" type="text" maxlength="500" autocomplete="off" value="数字和上月差太多"'
        in page.text
    )
    assert 'value="2099-01-01"' in page.text
    assert len(re.findall(r'<details class="fold more-fold" open>', page.text)) == 1
    person = re.search(r'name="person" value="([a-z0-9]{20})"', page.text)
    assert person
    page = verifier.press(f"/tasks/{task}/more", action="transfer", person=person[1], comment="")
    assert page.status_code == 422
    assert page.text.count(f'name="person" value="{person[1]}" checked>') == 1
    assert waiting(system, "shenhe") == [task]


def test_a_day_that_will_not_do_stays_beside_its_reason(system: System, log_in: Any) -> None:
    """When a report on paper is entered afterwards."""
    reports.sent(system)
    staff, (task,) = log_in("huian"), waiting(system, "huian")
    staff.get(f"/tasks/{task}")
    late = {"dated": "2099-01-01", "late-remark": "停电，先交了纸表"}
    page = staff.press(f"/tasks/{task}", action="submit", **late)
    assert page.status_code == 422
    assert 'value="2099-01-01"' in page.text
    assert 'value="停电，先交了纸表"' in page.text


def test_who_was_asked_first_can_be_waited_for_no_longer(system: System, log_in: Any) -> None:
    """委派: the list says what one waits for, the case's page gives it back."""
    sent = reports.sent(system)
    reports.handed_in(system, sent, "huian")
    verifier, (task,) = log_in("shenhe"), waiting(system, "shenhe")
    person = re.search(r'name="person" value="([a-z0-9]{20})"', verifier.get(f"/tasks/{task}").text)
    assert person
    verifier.press(f"/tasks/{task}/more", action="delegate", person=person[1], comment="请看")
    assert waiting(system, "shenhe") == []
    record = re.search(r'href="(/records/[a-z0-9]{20})"', verifier.get("/?show=waiting").text)
    assert record
    case = re.search(r'href="(/cases/[a-z0-9]{20})"', verifier.get(record[1]).text)
    assert case
    shown = verifier.get(case[1]).text
    assert 'value="call_off"' in shown
    verifier.press(case[1], action="call_off", task=task)
    assert len(waiting(system, "shenhe")) == 1
    assert 'value="call_off"' not in verifier.get(case[1]).text


def test_an_opinion_is_read_where_it_was_asked_for(system: System, log_in: Any) -> None:
    """委派: whoever is asked reads the question before the figures, and whoever asked reads the answer."""
    reports.handed_in(system, reports.sent(system), "huian")
    verifier, leader, (task,) = log_in("shenhe"), log_in("lingdao"), waiting(system, "shenhe")
    person = installed.person(system, "lingdao").id
    asks = {"action": "delegate", "person": person, "comment": "高龄老人数对吗"}
    verifier.press(f"/tasks/{task}/more", **asks)
    (asked,) = waiting(system, "lingdao")
    page = leader.get(f"/tasks/{asked}").text
    assert page.index("高龄老人数对吗") < page.index('id="changes"')
    assert "请勾选并写明原因" not in page  # who gives an opinion returns nothing
    leader.press(f"/tasks/{asked}/more", action="answer", comment="与台账一致，对的")
    (back,) = waiting(system, "shenhe")
    assert "与台账一致，对的" in verifier.get(f"/tasks/{back}").text


def test_the_office_gives_a_task_to_somebody_else(system: System, log_in: Any) -> None:
    """From the page of the case, with a reason; whose task it is does not see the fold."""
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, "huian")
    office = log_in("minzheng")
    case = re.search(r'href="(/cases/[a-z0-9]{20})"', office.get(f"/records/{record}").text)
    assert case
    shown = office.get(case[1]).text
    key = re.search(r'name="task" value="(verify\.\d+)"', shown)
    person = re.search(r'name="person" value="([a-z0-9]{20})"', shown)
    assert key
    assert person
    assert 'value="take_off"' not in shown  # nobody would be left
    given = {"task": key[1], "person": person[1]}
    office.press(case[1], action="replace", comment="", **given)
    assert len(waiting(system, "shenhe")) == 1
    office.press(case[1], action="replace", comment="借调去县里了", **given)
    assert waiting(system, "shenhe") == []
    assert "借调去县里了" in office.get(case[1]).text
    assert 'value="replace"' not in log_in("huian").get(case[1]).text
