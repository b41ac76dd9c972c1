"""A resident opens their own data with a slip from the counter: once, for minutes, and nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from engine.audit.trail import AUDIT
from engine.dictionary.store import dictionary
from engine.erasure import store as erasures
from engine.errors import Forbidden, NotFound
from engine.identity.actor import Actor
from engine.registers import store as registers
from engine.registers.acts import Wish
from engine.residents import store
from engine.residents.store import Slip
from engine.work import System
from forms import joining
from tests import factories, installed, overlapping
from tests.admin.conftest import Caller
from tests.conftest import Clock

LogIn = Callable[[str], Caller]
PHONE = "13964591111"


HERE, THERE = ("37", "370602", "370602011"), ("37", "370602", "370602012")
STAFF = factories.actor(factories.post("staff", *HERE))
LEADER = factories.actor(factories.post("leader", *HERE))
ELSEWHERE = factories.actor(factories.post("staff", *THERE))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> System:
    """A street with a community, another street, an empty register; a clock that stands."""
    opened: System = request.getfixturevalue(f"{request.param}_system")
    factories.load_dictionary(opened)
    steps = [HERE[:number] for number in (1, 2, 3)] + [THERE, (*HERE, "370602011001")]
    factories.load_organisations(opened, [factories.organisation(*one) for one in steps])
    return opened


def people(system: System, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Persons of one community, as they were loaded."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    made = [factories.person(**{"phone": PHONE, "guardian_phone": PHONE, **one}) for one in more]
    names = {one.name for one in known.of("person")} | {"id"}
    rows = [{name: value for name, value in one.items() if name in names} for one in made]
    factories.load_people(system, known, rows)
    return made


def handed(system: System, who: dict[str, Any], place: str = "phone", by: Actor = STAFF) -> Slip:
    """A slip for somebody."""
    return system.write(by, lambda work: store.hand_out(work, who["id"], proof="card", place=place))


def opened(system: System, code: str, who: dict[str, Any]) -> str | None:
    """The token of the visit, if it opens."""
    last = who["id_number"][-4:]
    return system.write(installed.ANYBODY, lambda work: store.open_(work, code, last))


def lasts(system: System, token: str) -> bool:
    """Whether a visit is in force."""
    with system.read(installed.ANYBODY) as work:
        return store.visit(work, token) is not None


def test_a_slip_opens_once_in_time_and_for_its_person_only(town: System, clock: Clock) -> None:
    """Not twice, not late, not by another's number, not after five wrong tries, not the one before."""
    who, other = people(town, {"name": "钱三多"}, {"name": "孙又新"})
    slip = handed(town, who)
    assert opened(town, slip.code, other) is None
    token = opened(town, f" {slip.code[:5]} {slip.code[5:]} ", who)
    assert token is not None
    assert lasts(town, token)
    assert opened(town, slip.code, who) is None, "a slip opens once"

    late = handed(town, who)
    assert not lasts(town, token), "a new slip ends what the one before opened"
    clock.forward(minutes=store.CODE_MINUTES)
    assert opened(town, late.code, who) is None

    guessed = handed(town, who)
    for _ in range(store.MOST_TRIES):
        assert opened(town, guessed.code, other) is None
    assert opened(town, guessed.code, who) is None
    with town.read(installed.ANYBODY) as work:
        kept = [dict(row) for row in work.connection.execute(select(store.VISIT)).mappings()]
        noted = work.connection.execute(
            select(AUDIT.c.action, AUDIT.c.actor_id, AUDIT.c.detail)
        ).all()
    assert not [code for code in (slip.code, guessed.code, token) if code in str(kept) + str(noted)]
    assert [row.action for row in noted].count("resident.refused") == 1 + 1 + 1 + 5 + 1


def test_a_visit_ends_by_itself(town: System, clock: Clock) -> None:
    """When nobody presses anything, when its time is over, and when the counter says so."""
    (who,) = people(town, {})
    token = opened(town, handed(town, who, "kiosk").code, who) or ""
    clock.forward(minutes=2)
    assert lasts(town, token)
    clock.forward(minutes=1)
    assert not lasts(town, token)

    slip = handed(town, who)
    token = opened(town, slip.code, who) or ""
    for _ in range(5):
        clock.forward(minutes=4)
        with town.read(installed.ANYBODY) as work:
            found = store.visit(work, token)
        if found is not None:
            town.write(found.actor, lambda work, found=found: store.seen(work, found))
    assert not lasts(town, token), "twenty minutes at most, however busy"

    slip = handed(town, who)
    token = opened(town, slip.code, who) or ""
    with pytest.raises(NotFound):
        town.write(ELSEWHERE, lambda work: store.withdraw(work, slip.id))
    town.write(STAFF, lambda work: store.withdraw(work, slip.id))
    assert not lasts(town, token)


