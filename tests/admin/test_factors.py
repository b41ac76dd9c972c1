"""Second factors on pages and in the API: set up, asked for, lost; and of whom the office asks one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.identity.factors import totp
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller


def password(login: str) -> str:
    return installed.pack_only().passwords[login]


def shown(secret: str, ahead: int = 0) -> str:
    """What the app shows now; or one period later, which is taken too and is not used up yet."""
    return totp.code(secret, totp.step_of(installed.ticking()) + ahead)


def set_up(caller: Caller, login: str) -> tuple[str, list[str]]:
    """An app of somebody's; gives its secret and the recovery codes."""
    begun = caller.press("/account/factors/totp", password=password(login))
    assert begun.headers["location"] == "/account/factors/totp"
    page = caller.get("/account/factors/totp").text
    assert "<svg" in page
    secret = re.search(r'factor-secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    wrong = caller.press("/account/factors/totp/confirm", code="000000", name="x")
    assert wrong.status_code == 401 or "恢复码" in wrong.text
    told = caller.press("/account/factors/totp/confirm", code=shown(secret), name="办公手机").text
    codes = re.findall(r"<li><code>([a-z2-9-]{17})</code>", told)
    assert len(codes) == 10
    return secret, codes


class Page:
    """Somebody at the log-in page, with cookies of their own."""

    def __init__(self, visitor: Any, login: str) -> None:
        self.caller = Caller.__new__(Caller)
        self.caller.client, self.caller.token = visitor, ""
        self.caller.cookies = type(visitor.cookies)()
        self._token("/login")
        self.answer = self.caller.press(
            "/login", login=login, password=password(login), next="/account"
        )

    def _token(self, path: str) -> str:
        text = self.caller.get(path).text
        self.caller.token = re.search(r'name="csrf" value="([^"]+)"', text)[1]
        return text

    def give(self, code: str) -> Any:
        self._token("/login/factor?next=/account")
        return self.caller.press("/login/factor", code=code, next="/account")


@pytest.fixture
def asked(system: System, app: Any) -> Iterator[System]:
    """The office asks the three administrators for a second factor."""
    before = system.settings
    system.settings = replace(before, second_factor="administrators")
    yield system
    system.settings = before


def test_the_factor_is_asked_for_at_the_door_and_nothing_opens_without(log_in: Any, visitor: Any) -> None:  # fmt: skip
    """Not a page, not the API, and not the page where another factor could be added."""
    here = log_in("huian")
    secret, codes = set_up(here, "huian")
    assert here.get("/account").status_code == 200
    page = Page(visitor, "huian")
    assert page.answer.headers["location"] == "/account"
    there = page.caller
    for path in ("/account", "/", "/account/factors", "/account/password"):
        assert there.get(path).headers["location"].startswith("/login/factor")
    assert there.get("/account").headers["location"] == "/login/factor?next=/account"
    assert there.get("/api/tasks").json()["code"] == "login.factor-needed"
    assert there.get("/api/session").status_code == 401
    wrong = page.give("123456")
    assert (wrong.status_code, "验证码不对" in wrong.text) == (401, True)
    done = page.give(shown(secret, 1))
    assert done.headers["location"] == "/account"
    assert there.get("/account").status_code == 200
    again = Page(visitor, "huian")
    assert again.give(shown(secret, 1)).status_code == 401
    assert again.give(codes[3]).headers["location"] == "/account"


def test_codes_are_guessed_no_more_often_than_passwords(log_in: Any, visitor: Any) -> None:
    """Five, over any number of log-ins; a right password between them changes nothing."""
    secret, _ = set_up(log_in("huian"), "huian")
    for _ in range(5):
        assert Page(visitor, "huian").give("abcdef").status_code == 401
    body = {"login": "huian", "password": password("huian"), "code": shown(secret, 1)}
    locked = visitor.post("/api/session", json=body)
    assert (locked.status_code, locked.json()["code"]) == (429, "login.locked")


def test_a_program_sends_the_code_along(log_in: Any, visitor: Any) -> None:
    """Without it there is no session at all."""
    secret, _ = set_up(log_in("huian"), "huian")
    body = {"login": "huian", "password": password("huian")}
    without = visitor.post("/api/session", json=body)
    assert (without.status_code, without.json()["code"]) == (401, "login.factor-needed")
    assert "yibiao_session" not in without.cookies
    wrong = visitor.post("/api/session", json={**body, "code": "123456"})
    assert wrong.json()["code"] == "login.factor-wrong"
    assert visitor.post("/api/session", json={**body, "code": shown(secret, 1)}).status_code == 201


def test_whom_the_office_asks_sets_one_up_first(asked: System, log_in: Any) -> None:
    """An administrator comes no further; others are not asked."""
    security, huian = log_in("anquan"), log_in("huian")
    assert security.get("/accounts").headers["location"] == "/account/factors?next=/accounts"
    assert huian.get("/account").status_code == 200
    assert security.get("/api/session").status_code == 200
    set_up(security, "anquan")
    assert security.get("/accounts").status_code == 200
    page = security.get("/account/factors").text
    assert "/account/factors/remove" not in page
    factor = "x"
    assert (
        security.press(
            "/account/factors/remove", factor=factor, password=password("anquan")
        ).status_code
        == 404
    )


def test_an_open_screen_is_not_yet_its_owner(log_in: Any) -> None:
    """Adding, removing and new codes ask for the password."""
    huian = log_in("huian")
    set_up(huian, "huian")
    for path in ("totp", "codes", "remove"):
        answer = huian.press(f"/account/factors/{path}", password="guess", factor="x")
        assert (answer.status_code, "现在的密码不对" in answer.text) == (422, True)
    page = huian.get("/account/factors").text
    factor = re.search(r'name="factor" value="([^"]+)"', page)[1]
    other = log_in("shangyao")
    assert (
        other.press(
            "/account/factors/remove", factor=factor, password=password("shangyao")
        ).status_code
        == 404
    )
    gone = huian.press("/account/factors/remove", factor=factor, password=password("huian"))
    assert gone.headers["location"] == "/account/factors"
    assert "还没有设" in huian.get("/account/factors").text


def test_a_lost_phone_is_two_peoples_matter(log_in: Any, system: System) -> None:
    """The security administrator asks, the system administrator confirms; the log-ins end."""
    huian, security, operator = log_in("huian"), log_in("anquan"), log_in("xitong")
    set_up(huian, "huian")
    account = installed.person(system, "huian").id
    assert "手机或钥匙丢了" in security.get(f"/accounts/{account}").text
    security.press(f"/accounts/{account}/factors/reset", reason="手机丢了，本人持身份证到场")
    assert "没有等待确认的" in security.get("/accounts/resets").text
    page = operator.get("/accounts/resets").text
    reset = re.search(r'action="/accounts/resets/([^"]+)"', page)[1]
    assert security.press(f"/accounts/resets/{reset}", agreed="yes").status_code == 403
    assert log_in("shenji").press(f"/accounts/resets/{reset}", agreed="yes").status_code == 403
    assert operator.press(f"/accounts/resets/{reset}", agreed="yes").status_code == 303
    assert huian.get("/api/session").status_code == 401
    assert log_in("huian").get("/account").status_code == 200
    trail = log_in("shenji").get("/audit").text
    assert "确认解除两步验证" in trail
    assert "提出解除两步验证" in trail
