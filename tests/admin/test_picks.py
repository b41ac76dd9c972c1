"""Organisations and people picked in a report: found within what may be seen, judged by scope, told by name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.audit.trail import AUDIT
from engine.dictionary.match import initials
from engine.dictionary.store import dictionary
from engine.identity.store import ACCOUNT
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms import documents, picking, publish, store
from tests import factories, installed
from tests.admin.conftest import Caller
from workflows import dispatches
from workflows import store as tasks

LogIn = Callable[[str], Caller]
CODE = "test.picks"
HUIAN, NANYAO = installed.COMMUNITIES[:2]
NUMBER = factories.id_number("1941-03-02")
FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "转办单",
    "type": "object",
    "form": {
        "code": CODE, "kind": "report", "period": "once", "owner": "370602-mzj",
        "flow": "fill_verify_approve",
    },
    "properties": {
        "near": {
            "type": "string", "title": "受理社区", "widget": "organisation",
            "scope": {"within": "above", "levels": ["village"]},
        },
        "own": {"type": "string", "title": "本单位", "widget": "organisation"},
        "who": {"type": "string", "title": "老人", "widget": "person", "fills": True},
        "name": {"$ref": "field:person.name"},
        "phone": {"$ref": "field:person.phone"},
        "by": {"type": "string", "title": "经办人", "widget": "account"},
        "chief": {
            "type": "string", "title": "负责人", "widget": "account", "scope": {"within": "above"},
        },
    },
}  # fmt: skip


@pytest.fixture
def document(system: System) -> tuple[str, str]:
    """The form sent to one community, opened by its staff; one person there, one next door: document, task."""

    def command(work: Work) -> None:
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        changes = [
            Change(f"person.{field}", one, value)
            for one, name, place in (("e1", "王秀英", HUIAN), ("e2", "王桂兰", NANYAO))
            for field, value in {
                "name": name,
                "id_number": NUMBER if one == "e1" else factories.id_number("1941-03-02"),
                "residence": place,
                "phone": "13800138000",
            }.items()
        ]
        registers.set_values(work, dictionary(work.connection), changes, origin)
        store.insert_draft(work, FORM)

    system.write(installed.ANYBODY, command)
    system.write(installed.person(system, "designer"), lambda work: publish.publish(work, CODE))
    sent = system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(
            work, CODE, [HUIAN], "2026-11", work.now + timedelta(days=5)
        ),
    )
    with system.read(installed.person(system, "huian")) as work:
        task = tasks.tasks_of(work, tasks.TASK.c.dispatch_id == sent.id)[0]
    return task.document_id, task.id


def found(caller: Caller, document: str, path: str, words: str) -> list[str]:
    """Whom the search offers for a cell."""
    answer = caller.get(f"/api/documents/{document}/pick", params={"path": path, "q": words})
    assert answer.status_code == 200, answer.text
    return [one["label"] for one in answer.json()["candidates"]]


def test_only_what_the_item_and_the_post_reach_is_offered(
    system: System, log_in: LogIn, document: tuple[str, str]
) -> None:
    """By name, pinyin, code or number; the number masked; each search for people on the trail."""
    caller, (one, task) = log_in("huian"), document
    assert caller.get(f"/tasks/{task}").status_code == 200
    assert found(caller, one, "/near", "nysq") == ["南尧社区居民委员会"]
    assert found(caller, one, "/near", NANYAO) == ["南尧社区居民委员会"]
    assert found(caller, one, "/near", "世回尧") == []
    assert found(caller, one, "/own", "社区") == ["惠安社区居民委员会"]
    masked = f"王秀英（{NUMBER[:6]}********{NUMBER[-4:]}）"
    for words in ("王", "wxy", NUMBER):
        (told,) = found(caller, one, "/who", words)
        assert told.startswith("王秀英（"), masked
        assert NUMBER not in told
    assert found(caller, one, "/who", "") == []
    assert found(caller, one, "/who", "%") == []
    with system.read(installed.ANYBODY) as work:
        query = select(AUDIT.c.detail).where(AUDIT.c.action == "register.looked-up")
        assert len(list(work.connection.execute(query))) == 5


def test_a_person_brings_along_what_stands_beside(log_in: LogIn, document: tuple[str, str]) -> None:
    """For cells bound to facts of persons; nobody of elsewhere, and nothing in somebody else's document."""
    caller, (one, task) = log_in("huian"), document
    caller.get(f"/tasks/{task}")
    address = f"/api/documents/{one}/picked"
    told = caller.get(address, params={"path": "/who", "value": "e1"}).json()["cells"]
    assert {row["path"]: row["value"] for row in told} == {
        "/name": "王秀英",
        "/phone": "13800138000",
    }
    for path, value in (("/who", "e2"), ("/who", "nobody"), ("/name", "e1"), ("/nowhere", "e1")):
        assert caller.get(address, params={"path": path, "value": value}).status_code == 404
    for login in ("nanyao", "shenhe", "designer"):
        assert log_in(login).get(address, params={"path": "/who", "value": "e1"}).status_code in (
            404,
            409,
        )


