"""Records: whose they are, their versions, taking them back, and the public proof of a print."""

import io
import re
from typing import Any

import openpyxl

from engine import json_text
from engine.work import System
from tests.admin import reports
from tests.admin.reports import TWO


def test_another_organisations_record_is_not_found(system: System, log_in: Any) -> None:
    """Not the page, not a file, not its code; and it cannot be taken back."""
    record = reports.handed_in(system, reports.sent(system))
    other = log_in("nanyao")
    for path in ("", "?version=1", "/workbook", "/pdf", "/json", "/qr"):
        assert other.get(f"/records/{record}{path}").status_code == 404
    assert other.press(f"/records/{record}/withdraw").status_code == 404
    assert record not in other.get("/records").text
    assert log_in("tongji").get(f"/records/{record}").status_code == 404


def test_a_record_shows_values_sources_and_signatures(system: System, log_in: Any) -> None:
    """Who handed it in, who verified and approved it, each with the digest they signed."""
    record = reports.final(system, reports.sent(system), "huian", grids=6)
    for login in ("huian", "shenhe", "lingdao", "minzheng", "shenji"):
        page = log_in(login).get(f"/records/{record}")
        assert page.status_code == 200, login
    signed = re.findall(r"<strong>(填报|审核|审批)</strong> (\S+)", page.text)
    assert signed == [("填报", "江晚晴"), ("审核", "韩慎之"), ("审批", "秦致远")]
    hashes = re.findall(r"校验码 <code>(\w+)</code>", page.text)
    assert len(hashes) == 3
    assert len(set(hashes)) == 1
    assert "基础库自动统计" in page.text


def test_records_are_searched_by_form_and_organisation(system: System, log_in: Any) -> None:
    """Only what was handed in stands there; words and period narrow it."""
    dispatch = reports.sent(system)
    record = reports.handed_in(system, dispatch)
    verifier = log_in("shenhe")
    assert record in verifier.get("/records").text
    assert reports.document_of(system, dispatch, TWO[1]) not in verifier.get("/records").text
    assert record in verifier.get("/records", params={"q": "惠安"}).text
    assert record in verifier.get("/records", params={"q": "高龄老人"}).text
    assert record not in verifier.get("/records", params={"q": "南尧"}).text
    assert record not in verifier.get("/records", params={"period": "2026-10"}).text


def test_records_are_asked_for_by_their_state(system: System, log_in: Any) -> None:
    """Suspended, ended, void: each under its own name; what is void stays in the list."""
    dispatch = reports.sent(system)
    whole = reports.final(system, dispatch, "huian", grids=6)
    going = reports.handed_in(system, dispatch, "nanyao")
    office = log_in("minzheng")

    def press(record: str, action: str) -> None:
        case = re.search(r"/cases/(\w+)", office.get(f"/records/{record}").text)
        assert case
        office.press(f"/cases/{case[1]}", action=action, comment="报错了")

    def listed(state: str) -> tuple[bool, bool]:
        page = office.get("/records", params={"state": state}).text
        return whole in page, going in page

    press(whole, "void")
    press(going, "suspend")
    assert "已作废" in office.get(f"/records/{whole}").text
    assert (listed("voided"), listed("suspended")) == ((True, False), (False, True))
    verifier = log_in("shenhe")
    task = re.search(r"/tasks/([a-z0-9]{20})", verifier.get("/").text)
    assert task
    page = verifier.get(f"/tasks/{task[1]}").text
    assert ("挂起期间不计时限" in page, "报错了" in page, 'value="pass"' in page) == (
        True,
        True,
        False,
    )
    press(going, "terminate")
    assert (listed("terminated"), listed(""), listed("suspended")) == (
        (False, True),
        (True, False),
        (False, False),
    )
    assert "已终止" in office.get(f"/records/{going}").text


def test_an_older_version_shows_what_was_handed_in_then(system: System, log_in: Any) -> None:
    """After a return the first version still reads as it did, and says that it is not the latest."""
    dispatch = reports.sent(system)
    record = reports.handed_in(system, dispatch, "huian", grids=6, grid_workers=7)
    reports.returned(system, dispatch, record, "/grids")
    staff = log_in("huian")
    back = "有一份报表退回给您"
    assert back in staff.get("/").text
    reports.again(system, dispatch, "huian", {"/grids": 9})
    home = staff.get("/").text
    assert (back in home, home.count(f'href="/records/{record}"')) == (False, 1)
    first = json_text.loads(staff.get(f"/records/{record}/json?version=1").content)
    second = json_text.loads(staff.get(f"/records/{record}/json").content)
    assert (first["version"], first["values"]["grids"]) == (1, 6)
    assert (second["version"], second["values"]["grids"]) == (2, 9)
    assert first["values"]["grid_workers"] == second["values"]["grid_workers"] == 7
    assert first["hash"] != second["hash"]
    old = staff.get(f"/records/{record}?version=1").text
    assert "不是最新版本" in old
    assert "请核实" in staff.get(f"/records/{record}").text


