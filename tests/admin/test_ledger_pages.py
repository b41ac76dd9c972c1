"""Ledgers over pages and API: masks and the trail, edits, files in every format."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from litestar import Litestar
from sqlalchemy import insert

from engine.audit.trail import AUDIT
from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers import words
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms.disputes import DISPUTE
from tests import factories, installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
LEDGER = "civil.elderly_ledger"
PHONE = "13800138000"


@pytest.fixture
def elders(app: Litestar, system: System) -> list[str]:
    """Three people of 85 in the first community; one has a name that a spreadsheet would calculate."""
    numbers = [factories.id_number("1941-03-02") for _ in range(3)]

    def command(work: Work) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        for at, (name, number) in enumerate(
            zip(("王秀英", "=1+1", "李桂兰"), numbers, strict=True)
        ):
            facts = {
                "name": name,
                "id_number": number,
                "sex": "2",
                "birth_date": "1941-03-02",
                "residence": installed.COMMUNITIES[0],
                "phone": PHONE,
                "elderly_allowance": 100 if at else None,
            }
            changes = [Change(f"person.{key}", f"e{at}", value) for key, value in facts.items()]
            registers.set_values(work, known, changes, origin)

    system.write(installed.ANYBODY, command)
    return numbers


def trail(system: System, action: str) -> list[Any]:
    """Entries of an act on the trail: their details."""
    with system.read(installed.ANYBODY) as work:
        from sqlalchemy import select

        return list(
            work.connection.execute(
                select(AUDIT.c.detail).where(AUDIT.c.action == action).order_by(AUDIT.c.seq)
            ).scalars()
        )


def test_a_page_masks_what_is_protected_and_the_look_is_on_the_trail(
    system: System, log_in: LogIn, elders: list[str]
) -> None:
    """Neither number nor phone stands whole in the page; who looked at how many does."""
    page = log_in("huian").get(f"/ledgers/{LEDGER}").text
    assert "王秀英" in page
    assert "138****8000" in page
    assert all(number not in page for number in elders)
    assert PHONE not in page
    assert trail(system, "ledger.looked")[-1]["rows"] == 3


def test_what_is_sought_is_found_and_marked(
    system: System, log_in: LogIn, elders: list[str]
) -> None:
    """Two letters anywhere, and a name by its initials; a mark of the page's own is no mark of a name's."""
    system.write(installed.ANYBODY, lambda work: words.read_again(work, {}))
    staff = log_in("huian")
    assert elders
    for sought, told in (
        ("秀英", "王<mark>秀英</mark>"),
        ("lg", "<mark>李桂</mark>兰"),
        ("=1", "<mark>=1</mark>+1"),
    ):
        shown = staff.get(f"/ledgers/{LEDGER}", params={"q": sought}).text
        assert told in shown
        assert shown.count("<mark>") == 1
    assert "<mark>" not in staff.get(f"/ledgers/{LEDGER}").text


def test_a_whole_value_needs_a_purpose(system: System, log_in: LogIn, elders: list[str]) -> None:
    """Without one nothing is shown; with one it is, and both stand on the trail."""
    caller = log_in("huian")
    refused = caller.press(f"/ledgers/{LEDGER}/rows/e0/reveal", column="phone")
    assert refused.status_code == 422
    assert PHONE not in refused.text
    shown = caller.press(f"/ledgers/{LEDGER}/rows/e0/reveal", column="phone", purpose="核实津贴")
    assert PHONE in shown.text
    assert [one["purpose"] for one in trail(system, "ledger.revealed")] == ["核实津贴"]


def test_an_edit_over_the_api_is_judged_by_the_schema(log_in: LogIn, elders: list[str]) -> None:
    """Saved, refused with the reason beside the cell, or a clash; each cell on its own."""
    caller = log_in("huian")
    rows = caller.get(f"/api/ledgers/{LEDGER}/rows").json()["rows"]
    stamp = next(row for row in rows if row["id"] == "e0")["cells"]["phone"]["stamp"]

    def send(value: Any, seen: int, **more: Any) -> dict[str, Any]:
        edit = {"row": "e0", "column": "phone", "value": value, "seen": seen, **more}
        answer = caller.patch(f"/api/ledgers/{LEDGER}/cells", {"edits": [edit]})
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["outcomes"][0])

    assert send("12x", stamp)["kind"] == "refused"
    saved = send(" 139 0013 9000 ", stamp)
    assert (saved["kind"], saved["display"], saved["by"]) == ("saved", "139****9000", "江晚晴")
    clash = send("13700137000", stamp)
    assert (clash["kind"], clash["display"]) == ("clash", "139****9000")
    assert send("13700137000", stamp, over=True)["kind"] == "saved"
    happened = caller.get(f"/api/ledgers/{LEDGER}/rows/e0/history?column=phone").json()["history"]
    assert [one["after"] for one in happened][:2] == ["137****7000", "139****9000"]


def test_a_field_of_another_office_goes_to_its_steward(log_in: LogIn, elders: list[str]) -> None:
    """The row's page without scripts: proposed, accepted by the office that decides, told to both."""
    staff, office = log_in("huian"), log_in("gongan")
    rows = staff.get(f"/api/ledgers/{LEDGER}/rows").json()["rows"]
    seen = next(row for row in rows if row["id"] == "e0")["cells"]["name"]["stamp"]
    pressed = staff.press(
        f"/ledgers/{LEDGER}/rows/e0", column="name", seen=seen, **{"v:/name": "王秀瑛"}
    )
    assert pressed.status_code == 303
    listed = office.get("/proposals").text
    assert "王秀瑛" in listed
    number = listed.split('action="/proposals/')[1].split('"')[0]
    assert office.press(f"/proposals/{number}", action="refuse").status_code == 422
    assert office.press(f"/proposals/{number}", action="accept").status_code == 303
    assert "王秀瑛" in staff.get(f"/ledgers/{LEDGER}").text
    assert office.press(f"/proposals/{number}", action="accept").status_code == 409