def test_what_was_picked_is_judged_and_told_by_name(
    log_in: LogIn, document: tuple[str, str]
) -> None:
    """A code of nothing, of the wrong level, a person of nowhere: each is told; a right one reads as a name."""
    caller, (one, task) = log_in("huian"), document
    caller.get(f"/tasks/{task}")
    revision = caller.get(f"/api/documents/{one}").json()["revision"]
    wrong = {"/near": "370602011", "/own": "nowhere", "/who": "e9"}
    saved = caller.patch(
        f"/api/documents/{one}/cells", {"revision": revision, "changes": wrong}
    ).json()
    assert {fault["path"] for fault in saved["problems"]} == set(wrong)
    right = {"/near": NANYAO, "/own": HUIAN, "/who": "e1"}
    saved = caller.patch(
        f"/api/documents/{one}/cells", {"revision": saved["revision"], "changes": right}
    ).json()
    assert saved["problems"] == []
    assert saved["cells"]["/near"]["display"] == "南尧社区居民委员会"
    page = caller.get(f"/tasks/{task}").text
    assert 'data-label="王秀英（' in page
    printed = caller.get(f"/records/{one}").text
    assert printed.count("南尧社区居民委员会") == 2  # in its cell, and in the history
    assert NANYAO not in printed


def test_an_id_that_was_never_offered_tells_nothing(
    system: System, log_in: LogIn, document: tuple[str, str]
) -> None:
    """A person next door is refused, however the id became known; who has moved away since stays named."""
    caller, (one, task) = log_in("huian"), document
    caller.get(f"/tasks/{task}")
    cells = f"/api/documents/{one}/cells"
    revision = caller.get(f"/api/documents/{one}").json()["revision"]
    told = caller.patch(cells, {"revision": revision, "changes": {"/who": "e2"}})
    assert (told.status_code, told.json()["code"]) == (403, "document.person-out-of-reach")
    assert "王桂兰" not in told.text + caller.get(f"/tasks/{task}").text
    saved = caller.patch(cells, {"revision": revision, "changes": {"/who": "e1"}}).json()
    assert saved["problems"] == []

    def moves(work: Work) -> None:
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        away = [Change("person.residence", "e1", NANYAO)]
        registers.set_values(work, dictionary(work.connection), away, origin)

    system.write(installed.ANYBODY, moves)
    again = {"revision": saved["revision"], "changes": {"/who": "e1"}}
    assert [one["path"] for one in caller.patch(cells, again).json()["problems"]] == ["/who"]


def test_whoever_a_rule_withholds_is_not_picked(log_in: LogIn, document: tuple[str, str]) -> None:
    """Not found by any word, and nothing of them is brought along; a withheld field stays away alone."""
    caller, (one, task) = log_in("huian"), document
    caller.get(f"/tasks/{task}")
    security = log_in("anquan")
    rule = {"role": "staff", "reason": "专项保护要求"}
    field = {"effect": "withhold-field", "field": "person.phone", **rule}
    assert security.press("/access-rules", **field).status_code == 303
    picked = {"path": "/who", "value": "e1"}
    told = caller.get(f"/api/documents/{one}/picked", params=picked).json()["cells"]
    assert [row["path"] for row in told] == ["/name"]
    people = {"effect": "withhold-rows", "condition": "person where age >= 80", **rule}
    assert security.press("/access-rules", **people).status_code == 303
    for words in ("王", "wxy", NUMBER):
        assert found(caller, one, "/who", words) == []
    assert caller.get(f"/api/documents/{one}/picked", params=picked).status_code == 404


