"""Open data on its page: asked for, seen dry with what it cost, approved by another, fetched by anybody, gone."""

import re
from typing import Any

import pytest

from engine.audit.trail import AUDIT
from engine.dictionary.store import dictionary
from engine.privacy.anonymity_check import judge
from engine.registers import schema as registers_schema
from engine.work import System
from forms.public.lists import LIST
from tests import factories, installed
from tests.admin.conftest import Client

PAGE = "/ledgers/civil.elderly_ledger/release"
WISH: dict[str, Any] = {
    "title": "高龄老人年龄结构", "c:age": "quasi", "c:sex": "quasi", "c:living_alone": "sensitive",
    "b:age": "5,10", "k": "4", "l": "2", "left_out": "5", "last_day": "2027-12-31",
    "about": "按街道公布", "contact": "0535-6212345",
}  # fmt: skip


@pytest.fixture
def people(system: System) -> list[dict[str, Any]]:
    """Sixty people of 80 to 99 in one community."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    made = [
        factories.person(
            name=f"老人{number}", birth_date=f"{1927 + number % 20}-01-01", sex="12"[number % 2],
            residence=installed.COMMUNITIES[0], living_alone="12"[number % 3 == 0], phone="13800138000",
        )
        for number in range(60)
    ]  # fmt: skip
    factories.load_people(system, known, made)
    return made


def test_from_the_ledger_to_everybody(
    system: System, log_in: Any, visitor: Client, people: list[dict[str, Any]]
) -> None:
    """Nobody is in it by name or number; the leader decides what the office made; the CSV keeps k and l."""
    office = log_in("minzheng")
    page = office.get(PAGE)
    assert page.status_code == 200
    assert "不能开放" in page.text
    made = office.press(PAGE, **WISH)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    dry = office.get(path).text
    for word in ("损失报告", "原有行", "60", "去掉行"):
        assert word in dry
    assert office.press(path, action="submit").status_code == 303
    assert office.press(path, action="approve", digest="x").status_code == 403
    with system.read(installed.ANYBODY) as work:
        (row,) = work.connection.execute(LIST.select()).mappings().all()
    digest, address = row["digest"], f"/open/{row['address']}"
    assert visitor.get(address).status_code == 404
    assert log_in("qulingdao").press(path, action="approve", digest=digest).status_code == 303
    table = visitor.get(f"{address}/csv")
    assert table.status_code == 200
    lines = [one.split(",") for one in table.content.decode("utf-8-sig").split()]
    rows = [dict(zip(lines[0], one, strict=True)) for one in lines[1:]]
    assert judge(rows, [lines[0][0], lines[0][1]], [lines[0][2]]).keeps(4, 2)
    for one in people:
        assert one["name"] not in table.text
        assert one["id_number"] not in table.text
    assert "13800138000" not in table.text
    with system.read(installed.ANYBODY) as work:
        acts = set(
            work.connection.execute(AUDIT.select().with_only_columns(AUDIT.c.action)).scalars()
        )
    assert {"open-data.released", "public.drafted", "public.submitted", "public.approved"} <= acts


def test_a_second_table_is_held_against_the_first(
    system: System, log_in: Any, visitor: Client, people: list[dict[str, Any]]
) -> None:
    """A month later one more is known to live alone: neither table tells them, nor do the two together."""
    office, leader = log_in("minzheng"), log_in("qulingdao")

    def made(**other: Any) -> tuple[str, str]:
        answer = office.press(PAGE, **{**WISH, **other})
        assert answer.status_code == 303, answer.text
        path = answer.headers["location"]
        assert office.press(path, action="submit").status_code == 303
        page = leader.get(path).text
        return path, re.search(r'name="digest" value="([0-9a-f]+)"', page)[1]  # type: ignore[index]  # it waits

    def approved(path: str, digest: str) -> Any:
        return leader.press(path, action="approve", digest=digest)

    first, early = made(), made(title="同时做的一份")
    assert approved(*first).status_code == 303
    refused = approved(*early)
    assert refused.status_code == 409
    assert WISH["title"] in refused.text

    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    more = factories.person(
        name="新来的", birth_date="1930-01-01", sex="1", residence=installed.COMMUNITIES[0],
        living_alone="1", phone="13800138000",
    )  # fmt: skip
    factories.load_people(system, known, [more])
    path, digest = made(title="一个月以后")
    assert f"放在一起，也认不出任何人：{WISH['title']}" in office.get(path).text
    assert approved(path, digest).status_code == 303
    with system.read(installed.ANYBODY) as work:
        kept = {row.title: row.contents for row in work.connection.execute(LIST.select())}
    assert kept["一个月以后"]["rows"] == kept[WISH["title"]]["rows"], "nobody is one too many"
    assert more["id"] not in kept["一个月以后"]["ids"]

    sixty = {one["id"] for one in people}
    assert set(kept["一个月以后"]["ids"]) == sixty
    gone = people[0]["id"]
    system.write(installed.ANYBODY, lambda work: work.connection.execute(
        registers_schema.table(known, "person").delete().where(
            registers_schema.table(known, "person").c.id == gone
        )
    ))  # fmt: skip
    answer = office.press(PAGE, **{**WISH, "title": "一人离开", "left_out": "5"})
    assert answer.status_code == 422
    assert "总有个别人会被认出来" in answer.text


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"k": "1"}, "k 应在"),
        ({"k": "x"}, "k 应在"),
        ({"l": "9"}, "l 应在"),
        ({"c:age": "", "c:sex": "", "c:living_alone": ""}, "一列"),
        ({"c:name": "quasi"}, "姓名"),
        ({"c:phone": "sensitive"}, "加密"),
        ({"b:age": "5,7"}, "分段"),
        ({"title": " "}, "标题"),
        ({"last_day": "2040-01-01"}, "最长"),
        ({"k": "1000"}, "1000"),
    ],
)
def test_what_protects_nobody_is_told_and_nothing_is_kept(
    system: System, log_in: Any, people: list[dict[str, Any]], wrong: dict[str, str], word: str
) -> None:
    """Too weak, not a number, a name, a sealed column, odd bands, too long: told, typed words stay."""
    refused = log_in("minzheng").press(PAGE, **{**WISH, **wrong})
    assert refused.status_code == 422, refused.text[-500:]
    assert word in refused.text
    assert WISH["about"] in refused.text


def test_only_the_ledgers_office(log_in: Any) -> None:
    """Another department finds nothing, staff may not."""
    assert log_in("yingji").get(PAGE).status_code == 404
    assert log_in("huian").get(PAGE).status_code == 403
    assert log_in("huian").press(PAGE, **WISH).status_code == 403