def exported(caller: Caller, kind: str, **fields: Any) -> bytes:
    """The ledger as a file."""
    answer = caller.press(f"/ledgers/{LEDGER}/export", kind=kind, **fields)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def test_every_format_holds_every_row(system: System, log_in: LogIn, elders: list[str]) -> None:
    """The same rows in a workbook, CSV, JSON and SQLite; masked; each export on the trail."""
    caller = log_in("huian")
    book = openpyxl.load_workbook(io.BytesIO(exported(caller, "xlsx")))
    cells = [
        str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None
    ]
    lines = list(csv.reader(io.StringIO(exported(caller, "csv").decode("utf-8-sig"))))
    values = json.loads(exported(caller, "json"))["rows"]
    assert "李桂兰" in cells
    assert len(lines) == 4
    assert {one["name"] for one in values} == {"王秀英", "=1+1", "李桂兰"}
    assert {one["elderly_allowance"] for one in values} == {None, 100}
    text = " ".join(cells) + str(lines) + str(values)
    assert all(number not in text for number in elders)
    assert [one["kind"] for one in trail(system, "ledger.exported")] == ["xlsx", "csv", "json"]


def test_a_file_is_a_database(log_in: LogIn, elders: list[str], tmp_path: Path) -> None:
    """The SQLite export is opened and asked."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(exported(log_in("huian"), "sqlite"))
    with sqlite3.connect(path) as database:
        assert database.execute(
            "SELECT count(*), sum(elderly_allowance) FROM ledger"
        ).fetchone() == (3, 200)
        assert ("phone", "联系电话", "person.phone", None) in database.execute(
            "SELECT * FROM columns"
        ).fetchall()


def test_no_cell_of_a_file_is_a_formula(log_in: LogIn, elders: list[str]) -> None:
    """A name that begins with an equals sign stays a name."""
    caller = log_in("huian")
    book = openpyxl.load_workbook(io.BytesIO(exported(caller, "xlsx")))
    assert [c.value for row in book.active.iter_rows() for c in row if c.data_type == "f"] == []
    assert "'=1+1" in exported(caller, "csv").decode("utf-8-sig")


@pytest.mark.parametrize(("present", "spaced"), [("plain", False), ("spaced", True)])
def test_numbers_are_written_as_asked_for_a_purpose(
    log_in: LogIn, elders: list[str], present: str, spaced: bool
) -> None:
    """Whole numbers need a purpose; then they stand as the department wants them, as text."""
    caller = log_in("huian")
    refused = caller.press(f"/ledgers/{LEDGER}/export", kind="csv", present=present)
    assert refused.status_code == 422
    text = exported(caller, "csv", present=present, purpose="区里要").decode("utf-8-sig")
    number = elders[0]
    wanted = f"{number[:6]} {number[6:14]} {number[14:]}" if spaced else f"\t{number}"
    assert wanted in text


def test_an_export_has_the_rows_of_the_filters(log_in: LogIn, elders: list[str]) -> None:
    """What the page shows is what the file holds."""
    values = json.loads(exported(log_in("huian"), "json", f="name:contains:王"))["rows"]
    assert [one["name"] for one in values] == ["王秀英"]


def test_a_kept_view_is_its_keepers_own(log_in: LogIn, elders: list[str]) -> None:
    """Colleagues see it when it is shared, and only whoever kept it forgets it."""
    mine, other = log_in("huian"), log_in("shihuiyao")
    kept = mine.press(f"/ledgers/{LEDGER}/views", title="王姓", f="name:contains:王")
    number = kept.headers["location"].split("view=")[1]
    assert "王姓" in mine.get(f"/ledgers/{LEDGER}").text
    assert "王姓" not in other.get(f"/ledgers/{LEDGER}").text
    assert other.press(f"/ledgers/{LEDGER}/views/{number}/forget").status_code == 404
    assert mine.press(f"/ledgers/{LEDGER}/views/{number}/forget").status_code == 303


def people() -> Iterator[str]:
    """Everybody who has nothing to do with this community."""
    yield from ("luyang", "djjshenhe", "tongji")


@pytest.mark.parametrize("login", people())
def test_rows_of_others_are_not_there(log_in: LogIn, elders: list[str], login: str) -> None:
    """Not in the list, not by their id, not for writing."""
    caller = log_in(login)
    page = caller.get(f"/ledgers/{LEDGER}")
    assert page.status_code == 404 or "王秀英" not in page.text
    assert caller.get(f"/ledgers/{LEDGER}/rows/e0").status_code == 404
    edit = {"row": "e0", "column": "phone", "value": PHONE, "seen": 0}
    assert caller.patch(f"/api/ledgers/{LEDGER}/cells", {"edits": [edit]}).status_code == 404


def test_a_disputed_value_says_so_in_the_ledger_and_on_its_row(
    system: System, log_in: LogIn, elders: list[str]
) -> None:
    """Not by whom, nor what is claimed; another's row says nothing."""
    row = {
        "id": "d1", "document_id": "x", "path": "/x", "field": "person.phone", "subject": "person",
        "subject_id": "e0", "period": "", "organisation_code": installed.COMMUNITIES[0],
        "steward": "370602-mzj", "reason": "号码停机", "status": "open",
        "raised_at": "2026-11-23T00:00:00.000000+00:00", "raised_by": "x",
    }  # fmt: skip
    system.write(installed.ANYBODY, lambda work: work.connection.execute(insert(DISPUTE), row))
    staff = log_in("huian")
    assert staff.get(f"/ledgers/{LEDGER}").text.count("已提出异议") == 1
    assert "已提出异议" in staff.get(f"/ledgers/{LEDGER}/rows/e0").text
    assert "已提出异议" not in staff.get(f"/ledgers/{LEDGER}/rows/e1").text
    assert "号码停机" not in staff.get(f"/ledgers/{LEDGER}/rows/e0").text
