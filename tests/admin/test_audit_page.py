"""The page of the audit trail: who may look, finding entries, proving the chain."""

from typing import Any

import pytest
from sqlalchemy import update

from engine.audit.trail import AUDIT
from engine.identity.actor import system_actor
from engine.work import System
from tests import tampering


def _rows(text: str) -> list[int]:
    """The numbers of the entries on a page."""
    return [int(part.split("<")[0]) for part in text.split('<th scope="row" class="num">')[1:]]


@pytest.mark.parametrize("login", ["huian", "lingdao", "minzheng", "designer", "anquan", "xitong"])
def test_only_the_auditor_looks(log_in: Any, login: str) -> None:
    """Not even who grants the positions: the two are different people."""
    somebody = log_in(login)
    assert somebody.get("/audit").status_code == 403
    assert somebody.press("/audit/verify").status_code == 403
    assert 'href="/audit"' not in somebody.get("/settings").text


def test_entries_are_found_by_act_person_and_day(log_in: Any) -> None:
    """The newest first."""
    auditor = log_in("shenji")
    log_in("huian")
    found = auditor.get("/audit?action=login.done").text
    assert "登录" in found
    assert "huian" not in found
    numbers = _rows(found)
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 2
    assert _rows(auditor.get("/audit?action=login.done&to=2026-11-22").text) == []
    assert (
        len(_rows(auditor.get("/audit?action=login.done&from=2026-11-23&to=2026-11-23").text)) == 2
    )
    assert _rows(auditor.get("/audit?q=nobody-is-called-so").text) == []
    assert len(_rows(auditor.get("/audit?q=person.id_number").text)) == 1


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=9999-12-31", "from=0001-01-01", "q=%25", "before=1"]
)
def test_odd_filters_are_no_fault(log_in: Any, query: str) -> None:
    """A day that is none asks for nothing; a percent sign is a percent sign."""
    assert log_in("shenji").get(f"/audit?{query}").status_code == 200


def test_paging_shows_every_entry_once(log_in: Any) -> None:
    """From the newest to the first, also while new ones are written."""
    auditor, seen = log_in("shenji"), []
    path: str | None = "/audit"
    while path:
        text = auditor.get(path).text
        seen += _rows(text)
        log_in("huian")
        rest = text.split('href="/audit?')
        path = "/audit?" + rest[1].split('"')[0].replace("&amp;", "&") if len(rest) > 1 else None
    assert seen == list(range(seen[0], 0, -1))


def test_the_chain_is_verified_at_a_press_and_the_result_stays(log_in: Any) -> None:
    """Before the first time the page says that nobody has verified yet."""
    auditor = log_in("shenji")
    assert "还没有核对过" in auditor.get("/audit").text
    assert auditor.press("/audit/verify").status_code == 303
    assert "链条完整，已核对" in auditor.get("/audit").text


def test_an_altered_entry_is_told_with_its_number(log_in: Any, system: System) -> None:
    """Somebody with the database in hand changes what stood there."""

    def tamper(work: Any) -> None:
        tampering.tamper(
            work.connection, update(AUDIT).where(AUDIT.c.seq == 7).values(actor_name="别人")
        )

    system.write(system_actor("test"), tamper)
    auditor = log_in("shenji")
    auditor.press("/audit/verify")
    told = auditor.get("/audit").text
    assert "链条不完整" in told
    assert "从第 7 条起对不上" in told
