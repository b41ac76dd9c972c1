"""The designer's addresses for flows: the list, drafts over the API, trying out, publishing, moving."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
FLOW = "fill_verify_approve"
DRAFT = f"/api/flows/{FLOW}/draft"


@pytest.fixture
def designer(log_in: LogIn) -> Caller:
    return log_in("designer")


@pytest.fixture
def draft(designer: Caller) -> dict[str, Any]:
    """The next version of the flow of the pack, begun."""
    assert designer.press(f"/flows/{FLOW}/design").status_code == 303
    found = designer.get(DRAFT)
    assert found.status_code == 200
    return dict(found.json())


def save(designer: Caller, revision: int, document: dict[str, Any]) -> Any:
    return designer.send("PUT", DRAFT, json={"revision": revision, "document": document})


def test_a_draft_is_begun_saved_compared_and_published(
    designer: Caller, draft: dict[str, Any]
) -> None:
    """By what the page calls; then the page of the flow tells its versions."""
    assert draft["faults"] == []
    assert {role["code"] for role in draft["roles"]} >= {"staff", "verifier", "leader"}
    document = draft["document"]
    document["steps"][1]["titles"]["zh"] = "核对"
    saved = save(designer, 1, document)
    assert (saved.status_code, saved.json()["revision"], saved.json()["faults"]) == (200, 2, [])
    assert save(designer, 1, document).status_code == 409
    compared = designer.get(f"{DRAFT}/difference").json()
    assert [(one["kind"], one["step"]) for one in compared["changes"]] == [("changed", "verify")]
    assert "核对" in compared["changes"][0]["text"]
    states = designer.get(f"{DRAFT}/history").json()["states"]
    assert [one["what"] for one in states] == ["saved", "started"]
    published = designer.post(f"{DRAFT}/publish", {"revision": 2}).json()
    assert published == {"href": f"/flows/{FLOW}", "version": 2}
    page = designer.get(f"/flows/{FLOW}").text
    assert "第 2 版" in page
    assert "核对" in page
    assert designer.get(DRAFT).status_code == 404


def test_what_is_wrong_is_told_with_its_step_and_not_published(
    designer: Caller, draft: dict[str, Any]
) -> None:
    """Unsound, or not a flow at all."""
    document = draft["document"]
    document["steps"][1]["next"] = [{"to": "approve", "when": "total >"}]
    found = save(designer, 1, document).json()["faults"]
    assert {(one["step"], one["code"]) for one in found} == {
        ("verify", "no-default"), ("verify", "unreadable"),
    }  # fmt: skip
    assert found[0]["example"] == ["fill", "verify"]
    assert designer.post(f"{DRAFT}/publish", {"revision": 2}).status_code == 422
    document["steps"][1]["next"] = []
    assert save(designer, 2, document).json()["faults"][0]["step"] == "verify"
    for nothing in ({}, {"titles": {"zh": "x"}}, {"titles": 1, "steps": []}):
        assert save(designer, 3, nothing).status_code == 422
    assert designer.get(DRAFT).json()["revision"] == 3


def test_it_is_tried_out_with_people_made_for_it(designer: Caller, draft: dict[str, Any]) -> None:
    """Each press is one more action of the script that came back; nothing is stored."""
    tried = designer.post(f"{DRAFT}/try", {"document": draft["document"]}).json()
    (task,) = tried["tasks"]
    assert (task["step"], tried["outcome"]) == ("fill", "running")
    script = tried["script"]
    script["actions"] = [{"do": "submit", "by": task["people"][0], "task": task["task"]}]
    tried = designer.post(f"{DRAFT}/try", {"document": draft["document"], "script": script}).json()
    assert [one["step"] for one in tried["tasks"]] == ["verify"]
    assert tried["tasks"][0]["returns"] == ["fill"]
    assert tried["steps"][-1]["nobody"] == []
    empty = {**draft["document"], "steps": [dict(one) for one in draft["document"]["steps"]]}
    empty["steps"][1]["assign"] = {**empty["steps"][1]["assign"], "levels": 5}
    empty["steps"][1]["empty"] = "pass"  # nobody is five levels up
    passed = designer.post(f"{DRAFT}/try", {"document": empty, "script": script}).json()
    assert passed["steps"][-1]["nobody"] == ["verify"]
    assert [one["step"] for one in passed["tasks"]] == ["approve"]
    each = {**draft["document"], "steps": [dict(one) for one in draft["document"]["steps"]]}
    each["steps"][0]["next"] = [{"to": "below"}]
    each["steps"].append(
        {
            "code": "below",
            "kind": "subflow",
            "flow": "x",
            "each": "/elders",
            "next": [{"to": "verify"}],
        }
    )
    tried = designer.post(f"{DRAFT}/try", {"document": each}).json()
    assert tried["script"]["document"] == {"elders": []}
    sent = {"do": "submit", "by": tried["tasks"][0]["people"][0], "set": {"/elders": [{}, {}, {}]}}
    rows = {**tried["script"], "actions": [sent]}
    tried = designer.post(f"{DRAFT}/try", {"document": each, "script": rows}).json()
    assert len(tried["below"]) == 3
    call = {"url": "https://a.example/", "answer": {"/births": "/n"}}
    each["steps"][-1] = {"code": "below", "kind": "http", "call": call, "next": [{"to": "verify"}]}
    tried = designer.post(f"{DRAFT}/try", {"document": each}).json()
    sent = {"do": "submit", "by": tried["tasks"][0]["people"][0]}
    tried = designer.post(
        f"{DRAFT}/try", {"document": each, "script": {**tried["script"], "actions": [sent]}}
    ).json()
    ((asked,), none) = (tried["calls"], tried["tasks"])
    assert (asked["step"], asked["status"], none) == ("below", "running", [])
    canned = {"do": "called", "task": asked["task"], "response": {"n": 3}}
    tried = designer.post(
        f"{DRAFT}/try", {"document": each, "script": {**tried["script"], "actions": [sent, canned]}}
    ).json()
    assert [one["step"] for one in tried["tasks"]] == ["verify"]
    script["actions"] = [{"do": "fly"}]
    wrong = designer.post(f"{DRAFT}/try", {"document": draft["document"], "script": script})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "simulate.invalid")
    script["actions"] = [{"do": "wait", "span": "1 day"}] * 501
    assert (
        designer.post(f"{DRAFT}/try", {"document": draft["document"], "script": script}).status_code
        == 422
    )
    assert designer.post(f"{DRAFT}/try", {"document": {"steps": []}}).status_code == 422


def test_a_draft_is_restored_and_given_up(designer: Caller, draft: dict[str, Any]) -> None:
    """The states stay."""
    save(designer, 1, {**draft["document"], "titles": {"zh": "另一个"}})
    first = designer.get(f"{DRAFT}/history").json()["states"][-1]["id"]
    back = designer.post(f"{DRAFT}/restore", {"revision": 2, "state": first}).json()
    assert back["document"]["titles"] == draft["document"]["titles"]
    assert designer.post(f"{DRAFT}/discard", {"revision": 3}).json() == {"href": "/flows"}
    assert "放弃" not in designer.get("/flows").text
    states = designer.get(f"{DRAFT}/history").json()["states"]
    assert [one["what"] for one in states] == ["discarded", "restored", "saved", "started"]


def test_a_new_flow_begins_with_three_steps(designer: Caller) -> None:
    """By its title alone; markup in it is text."""
    answer = designer.press("/flows", title="<b>补贴</b>")
    assert answer.headers["location"] == "/flows/flow_1"
    assert "<b>补贴" not in designer.get("/flows").text
    assert designer.get("/api/flows/flow_1/draft").json()["faults"] == []


def test_nobody_but_a_designer_comes_near(log_in: LogIn, draft: dict[str, Any]) -> None:
    """Refused at every address, the press of a button too."""
    other = log_in("minzheng")
    for path in ("/flows", f"/flows/{FLOW}", DRAFT, f"{DRAFT}/history", f"{DRAFT}/difference"):
        assert other.get(path).status_code == 403
    assert save(other, 1, draft["document"]).status_code == 403
    for path in ("publish", "discard"):
        assert other.post(f"{DRAFT}/{path}", {"revision": 1}).status_code == 403
    assert other.post(f"{DRAFT}/try", {"document": draft["document"]}).status_code == 403
    assert other.post(f"/api/flows/{FLOW}/moves", {"version": 1}).status_code == 403
    assert other.press(f"/flows/{FLOW}/moves", version="1").status_code == 403


def test_moving_names_a_version_that_is_there(designer: Caller) -> None:
    """404 for none; a page that is older than the newest version is told so."""
    assert designer.post(f"/api/flows/{FLOW}/moves", {"version": 9}).status_code == 404
    done = designer.post(f"/api/flows/{FLOW}/moves", {"version": 1}).json()
    assert done["running"] == 0
    assert designer.press(f"/flows/{FLOW}/moves", version="7").status_code == 409
    assert designer.get("/flows/none").status_code == 404


def test_bpmn_out_and_in(designer: Caller) -> None:
    """The version in force as a file; the file as a new draft, with what was not carried told."""
    out = designer.get(f"/flows/{FLOW}/bpmn")
    assert out.headers["content-type"].startswith("application/xml")
    files = {"file": ("f.bpmn", out.content, "application/xml")}
    answer = designer.send("POST", "/flows/import", data={"csrf": designer.token}, files=files)
    assert answer.headers["location"] == f"/flows/{FLOW}_1"
    found = designer.get(f"/api/flows/{FLOW}_1/draft").json()
    assert found["faults"] == []
    files = {"file": ("f.bpmn", b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>", "application/xml")}
    refused = designer.send("POST", "/flows/import", data={"csrf": designer.token}, files=files)
    assert refused.status_code == 422
    nothing = designer.press("/flows/import")
    assert nothing.status_code == 422


def test_the_page_of_a_flow_tells_its_steps_in_their_order(
    designer: Caller, draft: dict[str, Any]
) -> None:
    """However it was drawn: branches after their fork and before where they meet; drawn, and by the office's clock."""
    document = draft["document"]
    fill, verify, approve = document["steps"]

    def made(code: str, like: dict[str, Any], to: str) -> dict[str, Any]:
        return {**like, "code": code, "titles": {"zh": code}, "next": [{"to": to}]}

    fork = {"code": "f", "kind": "fork", "join": "j", "titles": {"zh": "分头"}}
    fork["next"] = [{"to": "a"}, {"to": "b"}]
    join = {"code": "j", "kind": "join", "titles": {"zh": "会合"}, "next": [{"to": "verify"}]}
    fill["next"] = [{"to": "f"}]
    document["steps"] = [fill, verify, approve, fork, join, made("b", verify, "j"), made("a", verify, "j")]  # fmt: skip
    saved = save(designer, 1, document).json()
    assert saved["faults"] == []
    assert designer.post(f"{DRAFT}/publish", {"revision": saved["revision"]}).status_code == 200
    page = designer.get(f"/flows/{FLOW}").text
    told = re.findall(r"<li><span><strong>([^<]+)</strong> <span class=\"mark\">", page)
    assert told == ["填报", "分头", "a", "b", "会合", "审核", "审批"]
    assert page.count('<svg class="flow-diagram"') == 1
    at = re.search(r'<time[^>]*datetime="([^"]+)"', page)
    assert at
    assert len(at[1]) == 16  # to the minute and without a zone: the office's own