def test_picked_values_are_found_by_what_they_are_called(
    system: System, document: tuple[str, str]
) -> None:
    """As a workbook tells them: whole names and codes, those that stood there before; nobody of elsewhere."""

    def command(work: Work) -> None:
        record = documents.get(work.connection, document[0])
        form = store.published(work.connection, CODE, 1)
        near, who = form.by_path["/near"], form.by_path["/who"]
        named = picking.Named(work, record, {"x7": "张伟", "x8": "张伟"})
        assert named.values(near, "南尧社区居民委员会") == (NANYAO,)
        assert named.values(near, f" {NANYAO} ") == (NANYAO,)
        assert named.values(near, "社区") == ()
        assert named.values(who, "王秀英") == ("e1",)
        assert named.values(who, "王桂兰") == ()
        assert named.values(who, "张伟（x8）") == ("x8",)
        assert named.values(who, "张伟") == ()

    system.write(installed.person(system, "huian"), command)


def test_staff_are_picked_by_name_or_pinyin_within_the_scope(
    system: System, log_in: LogIn, document: tuple[str, str]
) -> None:
    """Who holds a post there today, with the office; a name on the page, an error for whoever is elsewhere or gone."""
    caller, (one, task) = log_in("huian"), document
    caller.get(f"/tasks/{task}")
    own, above = (dict.fromkeys(found(caller, one, path, "")) for path in ("/by", "/chief"))
    me = installed.person(system, "huian").name
    assert list(own) == [me]
    assert len(above) > len(own)
    boss = installed.person(system, "lingdao")
    assert boss.name in found(caller, one, "/chief", initials(boss.name))
    assert found(caller, one, "/by", boss.name) == []
    revision = caller.get(f"/api/documents/{one}").json()["revision"]
    both = {"/by": boss.id, "/chief": boss.id}
    saved = caller.patch(f"/api/documents/{one}/cells", {"revision": revision, "changes": both})
    assert [fault["path"] for fault in saved.json()["problems"]] == ["/by"]
    assert saved.json()["cells"]["/chief"]["display"] == boss.name
    gone = {"active": False}
    system.write(
        installed.ANYBODY,
        lambda work: work.connection.execute(
            update(ACCOUNT).where(ACCOUNT.c.id == boss.id).values(gone)
        ),
    )
    again = {"revision": saved.json()["revision"], "changes": both}
    faults = caller.patch(f"/api/documents/{one}/cells", again).json()["problems"]
    assert {fault["path"] for fault in faults if "已不在岗" in fault["text"]} == {"/by", "/chief"}
    assert f'data-label="{boss.name}"' in caller.get(f"/tasks/{task}").text


def test_pasted_names_are_told_apart_and_never_guessed(
    system: System, log_in: LogIn, document: tuple[str, str]
) -> None:
    """Whole names and codes mean one; a name of two means both; part of one, or somebody of elsewhere, nobody."""

    def command(work: Work) -> None:
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        facts = {
            "name": "王秀英",
            "id_number": factories.id_number("1950-01-01"),
            "residence": HUIAN,
        }
        changes = [Change(f"person.{field}", "e3", value) for field, value in facts.items()]
        registers.set_values(work, dictionary(work.connection), changes, origin)

    system.write(installed.ANYBODY, command)
    caller, (one, task) = log_in("huian"), document
    caller.get(f"/tasks/{task}")

    def meant(path: str, *words: str) -> dict[str, list[str]]:
        body = {"path": path, "words": list(words)}
        told = caller.post(f"/api/documents/{one}/named", body)
        assert told.status_code == 200, told.text
        return {
            row["words"]: [hit["value"] for hit in row["candidates"]]
            for row in told.json()["names"]
        }

    assert meant("/near", "南尧社区居民委员会", NANYAO, "南尧", "x") == {
        "南尧社区居民委员会": [NANYAO], NANYAO: [NANYAO], "南尧": [], "x": [],
    }  # fmt: skip
    assert meant("/who", "王秀英", "王桂兰", NUMBER) == {
        "王秀英": ["e1", "e3"], "王桂兰": [], NUMBER: ["e1"],
    }  # fmt: skip
    many = {"path": "/near", "words": ["x"] * 201}
    assert caller.post(f"/api/documents/{one}/named", many).status_code == 400
    assert log_in("nanyao").post(
        f"/api/documents/{one}/named", {"path": "/near", "words": ["x"]}
    ).status_code in (404, 409)
