"""Hostile texts in every box: kept as they were, shown as text, and nothing in a file calculates or runs."""

import csv
import io
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import openpyxl
import pytest
from litestar.testing import TestClient

from admin.app import create_app
from renderers import glyphs
from tests import attacks, hostile_story, installed
from tests.admin.conftest import Caller
from tests.hostile_story import Planted

LogIn = Callable[[str], Caller]
MOST_ALIKE = 4
"""So many pages of one kind are looked at; a list's rows all look alike."""


class Tags(HTMLParser):
    """What a page is made of: elements and attributes that only the planted text can have brought."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.broken: list[str] = []
        self.links: list[str] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = dict(attrs)
        odd = [name for name in given if name.startswith("on")]
        if odd or given.get("src") == "x" or str(given.get("href", "")).startswith("javascript:"):
            self.broken.append(self.get_starttag_text() or tag)
        self.shown += " ".join(str(value) for value in given.values())
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))

    def handle_data(self, data: str) -> None:
        """Text between tags, scripts too."""
        self.shown += data


def read(page: str) -> Tags:
    """A page, read as a browser would."""
    found = Tags()
    found.feed(page)
    return found


@pytest.fixture(scope="module")
def log_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogIn]:
    """Log somebody in to the module's one house; who was logged in stays so."""
    template = installed.pack_only()
    system = template.copy(tmp_path_factory.mktemp("house"))
    with TestClient(create_app(system.settings, system)) as client:
        yield cache(lambda login: Caller(client, login, template.passwords[login]))
    system.close()


@pytest.fixture(scope="module")
def planted(log_in: LogIn) -> Planted:
    """Every box filled with hostile texts."""
    return hostile_story.live(log_in, [one for one in attacks.SHARP if _prints(one)])


def walked(caller: Caller, first: list[str]) -> Iterator[tuple[str, Any]]:
    """These pages and every one that leads on from them, a few of each kind."""
    waiting, known, kinds = list(first), set(first), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        answer = caller.get(path)
        yield path, answer
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in read(answer.text).links:
            target = urlsplit(urljoin(path, link))
            local = target.path + (f"?{target.query}" if target.query else "")
            kind = re.sub(r"[^/]*[0-9.][^/]*", "*", target.path) + target.query[:2]
            if target.netloc or local in known or target.path.startswith("/static"):
                continue
            known.add(local)
            kinds[kind] += 1
            if kinds[kind] <= MOST_ALIKE:
                waiting.append(local)


def places(planted: Planted) -> list[str]:
    """Where the texts stand, whoever may look."""
    form, sent, document = planted.form, planted.dispatch, planted.document
    return [
        "/",
        f"/forms/{form}",
        f"/forms/{form}/dispatch",
        f"/dispatches/{sent}",
        f"/dispatches/{sent}/matrix",
        f"/dispatches/{sent}/rollup",
        f"/dispatches/{sent}/manage",
        f"/records/{document}",
        f"/documents/{document}/why?path=/sheet/r0/sm",
        f"/cases/{planted.case}",
        "/dictionary/person.planted",
        "/flows/fill_verify_approve",
        "/account/away",
        "/calendar?year=2027",
        f"/ledgers/{hostile_story.LEDGER}",
        "/audit",
        "/accounts",
    ]


def test_no_page_lets_a_text_become_markup(planted: Planted, log_in: LogIn) -> None:
    """Every page that anybody reaches: the texts are there, as text; no template counted."""
    wrong, shown = [], set()
    for login in hostile_story.READERS:
        for path, answer in walked(log_in(login), places(planted)):
            if answer.status_code >= 500:
                wrong.append(f"{login} {path}: {answer.status_code}")
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            found = read(answer.text)
            wrong += [f"{login} {path}: {one[:100]}" for one in found.broken]
            if attacks.COUNTED in found.shown:
                wrong.append(f"{login} {path}: counted")
            if attacks.PLANTED in found.shown:
                shown.add(path.split("?", maxsplit=1)[0].strip("/").split("/", maxsplit=1)[0])
    assert wrong == []
    assert shown >= {
        "", "tasks", "records", "forms", "dispatches", "dictionary", "accounts", "account", "cases",
        "flows", "calendar", "ledgers",
    }  # fmt: skip


def test_every_search_box_takes_any_words(planted: Planted, log_in: LogIn) -> None:
    """Shown again as text, and searched for as text."""
    for login, path in (
        ("huian", "/?q="),
        ("huian", "/records?q="),
        ("huian", "/ledgers/civil.elderly_ledger?q="),
        ("designer", "/dictionary?q="),
        ("designer", "/forms?q="),
        ("shenji", "/audit?q="),
        ("anquan", "/accounts?q="),
    ):
        caller = log_in(login)
        for words in attacks.SHARP:
            answer = caller.client.build_request("GET", path.split("?")[0], params={"q": words})
            reply = caller.get(str(answer.url))
            assert reply.status_code in (200, 400), (path, words, reply.status_code)
            assert read(reply.text).broken == [], (path, words)


def test_what_is_kept_is_what_was_typed(planted: Planted, log_in: LogIn) -> None:
    """Cells, field and file for programs give every text back letter by letter, but for blanks around it."""
    staff = log_in("huian")
    rows = staff.get(f"/api/documents/{planted.document}").json()["values"]["sheet"]
    assert [row["sm"] for row in rows] == [one.strip() for one in planted.cells.values()]
    kept = staff.get(f"/records/{planted.document}/json").json()
    assert attacks.PLANTED in json.dumps(kept, ensure_ascii=False).replace('\\"', '"')
    found = log_in("designer").get("/api/fields", params={"q": "planted"}).json()["fields"]
    assert found[0]["label"] == attacks.PLANTED


def test_no_file_calculates_or_runs_what_was_typed(planted: Planted, log_in: LogIn) -> None:
    """Workbook, CSV and PDF: text everywhere, links and programs nowhere; the name of the file is one line."""
    office = log_in("minzheng")
    record, dispatch = f"/records/{planted.document}", f"/dispatches/{planted.dispatch}"
    for path in (f"{record}/workbook", f"{dispatch}/workbook"):
        answer = office.get(path)
        assert answer.status_code == 200, path
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
        assert {cell.data_type for cell in cells} <= {"s", "n"}, path
        assert [cell for cell in cells if cell.hyperlink] == [], path
    texts = {cell.value for cell in cells}
    assert {"=cmd|' /C calc'!A0", "＝1+1"} & texts
    table = office.get(f"{dispatch}/csv").content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(table, newline="")):
        for cell in row:
            bare = cell.lstrip('\t\r\n \u200b\ufeff"')
            assert bare[:1] not in {*"=@＝＠"} or bare.startswith("@"), cell
    answer = office.get(f"{record}/pdf")
    assert not {"\n", "<"} & set(answer.headers["content-disposition"])
    printed = answer.content
    assert printed.startswith(b"%PDF")
    assert not {b"/JavaScript", b"/Launch", b"/SubmitForm"} & set(printed.split())
    assert b"/URI" not in printed or b"javascript:" not in printed
    told = subprocess.run(
        ["pdftotext", "-", "-"], input=printed, capture_output=True, check=True, timeout=60
    ).stdout.decode()
    assert attacks.COUNTED not in told
    assert "onerror" in told


def _prints(text: str) -> bool:
    """Whether the fonts have it; a report with what they lack is not printed but told (glyphs-missing)."""
    try:
        glyphs.check([("", text)])
    except glyphs.GlyphsMissing:
        return False
    return True