def test_a_condition_is_told_while_it_is_picked(designer: Caller, draft: dict[str, Any]) -> None:
    """By the items of the forms that use the flow; said in words; what is unfinished is refused with its item."""
    asked = designer.post(f"{DRAFT}/condition", {"formula": ""}).json()
    assert asked["picked"] == {"join": "and", "parts": []}
    number = next(one for one in asked["asked"] if one["kind"] == "number")
    assert number["form"]
    part = {"name": number["name"], "op": ">=", "values": ["5000"]}
    told = designer.post(f"{DRAFT}/condition", {"picked": {"join": "and", "parts": [part]}}).json()
    assert told["formula"] == f"{number['name']} >= 5000"
    assert told["words"].startswith(f"{number['label']} ≥ 5000")
    document = draft["document"]
    document["steps"][1]["next"].insert(0, {"to": "end", "when": told["formula"]})
    save(designer, 1, document)
    assert designer.get(DRAFT).json()["conditions"][told["formula"]]["words"] == told["words"]
    changes = designer.get(f"{DRAFT}/difference").json()["changes"]
    assert told["words"] in changes[0]["text"]
    part["values"] = ["许多"]
    refused = designer.post(f"{DRAFT}/condition", {"picked": {"join": "and", "parts": [part]}})
    assert (refused.status_code, number["label"] in refused.json()["text"]) == (422, True)
    for nonsense in ({"join": "and"}, {"join": "xor", "parts": [part]}, {"parts": [1]}):
        assert designer.post(f"{DRAFT}/condition", {"picked": nonsense}).status_code == 422
    other = designer.post(f"{DRAFT}/condition", {"formula": f"{number['name']} * 2 > 1"}).json()
    assert (other["picked"], other["problem"]) == (None, "")
    assert designer.post(f"{DRAFT}/condition", {"formula": "1 +"}).json()["position"] == 4


def test_the_page_of_a_flow_says_its_conditions_in_words(
    designer: Caller, draft: dict[str, Any]
) -> None:
    """Ways, and people who are chosen by conditions: no formula where lines can say it."""
    asked = designer.post(f"{DRAFT}/condition", {"formula": ""}).json()
    number = next(one for one in asked["asked"] if one["kind"] == "number")
    document = draft["document"]
    when = f"{number['name']} >= 5000"
    document["steps"][1]["next"].insert(0, {"to": "end", "when": when})
    document["steps"][2]["assign"] = {
        "rule": "expression", "formula": f'IF({when}, "lingdao", "qulingdao")',
    }  # fmt: skip
    save(designer, 1, document)
    assert designer.post(f"{DRAFT}/publish", {"revision": 2}).status_code == 200
    page = designer.get(f"/flows/{FLOW}").text
    assert (f"如果 {number['label']} ≥ 5000" in page, "IF(" in page) == (True, False)
    assert "秦致远 办理" in page
