"""What a form or a call may bring before anybody is known, and what is remembered of it: nothing."""

import threading
from typing import Any

import pytest
from litestar import _parsers
from sqlalchemy.exc import IntegrityError

from admin.web import body, posted_fields, visit
from engine.work import System
from tests import installed

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def test_a_password_is_forgotten_with_its_request(visitor: Any) -> None:
    """Litestar would keep the last thousand forms as they came."""
    before = _parsers.parse_url_encoded_form_data.cache_info().currsize
    page = visitor.get("/login").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    given = {"csrf": token, "login": "huian", "password": installed.pack_only().passwords["huian"]}
    assert visitor.post("/login", data=given, follow_redirects=False).status_code == 303
    assert _parsers.parse_url_encoded_form_data.cache_info().currsize == before


@pytest.mark.parametrize(
    "content",
    [b"&" * posted_fields.MOST_FIELDS + b"a=1", b"a=" + b"x" * posted_fields.MOST_BYTES],
    ids=["many", "long"],
)
@pytest.mark.parametrize("path", ["/login", "/settings/display", "/logout"])
def test_no_form_fills_the_house(visitor: Any, path: str, content: bytes) -> None:
    """Refused in words, also to strangers, before it is taken apart."""
    answer = visitor.post(path, content=content, headers=FORM)
    assert answer.status_code == 413
    assert "太多" in answer.text


def test_fields_are_read_as_browsers_write_them(log_in: Any) -> None:
    """Several of a name, empty ones, Chinese, signs."""
    caller = log_in("huian")
    answer = caller.press("/account/away", action="keep", text="同意 & 请核实：100% +1 =")
    assert answer.status_code == 303
    assert "同意 &amp; 请核实：100% +1 =" in caller.get("/account/away").text


@pytest.mark.parametrize("told", [True, False], ids=["its length told", "in pieces"])
def test_a_stranger_with_a_made_up_cookie_is_not_read(visitor: Any, told: bool) -> None:
    """Megabytes of JSON are parsed for who is logged in only; the door takes what a log-in needs."""
    content = b"[" * visit.LITTLE * 2  # it would be refused as too deep
    sent: Any = content if told else (part for part in (content[:10], content[10:]))
    cookie = {**JSON, "cookie": f"{visit.SESSION}={'x' * 43}"}
    assert visitor.post("/api/calendar", content=sent, headers=cookie).status_code == 401
    sent = content if told else (part for part in (content[:10], content[10:]))
    assert visitor.post("/api/session", content=sent, headers=JSON).status_code == 413


def test_much_json_holds_up_nobody(log_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read in a thread, once, and refused in the same words."""
    caller, read, where = log_in("designer"), body.read_json, list[str]()

    def noted(raw: bytes, kind: type[Any]) -> Any:
        where.append(threading.current_thread().name)
        return read(raw, kind)

    monkeypatch.setattr(body, "read_json", noted)
    answer = caller.post("/api/calendar", {"year": 2027, "nothing": "x" * visit.LITTLE})
    assert (answer.status_code, answer.json()["code"]) == (400, "api.body-invalid")
    assert caller.post("/api/calendar", {"document": {"x": "y" * visit.LITTLE}}).status_code >= 400
    assert len(where) == 2
    assert all(name.startswith("AnyIO worker") for name in where)


def test_two_who_add_the_same_at_once_are_told(
    log_in: Any, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database takes one; the other is no defect of ours."""
    caller = log_in("huian")

    def clash(*_: Any, **__: Any) -> None:
        class TakenError(Exception):
            sqlite_errorcode = 2067

        raise IntegrityError("INSERT", None, TakenError())

    monkeypatch.setattr(system, "write", clash)
    answer = caller.press("/account/sessions/end-others")
    assert answer.status_code == 409
    assert "别人刚刚" in answer.text
