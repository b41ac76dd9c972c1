"""Duplicates by hand: found, looked at side by side, merged; every ledger follows; undone; within one's area."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select

from admin.working import runner
from engine.audit.trail import AUDIT
from engine.dictionary import store as dictionary_store
from engine.dictionary.store import SUBJECT, dictionary
from engine.ledgers.ground import MEMBER
from engine.ledgers.tables import ImportLineRow
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from tests import factories, installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
BY_RULE, BY_HAND = "civil.elderly_ledger", "civil.assistance_ledger"
LINE = ImportLineRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
NUMBERS = dict(zip(("p1", "p2"), factories.alike_id_numbers("1941-03-02"), strict=True))
"""How alike two numbers are is part of the likeness."""


@pytest.fixture
def two(app: Litestar, system: System) -> dict[str, str]:
    """One old woman twice: from the police with her number, from the grid with a phone of her daughter."""

    def command(work: Work) -> None:
        facts = {"sex": "2", "birth_date": "1941-03-02", "residence": installed.COMMUNITIES[0]}
        said = {
            "p1": {"name": "王秀英", "address": "惠安小区3号楼", "household_number": "H1"},
            "p2": {"name": "王秀瑛", "address": "惠安小区3号楼", "phone": "13800138000"},
        }
        for own, title in (("p1", "户籍库"), ("p2", "网格摸排")):
            came = registers.add_origin(work, Origin("steward", title, work.at, actor_name=title))
            values = {**facts, **said[own], "id_number": NUMBERS[own]}
            changes = [Change(f"person.{name}", own, value) for name, value in values.items()]
            registers.set_values(work, dictionary(work.connection), changes, came)

    system.write(installed.ANYBODY, command)
    return NUMBERS


def found(system: System, caller: Caller) -> str:
    """Search by the button, let the workers work, and open the pair that was found."""
    assert caller.press("/registers/duplicates", subject="person").status_code == 303
    assert "没有待核对的" not in caller.get("/registers/duplicates?subject=person").text
    runner(system).work_off()
    listed = caller.get("/registers/duplicates?subject=person").text
    assert "王秀瑛" in listed
    return listed.split('href="/registers/duplicates/')[1].split('"')[0]


def merge(caller: Caller, number: str, **fields: str) -> Any:
    page = caller.get(f"/registers/duplicates/{number}").text
    seen = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("seen", "seen_turned")}  # fmt: skip
    return caller.press(
        f"/registers/duplicates/{number}", action="merge", reason="同一位老人", **seen, **fields
    )


def rows(caller: Caller, code: str) -> dict[str, dict[str, Any]]:
    got = caller.get(f"/api/ledgers/{code}/rows")
    assert got.status_code == 200, got.text
    return {row["id"]: row["cells"] for row in got.json()["rows"]}


def enter(system: System, caller: Caller, number: str, **local: str) -> None:
    """Into the ledger kept by hand, with something that only it knows."""
    entered = caller.press(f"/ledgers/{BY_HAND}/members", key=number, reason="新批")
    assert entered.status_code == 303, entered.text
    row = entered.headers["location"].rpartition("/")[2]
    edits = [
        {"row": row, "column": name, "value": value, "seen": 0} for name, value in local.items()
    ]
    assert caller.patch(f"/api/ledgers/{BY_HAND}/cells", {"edits": edits}).status_code == 200


def test_from_the_search_to_one_and_back(
    system: System, log_in: LogIn, two: dict[str, str]
) -> None:
    """What a clerk does; the ledgers, what is local to them, history, look-ups follow, and all goes back."""
    clerk = log_in("huian")
    enter(system, clerk, two["p1"], case_number="D-1")
    enter(system, clerk, two["p2"], case_number="D-2", review_note="独居")
    before = {code: rows(clerk, code) for code in (BY_RULE, BY_HAND)}
    assert {code: set(one) for code, one in before.items()} == {BY_RULE: {"p1", "p2"}, BY_HAND: {"p1", "p2"}}  # fmt: skip
    number = found(system, clerk)
    page = clerk.get(f"/registers/duplicates/{number}").text
    assert "户籍库" in page
    assert "网格摸排" in page
    assert all(one not in page for one in two.values())
    asked, _, rest = page.partition('<details class="fold panel"')
    assert asked.index('name="f:name"') < asked.index('name="f:id_number"')
    assert "惠安小区3号楼" not in asked
    assert "惠安小区3号楼" in rest.partition("</details>")[0]
    done = merge(clerk, number, **{"f:name": "first", "f:id_number": "first"})
    assert done.status_code == 303, done.text
    act = done.headers["location"]
    told = clerk.get(act).text
    assert "王秀英" in told
    assert "王秀瑛" in told
    assert "王秀瑛" in clerk.get("/registers/duplicates?subject=person&show=acts").text
    after = {code: rows(clerk, code) for code in (BY_RULE, BY_HAND)}
    (row,) = after[BY_HAND].items()
    assert set(after[BY_RULE]) == {row[0]}
    assert row[1]["case_number"]["value"] == "D-1"
    assert row[1]["review_note"]["value"] == "独居"
    assert after[BY_RULE][row[0]]["phone"]["value"] == "138****8000"
    for key in two.values():
        found_by = clerk.get(f"/api/registers/person?key=id_number&value={key}").json()
        assert found_by["id"] == row[0]
    assert clerk.get(f"/ledgers/{BY_RULE}/rows/p2").status_code == 200
    assert "同一位老人" in clerk.get(f"/ledgers/{BY_RULE}/rows/p1").text
    assert clerk.get(f"/registers/duplicates/{number}").status_code in (404, 409)
    undone = clerk.press(act, action="undo", reason="是姐妹")
    assert undone.status_code == 303, undone.text
    assert {code: rows(clerk, code) for code in (BY_RULE, BY_HAND)} == before
    assert clerk.press(act, action="undo", reason="是姐妹").status_code == 409
    with system.read(installed.ANYBODY) as work:
        acts = work.connection.execute(select(AUDIT.c.action)).scalars().all()
        assert {"register.compared", "register.merged", "register.unmerged"} <= set(acts)
        stays = work.connection.execute(select(MEMBER.c.subject_id, MEMBER.c.left_on)).all()
    assert sorted(tuple(one) for one in stays) == [("p1", None), ("p2", None)]


def test_not_the_same_is_remembered(system: System, log_in: LogIn, two: dict[str, str]) -> None:
    """With a reason; another search does not bring them up; somebody may ask again."""
    clerk = log_in("huian")
    number = found(system, clerk)
    assert clerk.press(f"/registers/duplicates/{number}", action="different").status_code == 422
    said = clerk.press(f"/registers/duplicates/{number}", action="different", reason="是姐妹")
    assert said.status_code == 303
    clerk.press("/registers/duplicates", subject="person")
    runner(system).work_off()
    assert "王秀瑛" not in clerk.get("/registers/duplicates?subject=person").text
    assert "是姐妹" in clerk.get("/registers/duplicates?subject=person&show=different").text
    assert clerk.press(f"/registers/duplicates/{number}", action="again").status_code == 303
    assert "王秀瑛" in clerk.get("/registers/duplicates?subject=person").text


def test_nobody_merges_who_is_not_theirs(
    system: System, log_in: LogIn, two: dict[str, str]
) -> None:
    """Another community finds nothing there; whoever oversees both does; a designer has no business here."""
    number = found(system, log_in("huian"))
    elsewhere = log_in("nanyao")
    assert "王秀瑛" not in elsewhere.get("/registers/duplicates?subject=person").text
    assert elsewhere.get(f"/registers/duplicates/{number}").status_code == 404
    assert merge_blind(elsewhere, number).status_code == 404
    assert elsewhere.get("/registers/person/p1/split").status_code == 404
    assert log_in("shenhe").get(f"/registers/duplicates/{number}").status_code == 200
    assert log_in("designer").get("/registers/duplicates").status_code == 403
    act = merge(log_in("huian"), number).headers["location"]
    assert elsewhere.get(act).status_code == 404
    assert elsewhere.press(act, action="undo", reason="x").status_code == 404


def merge_blind(caller: Caller, number: str) -> Any:
    return caller.press(f"/registers/duplicates/{number}", action="merge", reason="x")


def test_what_changed_since_it_was_opened_is_looked_at_again(
    system: System, log_in: LogIn, two: dict[str, str]
) -> None:
    """A merge decides about what was seen, not about what came meanwhile."""
    clerk = log_in("huian")
    number = found(system, clerk)
    page = clerk.get(f"/registers/duplicates/{number}").text

    def change(work: Work) -> None:
        came = registers.add_origin(work, Origin("entered", "别处", work.at))
        registers.set_values(
            work, dictionary(work.connection), [Change("person.phone", "p2", "13900139000")], came
        )

    system.write(installed.ANYBODY, change)
    seen = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("seen", "seen_turned")}  # fmt: skip
    told = clerk.press(f"/registers/duplicates/{number}", action="merge", reason="同一人", **seen)
    assert told.status_code == 409
    assert "139****9000" in told.text


def test_where_the_steward_asks_to_be_asked_it_decides(
    system: System, log_in: LogIn, two: dict[str, str]
) -> None:
    """Proposed, told, refused with a reason or accepted; the maker hears of it."""

    def asking(work: Work) -> None:
        known = work.connection.execute(
            select(SUBJECT.c.document).where(SUBJECT.c.code == "person")
        )
        dictionary_store.save_subject(work, {**known.scalar_one(), "asks": True})
        field = dictionary(work.connection).field("person.id_number")
        from dataclasses import replace

        dictionary_store.save_field(work, replace(field, steward="370602-mzj"))

    system.write(installed.ANYBODY, asking)
    clerk, office = log_in("huian"), log_in("minzheng")
    number = found(system, clerk)
    asked = merge(clerk, number).headers["location"]
    assert set(rows(clerk, BY_RULE)) == {"p1", "p2"}
    assert clerk.press(asked, action="accept").status_code == 404
    assert "请求合并（1 件待办）" in office.get("/ledgers").text
    assert asked in office.get("/registers/duplicates?show=acts").text
    assert office.press(asked, action="refuse").status_code == 422
    assert office.press(asked, action="refuse", reason="号码不同").status_code == 303
    again = merge(clerk, number).headers["location"]
    assert office.get(again).status_code == 200
    assert office.press(again, action="accept").status_code == 303
    assert len(rows(clerk, BY_RULE)) == 1
    home = clerk.get("/").text
    assert "已被同意" in home
    assert f'href="{again}"' in home
    assert office.press(again, action="accept").status_code == 409


def test_one_entry_is_split_and_put_together(
    system: System, log_in: LogIn, two: dict[str, str]
) -> None:
    """What goes to the new one goes with its source; a number finds another to stand beside."""
    clerk = log_in("huian")
    split = "/registers/person/p2/split"
    assert clerk.press(split, action="split", reason="混了两个人").status_code == 422
    fields = {"f:phone": "goes", "f:name": "both", "f:birth_date": "both", "f:residence": "both"}
    done = clerk.press(split, action="split", reason="混了两个人", **fields)
    assert done.status_code == 303, done.text
    assert len(rows(clerk, BY_RULE)) == 3
    undone = clerk.press(done.headers["location"], action="undo", reason="没有混")
    assert undone.status_code == 303
    assert set(rows(clerk, BY_RULE)) == {"p1", "p2"}
    beside = clerk.press(split, action="beside", key=two["p1"])
    assert beside.headers["location"].startswith("/registers/duplicates/")
    assert clerk.press(split, action="beside", key=two["p2"]).status_code == 422
    assert clerk.press(split, action="beside", key="370602194103020000").status_code == 404


def test_proposals_and_imports_follow(system: System, log_in: LogIn, two: dict[str, str]) -> None:
    """A change proposed for the one that went is about the survivor; accepted, it is written there."""
    clerk, office = log_in("huian"), log_in("gongan")
    clerk.press(f"/ledgers/{BY_RULE}/rows/p2", column="name", seen="0", over="1", **{"v:/name": "王秀莹"})  # fmt: skip
    number = found(system, clerk)
    assert merge(clerk, number, **{"f:name": "first"}).status_code == 303
    (own,) = rows(clerk, BY_RULE)
    proposal = office.get("/proposals").text.split('action="/proposals/')[1].split('"')[0]
    assert office.press(f"/proposals/{proposal}", action="accept", over="1").status_code == 303
    assert rows(clerk, BY_RULE)[own]["name"]["value"] == "王秀莹"


def test_what_the_office_in_charge_said_is_offered_before_what_was_typed_later(
    system: System, log_in: LogIn, two: dict[str, str]
) -> None:
    """A number that a clerk typed yesterday does not win over the police's by being newer."""

    def typed(work: Work) -> None:
        came = registers.add_origin(work, Origin("entered", "走访", work.at))
        known = dictionary(work.connection)
        number = factories.id_number("1941-03-02")
        registers.set_values(work, known, [Change("person.id_number", "p2", number)], came)

    clerk = log_in("huian")
    number = found(system, clerk)
    system.write(installed.ANYBODY, typed)
    page = clerk.get(f"/registers/duplicates/{number}").text
    ways = [one.split(">")[0] for one in page.split('name="f:id_number" value="')[1:]]
    first = page.partition("<th scope=")[2].index("户籍库") < page.partition("<th scope=")[2].index(
        "走访"
    )
    police = "first" if first else "second"
    assert [one.partition('"')[0] for one in ways if "checked" in one] == [police]
