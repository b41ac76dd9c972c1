"""Accounts, as the security administrator keeps them: added, granted by date, closed, reset."""

import re
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from engine.errors import Problem
from engine.identity.store import POSITION
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller

NEW = {"login": "wangfang", "name": "王芳", "organisation": "370602011001", "role": "staff", "until": ""}  # fmt: skip


def _id(system: System, login: str) -> str:
    return installed.person(system, login).id


def _password(page: str) -> str:
    found = re.search(r'<code class="big">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def _added(log_in: Any, **other: str) -> tuple[Caller, str]:
    keeper = log_in("anquan")
    answer = keeper.press("/accounts/new", **{**NEW, **other})
    assert answer.status_code in {200, 201}, answer.text
    return keeper, _password(answer.text)


def test_a_new_account_logs_in_and_holds_its_position(
    log_in: Any, visitor: Any, system: System
) -> None:
    """With the password that was told once; it is kept nowhere."""
    keeper, password = _added(log_in)
    person = Caller(visitor, "wangfang", password)
    assert person.get("/").headers["location"] == "/account/password"
    mine = {"old": password, "new": "clear-water-7", "again": "clear-water-7"}
    assert person.press("/account/password", **mine).status_code == 303
    assert person.get("/").status_code == 200
    assert "惠安社区" in person.get("/account").text
    listed = keeper.get("/accounts?q=王芳").text
    assert "wangfang" in listed
    assert password not in listed
    again = keeper.press("/accounts/new", **NEW)
    assert again.status_code == 409
    assert "wangfang" in again.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"login": "王"}, "小写字母"), ({"login": "Wang Fang"}, "小写字母"), ({"name": ""}, "姓名"),
        ({"organisation": "社区"}, "相近的"), ({"organisation": "无此单位"}, "全称或代码"),
        ({"organisation": ""}, "全称或代码"), ({"role": "king"}, "没有这个岗位"),
        ({"until": "tomorrow"}, "2026-12-31"), ({"until": "1999-01-01"}, "今天"),
        ({"until": "9999-12-31"}, "2026-12-31"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_written(
    log_in: Any, system: System, wrong: dict[str, str], told: str
) -> None:
    """In words beside what was typed."""
    keeper = log_in("anquan")
    answer = keeper.press("/accounts/new", **{**NEW, **wrong})
    assert 400 <= answer.status_code < 500
    assert told in answer.text
    with pytest.raises(Problem):
        installed.person(system, "wangfang")


def test_a_closed_account_is_out_at_once(log_in: Any, visitor: Any, system: System) -> None:
    """On every device; opened again it logs in anew."""
    person, keeper = log_in("huian"), log_in("anquan")
    address = f"/accounts/{_id(system, 'huian')}"
    assert keeper.press(f"{address}/state", active="no").status_code == 303
    assert person.get("/api/session").status_code == 401
    refused = visitor.post(
        "/api/session",
        json={"login": "huian", "password": installed.pack_only().passwords["huian"]},
    )
    assert refused.status_code == 401
    assert "已停用" in keeper.get(address).text
    assert keeper.press(f"{address}/state", active="yes").status_code == 303
    assert log_in("huian").get("/").status_code == 200


def test_a_reset_tells_a_password_once_and_ends_the_log_ins(
    log_in: Any, visitor: Any, system: System
) -> None:
    """The old one opens nothing any more."""
    person, keeper = log_in("huian"), log_in("anquan")
    answer = keeper.press(f"/accounts/{_id(system, 'huian')}/reset")
    assert person.get("/api/session").status_code == 401
    assert (
        Caller(visitor, "huian", _password(answer.text)).get("/account/password").status_code == 200
    )


def test_a_position_counts_from_its_day_until_its_day(log_in: Any, system: System) -> None:
    """Granted for later it gives nothing yet; ended today it is gone today."""
    keeper = log_in("anquan")
    address = f"/accounts/{_id(system, 'huian')}"
    given = {"organisation": "370602011", "role": "verifier", "until": "2099-12-31"}
    keeper.press(f"{address}/grant", since="2099-01-01", **given)
    assert "verifier" not in installed.person(system, "huian").roles()
    keeper.press(f"{address}/grant", since="", **given)
    assert "verifier" in installed.person(system, "huian").roles()
    shown = keeper.get(address).text
    assert "2100-01-01" in shown
    position = re.findall(r'name="position" value="([^"]+)"', shown)
    for one in position:
        assert keeper.press(f"{address}/end", position=one).status_code == 303
    assert installed.person(system, "huian").roles() == frozenset()
    assert keeper.press(f"{address}/end", position=position[0]).status_code == 404


def test_what_is_held_is_not_granted_again(log_in: Any, system: System) -> None:
    """Pressed twice it is there once; for longer it is something new."""
    keeper = log_in("anquan")
    address = f"/accounts/{_id(system, 'huian')}"
    given = {"organisation": "370602011", "role": "verifier", "since": ""}
    assert keeper.press(f"{address}/grant", until="2098-12-31", **given).status_code == 303
    again = keeper.press(f"{address}/grant", until="2098-12-31", **given)
    assert again.status_code == 422
    assert "已经有这个岗位" in again.text
    shorter = keeper.press(f"{address}/grant", until="2097-12-31", **given)
    assert shorter.status_code == 422
    assert keeper.press(f"{address}/grant", until="2099-12-31", **given).status_code == 303


def test_nobody_grants_to_oneself(log_in: Any, system: System) -> None:
    """The security administrator least of all."""
    keeper = log_in("anquan")
    address = f"/accounts/{_id(system, 'anquan')}"
    given = {"organisation": "370602011", "role": "leader", "since": "", "until": ""}
    assert keeper.press(f"{address}/grant", **given).status_code == 403
    assert keeper.press(f"{address}/reset").status_code == 403
    assert keeper.press(f"{address}/state", active="no").status_code == 403
    assert "自己的账户" in keeper.get(address).text


@pytest.mark.parametrize(("login", "role"), [("shenji", "security"), ("xitong", "auditor"), ("shenji", "system")])  # fmt: skip
def test_the_three_administrators_are_three_people(
    log_in: Any, system: System, login: str, role: str
) -> None:
    """Refused in words; and by the database, whoever asks it."""
    keeper = log_in("anquan")
    account = _id(system, login)
    given = {"organisation": "370602", "role": role, "since": "", "until": ""}
    refused = keeper.press(f"/accounts/{account}/grant", **given)
    assert refused.status_code == 409
    assert "兼任" in refused.text
    row = {
        "id": "x", "account_id": account, "role": role, "organisation_code": "370602",
        "valid_from": "2026-01-01", "valid_to": None,
    }  # fmt: skip
    with pytest.raises((DBAPIError, Problem)) as told:
        system.database.write(lambda connection: connection.execute(insert(POSITION), row))
    assert "administrators apart" in str(told.value) + str(told.value.__cause__)


def test_what_was_done_is_on_the_trail(log_in: Any, system: System) -> None:
    """For the auditor: who granted what to whom, until when."""
    _added(log_in)
    trail = log_in("shenji").get("/audit").text
    assert "新建账户" in trail
    assert "授予岗位" in trail
