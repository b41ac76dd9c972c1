"""Rules over the trail: each finds what it is for and nothing beside it, once, whenever it is asked."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.web.visit import NOBODY
from engine.alerts import rule as rules
from engine.alerts import store, watch
from engine.alerts.rule import RuleInvalid
from engine.alerts.store import AlertClosed, AlertReasonMissing
from engine.audit.reading import Written
from engine.errors import Forbidden
from engine.identity.actor import Actor, Post
from engine.notices.store import NOTICE
from engine.settings import Settings
from engine.work import System
from tests.conftest import MORNING, Clock

AUDITOR = Actor("auditor", "shenji", "审计", (Post("auditor", "370602", "芝罘区", "/37/"),))
MINUTE = timedelta(minutes=1)


def person(number: int = 1) -> Actor:
    """Somebody of an office."""
    return Actor(f"p{number}", "x", f"人{number}", (Post("staff", "370602011001", "惠安", "/x/"),))


def did(system: System, who: Actor, action: str, target: str = "x", **detail: object) -> None:
    """An act on the trail."""
    system.write(who, lambda work: work.note(action, target, **detail))


def found(system: System) -> list[str]:
    """The rules whose alerts are new when the job runs now."""
    made = system.write(AUDITOR, watch.look)
    with system.read(AUDITOR) as work:
        return sorted(one.rule for one in store.listed(work) if one.id in made)


def test_thirty_different_people_in_an_hour_and_not_twenty_nine(
    system: System, clock: Clock
) -> None:
    """Counted by who is looked at: the same person again is no more; an hour later it begins anew."""
    for number in range(29):
        did(system, person(), "ledger.revealed", f"s{number}", purpose="核实")
        clock.forward(minutes=1)
    for _ in range(10):
        did(system, person(), "ledger.revealed", "s1", purpose="核实")
    assert found(system) == []
    did(system, person(), "register.looked-up", "person", found=True, id="s77")
    assert found(system) == ["looks-by-one"]
    assert found(system) == []


def test_one_person_looked_at_by_five(system: System, clock: Clock) -> None:
    """By whatever way; the same colleague twice counts once; nobody found is nobody."""
    for number in range(4):
        did(system, person(number), "ledger.revealed", "s1", purpose="核实")
        did(system, person(number), "register.looked-up", "person", found=True, id="s1")
        did(system, person(9), "register.looked-up", "person", found=False, id="")
        clock.forward(hours=2)
    assert found(system) == []
    did(system, person(5), "ledger.revealed", "s1", purpose="核实")
    assert found(system) == ["looks-at-one"]
    with system.read(AUDITOR) as work:
        [alert] = store.listed(work)
        assert (alert.about, alert.number) == ("s1", 5)
        assert {one.actor_id for one in watch.entries(work, alert)} == {
            "p0",
            "p1",
            "p2",
            "p3",
            "p5",
        }


@pytest.mark.parametrize(
    ("at", "raised"),
    [
        (MORNING, []),
        (MORNING.replace(hour=4, minute=30), []),
        (datetime(2026, 11, 23, 13, 0, tzinfo=UTC), ["off-hours"]),
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), ["off-hours"]),
        (datetime(2026, 10, 1, 2, 0, tzinfo=UTC), ["off-hours"]),
    ],
    ids=[
        "a Monday morning",
        "the break at noon",
        "nine in the evening",
        "a Sunday",
        "National Day",
    ],
)
def test_off_hours_by_the_office_calendar(
    system: System, clock: Clock, at: datetime, raised: list[str]
) -> None:
    """Nights, week-ends and holidays; not the break at noon."""
    clock.at = at
    did(system, person(), "ledger.revealed", "s1", purpose="核实")
    assert found(system) == raised


def test_exports_log_ins_and_devices(system: System, clock: Clock) -> None:
    """Rows add up; a whole export, a new device and ten wrong passwords are told at once."""
    did(system, person(1), "ledger.exported", "l", rows=600, whole=False)
    clock.forward(minutes=50)
    assert found(system) == []
    did(system, person(1), "ledger.exported", "l", rows=400, whole=False)
    did(system, person(2), "ledger.exported", "l", rows=1, whole=True)
    did(system, person(3), "login.done", "p3", new_device=True)
    did(system, person(4), "login.done", "p4", new_device=False)
    for _ in range(10):
        did(system, NOBODY, "login.failed", "account")
    assert found(system) == ["bulk-export", "failed-log-ins", "new-device", "whole-export"]


def test_an_alert_grows_while_it_is_open_and_a_closed_one_is_not_raised_again(
    system: System, clock: Clock
) -> None:
    """Closed with a reason it answers for its entries; what comes after is a new one."""
    did(system, person(), "login.done", "p1", new_device=True)
    [made] = system.write(AUDITOR, watch.look)
    clock.forward(minutes=5)
    did(system, person(), "login.done", "p1", new_device=True)
    assert found(system) == []
    with system.read(AUDITOR) as work:
        assert store.get(work, made).number == 2
        assert store.waiting(work) == 1
    with pytest.raises(AlertReasonMissing):
        system.write(AUDITOR, lambda work: store.close(work, made, "  "))
    with pytest.raises(Forbidden):
        system.write(person(), lambda work: store.close(work, made, "本人换手机"))
    system.write(AUDITOR, lambda work: store.look_into(work, made))
    system.write(AUDITOR, lambda work: store.close(work, made, "本人换手机"))
    with pytest.raises(AlertClosed):
        system.write(AUDITOR, lambda work: store.look_into(work, made))
    assert found(system) == []
    clock.forward(minutes=1)
    did(system, person(), "login.done", "p1", new_device=True)
    assert found(system) == ["new-device"]


def test_what_the_program_does_and_a_clock_put_back_raise_nothing_twice(
    system: System, clock: Clock
) -> None:
    """Entries are taken by number: an hour that comes twice is looked at once."""
    did(system, person(), "login.done", "p1", new_device=True)
    assert found(system) == ["new-device"]
    clock.at -= timedelta(hours=3)
    did(system, person(2), "login.done", "p2", new_device=True)
    assert found(system) == ["new-device"]
    assert found(system) == []


def test_a_declaration_of_ones_own_or_a_wrong_one(system: System, tmp_path) -> None:
    """The file in the settings stands in place of ours; a fault in it is told by rule and place."""
    path = tmp_path / "rules.json"
    one = {"code": "any", "acts": ["a.b"], "by": "all", "minutes": 5, "at_least": 2}
    path.write_text(json.dumps({"rules": [one]}), encoding="utf-8")
    [read] = watch.declared(Settings(alert_rules=str(path)))
    assert (read.code, read.at_least) == ("any", 2)
    for wrong, at in (
        ({**one, "minutes": 0}, "minutes"), ({**one, "by": "x"}, "by"), ({**one, "acts": []}, "acts"),
        ({**one, "at_least": True}, "at_least"), ({**one, "extra": 1}, "extra"), ({}, "code"),
    ):  # fmt: skip
        with pytest.raises(RuleInvalid) as refused:
            rules.read({"rules": [wrong]})
        assert refused.value.at == at
    path.write_text("{", encoding="utf-8")
    with pytest.raises(RuleInvalid):
        watch.declared(Settings(alert_rules=str(path)))


@given(st.lists(st.integers(0, 90), max_size=40), st.integers(1, 6))
def test_a_run_is_found_exactly_where_a_window_is_full(gaps: list[int], least: int) -> None:
    """Held against counting every window by hand."""
    at, entries = MORNING, []
    for number, gap in enumerate(gaps, 1):
        at += gap * MINUTE
        entries.append(Written(number, at.isoformat(), "p", "人", "a.b", "t", None))
    rule = rules.Rule("r", ("a.b",), "actor", 60 * MINUTE, least)
    full = [
        end
        for end, last in enumerate(entries)
        if sum(rules.moment(one) >= rules.moment(last) - 60 * MINUTE for one in entries[: end + 1])
        >= least
    ]
    hits = rules.find(rule, entries, lambda _: True)
    assert bool(hits) == bool(full)
    if hits:
        assert hits[0].entries[-1].seq == full[-1] + 1
        assert hits[0].number >= least


def test_auditors_are_told_once(system: System, clock: Clock) -> None:
    """Whoever holds the post where it is held; here nobody does, and nothing is written."""
    did(system, person(), "login.done", "p1", new_device=True)
    assert found(system) == ["new-device"]
    with system.read(AUDITOR) as work:
        assert work.connection.execute(NOTICE.select()).all() == []
