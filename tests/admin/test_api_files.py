"""Files over the API, by a person and by a program: the same limits and looks as on the pages."""

import hashlib
from threading import Thread
from typing import Any

import pytest
from litestar import Litestar

from admin import working
from engine.attachments import pictures
from engine.attachments.store import ATTACHMENT
from engine.work import System
from tests import attacks, installed
from tests.admin import with_files
from tests.admin.test_ledger_imports import OLD, numbers, sheet  # noqa: F401 - a fixture
from tests.admin.test_service_accounts import made
from tests.engine.attachments import samples


@pytest.fixture
def task(system: System) -> str:
    """The fill task of a report with files."""
    return with_files.sent(system)


def put(who: Any, task: str, path: str, content: bytes, name: str, **more: Any) -> Any:
    """The file as the request's content."""
    query = {"path": path, "name": name}
    return who.send("POST", f"/api/tasks/{task}/files", params=query, content=content, **more)


def test_a_program_fills_in_photos_files_and_a_signature(
    system: System, log_in: Any, task: str
) -> None:
    """Put in, listed with what they are called and how large they are, opened byte for byte, taken out."""
    staff = log_in("huian")
    photo = put(staff, task, "/scene", samples.photo(), "现场.jpg")
    assert photo.status_code == 201, photo.text
    (kept,) = photo.json()["files"]
    assert (kept["name"], kept["media_type"]) == ("现场.jpg", "image/jpeg")
    assert b"Exif" not in _opened(staff, task, kept)
    paper = put(staff, task, "/proof", samples.PDF, "../../证明.pdf").json()
    assert paper["files"][0]["name"] == "证明.pdf"
    same = hashlib.sha256(_opened(staff, task, paper["files"][0])).digest()
    assert same == hashlib.sha256(samples.PDF).digest()
    first = put(staff, task, "/sign", samples.drawing(), "a.png").json()
    again = put(staff, task, "/sign", samples.drawing(), "b.png").json()
    assert len(first["files"]) == len(again["files"]) == 1
    mark = paper["files"][0]["ref"].partition("/")[0]
    gone = staff.send("DELETE", f"/api/tasks/{task}/files/{mark}", params={"path": "/proof"})
    assert (gone.status_code, gone.json()["files"]) == (200, [])
    assert gone.json()["revision"] > paper["revision"]


def _opened(who: Any, task: str, kept: dict[str, Any]) -> bytes:
    answer = who.get(f"/api/tasks/{task}/files/{kept['ref'].partition('/')[0]}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    content: bytes = answer.content
    return content


def test_what_the_page_refuses_the_api_refuses(system: System, log_in: Any, task: str) -> None:
    """Wrong kinds, empty, too large, too many, no such cell, another's task: told, and nothing is kept."""
    staff = log_in("huian")
    for path, content, name, code in (
        ("/scene", samples.PDF, "a.jpg", "attachment.kind"),
        ("/proof", b"<script>", "a.pdf", "attachment.kind"),
        ("/proof", samples.ACTING_PDF, "a.pdf", "attachment.unsafe"),
        ("/proof", b"", "a.pdf", "attachment.empty"),
        ("/proof", samples.PDF + b"\0" * (1024 * 1024 + 1), "a.pdf", "attachment.too-large"),
        ("/place", samples.PDF, "a.pdf", "document.unknown-cell"),
        ("", samples.PDF, "a.pdf", "document.unknown-cell"),
    ):
        answer = put(staff, task, path, content, name)
        assert 400 <= answer.status_code < 500, (path, name, answer.status_code)
        assert answer.json()["code"] == code, answer.text
    assert put(log_in("nanyao"), task, "/proof", samples.PDF, "a.pdf").status_code == 404
    with system.read(working.ACTOR) as work:
        assert work.connection.execute(ATTACHMENT.select()).first() is None


def test_a_token_needs_the_scope(system: System, log_in: Any, visitor: Any, task: str) -> None:
    """A service account puts files in with `tasks:change`, and not with `tasks:read`."""
    place = installed.COMMUNITIES[0]
    security = log_in("anquan")
    good = made(security, "tasks:change", place=place)
    bad = made(security, "tasks:read", "ledgers:read", place=place)
    query = {"path": "/proof", "name": "a.pdf"}
    for token, status in ((bad, 403), (good, 201)):
        answer = visitor.post(
            f"/api/tasks/{task}/files", params=query, content=samples.PDF,
            headers={"authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.status_code == status, answer.text


def test_a_sheet_goes_into_a_ledger_and_is_taken_back(
    app: Litestar,
    system: System,
    log_in: Any,
    numbers: list[str],  # noqa: F811 - the fixture
) -> None:
    """Planned row by row with protected values masked, applied by the job, undone as a whole."""
    staff = log_in("huian")
    content = sheet(
        [1, "老人0", numbers[0], "13900139000", None, None, "身体好", None],
        [2, "错号", "370602194103020000", None, None, None, None, None],
    )
    made = staff.send(
        "POST", f"/api/ledgers/{OLD}/imports", params={"name": "走访.xlsx"}, content=content
    )
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["state"], told["counts"]["changed"], told["counts"]["rejected"]) == (
        "previewed",
        1,
        1,
    )
    line = next(one for one in told["lines"] if one["kind"] == "changed")
    cells = {one["column"]: one for one in line["cells"]}
    assert cells["visit_note"]["after"] == "身体好"
    assert "13900139000" not in made.text
    assert next(one for one in told["lines"] if one["kind"] == "rejected")["problems"]
    address = f"/api/ledgers/{OLD}/imports/{told['id']}"
    for action, state in (("apply", "applied"), ("undo", "undone")):
        assert staff.post(address, {"action": action}).status_code == 200
        working.runner(system).work_off()
        assert staff.get(address).json()["state"] == state
    assert staff.get(f"{address}?after=999").json()["lines"] == []
    assert log_in("nanyao").get(address).status_code == 404


def test_what_is_no_sheet_is_told(system: System, log_in: Any) -> None:
    """Nothing, a text, bombs and ways out of the archive; whoever may not edit is refused before reading."""
    staff = log_in("huian")
    given = [b"", b"x", *(path.read_bytes() for path in attacks.workbooks())]
    for content in given:
        answer = staff.send("POST", f"/api/ledgers/{OLD}/imports", content=content)
        assert answer.status_code in (201, 400, 413, 415, 422), answer.text[:200]
        assert "root:" not in answer.text
    assert log_in("designer").send("POST", f"/api/ledgers/{OLD}/imports", content=b"x").status_code in (403, 404)  # fmt: skip


def test_nobody_waits_while_a_file_is_looked_through(
    system: System, log_in: Any, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large photo takes a second to be made anew: meanwhile others write."""
    made, written = pictures.made_anew, []

    def slowly(*given: Any, **more: Any) -> Any:
        other = Thread(target=lambda: written.append(system.write(working.ACTOR, lambda _: True)))
        other.start()
        other.join(20)
        assert written == [True], "whoever writes would wait for the picture"
        return made(*given, **more)

    monkeypatch.setattr(pictures, "made_anew", slowly)
    assert put(log_in("huian"), task, "/scene", samples.photo(), "a.jpg").status_code == 201
    assert written == [True]