def test_the_first_signature_covers_the_first_version(system: System, log_in: Any) -> None:
    """The digest recomputed for an old version is the one that was signed then."""
    dispatch = reports.sent(system)
    record = reports.handed_in(system, dispatch, "huian", grids=6)
    reports.returned(system, dispatch, record, "/grids")
    reports.again(system, dispatch, "huian", {"/grids": 9})
    staff = log_in("huian")
    for version in (1, 2):
        held = json_text.loads(staff.get(f"/records/{record}/json?version={version}").content)
        page = staff.get(f"/records/{record}?version={version}").text
        assert held["hash"].startswith(re.findall(r"校验码 <code>(\w+)</code>", page)[0])


def test_who_handed_it_in_takes_it_back(system: System, log_in: Any) -> None:
    """Until the next person has acted; afterwards there is no such button."""
    dispatch = reports.sent(system)
    record = reports.handed_in(system, dispatch)
    staff = log_in("huian")
    assert "/withdraw" in staff.get(f"/records/{record}").text
    assert "/withdraw" not in log_in("shenhe").get(f"/records/{record}").text
    back = staff.press(f"/records/{record}/withdraw").headers["location"]
    assert back.startswith("/tasks/")
    page = staff.get(back).text
    assert 'data-document="' in page
    assert "已撤回" in page
    other = reports.final(system, dispatch, "nanyao")
    assert "/withdraw" not in log_in("nanyao").get(f"/records/{other}").text


def test_a_record_is_saved_in_the_original_layout(system: System, log_in: Any) -> None:
    """Values, unit, period and the people who signed stand where the sheet wants them."""
    record = reports.final(system, reports.sent(system), "huian", grids=6)
    answer = log_in("minzheng").get(f"/records/{record}/workbook")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [sheet[cell].value for cell in ("F26", "D5", "H5", "C43", "G43")] == [
        6, "惠安社区居民委员会", "2026年11月", "秦致远", "江晚晴",
    ]  # fmt: skip
    assert log_in("minzheng").get(f"/records/{record}/pdf").content.startswith(b"%PDF")


def proof_of(page: str) -> str:
    """The address a print carries."""
    found = re.search(r'href="http://[^"]*(/v/[^"]+)"', page)
    assert found
    return found[1]


def test_a_print_is_checked_by_anybody_without_personal_data(
    system: System, log_in: Any, visitor: Any
) -> None:
    """The code's address says that the report is genuine, from whom and when; no name, no value."""
    record = reports.final(system, reports.sent(system), "huian", grids=6)
    address = proof_of(log_in("huian").get(f"/records/{record}").text)
    page = visitor.get(address)
    assert page.status_code == 200
    assert "属实" in page.text
    assert "惠安社区居民委员会" in page.text
    assert not any(name in page.text for name in ("江晚晴", "韩慎之", "秦致远", "网格数"))


def test_a_made_up_code_is_not_known(system: System, log_in: Any, visitor: Any) -> None:
    """Neither nonsense nor a genuine code with another record, version or digest passes."""
    dispatch = reports.sent(system)
    record = reports.final(system, dispatch, "huian")
    other = reports.final(system, dispatch, "nanyao")
    code = proof_of(log_in("huian").get(f"/records/{record}").text).removeprefix("/v/")
    reference, version, digest, mark = code.split(".")
    for wrong in (
        "x",
        "...",
        f"{other}.{version}.{digest}.{mark}",
        f"{reference}.2.{digest}.{mark}",
        f"{reference}.{version}.{'0' * 16}.{mark}",
        f"{reference}.{version}.{digest}.{mark[:-1]}",
        "a" * 500,
    ):
        page = visitor.get(f"/v/{wrong}")
        assert (page.status_code, "查不到这份报表" in page.text) == (404, True), wrong


def test_only_a_final_record_has_a_code(system: System, log_in: Any) -> None:
    """A print of what may still be returned proves nothing."""
    record = reports.handed_in(system, reports.sent(system))
    staff = log_in("huian")
    assert "/v/" not in staff.get(f"/records/{record}").text
    assert staff.get(f"/records/{record}/qr").status_code == 404


def test_a_record_of_nobody_is_not_found(log_in: Any) -> None:
    """Whatever is asked of it."""
    for path in ("nothing", "nothing/pdf", "nothing/json", "nothing/workbook"):
        assert log_in("shenji").get(f"/records/{path}").status_code == 404
