"""The review of who may what: everything in force, decided by others than its holders, due by the calendar."""

import pytest
from sqlalchemy import select, update

from engine.errors import Forbidden, NotFound
from engine.identity import accounts, review, store
from engine.identity.actor import Actor
from engine.identity.review import ReviewOpen, ReviewUnfinished
from engine.notices import reviews
from engine.work import System, Work
from tests import factories
from tests.conftest import Clock

COUNTY, TOWN = "370602", "370602011"


@pytest.fixture
def town(system: System) -> dict[str, Actor]:
    """Two security administrators, one who fills, one who left, one whose time is over."""
    factories.load_organisations(
        system,
        [factories.organisation(COUNTY, kind="county", name="芝罘区"),
         factories.organisation(COUNTY, TOWN, kind="town", name="向阳街道")],
    )  # fmt: skip
    found = {}
    for login, role, place in (
        ("one", "security", COUNTY), ("two", "security", COUNTY), ("fil", "staff", TOWN),
        ("left", "staff", TOWN), ("over", "leader", TOWN),
    ):  # fmt: skip

        def command(work: Work, login: str = login, role: str = role, place: str = place) -> Actor:
            account = work.new_id()
            row = {"id": account, "login": login, "name": f"姓名{login}", "password_hash": "", "created_at": work.at}  # fmt: skip
            store.add_account(work.connection, row)
            held = {"id": work.new_id(), "account_id": account, "role": role, "organisation_code": place,
                    "valid_from": "2026-01-01", "valid_to": "2026-06-01" if login == "over" else None}  # fmt: skip
            store.add_position(work.connection, held)
            actor = store.actor_of(work.connection, account, now=work.now)
            assert actor is not None
            return actor

        found[login] = system.write(factories.TESTER, command)
    gone = update(store.ACCOUNT).where(store.ACCOUNT.c.login == "left").values(active=False)
    system.database.write(lambda c: c.execute(gone) and None)
    return found


def shown(system: System, actor: Actor, number: str, **asked) -> dict[str, review.Item]:
    with system.read(actor) as work:
        return {one.login: one for one in review.items(work, number, **asked)}


def test_everything_in_force_is_looked_at_once(system: System, town: dict[str, Actor]) -> None:
    """Neither who left nor what is over; found by person and by organisation."""
    one, two = town["one"], town["two"]
    number = system.write(one, review.begin)
    assert set(shown(system, one, number)) == {"one", "two", "fil"}
    assert set(shown(system, one, number, words="向阳")) == {"fil"}
    assert set(shown(system, one, number, words="姓名tw")) == {"two"}
    with pytest.raises(ReviewOpen):
        system.write(two, review.begin)
    with pytest.raises(ReviewUnfinished) as told:
        system.write(one, lambda work: review.close(work, number))
    assert told.value.count == 3
    held = {login: row.position_id for login, row in shown(system, one, number).items()}
    with pytest.raises(Forbidden):
        system.write(
            one,
            lambda work: review.decide(work, number, {held["fil"]: "kept", held["one"]: "kept"}),
        )
    assert set(shown(system, one, number, left=True)) == {"one", "two", "fil"}
    system.write(
        one, lambda work: review.decide(work, number, {held["fil"]: "ended", held["two"]: "kept"})
    )
    system.write(two, lambda work: review.decide(work, number, {held["one"]: "kept"}))
    assert shown(system, one, number, left=True) == {}
    row = shown(system, one, number)["fil"]
    assert (row.decided, row.decided_by, row.valid_to) == ("ended", "姓名one", "2026-11-23")
    with system.read(one) as work:
        filler = store.actor_of(work.connection, town["fil"].id, now=work.now)
    assert filler is not None
    assert filler.posts == ()
    system.write(two, lambda work: review.close(work, number))
    with pytest.raises(NotFound):
        system.write(two, lambda work: review.decide(work, number, {held["one"]: "ended"}))


@pytest.mark.parametrize("decision", ["", "perhaps", "gone"])
def test_only_keeping_and_ending_are_decisions(system: System, town, decision: str) -> None:
    """And only of what is under review; of several with one wrong none is done."""
    one = town["one"]
    number = system.write(one, review.begin)
    held = {login: row.position_id for login, row in shown(system, one, number).items()}
    for wrong in (
        {held["two"]: "kept", held["fil"]: decision},
        {held["two"]: "kept", "none": "kept"},
    ):
        with pytest.raises(NotFound):
            system.write(one, lambda work, wrong=wrong: review.decide(work, number, wrong))
    assert len(shown(system, one, number, left=True)) == 3


def test_what_ended_meanwhile_needs_no_decision(system: System, town, clock: Clock) -> None:
    """It is marked as gone when the review is finished."""
    one, two = town["one"], town["two"]
    number = system.write(one, review.begin)
    rows = shown(system, one, number)
    system.write(
        one, lambda work: accounts.end_grant(work, town["fil"].id, rows["fil"].position_id)
    )
    system.write(one, lambda work: review.decide(work, number, {rows["two"].position_id: "kept"}))
    system.write(two, lambda work: review.decide(work, number, {rows["one"].position_id: "kept"}))
    system.write(two, lambda work: review.close(work, number))
    assert shown(system, one, number)["fil"].decided == "gone"


def test_a_review_begins_by_itself_every_half_year(system: System, town, clock: Clock) -> None:
    """Not in a house that is new, and not while one is under way."""
    run = lambda: system.write(factories.TESTER, lambda work: reviews.due(work, {}))  # noqa: E731 - one line of a test
    assert run() == ""
    clock.forward(days=183)
    number = run()
    assert number
    assert run() == ""
    with system.read(town["one"]) as work:
        latest = review.latest(work)
    assert latest is not None
    assert (latest.id, latest.total, latest.left) == (number, 3, 3)


def test_who_may_look_and_who_may_decide(system: System, town) -> None:
    """The auditor looks, the security administrator decides, others neither."""
    auditor = factories.actor(factories.post("auditor", COUNTY))
    number = system.write(town["one"], review.begin)
    position = shown(system, auditor, number)["fil"].position_id
    with pytest.raises(Forbidden):
        system.write(auditor, lambda work: review.decide(work, number, {position: "kept"}))
    with pytest.raises(Forbidden):
        shown(system, town["fil"], number)
    with system.read(factories.TESTER) as work:
        assert work.connection.execute(
            select(review.ITEM.c.decided).distinct()
        ).scalars().all() == [""]
