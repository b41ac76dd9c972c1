"""The REST API: who may do what, what is refused and how it is told."""

from typing import Any

import pytest

from engine.settings import ROOT
from engine.work import System, Work
from forms import documents, filing
from forms.filing import CellLocked, Edit, Saved
from tests import installed
from tests.installed import COMMUNITIES

FORM, PERIOD, DUE = "civil.community_monthly", "2026-11", "2026-12-05"
REFUSAL = {"code", "text", "details", "request_id"}


@pytest.fixture
def sent(log_in: Any) -> dict[str, Any]:
    """A report dispatched to two communities."""
    answer = log_in("minzheng").post(
        "/api/dispatches",
        {"form": FORM, "organisations": list(COMMUNITIES[:2]), "period": PERIOD, "due": DUE},
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_program_logs_in_acts_and_leaves(visitor: Any, log_in: Any) -> None:
    """The answer to a log-in carries the token; after logging out the cookie opens nothing."""
    huian = log_in("huian")
    me = huian.get("/api/session").json()
    assert (me["login"], me["positions"][0]["role"]) == ("huian", "staff")
    assert me["csrf"] == huian.token
    assert huian.delete("/api/session").status_code == 204
    assert huian.get("/api/session").status_code == 401
    assert visitor.get("/api/session").json()["code"] == "login-required"


def test_a_wrong_password_is_told_in_the_one_shape(visitor: Any) -> None:
    """Which half was wrong is not told, and the fifth failure locks."""
    for _ in range(5):
        answer = visitor.post("/api/session", json={"login": "huian", "password": "wrong"})
        assert (answer.status_code, set(answer.json())) == (401, REFUSAL)
    answer = visitor.post("/api/session", json={"login": "huian", "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (429, "login.locked")


@pytest.mark.parametrize("path", ["/api/tasks", "/api/forms", "/api/records", "/api/dispatches"])
def test_nobody_reads_without_a_log_in(visitor: Any, path: str) -> None:
    """No cookie, and a made-up one, are the same."""
    assert visitor.get(path).status_code == 401
    visitor.cookies.set("yibiao_session", "made-up")
    assert visitor.get(path).status_code == 401


def test_a_change_without_the_token_is_refused(log_in: Any, sent: dict[str, Any]) -> None:
    """The cookie alone changes nothing: another site's page would send it along too."""
    huian = log_in("huian")
    task = huian.get("/api/tasks").json()["tasks"][0]["id"]
    answer = huian.post(f"/api/tasks/{task}/open", headers={"x-csrf-token": ""})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf.failed")
    assert huian.get(f"/api/tasks/{task}").json()["opened_at"] is None


def test_two_windows_of_one_person_are_two(log_in: Any, sent: dict[str, Any]) -> None:
    """Another window's newer value is not overwritten unseen; the same window's, and no window's, is."""
    huian = log_in("huian")
    task = huian.get("/api/tasks").json()["tasks"][0]["id"]
    cells = f"/api/documents/{huian.get(f'/api/tasks/{task}').json()['document']}/cells"
    huian.post(f"/api/tasks/{task}/open")
    begun = huian.patch(cells, {"revision": 0, "changes": {}}).json()["revision"]

    def save(visit: str, revision: int, **changes: int) -> Any:
        asked = {f"/{name}": value for name, value in changes.items()}
        answer = huian.patch(cells, {"revision": revision, "changes": asked, "visit": visit})
        assert answer.status_code == 200, answer.text
        return answer.json()

    desk = save("desk", begun, births=4)
    phone = save("phone", begun, deaths=1)
    assert phone["elsewhere"] == [{"path": "/births", "value": 4, "by": ""}]
    assert phone["cells"]["/births"]["state"] == "entered"
    late = save("desk", desk["revision"], deaths=2)
    assert [(one["path"], one["yours"], one["theirs"], one["by"]) for one in late["conflicts"]] == [
        ("/deaths", 2, 1, "")
    ]
    assert late["elsewhere"] == []
    again = save("desk", begun, births=5)  # its own newer value: no answer had come
    assert (again["conflicts"], [one["path"] for one in again["elsewhere"]]) == ([], ["/deaths"])
    assert save("", begun, deaths=3)["conflicts"] == []


def test_a_cell_that_is_not_open_is_refused_before_a_clash_tells_what_stands_there(
    system: System, log_in: Any, sent: dict[str, Any]
) -> None:
    """Else who may not write a cell, or see it, would read it by typing something into it."""
    huian = log_in("huian")
    task = huian.get("/api/tasks").json()["tasks"][0]
    huian.post(f"/api/tasks/{task['id']}/open")
    own = installed.person(system, "huian")
    with system.read(own) as work:
        begun = documents.get(work.connection, task["document"])
    edit = Edit(begun.revision, {"/deaths": 7}, visit="desk")
    system.write(own, lambda work: filing.save(work, begun, edit, only=None))
    late = Edit(begun.revision, {"/deaths": 9}, visit="phone")

    def save(work: Work, only: set[str] | None) -> Saved:
        return filing.save(work, documents.get(work.connection, begun.id), late, only=only)

    assert system.write(own, lambda work: save(work, {"/deaths"})).conflicts[0].theirs == 7
    with pytest.raises(CellLocked):
        system.write(own, lambda work: save(work, {"/births"}))
    late = Edit(begun.revision, confirm=("/deaths",), visit="phone")
    assert system.write(own, lambda work: save(work, {"/deaths"})).revision
    with pytest.raises(CellLocked):  # nor is what stands there confirmed by somebody else
        system.write(own, lambda work: save(work, {"/births"}))


def test_a_report_goes_its_whole_way_over_the_api(log_in: Any, sent: dict[str, Any]) -> None:
    """Sent, opened, saved, submitted, verified, approved: and the department sees it arrive."""
    huian, verifier, leader = log_in("huian"), log_in("shenhe"), log_in("lingdao")
    [task] = huian.get("/api/tasks").json()["tasks"]
    assert huian.post(f"/api/tasks/{task['id']}/open").status_code == 200
    refused = huian.post(f"/api/tasks/{task['id']}/submit", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "document.incomplete")
    document = huian.get(f"/api/documents/{task['document']}").json()
    missing = {
        one["path"]: 0 for one in refused.json()["details"]["problems"] if one["code"] == "required"
    }
    saved = huian.patch(
        f"/api/documents/{task['document']}/cells",
        {"revision": document["revision"], "changes": missing},
    )
    assert (saved.status_code, saved.json()["conflicts"]) == (200, [])
    done = huian.post(f"/api/tasks/{task['id']}/submit", {"confirm": True})
    assert (done.status_code, done.json().get("outcome")) == (200, "done"), done.text
    [check] = verifier.get("/api/tasks").json()["tasks"]
    assert verifier.post(f"/api/tasks/{check['id']}/pass", {"comment": "核对过"}).status_code == 200
    [last] = leader.get("/api/tasks").json()["tasks"]
    results = leader.post("/api/approvals", {"tasks": [last["id"], "nothing"]}).json()
    assert (results["done"], [one["code"] for one in results["results"]]) == (
        1,
        [None, "not-found"],
    )
    progress = log_in("minzheng").get(f"/api/dispatches/{sent['dispatch']['id']}").json()
    assert (progress["dispatch"]["arrived"], progress["counts"]) == (1, {"done": 1, "fill": 1})
    history = verifier.get(f"/api/records/{task['document']}/history").json()
    assert [one["kind"] for one in history["steps"]][-2:] == ["passed", "passed"]
    assert {one["path"] for one in history["changes"]} >= set(missing)


def test_a_return_names_cells_with_reasons(log_in: Any, sent: dict[str, Any]) -> None:
    """Of a task that is not theirs nothing is found, whatever is sent; a filler returns nothing."""
    huian, verifier = log_in("huian"), log_in("shenhe")
    [task] = huian.get("/api/tasks").json()["tasks"]
    empty = verifier.post(f"/api/tasks/{task['id']}/return", {"cells": {}})
    assert empty.status_code == 404
    odd = verifier.post(f"/api/tasks/{task['id']}/return", {"cells": []})
    assert (odd.status_code, odd.json()["details"]["pointer"]) == (400, "/cells")
    theirs = verifier.post(f"/api/tasks/{task['id']}/return", {"cells": {"/x": "why"}})
    assert theirs.status_code == 404
    wrong = huian.post(f"/api/tasks/{task['id']}/return", {"cells": {"/x": "why"}})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "task.wrong-kind")


def test_another_community_finds_neither_task_nor_record(log_in: Any, sent: dict[str, Any]) -> None:
    """A direct request for somebody else's thing answers as if it were not there."""
    [task] = log_in("huian").get("/api/tasks").json()["tasks"]
    other = log_in("shangyao")
    for answer in (
        other.get(f"/api/tasks/{task['id']}"),
        other.post(f"/api/tasks/{task['id']}/open"),
        other.post(f"/api/tasks/{task['id']}/submit", {}),
        other.get(f"/api/documents/{task['document']}"),
        other.patch(f"/api/documents/{task['document']}/cells", {"revision": 0}),
        other.get(f"/api/records/{task['document']}/history"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert other.get("/api/records").json()["records"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"due": "2026-11-01"}, "dispatch.due-in-past"),
        ({"due": "2026-13-45"}, "department.due-missing"),
        ({"period": "2026"}, "dispatch.period-wrong"),
        ({"period": "soon"}, "period.invalid"),
        ({"organisations": ["110101001001"]}, "department.not-within"),
        ({"form": "nothing.here"}, "form.unknown"),
    ],
)
def test_a_dispatch_that_cannot_be_is_told_by_its_code(
    log_in: Any, change: dict[str, Any], code: str
) -> None:
    """Nothing is sent then."""
    minzheng = log_in("minzheng")
    wanted = {"form": FORM, "organisations": [COMMUNITIES[0]], "period": PERIOD, "due": DUE}
    answer = minzheng.post("/api/dispatches", wanted | change)
    assert answer.json()["code"] == code, answer.text
    assert minzheng.get("/api/dispatches").json()["dispatches"] == []


def test_the_same_report_is_sent_to_nobody_twice(log_in: Any, sent: dict[str, Any]) -> None:
    """Not even as part of a larger dispatch."""
    wanted = {"form": FORM, "organisations": list(COMMUNITIES), "period": PERIOD, "due": DUE}
    answer = log_in("minzheng").post("/api/dispatches", wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "dispatch.already")


def test_only_its_own_department_sends_a_form(log_in: Any) -> None:
    """Another department, or staff, are refused."""
    wanted = {"form": FORM, "organisations": [COMMUNITIES[0]], "period": PERIOD, "due": DUE}
    assert log_in("tongji").post("/api/dispatches", wanted).status_code == 404
    assert log_in("huian").post("/api/dispatches", wanted).status_code == 403
    assert log_in("huian").get("/api/dispatches").status_code == 403


def test_a_form_is_a_plain_schema_and_validates(log_in: Any) -> None:
    """The bundle of every published form comes with its digest; a wrong cell is told by its path."""
    minzheng = log_in("minzheng")
    forms = minzheng.get("/api/forms").json()["forms"]
    assert sorted(form["kind"] for form in forms) == ["ledger"] * 5 + ["report"] * 12
    one = minzheng.get(f"/api/forms/{FORM}").json()
    assert one["bundle"]["type"] == "object"
    assert one["digest"] == next(form["digest"] for form in forms if form["code"] == FORM)
    result = minzheng.post("/api/forms/validate", {"form": FORM, "document": {"nothing": 1}}).json()
    assert result["valid"] is False
    assert "/nothing" in [problem["path"] for problem in result["problems"]]
    draft = {"form": FORM, "document": {}, "draft": True}
    assert minzheng.post("/api/forms/validate", draft).json()["problems"] == []


def test_a_form_document_that_is_none_is_told_with_its_complaints(log_in: Any) -> None:
    """A form can be checked before it is a form of ours."""
    answer = log_in("designer").post(
        "/api/forms/validate", {"form": {"type": "object"}, "document": {}}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "form.invalid")


def test_a_workbook_is_recognised_and_a_text_file_is_not(log_in: Any) -> None:
    """The proposal is JSON; what is no workbook is refused in words."""
    content = (ROOT / "packs/yantai/uploads/civil.visits.xlsx").read_bytes()
    designer = log_in("designer")
    answer = designer.post("/api/sheets/propose", files={"file": ("visits.xlsx", content)})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) > 3
    text = designer.post("/api/sheets/propose", files={"file": ("a.xlsx", b"no workbook")})
    assert (text.status_code, text.json()["code"]) == (422, "sheet.not-a-workbook")
    assert (
        log_in("huian").post("/api/sheets/propose", files={"file": ("a.xlsx", content)}).status_code
        == 403
    )


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b'{"revision":1,"revision":2}', "json.invalid", None),
        (b'{"revision":NaN}', "json.invalid", None),
        (b'{"revision":1', "json.malformed", None),
        (b'{"changes":' + b"[" * 200 + b"]" * 200 + b',"revision":1}', "json.invalid", None),
        (b"\xff{}", "json.invalid", None),
        (b"", "api.body-missing", None),
        (b"[]", "api.body-invalid", ""),
        (b"{}", "api.body-invalid", "/revision"),
        (b'{"revision":"1"}', "api.body-invalid", "/revision"),
        (b'{"revision":true}', "api.body-invalid", "/revision"),
        (b'{"revision":1.5}', "api.body-invalid", "/revision"),
        (b'{"revision":-1}', "api.body-invalid", "/revision"),
        (b'{"revision":1,"changed":{}}', "api.body-invalid", "/changed"),
        (b'{"revision":1,"rows":{"/t":{"add":[1]}}}', "api.body-invalid", "/rows/*/add/0"),
        (b'{"revision":1,"confirm":["\\u0000"]}', "api.body-invalid", "/confirm/0"),
    ],
)
def test_a_body_is_read_strictly(log_in: Any, body: bytes, code: str, pointer: str | None) -> None:
    """What is wrong is told by its code and its place, before anything is looked up."""
    huian = log_in("huian")
    answer = huian.send(
        "PATCH",
        "/api/documents/nothing/cells",
        content=body,
        headers={"content-type": "application/json"},
    )
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, code)
    assert set(told) == REFUSAL
    if pointer is not None:
        assert told["details"]["pointer"] == pointer


