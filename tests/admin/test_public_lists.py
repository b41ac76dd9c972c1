"""公示 over its pages: dry first, a second person, open for its days, gone at once; never a whole number."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from engine.dictionary.store import dictionary
from engine.erasure.redact import Sought
from engine.erasure.sweep import Swept
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms.public.lists import LIST, _forgotten
from tests import factories, installed
from tests.admin.conftest import Caller, Client

LogIn = Callable[[str], Caller]
LEDGER = "civil.elderly_ledger"
NUMBER = factories.id_number("1941-03-02")
WISH: dict[str, Any] = {
    "title": "高龄津贴公示",
    "column": ["name", "id_number", "residence"],
    "first_day": "2026-11-23",
    "last_day": "2026-11-29",
    "about": "拟发放高龄津贴人员",
    "contact": "0535-6212345",
}


@pytest.fixture(autouse=True)
def elder(system: System) -> None:
    """Somebody of 85."""

    def command(work: Work) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        facts = {
            "name": "王秀英",
            "id_number": NUMBER,
            "sex": "2",
            "birth_date": "1941-03-02",
            "residence": installed.COMMUNITIES[0],
            "phone": "13800138000",
        }
        changes = [Change(f"person.{key}", "elder", value) for key, value in facts.items()]
        registers.set_values(work, known, changes, origin)

    system.write(installed.ANYBODY, command)


def drafted(caller: Caller, **other: Any) -> str:
    """A draft of the office's, seen dry; its path."""
    made = caller.press(f"/ledgers/{LEDGER}/publish", **{**WISH, **other})
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def approved(log_in: LogIn) -> tuple[str, str]:
    """A list that is public: its path and its address."""
    maker, leader = log_in("minzheng"), log_in("qulingdao")
    path = drafted(maker)
    assert maker.press(path, action="submit").status_code == 303
    digest = leader.get(path).text.split('name="digest" value="')[1].split('"')[0]
    unknown = {"action": "aprove", "digest": digest, "reason": "不是哪个按钮"}
    assert leader.press(path, **unknown).status_code == 404  # a word misspelt decides nothing
    assert leader.press(path, action="approve", digest=digest).status_code == 303
    return path, maker.get(path).text.split('href="/open/')[1].split('"')[0]


def test_a_list_is_public_after_a_second_person_and_masked(
    log_in: LogIn, visitor: Client, system: System
) -> None:
    """Dry, waiting, approved; the public page, CSV and PDF need no log-in and hold no whole value."""
    maker = log_in("minzheng")
    path = drafted(maker)
    dry = maker.get(path).text
    assert "王**" in dry
    assert NUMBER not in dry
    assert NUMBER[:6] + "********" + NUMBER[-4:] in dry
    _, address = approved(log_in)
    page = visitor.get(f"/open/{address}")
    assert page.status_code == 200
    assert "noindex" in page.headers["x-robots-tag"]
    assert "王**" in page.text
    assert "惠安社区" in page.text
    table = visitor.get(f"/open/{address}/csv")
    assert NUMBER not in page.text + table.text
    assert "王秀英" not in page.text + table.text
    assert visitor.get(f"/open/{address}/pdf").content.startswith(b"%PDF")
    assert visitor.get("/open/nothing").status_code == 404


def test_nobody_approves_their_own_list(log_in: LogIn, system: System) -> None:
    """Not on the page, and the database refuses it too."""
    maker = log_in("minzheng")
    path = drafted(maker)
    maker.press(path, action="submit")
    assert maker.press(path, action="approve", digest="x").status_code == 403
    with pytest.raises(IntegrityError):
        system.write(
            installed.ANYBODY,
            lambda work: work.connection.execute(
                update(LIST).values(decided_by=LIST.c.made_by, state="approved")
            ),
        )
    assert log_in("huian").get(path).status_code == 403
    assert log_in("tongji").get(path).status_code == 404


def test_a_digest_that_is_not_what_was_seen_approves_nothing(log_in: LogIn) -> None:
    """The second person's word is about exactly what they saw, and counts once."""
    maker, leader = log_in("minzheng"), log_in("qulingdao")
    path = drafted(maker)
    assert log_in("qulingdao").get(path).status_code == 404, "a draft is its maker's"
    maker.press(path, action="submit")
    assert leader.press(path, action="approve", digest="0" * 64).status_code == 409
    assert (
        leader.press(path, action="refuse", digest=seen(leader, path), reason="短").status_code
        == 422
    )
    assert (
        leader.press(
            path, action="refuse", digest=seen(leader, path), reason="名单不全，请补充"
        ).status_code
        == 303
    )
    assert maker.press(path, action="submit").status_code == 409


def seen(caller: Caller, path: str) -> str:
    """The digest that stands in the page."""
    return str(caller.get(path).text.split('name="digest" value="')[1].split('"')[0])


def test_withdrawn_at_once_and_over_after_the_last_day(
    log_in: LogIn, visitor: Client, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address answers 404 from then on."""
    path, address = approved(log_in)
    later = system.now() + timedelta(days=8)
    with monkeypatch.context() as patched:
        patched.setattr(system, "now", lambda: later)
        assert visitor.get(f"/open/{address}").status_code == 404
    assert visitor.get(f"/open/{address}").status_code == 200
    maker = log_in("minzheng")
    assert maker.press(path, action="withdraw").status_code == 422
    assert maker.press(path, action="withdraw", reason="名单有误需更正").status_code == 303
    for part in ("", "/csv", "/pdf"):
        assert visitor.get(f"/open/{address}{part}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"column": ["name", "id_number", "age"]},
        {"column": ["name", "visit_note"]},
        {"column": []},
        {"title": " "},
        {"last_day": "2026-11-01"},
        {"last_day": "2027-11-01"},
        {"last_day": "soon"},
        {"q": "没有这个人"},
        {"ledger": "civil.assistance_ledger", "column": ["name", "health"]},
        {"ledger": "civil.assistance_ledger", "column": ["name", "annual_income"]},
    ],
)
def test_what_cannot_be_public_is_refused(log_in: LogIn, wrong: dict[str, Any]) -> None:
    """What has no mask, an ID number beside an age, no days, nobody: told, and nothing is made."""
    maker = log_in("minzheng")
    wish = {**WISH, **wrong}
    answer = maker.press(f"/ledgers/{wish.pop('ledger', LEDGER)}/publish", **wish)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "还没有公示" in maker.get("/public-lists").text


def test_whoever_is_deleted_goes_from_public_lists_too(
    log_in: LogIn, visitor: Client, system: System
) -> None:
    """The sweep that deletes a person takes their row out; the list stays."""
    _, address = approved(log_in)
    found = Swept("person", ["elder"], Sought.__new__(Sought), {})
    assert system.write(installed.ANYBODY, lambda work: _forgotten(work, found)) == 1
    page = visitor.get(f"/open/{address}")
    assert page.status_code == 200
    assert "王**" not in page.text
