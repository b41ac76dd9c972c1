"""Photos, files and signatures on the pages: put in, taken out, looked at, handed in, refused."""

import re
import subprocess
from datetime import timedelta
from typing import Any

import pytest

from engine.attachments import store
from engine.work import System
from forms import attaching, documents, filing
from forms.filing import Edit
from tests import installed
from tests.admin import with_files
from tests.engine.attachments import samples
from workflows import commands

ADDRESS = re.compile(r'href="(/(?:tasks|records)/[a-z0-9]+/files/[a-z2-7]{24})"')


@pytest.fixture
def task(system: System) -> str:
    """The fill task of a report with files."""
    return with_files.sent(system)


def send(who: Any, task: str, path: str, content: bytes, name: str = "a.jpg") -> Any:
    """As the page's script does."""
    return who.send(
        "POST", f"/tasks/{task}/files/sent", params={"path": path, "name": name}, content=content
    )


def values(system: System, task: str) -> dict[str, Any]:
    """What the document holds."""
    with system.read(installed.person(system, "huian")) as work:
        return dict(commands.hold(work, task).record.contents)


def test_a_photo_goes_through_to_the_paper(system: System, log_in: Any, task: str) -> None:
    """Put in by script and without, handed in, seen by the verifier, printed, kept in the archive."""
    filler, verifier = log_in("huian"), log_in("shenhe")
    page = filler.get(f"/tasks/{task}").text
    assert "拍照" in page
    assert "data-sign-pad" in page
    answer = send(filler, task, "/scene", samples.photo(), "现场\u202e.jpg")
    assert answer.status_code == 201
    assert int(answer.headers["x-revision"]) > 0
    (address,) = set(ADDRESS.findall(answer.text))
    little = filler.get(f"{address}?little=1")
    assert (little.headers["content-type"], little.content[:2]) == ("image/jpeg", b"\xff\xd8")
    given = {"cell": "/proof", "v:/place": "村委会", "revision": "1"}
    posted = filler.send(
        "POST", f"/tasks/{task}/files", data={"csrf": filler.token, **given},
        files={"file:/proof": ("证明.pdf", samples.PDF, "text/html")},
    )  # fmt: skip
    assert posted.status_code == 303
    signed = filler.press(
        f"/tasks/{task}/files", cell="/sign", part="1", **{"typed:/sign": "于淑兰"}
    )
    assert "签名.png" in signed.text
    assert values(system, task)["place"] == "村委会"  # what was typed came along
    assert filler.press(f"/tasks/{task}", action="submit").headers["location"] == "/"
    checked = verifier.get(f"/tasks/{with_files.waiting(system, 'shenhe')}").text
    seen = set(ADDRESS.findall(checked))
    assert len(seen) == 3
    for one in seen:
        got = verifier.get(one)
        assert got.headers["content-disposition"].startswith("attachment;")
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "html" not in got.headers["content-type"]
    record = _record(system)
    paper = filler.get(f"/records/{record}/pdf").content
    listed = subprocess.run(
        ["pdfimages", "-list", "-"], input=paper, capture_output=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 2 + 2  # photo and signature; the file is named
    told = subprocess.run(["pdftotext", "-", "-"], input=paper, capture_output=True, check=True)
    assert "证明.pdf" in told.stdout.decode()


def test_the_forms_page_names_them(system: System, log_in: Any, task: str) -> None:
    """An item that holds files is no list of choices."""
    page = log_in("designer").get(f"/forms/{with_files.CODE}").text
    assert all(words in page for words in ("照片", "文件", "手写签名"))
    assert "选项" not in page


def test_what_is_not_a_photo_is_told_and_changes_nothing(
    system: System, log_in: Any, task: str
) -> None:
    """By content, whatever its name; in the visitor's language; above the page without scripts."""
    filler = log_in("huian")
    bad = {
        "attachment.kind": samples.SVG,
        "attachment.damaged": samples.photo()[:900],
        "attachment.pixels": samples.png_bomb(),
        "attachment.empty": b"",
    }
    for code, content in bad.items():
        answer = send(filler, task, "/scene", content, "photo.jpg")
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    large = samples.PDF[:-6] + bytes(1_100_000) + b"%%EOF"
    assert send(filler, task, "/proof", large, "a.pdf").status_code == 413
    assert send(filler, task, "/place", samples.photo()).json()["code"] == "document.unknown-cell"
    for name in ("a", "b"):
        assert (
            send(
                filler, task, "/scene", samples.photo(color="red" if name == "a" else "blue")
            ).status_code
            == 201
        )
    full = send(filler, task, "/scene", samples.photo(color="green"))
    assert full.json()["code"] == "attachment.full"
    posted = filler.send(
        "POST", f"/tasks/{task}/files", data={"csrf": filler.token, "cell": "/scene"},
        files={"file:/scene": ("a.jpg", samples.SVG, "image/jpeg")},
    )  # fmt: skip
    assert posted.headers["location"] == f"/tasks/{task}"
    assert len(values(system, task)["scene"]) == 2
    assert (
        filler.send(
            "POST",
            f"/tasks/{task}/files/sent?path=/scene",
            content=b"x",
            headers={"x-csrf-token": ""},
        ).status_code
        == 403
    )


def test_files_are_nobody_elses(system: System, log_in: Any, task: str) -> None:
    """Another community neither sees nor adds; a file of one document is no value of another."""
    filler, stranger = log_in("huian"), log_in("nanyao")
    address = ADDRESS.findall(send(filler, task, "/scene", samples.photo()).text)[0]
    mark = address.rpartition("/")[2]
    with system.read(installed.person(system, "huian")) as work:
        document = commands.hold(work, task).record.id
    for path in (address, f"/records/{document}/files/{mark}", f"/tasks/{task}/files/{'a' * 24}"):
        assert stranger.get(path).status_code == 404
    assert filler.get(f"/tasks/{task}/files/{'a' * 24}").status_code == 404
    assert send(stranger, task, "/scene", samples.photo(color="red")).status_code == 404
    assert stranger.press(f"{address}/remove", cell="/scene", part="1").status_code == 404
    made_up = {"revision": 0, "changes": {"/scene": [f"{'b' * 24}/x.jpg"]}}
    refused = filler.patch(f"/api/documents/{document}/cells", made_up)
    assert (refused.status_code, refused.json()["code"]) == (422, "attachment.unknown")
    kept = values(system, task)["scene"]
    emptied = {"revision": 0, "changes": {"/scene": []}}
    assert filler.patch(f"/api/documents/{document}/cells", emptied).status_code == 200
    again = {"revision": 0, "changes": {"/scene": kept}}
    assert filler.patch(f"/api/documents/{document}/cells", again).status_code == 200


def test_one_returned_photo_is_exchanged(system: System, log_in: Any, task: str) -> None:
    """Only the cell that was returned is open; what was handed in first stays with that version."""
    filler, who = log_in("huian"), installed.person(system, "huian")
    first = ADDRESS.findall(send(filler, task, "/scene", samples.photo()).text)[0]
    filler.press(f"/tasks/{task}/files", cell="/sign", part="1", **{"typed:/sign": "于"})
    filler.press(f"/tasks/{task}", **{"v:/place": "路口", "revision": "9", "action": "submit"})
    verify = with_files.waiting(system, "shenhe")
    system.write(
        installed.person(system, "shenhe"),
        lambda work: commands.return_(work, verify, {"/scene": "照片不清楚"}),
    )
    task = with_files.waiting(system, "huian")
    removed = filler.press(
        f"/tasks/{task}/files/{first.rpartition('/')[2]}/remove", cell="/scene", part="1"
    )
    assert removed.status_code == 201, removed.text
    assert (
        send(filler, task, "/proof", samples.PDF, "a.pdf").json()["code"] == "document.cell-locked"
    )
    assert send(filler, task, "/scene", samples.photo(color="red")).status_code == 201
    assert filler.press(f"/tasks/{task}", action="submit").headers["location"] == "/"
    record = _record(system)
    old = filler.get(f"/records/{record}?version=1").text
    assert first.rpartition("/")[2] in old
    assert filler.get(f"/records/{record}/files/{first.rpartition('/')[2]}").status_code == 200
    with system.read(who) as work:
        assert len(store.several(work.connection, attaching.home(record))) == 3


def test_a_photo_in_a_row_and_the_nightly_clearing(system: System, log_in: Any, task: str) -> None:
    """A row's photo is its own; what a draft no longer shows is deleted a week later, and only that."""
    filler, who = log_in("huian"), installed.person(system, "huian")
    filler.get(f"/tasks/{task}")
    with system.read(who) as work:
        document = commands.hold(work, task).record.id
    edit = Edit(0, {"/spots/k1/what": "坑"}, added={"/spots": ["k1"]})
    system.write(who, lambda work: commands.save_cells(work, document, edit, language="zh"))
    address = ADDRESS.findall(send(filler, task, "/spots/k1/shot", samples.photo()).text)[0]
    send(filler, task, "/scene", samples.photo(color="red"))
    filler.press(f"{address}/remove", cell="/spots/k1/shot", part="1")

    def clear(days: int) -> int:
        def command(work: Any) -> int:
            work.now += timedelta(days=days)
            return attaching.forget(work, {})

        return system.write(who, command)

    assert clear(6) == 0
    assert clear(8) == 1
    with system.read(who) as work:
        (left,) = store.several(work.connection, attaching.home(document))
        opened = filing.opened(work, documents.get(work.connection, document))
    assert opened.contents["scene"] == [left.ref]


def _record(system: System) -> str:
    with system.read(installed.ANYBODY) as work:
        (found,) = documents.listed(work, documents.DOCUMENT.c.form_code == with_files.CODE)
    return found.id
