"""What a program sent wrongly is told with what should stand there: a date's form, the choices, the bounds."""

import json
from typing import Any

import pytest

from admin.web.body import BodyInvalid, JsonBody, read_json
from engine import messages

WRONG: tuple[Any, ...] = ("不是这样的", "x" * 30_000, "", 5, -1, 2**60, 1.5, True, None, [], {}, [5] * 30_000, {"a": 5}, [[]])  # fmt: skip


def test_no_body_is_refused_in_the_words_of_a_library(log_in: Any) -> None:
    """Every item of every body, with whatever does not belong there: a sentence in both languages, which
    names no type of ours.
    """
    refused = [
        problem
        for kind in JsonBody.kinds.values()
        for name in kind.__struct_encode_fields__
        for wrong in WRONG
        if (problem := _refused(kind, {name: wrong})) is not None
    ]
    for problem in refused:
        for language in ("zh", "en"):
            told = problem.text(language)
            ours = ("`", "regex", " str ", " int ", " str,", " int,", ": []")
            assert not [one for one in ours if one in told], told
            assert f"{problem.code}.{problem.reason}" in messages.table(language)
    kinds = "missing str int bool array object day choice most least longest shortest"
    assert set(kinds.split()) <= {one.reason for one in refused}


def _refused(kind: type[Any], body: dict[str, Any]) -> BodyInvalid | None:
    try:
        read_json(json.dumps(body).encode(), kind)
    except BodyInvalid as problem:
        return problem
    return None


DISPATCH = {"form": "civil.community_monthly", "period": "2026-11", "organisations": []}


@pytest.mark.parametrize(
    ("path", "body", "zh", "en"),
    [
        ("/api/dispatches", {**DISPATCH, "due": "明天"}, "写成 2026-11-29 这样", "written as 2026-11-29"),
        ("/api/dispatches", {**DISPATCH, "due": "2026-02-30"}, "2026-11-29", "2026-11-29"),
        ("/api/approvals", {"tasks": []}, "项数不能少于 1", "may not be fewer than 1"),
        ("/api/ledgers/civil.elderly_ledger/bulk/x", {"action": "redo"}, "其中之一：apply, undo", "one of: apply, undo"),
    ],
)  # fmt: skip
def test_what_should_stand_there(log_in: Any, path: str, body: Any, zh: str, en: str) -> None:
    """Told in the caller's language."""
    office = log_in("minzheng")
    for language, words in (("zh", zh), ("en", en)):
        office.cookies.set("lang", language)
        answer = office.post(path, body)
        assert answer.status_code in (400, 422), answer.text
        assert words in answer.json()["text"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("/api/tasks?show=mine", "应为其中之一：all, today, late, returned"),
        ("/api/tasks?limit=many", "应为整数"),
        ("/api/tasks?limit=0", "不能小于 1"),
        ("/api/ledgers/civil.elderly_ledger/rows?descending=perhaps", "应为 true 或 false"),
        ("/api/ledgers/civil.elderly_ledger/rows?on=2026-13-45", "2026-11-23"),
        ("/api/registers/person?key=id_number", "（value），没有执行：缺少这一项"),
        ("/api/records?status=foo", "应为其中之一："),
    ],
)
def test_what_should_stand_in_the_address(log_in: Any, query: str, words: str) -> None:
    """The parameter by its name, and what it takes."""
    answer = log_in("minzheng").get(query)
    assert answer.status_code in (400, 422)
    assert words in answer.json()["text"]
