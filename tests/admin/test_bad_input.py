"""Whatever comes in at the door: refused in words that say what to do, and nothing half-written."""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import event, func, inspect, select, table

from engine.dictionary import store as dictionary_store
from engine.settings import ROOT
from engine.work import System, Work
from forms import store as forms
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.forms.importers.excel import books
from workflows import commands, store

LogIn = Callable[[str], Caller]
ATTACKS = ROOT.parent / "shared" / "corpus" / "attacks" / "xlsx"
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
NO_WORKBOOK = {
    "a text": ("请各社区按时上报。".encode(), "表格"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "另存为"),
    "encrypted": (ENCRYPTED, "密码"),
    "no table": (books.parts(books.rows("")), "没有找到表格"),
    "a bomb": (books.parts(books.rows(books.line(1, "x" * 60_000_000))), "删去"),
    "nothing": (b"", "表格"),
    "damaged": (books.parts(books.rows(books.line(1, "人口")))[:-60], "重新索取"),
}


def rows(system: System) -> dict[str, int]:
    """How many rows each table has."""
    with system.database.read() as connection:
        names = inspect(connection).get_table_names()
        return {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in names
        }


@contextmanager
def nothing_written(system: System) -> Iterator[None]:
    """Not one row more in any table afterwards."""
    before = rows(system)
    yield
    assert rows(system) == before


def upload(caller: Caller, content: bytes, name: str = "报表.xlsx") -> Any:
    """Post a workbook as the upload page does."""
    return caller.send(
        "POST",
        "/forms/upload",
        data={"csrf": caller.token, "owner": "370602-mzj"},
        files={"file": (name, content)},
    )


