"""Calls of another program as values: what may stand in them, what is sent, what is taken. And where none may go."""

from dataclasses import replace
from typing import Any

import pytest

from engine import outward
from engine.outward import CallRefused
from engine.settings import Settings
from tests.workflows.case import made, one
from workflows import calling, flow, soundness
from workflows.calling import Call, CallAnswer
from workflows.flow import FlowInvalid

KNOWN = {"/count": 7, "/name": "张 三&", "/none": None, "number": "A1", "secret:token": "s"}


def document(**call: Any) -> dict[str, Any]:
    return made(
        one("fill", "fill", "ask"),
        {**one("ask", "http", "verify"), "call": {"url": "https://a.example/x", **call}},
        one("verify", "verify", "end"),
    )


def test_what_is_put_in_is_safe_where_it_stands() -> None:
    """Encoded in an address, of its own type in a body, text in text; a cell without value is empty."""
    call = Call(
        "https://a.example/x/{/name}?n={/count}{/none}",
        headers={"X-Key": "{secret:token}"},
        body={"n": "{/count}", "text": "{/name}，{number}", "list": ["{/none}", 1]},
    )
    made_ = calling.filled(call, KNOWN.__getitem__)
    assert made_.url == "https://a.example/x/%E5%BC%A0%20%E4%B8%89%26?n=7"
    assert made_.headers == {"X-Key": "s"}
    assert made_.body is not None
    assert made_.body.decode() == '{"n":7,"text":"张 三&，A1","list":[null,1]}'
    assert calling.cells(call) == ["/name", "/count", "/none"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://{/host}/x"}, {"url": "https://a.example/{x}"}, {"url": "https://a.example/{"},
        {"body": {"a": ["{secret:token}"]}}, {"headers": {"X": "{secret:}"}}, {"url": "ftp://a"},
        {"headers": {"X\r\nY": "1"}}, {"headers": {"X": "a\r\nHost: b"}}, {"answer": {"/a": "b"}},
        {"answer": {"a": "/b"}}, {"tries": 0}, {"seconds": 1000}, {"more": 1},
    ],
)  # fmt: skip
def test_a_call_that_is_wrong_is_told_at_its_step(wrong: dict[str, Any]) -> None:
    """The host is never the document's, secrets stand in headers only, nothing breaks out of a line."""
    with pytest.raises(FlowInvalid) as refused:
        flow.load(document(**wrong))
    assert refused.value.step == "ask"
    assert "flow.invalid" not in refused.value.text("zh")


def test_only_such_steps_call() -> None:
    """And they cannot do without; a loop of them alone has no end."""
    for kind, call in (("http", None), ("route", {"url": "https://a.example/"})):
        wrong = document()
        wrong["steps"][1] = {**one("ask", kind, "verify"), **({"call": call} if call else {})}
        with pytest.raises(FlowInvalid):
            flow.load(wrong)
    loop = document()
    loop["steps"][1]["next"] = [{"to": "ask", "when": "count > 1"}, {"to": "verify"}]
    assert [one_.code for one_ in soundness.check(flow.load(loop))] == ["endless"]
    loaded = flow.load(document(answer={"/a": "/b"}, sensitive=["/a"]))
    assert flow.load(flow.dump(loaded)) == loaded
    assert soundness.check(loaded) == []


def test_what_is_taken_stands_where_it_is_said() -> None:
    """By JSON pointer, with its escapes; what is missing is told by place and cell."""
    answer = {"a/b": [{"~c": 5}], "d": None}
    assert calling.taken(Call("", answer={"/x": "/a~1b/0/~0c", "/y": "/d"}), answer) == {
        "/x": 5,
        "/y": None,
    }
    for pointer in ("/a~1b/1", "/a~1b/x", "/nothing", "/d/e"):
        with pytest.raises(CallAnswer) as missing:
            calling.taken(Call("", answer={"/x": pointer}), answer)
        assert (missing.value.where, missing.value.cell) == (pointer, "/x")


@pytest.mark.parametrize(
    ("hosts", "url", "reason"),
    [
        ("", "https://a.example/", "host"),
        ("a.example", "https://b.a.example/", "host"),
        ("a.example", "https://a.example:8443/", "host"),
        ("a.example", "https://a.example@evil.example/", "address"),
        ("a.example", "file:///etc/passwd", "address"),
        ("a.example", "https://a.example:99999/", "address"),
        ("localhost", "http://localhost/", "inside"),
        ("2130706433", "http://2130706433/", "inside"),
        ("0x7f.1", "http://0x7f.1/", "inside"),
        ("127.1", "http://127.1/", "inside"),
        ("0", "http://0/", "inside"),
        ("a.example", "http://a.example\\@127.0.0.1/", "address"),
        ("a.example", "http://127.0.0.1#@a.example/", "host"),
        ("a.example", "gopher://a.example/", "address"),
    ],
)
def test_no_call_goes_where_the_operator_did_not_say(hosts: str, url: str, reason: str) -> None:
    """Hosts and ports exactly; a name that leads to this machine is refused although it is listed."""
    settings = replace(Settings(), http_hosts=hosts)
    with pytest.raises(CallRefused) as refused:
        outward.call(settings, "GET", url, {}, None, seconds=1)
    assert refused.value.reason == reason
    assert "outward" not in refused.value.text("zh")


@pytest.mark.parametrize("where", [
    "127.0.0.2", "169.254.169.254", "100.100.100.200", "::1", "::ffff:10.0.0.1", "fe80::1%eth0",
    "0.0.0.0", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
])  # fmt: skip
def test_a_listed_name_leads_to_no_place_of_no_office(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to this machine nor to what a cloud tells its machines, however the name is answered."""
    found = [(None, None, None, "", (one, 443)) for one in ("93.184.216.34", where)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    settings = replace(Settings(), http_hosts="a.example")
    with pytest.raises(CallRefused) as refused:
        outward.call(settings, "GET", "https://a.example/", {}, None, seconds=1)
    assert refused.value.reason == "inside"
