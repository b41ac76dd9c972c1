"""迎检材料: final reports in one file with cover, index, stamped pages, sources, course, hashes that can be checked."""

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from admin import exports as packing
from admin import working
from admin.cli.__main__ import collect
from engine.crypto.vault import witnessed
from engine.work import System
from forms import documents
from renderers import inspection
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.admin.test_masked_records import COUNTS, ELDER, MASKED, NUMBER, PHONE, PURPOSE
from tests.admin.test_stamped import bring
from tests.installed import ANYBODY

LogIn = Callable[[str], Caller]
CHOICE = {"forms": [reports.FORM], "periods": [reports.PERIOD]}


@pytest.fixture
def two(system: System, log_in: LogIn) -> list[str]:
    """Two final reports, the first stamped and with somebody on its list; a third that is not final."""
    sent = reports.sent(system, installed.COMMUNITIES[:3])
    made = [
        reports.final(system, sent, "huian", elders=[ELDER], **COUNTS),
        reports.final(system, sent, "nanyao", grids=5),
    ]
    reports.handed_in(system, sent, "shangyao")
    bring(log_in("huian"), made[0])
    bring(log_in("nanyao"), made[1])
    return made


def taken(system: System, caller: Caller, **more: Any) -> zipfile.ZipFile:
    """The file, asked for, packed and taken."""
    asked = caller.post("/api/inspections", {**CHOICE, **more})
    assert asked.status_code == 201, asked.text
    own = asked.json()["id"]
    assert caller.get(f"/api/inspections/{own}/file").status_code == 404
    working.runner(system).work_off()
    told = caller.get(f"/api/inspections/{own}").json()
    assert (told["finished"], told["failed"]) == (True, False)
    return zipfile.ZipFile(io.BytesIO(caller.get(f"/api/inspections/{own}/file").content))