def told(page: str) -> str:
    """What a page says is wrong."""
    found = re.search(r'role="alert"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found, page[:2000]
    return found[1]


@pytest.mark.parametrize("case", NO_WORKBOOK)
def test_what_is_no_sheet_is_told_on_the_upload_page(
    case: str, system: System, log_in: LogIn
) -> None:
    """The page says what the file is and what to do with it; no draft is left behind."""
    content, words = NO_WORKBOOK[case]
    designer = log_in("designer")
    with nothing_written(system):
        answer = upload(designer, content)
    assert answer.status_code == 422
    assert words in told(answer.text)


@pytest.mark.corpus
@pytest.mark.skipif(not ATTACKS.is_dir(), reason="the attacks are not beside the repository")
def test_a_hostile_workbook_is_refused_or_read_in_part(system: System, log_in: LogIn) -> None:
    """Bombs, entities, paths out of the archive: a page in words, never a fault of ours."""
    designer = log_in("designer")
    for path in sorted(ATTACKS.iterdir()):
        before = rows(system)
        answer = upload(designer, path.read_bytes(), path.name)
        if answer.status_code == 303:
            continue
        assert answer.status_code in (200, 422), path.name  # 200 asks which sheet
        if answer.status_code == 422:
            assert len(told(answer.text)) > 15, path.name
            assert rows(system) == before, path.name


def test_a_million_empty_formatted_rows_become_a_form_of_two_items(
    system: System, log_in: LogIn
) -> None:
    """Somebody once formatted the whole column; the sheet is read all the same."""
    empty = "".join(
        f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>'
        for n in range(4, 1_000_004)
    )
    table_of_two = (
        books.line(1, "社区人口表") + books.line(2, "姓名", "年龄") + books.line(3, "王五", "80")
    )
    answer = upload(log_in("designer"), books.parts(books.rows(table_of_two + empty)))
    assert answer.status_code == 303
    with system.read(installed.ANYBODY) as work:
        draft = forms.draft(work.connection, answer.headers["location"].rpartition("/")[2])
    assert "姓名" in json.dumps(draft.document, ensure_ascii=False)


def test_a_form_without_a_file_or_an_owner_is_told(system: System, log_in: LogIn) -> None:
    """Pressing the button too early is no fault; the page says what is missing."""
    designer = log_in("designer")
    with nothing_written(system):
        bare = designer.send(
            "POST", "/forms/upload", data={"csrf": designer.token, "owner": "370602-mzj"}
        )
        assert (bare.status_code, "文件" in told(bare.text)) == (422, True)
        content = books.book(lambda sheet: sheet.append(["姓名", "年龄"]))
        ownerless = designer.send(
            "POST",
            "/forms/upload",
            data={"csrf": designer.token, "owner": ""},
            files={"file": ("a.xlsx", content)},
        )
        assert ownerless.status_code == 422
        assert told(ownerless.text)


@pytest.fixture
def filling(system: System, log_in: LogIn) -> tuple[Caller, str, str]:
    """Somebody with a report opened: the caller, the task, the document."""
    reports.sent(system, installed.COMMUNITIES[:1])
    who = installed.person(system, "huian")
    task = system.write(who, lambda work: store.tasks_of(work)[0].id)
    record = system.write(who, lambda work: commands.open_task(work, task)).record
    return log_in("huian"), task, record.id


DEEP = '{"revision": 1, "changes": {"/births": ' + "[" * 200 + "]" * 200 + "}}"
BAD_JSON = {
    "duplicate keys": ('{"revision": 1, "revision": 2, "changes": {}}', 400),
    "duplicate cells": ('{"revision": 1, "changes": {"/births": 1, "/births": 2}}', 400),
    "NaN": ('{"revision": 1, "changes": {"/births": NaN}}', 400),
    "infinity": ('{"revision": 1, "changes": {"/births": -Infinity}}', 400),
    "too deep": (DEEP, 400),
    "too large": ('{"revision": 1, "changes": {"/remark": "' + "x" * 9_000_000 + '"}}', 413),
    "larger than any upload": (" " * 25_000_000 + "{}", 413),
    "cut": ('{"revision": 1, "changes": {"/births"', 400),
    "half a character": ('{"revision": 1, "changes": {"/remark": "\\ud800"}}', 400),
    "a number of ten thousand digits": (
        '{"revision": 1, "changes": {"/births": ' + "9" * 10_000 + "}}",
        400,
    ),
    "not an object": ("[]", 400),
    "another kind": ('{"revision": "one"}', 400),
    "an unknown name": ('{"revision": 1, "cells": {}}', 400),
    "nothing": ("", 400),
}


@pytest.mark.parametrize("case", BAD_JSON)
def test_bad_json_is_refused_whole(
    case: str, system: System, filling: tuple[Caller, str, str]
) -> None:
    """One JSON shape with a code and words; not one cell of it is saved."""
    caller, _, document = filling
    body, status = BAD_JSON[case]
    with nothing_written(system):
        answer = caller.send(
            "PATCH",
            f"/api/documents/{document}/cells",
            content=body.encode(),
            headers={"content-type": "application/json"},
        )
    assert answer.status_code == status, answer.text
    assert answer.json()["code"]
    assert len(answer.json()["text"]) > 10


def test_a_value_of_the_wrong_kind_is_kept_and_told(
    system: System, filling: tuple[Caller, str, str]
) -> None:
    """A list where a number belongs is no fault of the server: it is told beside the cell."""
    caller, _, document = filling
    for value in ([1, 2], {"a": 1}, "三", True, 1e300, "x" * 100_000):
        answer = caller.patch(
            f"/api/documents/{document}/cells", {"revision": 99, "changes": {"/births": value}}
        )
        assert answer.status_code in (200, 400, 422), (value, answer.text[:300])
        if answer.status_code == 200:
            assert [one for one in answer.json()["problems"] if one["path"] == "/births"], value


@pytest.mark.parametrize(
    "path",
    ["", "/", "births", "/nothing", "/births/x", "/elders/none/name", "/births\0", "/" * 500],
)
def test_a_cell_that_is_not_there_is_told(
    path: str, system: System, filling: tuple[Caller, str, str]
) -> None:
    """A path that the form does not have changes nothing."""
    caller, _, document = filling
    with nothing_written(system):
        answer = caller.patch(
            f"/api/documents/{document}/cells", {"revision": 99, "changes": {path: 1}}
        )
    assert 400 <= answer.status_code < 500, answer.text


def test_anothers_task_document_and_record_are_not_there(
    system: System, log_in: LogIn, filling: tuple[Caller, str, str]
) -> None:
    """404, as for one that never was: a guess tells nothing."""
    _, task, document = filling
    other = log_in("nanyao")
    never = "0" * 20
    with nothing_written(system):
        for path in ("/tasks/{}", "/records/{}", "/api/documents/{}", "/records/{}/pdf"):
            target = task if path == "/tasks/{}" else document
            answers = [other.get(path.format(one)) for one in (target, never)]
            assert [answer.status_code for answer in answers] == [404, 404], path
        assert other.press(f"/tasks/{task}", action="submit").status_code == 404
        refused = other.patch(
            f"/api/documents/{document}/cells", {"revision": 99, "changes": {"/births": 1}}
        )
        assert refused.status_code == 404


@pytest.mark.parametrize("due", ["2020-01-01", "2026-11-22", "", "tomorrow", "2026-02-30"])
def test_a_due_date_in_the_past_or_none_sends_nothing(
    due: str, system: System, log_in: LogIn
) -> None:
    """Told beside the date; nobody has a task."""
    office = log_in("minzheng")
    with nothing_written(system):
        answer = office.press(
            f"/forms/{reports.FORM}/dispatch",
            period="2026-11",
            due=due,
            org=list(installed.COMMUNITIES[:2]),
        )
    assert answer.status_code == 422
    assert "due-error" in answer.text


def test_a_form_whose_field_was_retired_is_not_published(system: System, log_in: LogIn) -> None:
    """The refusal names the field; the draft stays as it was."""
    designer = log_in("designer")

    def retire(work: Work) -> None:
        known = dictionary_store.dictionary(work.connection)
        dictionary_store.save_field(work, known.field("person.phone").retired())

    book = books.book(
        lambda sheet: [
            sheet.append(row) for row in (["通讯录"], ["姓名", "联系电话"], ["王五", "13800000000"])
        ]
    )
    code = upload(designer, book).headers["location"].rpartition("/")[2]
    design = designer.get(f"/api/designs/{code}").json()
    phone = next(item for item in design["items"] if item["label"] == "联系电话")
    bound = designer.patch(
        f"/api/designs/{code}",
        {"revision": design["revision"], "items": {phone["path"]: {"field": "person.phone"}}},
    )
    assert bound.status_code == 200, bound.text
    system.write(installed.ANYBODY, retire)
    with nothing_written(system):
        answer = designer.post(
            f"/api/designs/{code}/publish", {"revision": bound.json()["revision"]}
        )
    assert answer.status_code == 422
    assert "person.phone" in answer.text


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_a_press_without_the_token_does_nothing(
    token: str | None, system: System, filling: tuple[Caller, str, str]
) -> None:
    """403 with what to do, for pages and for the API."""
    caller, task, document = filling
    caller.token = ""
    fields = {"action": "submit"} | ({} if token is None else {"csrf": token})
    with nothing_written(system):
        page = caller.send("POST", f"/tasks/{task}", data=fields)
        body = {"revision": 1, "changes": {"/births": 1}}
        api = caller.send("PATCH", f"/api/documents/{document}/cells", json=body)
    assert (page.status_code, api.status_code) == (403, 403)
    assert "刷新页面" in page.text
    assert "您不能查看" not in page.text
    assert api.json()["code"] == "csrf.failed"


def test_a_full_disk_is_a_page_that_says_so(
    system: System, log_in: LogIn, filling: tuple[Caller, str, str]
) -> None:
    """507 in words; what was there stays readable, and when there is room it goes on."""
    caller, task, document = filling
    designer = log_in("designer")
    engine = system.database.writers
    pages = (system.settings.data_path / "yibiao.db").stat().st_size // 4096

    def limit(raw: Any, _record: Any) -> None:
        raw.execute(f"PRAGMA max_page_count={pages}")

    def room(most: int) -> None:
        """For the connection that is kept."""
        system.database.write(
            lambda one: one.exec_driver_sql(f"PRAGMA max_page_count={most}").scalar_one()
        )

    event.listen(engine, "connect", limit)
    room(pages)
    with nothing_written(system):
        big = {f"/elders/r{n}/name": "王" * 30 for n in range(3000)}
        answer = caller.patch(
            f"/api/documents/{document}/cells",
            {
                "revision": 99,
                "rows": {"/elders": {"add": [f"r{n}" for n in range(3000)]}},
                "changes": big,
            },
        )
        assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")
        content = books.book(
            lambda sheet: [sheet.append(["姓名", random.random()]) for _ in range(3_000)]
        )
        page = upload(designer, content)
        assert page.status_code == 507
        assert "磁盘已满" in page.text
    assert caller.get(f"/tasks/{task}").status_code == 200
    event.remove(engine, "connect", limit)
    room(2**30)
    saved = caller.patch(
        f"/api/documents/{document}/cells", {"revision": 99, "changes": {"/births": 1}}
    )
    assert saved.status_code == 200


def test_every_refusal_says_what_to_do(log_in: LogIn, visitor: TestClient[Litestar]) -> None:
    """No bare number: a page in the visitor's language, with the way home and a number for the telephone."""
    caller = log_in("huian")
    for language, home in (("zh", "回到待办"), ("en", "Back to the to-do list")):
        caller.cookies.set("lang", language)
        for path in ("/nowhere", "/tasks/none", "/forms/upload", "/v/nothing"):
            answer = caller.get(path)
            assert answer.status_code in (403, 404), path
            if path != "/v/nothing":
                assert home in answer.text, (path, language)
                assert answer.headers["x-request-id"] in answer.text


def test_a_field_with_too_many_words_is_no_fault(system: System, log_in: LogIn) -> None:
    """Search words of any length and script are searched, or refused in words."""
    caller = log_in("designer")
    for words in ("a" * 5000, "%", "_", "\0", "'; DROP TABLE field; --", "身份证" * 300, "👵"):
        answer = caller.get("/api/fields", params={"q": words})
        assert answer.status_code in (200, 400, 413, 414), words[:20]


def test_an_upload_keeps_only_the_plain_name_of_its_file(system: System, log_in: LogIn) -> None:
    """A name that walks through folders or is very long is a name, never a path."""
    designer = log_in("designer")
    content = books.book(lambda sheet: [sheet.append(["姓名", "年龄"]), sheet.append(["王五", 8])])
    for name in ("../../etc/passwd.xlsx", "x" * 400 + ".xlsx", 'a"b\r\nc.xlsx'):
        answer = upload(designer, content, name)
        assert answer.status_code == 303, answer.text[:500]
