"""One's own account: the password and the log-ins elsewhere."""

from typing import Any

import pytest
from sqlalchemy import select

from engine.identity.store import ACCOUNT
from engine.work import System
from tests import installed
from tests.admin.conftest import Caller

NEW = "clear-water-7"


def _password(login: str) -> str:
    return installed.pack_only().passwords[login]


def test_a_new_password_holds_at_once_and_ends_the_other_log_ins(log_in: Any, visitor: Any) -> None:
    """The device in hand stays; the old password opens nothing."""
    here, there = log_in("huian"), log_in("huian")
    answer = here.press("/account/password", old=_password("huian"), new=NEW, again=NEW)
    assert answer.status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/api/session").status_code == 401
    old = {"login": "huian", "password": _password("huian")}
    assert visitor.post("/api/session", json=old).status_code == 401
    assert Caller(visitor, "huian", NEW).get("/api/session").status_code == 200


def test_the_language_that_was_chosen_is_kept_for_what_is_sent(system: System, log_in: Any) -> None:
    """By the switch at the foot of a page."""
    who = installed.person(system, "huian")

    def kept() -> str:
        with system.read(who) as work:
            language = select(ACCOUNT.c.language).where(ACCOUNT.c.id == who.id)
            return str(work.connection.execute(language).scalar_one())

    assert kept() == ""
    staff = log_in("huian")
    assert staff.press("/settings/display", lang="en").status_code == 303
    assert kept() == "en"
    assert staff.press("/settings/display", lang="xx").status_code == 303
    assert staff.press("/settings/display", type="large").status_code == 303
    assert kept() == "en"


@pytest.mark.parametrize(
    ("new", "again", "at"),
    [
        ("short-1", "short-1", "new"),
        ("my-huian-password-1", "my-huian-password-1", "new"),
        ("MY-HUIAN-password-1", "MY-HUIAN-password-1", "new"),
        ("aquickbrownfox", "aquickbrownfox", "new"),
        ("82640175936402", "82640175936402", "new"),
        ("aaaaaaaaaa1", "aaaaaaaaaa1", "new"),
        ("long-1" * 40, "long-1" * 40, "new"),
        (NEW, NEW + "!", "again"),
        ("", "", "new"),
    ],
)
def test_a_weak_or_mistyped_password_is_told_beside_its_field(
    log_in: Any, new: str, again: str, at: str
) -> None:
    """Nothing is changed then, and the old one is not written back onto the page."""
    huian = log_in("huian")
    answer = huian.press("/account/password", old=_password("huian"), new=new, again=again)
    assert answer.status_code == 422
    assert f'id="{at}-error"' in answer.text
    assert _password("huian") not in answer.text
    assert Caller(huian.client, "huian", _password("huian")).token


def test_the_old_password_is_guessed_no_more_often_than_at_the_door(log_in: Any) -> None:
    """Somebody at an open screen has five tries; then the account rests."""
    huian = log_in("huian")
    for _ in range(5):
        wrong = huian.press("/account/password", old="guess", new=NEW, again=NEW)
        assert (wrong.status_code, 'id="old-error"' in wrong.text) == (422, True)
    locked = huian.press("/account/password", old=_password("huian"), new=NEW, again=NEW)
    assert locked.status_code == 429


def test_the_old_password_again_is_no_new_one(log_in: Any) -> None:
    """Told at the new one."""
    huian, old = log_in("huian"), _password("huian")
    answer = huian.press("/account/password", old=old, new=old, again=old)
    assert (answer.status_code, 'id="new-error"' in answer.text) == (422, True)


def test_one_ends_ones_own_log_ins_only(log_in: Any) -> None:
    """Another person's is not found, and goes on."""
    here, there, other = log_in("huian"), log_in("huian"), log_in("shangyao")
    page = here.get("/account").text
    [session] = [part.split('"')[0] for part in page.split('name="session" value="')[1:]]
    assert other.press("/account/sessions/end", session=session).status_code == 404
    assert there.get("/api/session").status_code == 200
    assert here.press("/account/sessions/end", session=session).status_code == 303
    assert there.get("/api/session").status_code == 401
    assert here.get("/api/session").status_code == 200


def test_the_account_page_is_for_who_is_logged_in(visitor: Any, log_in: Any) -> None:
    """Others are sent to the door; who has no tasks of their own comes here from the start."""
    assert visitor.get("/account", follow_redirects=False).headers["location"].startswith("/login")
    assert log_in("anquan").get("/").headers["location"] == "/accounts"


def test_a_password_that_was_reset_is_changed_before_anything_else(log_in: Any) -> None:
    """Every page leads there and the API says why; afterwards all is open again."""
    security, known = log_in("anquan"), log_in("huian")
    account = known.get("/api/session").json()["id"]
    page = security.press(f"/accounts/{account}/reset").text
    given = page.split('<code class="big">')[1].split("</code>")[0]
    huian = Caller(known.client, "huian", given)
    for path in ("/", "/account", "/ledgers"):
        assert huian.get(path).headers["location"].startswith("/account/password")
    assert (
        huian.press("/account/sessions/end", session="x").headers["location"] == "/account/password"
    )
    refused = huian.get("/api/tasks")
    assert (refused.status_code, refused.json()["code"]) == (403, "account.password-due")
    assert "只有您自己知道" in huian.get("/account/password").text
    assert huian.get("/api/session").status_code == 200
    again = huian.press("/account/password", old=given, new=given, again=given)
    assert (again.status_code, 'id="new-error"' in again.text) == (422, True)
    changed = huian.press("/account/password", old=given, new=NEW, again=NEW)
    assert changed.headers["location"] == "/"
    assert huian.get("/account").status_code == 200
    assert huian.get("/api/tasks").status_code == 200


def test_a_log_in_on_a_new_device_is_told(visitor: Any, log_in: Any) -> None:
    """On the to-do page and beside the device; the first device of all is no news."""
    first = log_in("huian")
    assert "新设备" not in first.get("/").text
    fresh = {"user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/120"}
    form = {"login": "huian", "password": _password("huian")}
    visitor.headers.update(fresh)
    page = visitor.get("/login").text
    token = page.split('name="csrf" value="')[1].split('"')[0]
    done = visitor.post("/login", data={"csrf": token, **form}, follow_redirects=False)
    assert done.status_code == 303
    assert "新设备" in first.get("/").text
    account = first.get("/account").text
    assert "Android · Chrome" in account
    assert account.count("新设备") == 1


def test_the_administrator_sees_where_somebody_is_logged_in_and_ends_it(log_in: Any) -> None:
    """With device and time; not their own, and nobody else may."""
    security, huian = log_in("anquan"), log_in("huian")
    account = huian.get("/api/session").json()["id"]
    page = security.get(f"/accounts/{account}").text
    session = page.split('name="session" value="')[1].split('"')[0]
    assert (
        log_in("minzheng").press(f"/accounts/{account}/sessions/end", session=session).status_code
        == 403
    )
    assert security.press(f"/accounts/{account}/sessions/end", session="x").status_code == 404
    assert security.press(f"/accounts/{account}/sessions/end", session=session).status_code == 303
    assert huian.get("/api/session").status_code == 401
    own = security.get("/api/session").json()["id"]
    assert security.press(f"/accounts/{own}/sessions/end", session="x").status_code == 403


def test_everything_else_is_ended_at_once(log_in: Any) -> None:
    """Here stays."""
    here, *there = (log_in("huian") for _ in range(3))
    assert here.press("/account/sessions/end-others").status_code == 303
    assert [one.get("/api/session").status_code for one in (here, *there)] == [200, 401, 401]