def test_a_slip_is_worth_nothing_after_a_merge_or_a_deletion(town: System) -> None:
    """Whose data would be shown is not who was looked at when it was handed out."""
    who, other, gone = people(town, {"name": "钱三多"}, {"name": "钱三多"}, {"name": "孙又新"})
    slips = [handed(town, one) for one in (who, other, gone)]
    token = opened(town, handed(town, gone).code, gone) or ""
    wish = Wish("person", who["id"], other["id"], (), (), "同一个人登记了两次")
    town.write(installed.ANYBODY, lambda work: joining.merge(work, wish))
    assert [opened(town, slips[0].code, who), opened(town, slips[1].code, other)] == [None, None]
    asker, second = (factories.actor(factories.post(one, "37")) for one in ("security", "system"))
    request = town.write(
        asker,
        lambda work: erasures.ask(work, "person", gone["id"], basis="unlawful", reason="本人要求"),
    )
    town.write(second, lambda work: erasures.decide(work, request, agreed=True))
    assert not lasts(town, token)


def test_two_who_open_the_same_slip_at_once(town: System) -> None:
    """One of them is in."""
    (who,) = people(town, {})
    slip, both, got = handed(town, who), Barrier(2), []

    def try_() -> None:
        both.wait(timeout=20)
        got.append(opened(town, slip.code, who))

    threads = [Thread(target=try_) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len([one for one in got if one is not None]) == 1


def test_two_slips_at_once_for_one_person(town: System) -> None:
    """Handed out at two counters: the later one opens, the earlier one is void."""
    (who,) = people(town, {})
    hand_out = lambda work: store.hand_out(work, who["id"], proof="card", place="phone")  # noqa: E731 - twice the same
    first, second = overlapping.both(town, (STAFF, hand_out), (STAFF, hand_out))
    assert opened(town, first.code, who) is None
    assert opened(town, second.code, who) is not None


def test_the_counter_hands_out_within_its_reach_only(town: System) -> None:
    """Not to another community's resident, not by a leader, not without how it was seen."""
    (who,) = people(town, {})
    with pytest.raises(NotFound):
        handed(town, who, by=ELSEWHERE)
    with pytest.raises(Forbidden):
        handed(town, who, by=LEADER)
    with pytest.raises(store.ResidentProof):
        town.write(
            STAFF,
            lambda work: store.hand_out(work, who["id"], proof="", place="phone"),
        )
    with pytest.raises(store.ResidentUnknown):
        town.write(ELSEWHERE, lambda work: store.find(work, who["id_number"]))


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits and slips that do not run out while a busy machine takes its time."""
    for times in (store.WHOLE, store.IDLE):
        for place in store.PLACES:
            monkeypatch.setitem(times, place, timedelta(days=1))
    monkeypatch.setattr(store, "CODE_MINUTES", 1440)


class Resident:
    """Somebody at a phone or kiosk: a browser without any log-in."""

    def __init__(self, app: Any) -> None:
        self.client = TestClient(app)

    def press(self, path: str, **fields: Any) -> Any:
        """Post a form of the last page."""
        return self.client.post(path, data={"csrf": self.token, **fields}, follow_redirects=False)

    def get(self, path: str) -> Any:
        """Open a page, and keep its token."""
        answer = self.client.get(path, follow_redirects=False)
        found = re.search(r'name="csrf-token" content="(\w*)"', answer.text)
        self.token = found[1] if found else ""
        return answer

    def opened(self, code: str, who: dict[str, Any]) -> Any:
        """Type a slip's code."""
        self.get("/mine")
        return self.press("/mine", code=code, last=who["id_number"][-4:])


def slip_of(staff: Caller, who: dict[str, Any], place: str = "phone") -> str:
    """Look somebody up at the counter and hand them a slip; its code as printed."""
    page = staff.press("/residents", key=who["id_number"])
    assert who["name"] in page.text
    assert who["id_number"] not in page.text
    slip = staff.press("/residents/slips", person=who["id"], proof="card", place=place)
    assert ('class="qr"' in slip.text) == (place == "phone")
    found = re.search(r'class="slip-code num">([\d ]+)<', slip.text)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("lasting")
def test_from_the_counter_to_the_correction_and_back(
    app: Any, system: System, log_in: LogIn
) -> None:
    """Handed out, read with masks, shown whole, disputed, decided by the steward, seen next time."""
    (who,) = people(system, {"name": "钱三多"})
    staff = log_in("huian")
    ledger = f"/ledgers/civil.elderly_ledger/rows/{who['id']}/reveal"
    staff.press(ledger, column="phone", purpose="核对津贴")
    staff.press(ledger, column="phone", purpose="纪检案件", **{"for": "oversight"})
    resident = Resident(app)
    assert resident.opened(slip_of(staff, who), who).headers["location"] == "/mine"
    page = resident.get("/mine").text
    assert ("钱三多" in page, "核对津贴" in page) == (True, True)
    assert [text for text in (who["id_number"], PHONE, "纪检案件") if text in page] == []
    whole = resident.press("/mine/whole").text
    assert [text for text in (who["id_number"], PHONE) if text not in whole] == []

    fix = "/mine/fix?field=person.guardian_phone&period="
    assert PHONE not in resident.get(fix).text
    given = {"field": "person.guardian_phone", "period": "", "claimed": "13964592222"}
    assert resident.press("/mine/fix", **given, reason="").status_code == 422
    assert (
        resident.press("/mine/fix", **{**given, "claimed": PHONE}, reason="换了手机号").status_code
        == 422
    )
    assert resident.press("/mine/fix", **given, reason="换了手机号").status_code == 303
    assert resident.press("/mine/fix", **given, reason="换了手机号").status_code == 409
    for code in ("person.id_number", "person.age", "org.population", "none"):
        assert resident.get(f"/mine/fix?field={code}").status_code == 404
    assert resident.press("/mine/copy", **{"as": "json"}).json()["values"]
    assert resident.press("/mine/copy").content.startswith(b"%PDF-1")
    assert "待核实" in resident.get("/mine").text
    assert resident.press("/mine/leave").status_code == 303
    assert PHONE[:3] not in resident.get("/mine").text

    steward = log_in("minzheng")
    told = steward.get("/disputes").text
    assert ("钱三多" in told, "13964592222" in told) == (True, True)
    number = re.search(r'action="/disputes/(\w+)"', told)
    assert number is not None
    steward.press(f"/disputes/{number[1]}", action="uphold", answer="已电话核实")
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        field = known.field("person.guardian_phone")
        now = registers.fetch(work, known, "person", [who["id"]], [field])[who["id"]][field.code]
        stored = work.connection.exec_driver_sql("SELECT * FROM dispute").all()
    assert now.value == "13964592222"
    assert "换了手机号" not in str(stored), "what people write is sealed"
    assert "已更正" in staff.get("/account").text or "异议属实" in staff.get("/").text
    again = Resident(app)
    again.opened(slip_of(staff, who), who)
    assert "已电话核实" in again.get("/mine").text
    assert "本人用条打开" in again.get("/mine").text


@pytest.mark.usefixtures("lasting")
def test_a_kiosk_keeps_no_files_and_a_visit_is_no_log_in(
    app: Any, system: System, log_in: LogIn
) -> None:
    """Neither its cookie nor its token opens anything else; a log-in opens no resident's page."""
    (who,) = people(system, {})
    staff, resident = log_in("huian"), Resident(app)
    resident.opened(slip_of(staff, who, "kiosk"), who)
    assert resident.get("/mine").status_code == 200
    assert resident.press("/mine/copy").status_code == 404
    token = resident.client.cookies["yibiao_resident"]
    thief = TestClient(app, cookies={"yibiao_resident": token, "yibiao_session": token})
    for path in ("/", "/residents", "/ledgers", "/account"):
        assert thief.get(path, follow_redirects=False).headers["location"].startswith("/login")
    assert (
        thief.get(f"/api/registers/person?key=id_number&value={who['id_number']}").status_code
        == 401
    )
    assert staff.get("/mine").text.count("data-slip-code") == 1
    outside = resident.client.post("/mine/whole", data={"csrf": staff.token})
    assert outside.status_code == 403, "another's token is none"
    other = Resident(app)
    other.get("/mine")
    assert other.press("/mine/whole").status_code == 401
