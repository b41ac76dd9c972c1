"""Records, rows of ledgers and subjects of registers as they stood at the end of a day: page and API."""

from datetime import timedelta
from typing import Any

import pytest

from engine.absence import absent
from engine.dictionary.store import dictionary
from engine.identity.reform import Wish
from engine.registers import store
from engine.registers.store import Change, Origin
from engine.work import System, Work
from tests import installed
from tests.admin import reports
from tests.admin.test_register_look_up import HOME, NUMBER
from workflows.reforming import commands as reforming

LEDGER = "civil.elderly_ledger"
NEXT = "370602011002"
LONG_AGO, THEN = timedelta(days=30), timedelta(days=10)


def earlier(system: System, before: timedelta) -> System:
    """The same installation, so long ago."""
    return System(system.settings, now=lambda: installed.ticking() - before)


def day(before: timedelta) -> str:
    return f"{(installed.ticking() - before).date():%Y-%m-%d}"


@pytest.fixture
def elder(system: System) -> str:
    """In the ledger for a month; ten days ago the address and the sex were corrected."""
    facts = {
        "id_number": NUMBER, "name": "王秀英", "residence": HOME, "birth_date": "1941-03-02",
        "address": "南大街1号", "sex": absent("unknown"),
    }  # fmt: skip

    def came(work: Work) -> None:
        known = dictionary(work.connection)
        origin = store.add_origin(work, Origin("steward", "人口基础库", work.at))
        changes = [Change(f"person.{name}", "p1", value) for name, value in facts.items()]
        store.set_values(work, known, changes, origin)

    def corrected(work: Work) -> None:
        known = dictionary(work.connection)
        origin = store.add_origin(work, Origin("verified", "月报", work.at))
        now = {"address": "北大街2号", "sex": "2"}
        store.set_values(
            work, known, [Change(f"person.{name}", "p1", one) for name, one in now.items()], origin
        )

    for before, command in ((LONG_AGO, came), (THEN, corrected)):
        at = earlier(system, before)
        at.write(installed.ANYBODY, command)
        at.close()
    return "p1"


def cells(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {name: one["value"] for name, one in answer.json()["row"]["cells"].items()}


def test_a_row_of_a_ledger_as_it_was(log_in: Any, elder: str) -> None:
    """The address of that day and the answer of that day, on the page and over the API; not before it was there."""
    caller, row = log_in("huian"), f"ledgers/{LEDGER}/rows/{elder}"
    before = cells(caller.get(f"/api/{row}?on={day(timedelta(days=20))}"))
    after = cells(caller.get(f"/api/{row}?on={day(timedelta(days=5))}"))
    assert (before["sex"], after["sex"]) == (absent("unknown"), "2")
    assert cells(caller.get(f"/api/{row}"))["sex"] == "2"
    page = caller.get(f"/{row}?on={day(timedelta(days=20))}").text
    assert "日终时的样子" in page
    assert "不详" in page
    assert "data-edit-cell" not in page
    assert caller.get(f"/api/{row}?on={day(timedelta(days=40))}").status_code == 404
    assert log_in("djjshenhe").get(f"/api/{row}?on={day(THEN)}").status_code == 404


def test_a_subject_of_a_register_as_it_was(log_in: Any, elder: str) -> None:
    """The look-up by number, on a day; a value set since no longer names whoever set it."""
    path = f"/api/registers/person?key=id_number&value={NUMBER}"

    def sex(query: str) -> Any:
        found = log_in("huian").get(f"{path}{query}")
        assert found.status_code == 200, found.text
        return {one["field"]: one["value"] for one in found.json()["values"]}.get("person.sex")

    assert sex("") == "2"
    assert sex(f"&on={day(timedelta(days=20))}") == absent("unknown")
    assert sex(f"&on={day(timedelta(days=40))}") is None


def test_a_report_as_it_was(system: System, log_in: Any) -> None:
    """What stood in it that day, signed or not; before it was sent out it was not there."""
    dispatch = reports.sent(system)
    record = reports.handed_in(system, dispatch, "huian", grids=6)
    reports.returned(system, dispatch, record, "/grids")
    later = earlier(system, -THEN)
    reports.again(later, dispatch, "huian", {"/grids": 9})
    later.close()
    today = day(timedelta())
    caller = log_in("huian")

    def grids(query: str) -> Any:
        found = caller.get(f"/api/documents/{record}{query}")
        assert found.status_code == 200, found.text
        return found.json()["values"].get("grids"), found.json()["status"]

    assert grids("")[0] == 9
    assert grids(f"?on={today}")[0] == 6
    assert caller.get(f"/api/documents/{record}?on={day(LONG_AGO)}").status_code == 404
    page = caller.get(f"/records/{record}?on={today}").text
    assert f"这是 {today} 日终时的样子。" in page
    assert f"/records/{record}/pdf" not in page
    assert caller.get(f"/records/{record}?on={day(LONG_AGO)}").status_code == 404


@pytest.mark.parametrize("given", ["2026-02-30", "gestern", "20261"])
def test_a_day_that_is_none_is_told(log_in: Any, elder: str, given: str) -> None:
    """Wherever one may be asked for."""
    caller = log_in("huian")
    for path in (f"/api/ledgers/{LEDGER}/rows/{elder}", "/api/documents/none"):
        answer = caller.get(f"{path}?on={given}")
        assert (answer.status_code, answer.json()["code"]) == (422, "clock.day-invalid")


def test_the_day_before_a_merge_is_read_by_the_units_of_then_and_of_today(
    system: System, log_in: Any, elder: str
) -> None:
    """On the page the village of then with the name of today's; over the API one alone, or the sum."""
    told = [Change("org.grids", HOME, 3), Change("org.grids", NEXT, 4)]
    told += [Change("org.code", one, one) for one in (HOME, NEXT)]

    def came(work: Work) -> None:
        origin = store.add_origin(work, Origin("steward", "网格", work.at))
        store.set_values(work, dictionary(work.connection), told, origin)

    at = earlier(system, LONG_AGO)
    at.write(installed.ANYBODY, came)
    at.close()
    order = {"effective": day(timedelta()), "number": "鲁民〔2026〕1号", "name": "合成社区"}
    merge = Wish.read({"kind": "merge", "units": [HOME], "into": NEXT, **order})
    system.write(installed.ANYBODY, lambda work: reforming.keep(work, merge))
    caller, before = log_in("huian"), day(timedelta(days=5))
    names = {"zh": "惠安社区居民委员会（今合成社区）", "en": "惠安社区居民委员会 (now 合成社区)"}
    for language, name in names.items():
        caller.cookies.set("lang", language)
        for address in (
            f"/ledgers/{LEDGER}?on={before}",
            f"/ledgers/{LEDGER}/rows/{elder}?on={before}",
        ):
            assert name in caller.get(address).text, address

    def grids(code: str, units: str) -> Any:
        path = f"/api/registers/org?key=code&value={code}&on={before}&units={units}"
        found = caller.get(path)
        assert found.status_code == 200, found.text
        return {one["field"]: one["value"] for one in found.json()["values"]}.get("org.grids")

    assert [grids(HOME, "then"), grids(NEXT, "then"), grids(NEXT, "today")] == [3, 4, 7]
    assert caller.get(f"/api/registers/org?key=code&value={HOME}").status_code == 404
