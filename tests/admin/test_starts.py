"""A draft is begun from an XLSForm, a JSON Schema, a published form, or nothing."""

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

import openpyxl

from admin.views import document_view
from engine.work import System
from forms import publish, store
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.forms.importers.test_xlsform import FARM, book, imported

LogIn = Callable[[str], Caller]
OWNER = "370602-mzj"


def started(caller: Caller, content: bytes | None = None, **fields: Any) -> Any:
    """The form sent as the page does."""
    files = (
        {"file": ("a.bin", content, "application/octet-stream")} if content is not None else None
    )
    data = {"csrf": caller.token, "owner": OWNER, **fields}
    return caller.send("POST", "/forms/start", data=data, files=files)


def draft(system: System, answer: Any) -> Any:
    """The draft that an answer leads to."""
    found = re.search(r"/designs/[\w.]+", answer.text)
    place = answer.headers.get("location") or (found[0] if found else "")
    with system.read(installed.ANYBODY) as work:
        return store.draft(work.connection, place.rpartition("/")[2])


def test_an_xlsform_is_imported_and_what_is_left_is_named(system: System, log_in: LogIn) -> None:
    """A page lists it and leads on to the designer, which opens; the upload of sheets knows one too."""
    designer = log_in("designer")
    answer = started(designer, book(**FARM), **{"from": "file"})
    assert answer.status_code == 200
    told = [one.text("zh") for one in imported(**FARM).left]
    assert told
    assert all(one in html.unescape(answer.text) for one in told)
    made = draft(system, answer)
    assert (made.document["title"], made.document["form"]["owner"]) == ("农户调查", OWNER)
    assert designer.get(f"/designs/{made.code}").status_code == 200
    assert designer.get(f"/designs/{made.code}/preview").status_code == 200
    files = {"file": ("调查.xlsx", book(**FARM), "application/octet-stream")}
    again = designer.send(
        "POST", "/forms/upload", data={"csrf": designer.token, "owner": OWNER}, files=files
    )
    assert draft(system, again).document["title"] == "农户调查"


def test_a_json_schema_is_imported(system: System, log_in: LogIn) -> None:
    """Nothing left behind: straight to the designer."""
    schema = {"title": "登记", "type": "object", "properties": {"name": {"type": "string"}}}
    answer = started(log_in("designer"), json.dumps(schema).encode(), **{"from": "file"})
    assert answer.status_code == 303
    assert draft(system, answer).document["properties"]["name"]["title"] == "Name"


def test_a_form_without_a_title_is_called_as_its_file_and_an_empty_one_is_not_complete(
    system: System, log_in: LogIn
) -> None:
    """Optional blanks are told apart from what is filled; one press is offered only to a form that says what it needs."""
    designer = log_in("designer")
    schema = {"type": "object", "properties": {"pigs": {"type": "integer"}, "remark": {"type": "string"}}}  # fmt: skip
    made = draft(system, started(designer, json.dumps(schema).encode(), **{"from": "file"}))
    assert made.document["title"] == "a"
    page = designer.get(f"/designs/{made.code}/preview").text
    assert re.search(r"data-known>0<.*data-left>2<", page)
    with system.read(installed.ANYBODY) as work:
        loose = publish.compiled_now(work.connection, made.document)
        strict = publish.compiled_now(work.connection, {**made.document, "required": ["pigs"]})
    half = {"total": 2, "known": 1, "mine": 0, "left": 1}
    assert not document_view.settled(loose, half)
    assert document_view.settled(strict, half)
    assert document_view.settled(loose, {**half, "known": 2, "left": 0})
    assert not document_view.settled(strict, {**half, "known": 0, "left": 2})
    publishing = {"revision": made.revision, "note": ""}
    told = designer.post(f"/api/designs/{made.code}/publish", publishing)
    assert told.status_code == 200
    assert "民政局发表" in designer.get(told.json()["href"]).text


def test_a_published_form_is_copied(system: System, log_in: LogIn) -> None:
    """With its sheet, under a code of its own; the original stays as it is."""
    designer = log_in("designer")
    made = draft(system, started(designer, **{"from": "form", "form": reports.FORM}))
    with system.read(installed.ANYBODY) as work:
        original = store.document_of(work.connection, reports.FORM, 1)
    assert made.code != reports.FORM
    assert made.document["properties"] == original["properties"]
    assert made.template_id
    assert designer.get(f"/designs/{made.code}").status_code == 200


def test_forms_to_start_from_are_named_in_the_language_of_the_page(log_in: LogIn) -> None:
    """In English too; their own titles, not their codes."""
    designer = log_in("designer")
    assert "社区基本情况和高龄老人月报表</option>" in designer.get("/forms/upload").text
    designer.cookies.set("lang", "en")
    english = designer.get("/forms/upload").text
    assert "Monthly report on the community and its very old</option>" in english


def test_what_stands_around_the_table_is_shown_once(system: System, log_in: LogIn) -> None:
    """Beside its role stands what the sheet prints there, or the cell that will hold it."""
    designer = log_in("designer")
    content = book(
        走访="""
        | 走访慰问情况表 | | |
        | 填报单位： | | 表号：民慰01表 |
        | 姓名 | 性别 | 慰问金额 |
        | | | |
        | | | |
        | 填报人： | | |
        """
    )
    files = {"file": ("慰问.xlsx", content, "application/octet-stream")}
    sent = {"csrf": designer.token, "owner": OWNER}
    made = draft(system, designer.send("POST", "/forms/upload", data=sent, files=files))
    shown = designer.get(f"/api/designs/{made.code}").json()["blocks"]
    told = {one["role"]: one["text"] for one in shown}
    assert told["legal_number"] == "民慰01表"
    assert "title" not in told
    assert not {"填报单位", "填报人", "表号"} & set(told.values())
    assert all(told.values())


def test_a_form_starts_with_nothing(system: System, log_in: LogIn) -> None:
    """A name is enough."""
    designer = log_in("designer")
    made = draft(system, started(designer, **{"from": "empty", "title": "新表"}))
    assert (made.document["title"], made.document["properties"]) == ("新表", {})
    assert designer.get(f"/designs/{made.code}").status_code == 200


def test_what_is_missing_or_wrong_is_told_on_the_page(log_in: LogIn) -> None:
    """No name, no form, no file, no office, a broken file: 422 with words, and no draft."""
    designer = log_in("designer")
    empty = openpyxl.Workbook()
    target = io.BytesIO()
    empty.save(target)
    for answer in (
        started(designer, **{"from": "empty"}),
        started(designer, **{"from": "form", "form": "no.such"}),
        started(designer, **{"from": "file"}),
        started(designer, b"{", **{"from": "file"}),
        started(designer, target.getvalue(), **{"from": "file"}),
        started(designer, **{"from": "empty", "title": "新表", "owner": ""}),
    ):
        assert answer.status_code == 422, answer.text
        assert 'role="alert"' in answer.text
    assert started(log_in("huian"), **{"from": "empty", "title": "新表"}).status_code == 403