def lines(packed: zipfile.ZipFile, name: str) -> list[list[str]]:
    text = packed.read(name).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_chosen_on_the_page_and_packed_bit_by_bit(
    system: System, log_in: LogIn, two: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is final; every part of it; nobody else can take it."""
    monkeypatch.setattr(packing, "AT_ONCE", 1)
    office = log_in("minzheng")
    page = office.get("/inspections").text
    assert ("2 份" in page, 'name="form" value="civil.community_monthly"' in page) == (True, True)
    answer = office.press("/inspections", form=reports.FORM, period="2020-01")
    assert (answer.status_code, "没有已办结的报表" in answer.text) == (422, True)
    answer = office.press("/inspections", form=reports.FORM, period=reports.PERIOD)
    where = answer.headers["location"]
    assert log_in("lingdao").get(where).status_code == 404
    working.runner(system).work_off()
    assert "/file" in office.get(where).text
    packed = zipfile.ZipFile(io.BytesIO(office.get(f"{where}/file").content))
    folders = sorted({one.partition("/")[0] for one in packed.namelist()})
    assert folders == ["000 封面和目录.pdf", "办理记录", "报表", "来源清单", "校验清单.sig", "校验清单.txt", "用印件"]  # fmt: skip
    papers = [one for one in packed.namelist() if one.startswith("报表/")]
    assert [one[3:15] for one in sorted(papers)] == ["001 惠安社区居民委员", "002 南尧社区居民委员"]
    assert all(packed.read(one).startswith(b"%PDF") for one in papers)


def test_the_list_of_hashes_holds_and_is_signed(
    system: System, log_in: LogIn, two: list[str]
) -> None:
    """`sha256sum -c` agrees with every file; one changed letter of the list breaks the signature."""
    packed = taken(system, log_in("minzheng"))
    listed = packed.read("校验清单.txt").decode()
    told = dict(reversed(line.split("  ", 1)) for line in listed.splitlines())
    files = {one for one in packed.namelist() if not one.startswith("校验清单")}
    assert told == {one: hashlib.sha256(packed.read(one)).hexdigest() for one in files}
    signature, key = packed.read("校验清单.sig").decode().split()
    assert base64.b64decode(key)
    assert witnessed(listed, signature, key)
    assert not witnessed(listed.replace("a", "b", 1), signature, key)


def test_sources_and_course_stand_beside_each_report(
    system: System, log_in: LogIn, two: list[str]
) -> None:
    """Where a value came from; who handed in, verified, approved."""
    packed = taken(system, log_in("minzheng"))
    [sources] = [one for one in packed.namelist() if one.startswith("来源清单/002")]
    told = {row[0]: row for row in lines(packed, sources)}
    assert told["网格数"][1] == "5"
    [course] = [one for one in packed.namelist() if one.startswith("办理记录/002")]
    acts = [row[2] for row in lines(packed, course)[1:]]
    assert len([one for one in acts if "通过" in one]) == 2


def test_masks_stay_unless_it_is_said_what_for(
    system: System, log_in: LogIn, two: list[str]
) -> None:
    """Then a stamped page that shows them is left out, and the other one is in; for a purpose both."""
    office = log_in("minzheng")
    packed = taken(system, office)
    stamped = [one for one in packed.namelist() if one.startswith("用印件/")]
    assert [one[4:7] for one in stamped] == ["002"]
    everything = " ".join(",".join(row) for one in packed.namelist() if one.endswith(".csv") for row in lines(packed, one))  # fmt: skip
    assert (PHONE in everything, NUMBER in everything, MASKED in everything) == (False, False, True)
    whole = taken(system, office, **PURPOSE)
    stamped = sorted(one for one in whole.namelist() if one.startswith("用印件/"))
    assert [one[4:7] for one in stamped] == ["001", "002"]
    assert any(PHONE in ",".join(row) for one in whole.namelist() if one.startswith("来源清单/") for row in lines(whole, one))  # fmt: skip


def test_everybody_gets_what_they_may_read_and_auditors_the_trail(
    system: System, log_in: LogIn, two: list[str]
) -> None:
    """A community its own; the auditor all, with the entries of the trail on these reports."""
    own = taken(system, log_in("nanyao"))
    assert len([one for one in own.namelist() if one.startswith("报表/")]) == 1
    assert "审计摘录.csv" not in own.namelist()
    audited = taken(system, log_in("shenji"))
    assert len([one for one in audited.namelist() if one.startswith("报表/")]) == 2
    rows = lines(audited, "审计摘录.csv")
    assert {row[4] for row in rows[1:]} == set(two)
    assert {"flow.passed", "document.stamped"} <= {row[3] for row in rows[1:]}
    assert log_in("designer").get("/inspections").status_code == 403
    other = log_in("luyang").post("/api/inspections", CHOICE)
    assert (other.status_code, other.json()["code"]) == (422, "export.nothing-chosen")


def test_the_index_says_where_each_begins(system: System, log_in: LogIn, two: list[str]) -> None:
    """Pages run through all papers; who signed, how many stamped pages, the hash of the values."""
    packed = taken(system, log_in("minzheng"), units=["惠安社区居民委员会"])
    front = packed.read("000 封面和目录.pdf")
    told = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=front, capture_output=True, check=True
    ).stdout.decode()
    [paper] = [one for one in packed.namelist() if one.startswith("报表/")]
    pages = inspection.pages(packed.read(paper))
    assert pages >= 1
    assert "迎检材料" in told
    assert f"1 份，{pages} 页" in told
    assert f"1–{pages}" in told
    assert "敏感内容已遮盖" in told


def test_english_counts(system: System, log_in: LogIn, two: list[str]) -> None:
    """A number and the word that goes with it."""
    office = log_in("minzheng")
    office.cookies.set("lang", "en")
    assert "2 reports" in office.get("/inspections").text


def test_in_english_everything_of_ours_is_english(
    system: System, log_in: LogIn, two: list[str], tmp_path: Path
) -> None:
    """Folders, heads, acts, the cover; what departments and people wrote stays as it is."""
    packed = taken(system, log_in("minzheng"), language="en")
    folders = {one.partition("/")[0] for one in packed.namelist()}
    assert folders == {
        "000 Cover and index.pdf", "Reports", "Sources", "Course", "Stamped pages",
        "Check sums.txt", "Check sums.sig",
    }  # fmt: skip
    [course] = [one for one in packed.namelist() if one.startswith("Course/002")]
    rows = lines(packed, course)
    assert not re.search("[\u4e00-\u9fff]", "".join(rows[0]))
    assert any("pass" in row[2].lower() for row in rows[1:])
    front = packed.read("000 Cover and index.pdf")
    told = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=front, capture_output=True, check=True
    ).stdout.decode()
    assert "2 reports" in told
    assert "整理" not in told


def test_by_command_made_checked_and_found_out(
    system: System, two: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gets the file checks it without any data; a changed, missing or added file is named."""
    monkeypatch.setenv("YIBIAO_DATA_DIR", str(system.settings.data_dir))
    monkeypatch.setenv("YIBIAO_DATABASE_URL", system.settings.database_url)
    target = tmp_path / "inspect.zip"
    made = run("inspect", "make", str(target), "--form", reports.FORM, "--period", reports.PERIOD, "--as", "minzheng", "--language", "en", "--json")  # fmt: skip
    assert target.read_bytes().startswith(b"PK"), made.output
    checked = run("inspect", "verify", str(target), "--json")
    assert (checked.exit_code, json.loads(checked.output)["signed"]) == (0, True)
    key = json.loads(checked.output)["key"]
    assert run("inspect", "verify", str(target), "--key", key).exit_code == 0
    assert run("inspect", "verify", str(target), "--key", "x" * 44).exit_code == 1
    with zipfile.ZipFile(target) as packed:
        files = {one: packed.read(one) for one in packed.namelist()}
    paper = next(one for one in files if one.startswith("Reports/001"))
    for changed, named in (
        ({paper: b"%PDF other"}, "changed"), ({paper: None}, "missing"), ({"more.txt": b"x"}, "unlisted"),
        ({"Check sums.txt": files["Check sums.txt"] + b"0  y\n"}, "missing"),
    ):  # fmt: skip
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(other, "w") as packed:
            for path, data in {**files, **changed}.items():
                if data is not None:
                    packed.writestr(path, data)
        told = run("inspect", "verify", str(other), "--json")
        assert (told.exit_code, bool(json.loads(told.output)[named])) == (1, True)
    assert run("inspect", "verify", str(other)).exit_code == 1
    other.write_bytes(b"no zip")
    assert run("inspect", "verify", str(other)).exit_code == 2


def test_the_archive_of_a_dispatch_holds_the_stamped_pages(
    system: System, log_in: LogIn, two: list[str]
) -> None:
    """Beside the workbooks, by the number of their report; those that show what is masked are left out."""
    office = log_in("minzheng")
    with system.read(ANYBODY) as work:
        dispatch = documents.get(work.connection, two[0]).dispatch_id
    where = office.press(f"/dispatches/{dispatch}/exports", kind="zip").headers["location"]
    working.runner(system).work_off()
    packed = zipfile.ZipFile(io.BytesIO(office.get(f"{where}/file").content))
    names = [one for one in packed.namelist() if one.startswith("用印件/")]
    assert [one[4:7] for one in names] == ["002"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(collect(), arguments)
