"""公示 from a report's list: masked, seen dry, approved by another, open; nobody withheld, nobody deleted in it."""

from typing import Any

import pytest

from engine.dictionary.store import dictionary
from engine.erasure.redact import Sought
from engine.erasure.sweep import Swept
from engine.registers import store as registers
from engine.work import System
from forms.public.lists import _forgotten
from tests import factories, installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.admin.test_masked_records import COUNTS, ELDER, NUMBER, PHONE
from tests.admin.test_public_lists import WISH

SECOND = {
    "name": "寿百龄",
    "sex": "1",
    "id_number": factories.id_number("1920-03-02"),
    "phone": "13911112222",
}


@pytest.fixture
def address(system: System) -> str:
    """A final report with two people on its list, one of a hundred; where its list is published."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    people = [
        factories.person(**SECOND, birth_date="1920-03-02", residence=installed.COMMUNITIES[0])
    ]
    factories.load_people(system, known, people)
    sent = reports.sent(system)
    counts = {**dict.fromkeys(COUNTS, 2), "elderly_80_89": 1, "elderly_100": 1}
    record = reports.handed_in(
        system, sent, elders=[ELDER, {**ELDER, **SECOND}], explain="人数已核对", **counts
    )
    for login, kind in (("shenhe", "verify"), ("lingdao", "approve")):
        reports.passed(system, sent, login, kind, record)
    return f"/dispatches/{sent.id}/publish"


def drafted(caller: Caller, address: str, **other: Any) -> Any:
    """What the office asks for."""
    wish = {**WISH, "column": ["name", "id_number", "phone"], "table": "/elders", **other}
    return caller.press(address, **wish)


def test_a_reports_list_is_published_like_a_ledgers(log_in: Any, address: str) -> None:
    """From the roll-up to the notice board: masked throughout, with the unit that filed each row."""
    office = log_in("minzheng")
    rolled = address.replace("/publish", "/rollup?table=/elders")
    link = f"{address}?table=%2Felders"
    assert link in office.get(rolled).text
    page = office.get(link)
    assert page.status_code == 200
    assert "2" in page.text
    made = drafted(office, address)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    dry = office.get(path).text
    assert "惠安社区" in dry
    for whole in (NUMBER, PHONE, "王秀英", SECOND["name"], SECOND["id_number"]):
        assert whole not in dry
    assert "王*" in dry
    assert office.press(path, action="submit").status_code == 303
    assert "等" in office.get(path).text


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"column": []}, "一列"),
        ({"column": ["note"]}, "自由填写"),
        ({"title": ""}, "标题"),
        ({"last_day": "2025-01-01"}, "早于"),
    ],
)
def test_what_may_not_be_public_is_told(
    log_in: Any, address: str, wrong: dict[str, Any], word: str
) -> None:
    """No column, free texts, no title, a day that is over; what was typed stands there again."""
    refused = drafted(log_in("minzheng"), address, **wrong)
    assert refused.status_code == 422
    assert word in refused.text
    assert WISH["about"] in refused.text


def test_whom_a_rule_withholds_and_who_is_deleted_are_not_in_it(
    system: System, log_in: Any, address: str
) -> None:
    """Withheld from the maker: not in the list; deleted later: gone from it, the other stays."""
    office = log_in("minzheng")
    both = drafted(office, address).headers["location"]
    assert office.get(both).text.count("<tr>") - 1 == 2
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        by = known.field("person.id_number")
        number = SECOND["id_number"]
        own = registers.find(work, known, by, [number])[number]
    found = Swept("person", [own], Sought(frozenset(), frozenset()), {})
    system.write(installed.ANYBODY, lambda work: _forgotten(work, found))
    assert office.get(both).text.count("<tr>") - 1 == 1
    rule = {
        "effect": "withhold-rows",
        "condition": "person where age >= 100",
        "reason": "专项保护要求",
    }
    assert log_in("anquan").press("/access-rules", **rule).status_code == 303
    assert office.get(drafted(office, address).headers["location"]).text.count("<tr>") - 1 == 1


def test_other_offices_and_other_lists_are_hidden(log_in: Any, address: str) -> None:
    """Another department, a table that is none, somebody without the duty."""
    assert log_in("yingji").get(f"{address}?table=/elders").status_code == 404
    assert log_in("minzheng").get(f"{address}?table=/nothing").status_code == 404
    assert log_in("minzheng").get(address).status_code == 404
    assert log_in("huian").get(f"{address}?table=/elders").status_code in (403, 404)
