"""Positions hold for a time, in an organisation of the tree."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from engine.errors import NotFound
from engine.identity import door, pack, store
from engine.identity.actor import Actor, Post, system_actor
from engine.identity.store import ACCOUNT
from engine.work import System
from tests import factories
from tests.conftest import Clock

TODAY = date(2026, 11, 23)
TREE = [
    factories.organisation("37", kind="province", name="山东省"),
    factories.organisation("37", "3706", kind="city", name="烟台市"),
    factories.organisation("37", "3706", "370602", kind="county", name="芝罘区"),
    factories.organisation("37", "3706", "370602", "370602-mzj", kind="office", name="区民政局"),
    factories.organisation("37", "3706", "370602", "370602011", kind="town", name="世回尧街道"),
    factories.organisation("37", "3706", "370602", "370602011", "370602011001", name="世兴社区"),
    factories.organisation("37", "3706", "370602", "370602011", "370602011002", name="世学社区"),
]


@pytest.fixture
def tree(system: System) -> System:
    factories.load_organisations(system, TREE)
    return system


def hold(
    system: System, login: str, *positions: tuple[str, str, date | None, date | None]
) -> Actor:
    """An account with positions (role, organisation, from, until); gives the actor of today."""

    def command(work) -> Actor:
        row = {"id": work.new_id(), "login": login, "name": login, "password_hash": "x"}
        account = store.add_account(work.connection, {**row, "created_at": work.at})
        for role, code, since, until in positions:
            store.add_position(
                work.connection,
                {
                    "id": work.new_id(),
                    "account_id": account,
                    "role": role,
                    "organisation_code": code,
                    "valid_from": (since or TODAY).isoformat(),
                    "valid_to": until.isoformat() if until else None,
                },
            )
        return store.actor_of(work.connection, account, now=work.now)

    return system.write(factories.TESTER, command)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_an_actor_has_the_posts_of_today(tree: System) -> None:
    """From the first day on, up to but without the day it ends."""
    actor = hold(
        tree, "yu",
        ("staff", "370602011001", on(0), None),
        ("verifier", "370602011", on(-9), on(1)),
        ("leader", "370602011", on(-9), on(0)),
        ("designer", "370602", on(1), None),
    )  # fmt: skip
    assert actor.posts == (
        Post("staff", "370602011001", "世兴社区", "/37/3706/370602/370602011/370602011001/"),
        Post("verifier", "370602011", "世回尧街道", "/37/3706/370602/370602011/"),
    )
    assert actor.roles() == {"staff", "verifier"}
    assert [post.organisation for post in actor.posts_as("staff")] == ["370602011001"]
    assert not actor.is_system


def test_posts_change_with_the_day(tree: System, clock: Clock) -> None:
    """Nobody has to do anything on the day."""
    actor = hold(tree, "yu", ("staff", "370602", on(-1), on(2)), ("leader", "370602", on(2), None))
    found = []
    for _ in range(4):
        with tree.read(actor) as work:
            found.append(store.actor_by_login(work.connection, "yu", now=work.now).roles())
        clock.forward(days=1)
    assert found == [{"staff"}, {"staff"}, {"leader"}, {"leader"}]


def test_holders_and_places_of_a_role_are_those_in_office(tree: System) -> None:
    """Former ones, future ones and closed accounts do not count."""
    hold(tree, "a", ("staff", "370602011001", on(-1), None))
    hold(tree, "b", ("staff", "370602011001", on(0), on(1)))
    hold(tree, "c", ("staff", "370602011001", on(1), None), ("staff", "370602", on(-9), on(-1)))
    hold(tree, "closed", ("staff", "370602011001", on(-1), None), ("staff", "370602011002", on(-1), None))  # fmt: skip
    close = update(ACCOUNT).where(ACCOUNT.c.login == "closed").values(active=False)
    tree.database.write(lambda connection: connection.execute(close))
    with tree.read(factories.TESTER) as work:
        held = [
            store.holders(work.connection, "staff", code, now=work.now)
            for code in ("370602011001", "370602011002", "370602")
        ]
        places = [place.code for place in store.holding(work.connection, "staff", now=work.now)]
    assert held == [2, 0, 0]
    assert places == ["370602011001"]


def test_adding_a_post_or_an_account_again_changes_nothing(tree: System) -> None:
    """A pack may be loaded as often as one likes."""
    first = hold(tree, "yu", ("staff", "370602", on(-1), None))
    second = hold(tree, "yu", ("staff", "370602", on(-5), None))
    assert first == second


def test_organisations_are_found_by_code_and_by_words(tree: System) -> None:
    """By words the highest first; a percent sign is a percent sign."""
    with tree.read(factories.TESTER) as work:
        connection = work.connection
        assert store.organisation(connection, "370602").name == "芝罘区"
        assert list(store.organisations(connection, ["37", "37", "3706"])) == ["37", "3706"]
        with pytest.raises(NotFound):
            store.organisations(connection, ["37", "99"])
        assert [o.code for o in store.search_organisations(connection, "世")] == [
            "370602011", "370602011001", "370602011002",
        ]  # fmt: skip
        assert store.search_organisations(connection, "%") == []
        assert len(store.search_organisations(connection, "世", limit=2)) == 2


def test_children_are_divisions_unless_offices_are_asked_for(tree: System) -> None:
    """A report goes to the streets of a district, not to its bureaus."""
    with tree.read(factories.TESTER) as work:
        below = [o.code for o in store.children(work.connection, "370602")]
        with_offices = [o.code for o in store.children(work.connection, "370602", offices=True)]
    assert (below, with_offices) == (["370602011"], ["370602-mzj", "370602011"])


def test_organisations_already_there_keep_their_row(tree: System) -> None:
    """Loading again adds only what is new."""
    rows = [{**TREE[0], "name": "另一个省"}, factories.organisation("12", kind="province")]
    with tree.read(factories.TESTER) as work:
        before = store.organisation(work.connection, "37")
    added = tree.write(factories.TESTER, lambda w: store.add_organisations(w.connection, rows))
    with tree.read(factories.TESTER) as work:
        assert store.organisation(work.connection, "37") == before
    assert added == 1


def test_a_code_may_be_given_out_again_later(system: System) -> None:
    """A division is its code and the day from which that is valid."""
    division = {"code": "370684", "name": "蓬莱市", "level": "county", "parent_code": "3706"}
    first = {**division, "valid_from": "1991-11-30", "valid_to": "2020-06-05"}
    second = {**division, "name": "蓬莱区", "valid_from": "2020-06-05", "valid_to": None}

    def add(*rows) -> int:
        return system.write(factories.TESTER, lambda w: store.add_divisions(w.connection, rows))

    assert [add(first), add(first, second), add(second)] == [1, 1, 0]


def test_an_organisation_below_nothing_is_refused(system: System, tmp_path) -> None:
    """A division whose parent is not declared before it would stand outside every reach."""
    header = "code,name,level,parent_code,valid_from,valid_to\n"
    file = tmp_path / "divisions.csv"
    file.write_text(header + "3706,烟台市,city,37,,\n37,山东省,province,,,\n", encoding="utf-8")
    rule = {"from_divisions": {"file": "divisions.csv", "names": []}}
    with pytest.raises(KeyError, match="37"):
        system.write(system_actor("pack"), lambda w: pack.load_organisations(w, rule, tmp_path))
    file.write_text(header + "37,山东省,province,,,\n3706,烟台市,city,37,,\n", encoding="utf-8")
    system.write(system_actor("pack"), lambda w: pack.load_organisations(w, rule, tmp_path))
    with system.read(factories.TESTER) as work:
        assert store.organisation(work.connection, "3706").path == "/37/3706/"


def test_accounts_of_a_pack_get_a_password_once(tree: System) -> None:
    """Loading again gives no password again, and an unknown role is refused."""
    wanted = [
        {"login": "yu", "name": "于", "positions": [{"role": "staff", "organisation": "370602"}]}
    ]
    load = lambda accounts: tree.write(factories.TESTER, lambda w: pack.load_accounts(w, accounts))  # noqa: E731 - one line of a test
    made = load(wanted)
    assert load(wanted) == {}
    with tree.read(factories.TESTER) as work:
        actor = store.actor_by_login(work.connection, "yu", now=work.now)
        assert door.check_password(work.connection, "yu", made["yu"], now=work.now) == actor.id
    wrong = [{**wanted[0], "login": "b", "positions": [{"role": "king", "organisation": "37"}]}]
    with pytest.raises(ValueError, match="king"):
        load(wrong)