def test_a_whole_number_may_be_written_with_a_point(log_in: Any) -> None:
    """1.0 is an integer to JSON Schema, so it is one to us."""
    answer = log_in("huian").patch("/api/documents/nothing/cells", {"revision": 1.0})
    assert answer.status_code == 404


def test_a_body_of_another_kind_is_not_taken(log_in: Any) -> None:
    """A page's form cannot speak to the API."""
    huian = log_in("huian")
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = huian.send(
            "PATCH",
            "/api/documents/nothing/cells",
            content=b'{"revision": 1}',
            headers={"content-type": media_type},
        )
        assert (answer.status_code, answer.json()["code"]) == (415, "api.body-not-json")


def test_a_body_larger_than_any_document_is_refused(log_in: Any) -> None:
    """Nine megabytes of spaces are nine megabytes."""
    huian = log_in("huian")
    answer = huian.send(
        "PATCH",
        "/api/documents/nothing/cells",
        content=b" " * (9 * 1024 * 1024) + b"{}",
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "json.too-large")


@pytest.mark.parametrize(
    ("query", "names"),
    [("limit=0", "limit"), ("limit=many", "limit"), ("show=mine", "show"), ("limit=-1", "limit")],
)
def test_a_parameter_out_of_bounds_is_named(log_in: Any, query: str, names: str) -> None:
    """A program is told which one."""
    answer = log_in("huian").get(f"/api/tasks?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "api.parameter-invalid")
    assert answer.json()["details"]["names"] == names


def test_the_empty_character_goes_nowhere(log_in: Any) -> None:
    """Neither in an address, nor in a query."""
    huian = log_in("huian")
    assert huian.get("/api/records?organisation=%00").json()["code"] == "api.nul"
    assert huian.get("/api/tasks/%00").json()["code"] == "api.nul"


def test_a_refusal_leads_to_its_line_in_the_log(visitor: Any) -> None:
    """The request id of the answer and of its header are one."""
    answer = visitor.get("/api/tasks")
    assert answer.json()["request_id"] == answer.headers["x-request-id"] != ""
