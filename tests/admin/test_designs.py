"""A draft changed over the API as the designer's page does: what comes back, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.settings import ROOT
from tests.admin.conftest import Caller
from tests.admin.test_bad_input import upload
from tests.admin.test_starts import started

LogIn = Callable[[str], Caller]


class Drafting:
    """One draft, and the caller at it."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        answer = started(caller, **{"from": "empty", "title": "试用表"})
        self.path = "/api" + answer.headers["location"]
        self.seen: dict[str, Any] = caller.get(self.path).json()

    def change(self, status: int = 200, **step: Any) -> dict[str, Any]:
        """A step; gives the design or the refusal."""
        answer = self.caller.patch(self.path, {"revision": self.seen["revision"], **step})
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        if status == 200:
            self.seen = told
        return told

    def item(self, path: str) -> dict[str, Any]:
        """An item as the page sees it."""
        return next(one for one in self.seen["items"] if one["path"] == path)

    def told(self, **asked: Any) -> dict[str, Any]:
        """What is said of a formula."""
        answer = self.caller.post(f"{self.path}/formula", asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def draft(log_in: LogIn) -> Drafting:
    """An empty draft."""
    return Drafting(log_in("designer"))


def test_every_kind_can_be_added_and_become_another(draft: Drafting) -> None:
    """Each is known again; a coded one takes its list, a choice its choices."""
    kinds = [one["code"] for one in draft.seen["choices"]["kinds_of_items"]]
    codelist = draft.seen["choices"]["codelists"][0]["code"]
    draft.change(added=[{"kind": kind, "label": kind, "codelist": codelist} for kind in kinds])
    assert [one["kind"] for one in draft.seen["items"]] == kinds
    first = draft.seen["items"][0]["path"]
    for kind in kinds:
        draft.change(items={first: {"kind": kind, "codelist": codelist}})
        assert draft.item(first)["kind"] == kind
    draft.change(
        items={
            first: {
                "kind": "choice",
                "choices": [{"label": "甲"}, {"label": "乙", "label_en": "B"}],
            }
        }
    )
    assert [
        (one["value"], one["label"], one["label_en"]) for one in draft.item(first)["choices"]
    ] == [
        ("1", "甲", ""),
        ("2", "乙", "B"),
    ]


def test_everything_of_an_item_is_set_and_taken_away(draft: Drafting) -> None:
    """A limit of nought is a limit; null and nothing take a keyword away."""
    draft.change(added=[{"kind": "integer", "label": "人数"}, {"kind": "yes_no", "label": "是否"}])
    path = draft.seen["items"][0]["path"]
    wanted = {
        "label": "总人数", "label_en": "Persons", "hint": "按户籍", "hint_en": "Registered", "unit": "人",
        "minimum": 0, "maximum": 9000, "required": True, "carry": True, "readonly_when": "sf = true",
    }  # fmt: skip
    draft.change(items={path: wanted})
    found = draft.item(path)
    assert {name: found[name] for name in wanted if name != "label"} | {
        "label": found["own_label"]
    } == wanted
    draft.change(items={path: {"minimum": None, "hint": "", "carry": False, "readonly_when": None}})
    found = draft.item(path)
    assert (found["minimum"], found["hint"], found["carry"]) == (None, "", False)
    assert found["readonly_when"] is None
    for _ in range(3):
        draft.caller.post(f"{draft.path}/undo", {})
    assert draft.caller.get(draft.path).json()["items"] == []


def test_columns_rows_and_sections(draft: Drafting) -> None:
    """The outline shows what was made, in its order, with headings above."""
    draft.change(
        added=[
            {"kind": "fixed", "label": "农作物", "columns": ["面积"], "rows": ["小麦"]},
            {"kind": "floating", "label": "名册", "columns": ["姓名"]},
        ]
    )
    draft.change(
        added=[
            {"kind": "number", "label": "产量", "into": "/nzw/*"},
            {"kind": "row", "label": "玉米", "into": "/nzw"},
        ]
    )
    draft.change(
        items={"/nzw/*/mj": {"parents": ["本年", " "]}, "/nzw/r02": {"indent": 1, "row_code": "02"}}
    )
    draft.change(items={"/nzw/*/mj": {"label": "播种面积", "label_en": "Sown area"}})
    draft.change(
        sections=[{"do": "add", "title": "名单"}], moved=[{"path": "/mc", "section": "s2"}]
    )
    first, second = draft.seen["outline"]
    assert (first["title"], second["title"]) == ("", "名单")
    (table,) = first["entries"]
    assert [(one["label"], one["parents"], one["label_en"]) for one in table["heads"]] == [
        ("播种面积", ["本年"], "Sown area"),
        ("产量", [], ""),
    ]
    assert [(one["label"], one["indent"], one["code"]) for one in table["rows"]] == [
        ("小麦", 0, "1"),
        ("玉米", 1, "02"),
    ]
    assert [one["path"] for one in second["entries"]] == ["/mc"]
    draft.change(removed=["/nzw/r02", "/nzw/*/cl"])
    assert len(draft.seen["outline"][0]["entries"][0]["rows"]) == 1


def test_checks_are_added_changed_and_removed_one_by_one(draft: Drafting) -> None:
    """What was not named stays."""
    draft.change(added=[{"kind": "integer", "label": "甲"}, {"kind": "integer", "label": "乙"}])
    draft.change(checks=[{"formula": "j > y", "text": "甲大"}, {"formula": "j > 0"}])
    draft.change(
        checks=[{"code": "c1", "formula": "j >= y", "text": "不小", "text_en": "Not less"}]
    )
    draft.change(checks_removed=["c2"])
    assert [(one["code"], one["formula"], one["text_en"]) for one in draft.seen["checks"]] == [
        ("c1", "j >= y", "Not less")
    ]
    assert draft.change(422, checks=[{"formula": "j > nobody"}])["code"] == "form.invalid"


def test_checks_are_read_in_words_and_what_was_put_there_by_hand_is_sure(draft: Drafting) -> None:
    """In the list of checks stand labels and ≤, not the names that the formula is kept with."""
    draft.change(added=[{"kind": "integer", "label": "男"}, {"kind": "integer", "label": "合计"}])
    male, total = (one["path"].strip("/") for one in draft.seen["items"])
    draft.change(checks=[{"formula": f"{male} <= {total}", "text": "男不多于合计"}])
    assert [one["words"] for one in draft.seen["checks"]] == ["「男」 ≤ 「合计」"]
    assert all(one["confirmed"] for one in draft.seen["items"])


def test_the_next_version_asks_for_no_second_confirmation(log_in: LogIn) -> None:
    """What was published was confirmed; the sheet and what was recognised on it are still shown."""
    caller = log_in("designer")
    content = (ROOT / "packs/yantai/uploads/civil.visits.xlsx").read_bytes()
    address = "/api" + upload(caller, content).headers["location"]
    code = address.rpartition("/")[2]
    seen = caller.get(address).json()
    every = {one["path"]: {"confirmed": True} for one in seen["items"]}
    step = {"revision": seen["revision"], "items": every}
    revision = caller.patch(address, step).json()["revision"]
    sent = {"revision": revision, "note": "与现有表不同，单独需要"}
    answer = caller.post(f"{address}/publish", sent)
    assert answer.status_code == 200, answer.text
    assert caller.press(f"/forms/{code}/design").status_code == 303
    after = caller.get(address).json()
    assert after["form"]["version"] == 2
    assert all(one["confirmed"] for one in after["items"])
    assert after["sheet"] == seen["sheet"]
    assert after["blocks"] == seen["blocks"]


def test_a_formula_is_told_while_it_is_written(draft: Drafting) -> None:
    """Names before anything is written, words, result, lines; a fault with its place."""
    draft.change(added=[{"kind": "integer", "label": "甲"}, {"kind": "choice", "label": "类别"}])
    assert [one["label"] for one in draft.told()["names"]] == ["甲", "类别"]
    told = draft.told(formula="j + 1.5", sample={"j": 2})
    assert (told["words"], told["result"]) == ("「甲」 + 1.5", "3.5")
    told = draft.told(formula='j >= 3 and lb = "1"', condition=True)
    assert told["picked"]["parts"][1] == {"name": "lb", "op": "=", "values": ["1"]}
    assert told["words"].startswith("甲 ≥ 3 且 类别 是 ")
    again = draft.told(picked=told["picked"], condition=True)
    assert (again["formula"], again["picked"]) == ('j >= 3 and lb = "1"', told["picked"])
    assert told["result"] == "是"
    assert draft.told(formula="j +")["position"] == 4


@pytest.mark.parametrize(
    "step",
    [
        {"items": {"/nowhere": {"label": "x"}}},
        {"items": {"/j": {"field": None}, "/nowhere": {"field": None}}},
        {"items": {"/j": {"label": "x" * 201}}},
        {"items": {"/j": {"show_when": "j >"}}},
        {"items": {"/j": {"kind": "hologram"}}},
        {"items": {"/j": {"choices": []}}},
        {"added": [{"kind": "hologram", "label": "x"}]},
        {"added": [{"kind": "text", "label": "x", "into": "/nowhere/*"}]},
        {"added": [{"field": "person.nothing"}]},
        {"added": [{"kind": "text", "label": ""}]},
        {"added": [{"kind": "fixed", "label": "空表"}]},
        {"added": [{"kind": "row", "label": "x", "into": "/j"}]},
        {"moved": [{"path": "/nowhere"}]},
        {"moved": [{"path": "/j", "into": "/j/*"}]},
        {"removed": ["", "/"]},
        {"sections": [{"do": "rename", "code": "s9", "title": "x"}]},
        {"checks": [{"formula": "j > 1", "over": "nowhere:rows"}]},
        {"tab": "x" * 41},
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(draft: Drafting, step: Any) -> None:
    """In words, never as a fault of ours."""
    draft.change(added=[{"kind": "integer", "label": "甲"}])
    before = draft.caller.get(draft.path).json()
    answer = draft.caller.patch(draft.path, {"revision": before["revision"], **step})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["text"]
    assert draft.caller.get(draft.path).json() == before


def test_the_print_layout_is_set_undone_and_seen_on_paper(draft: Drafting) -> None:
    """What is set stays beside what is set later; the draft is seen on its paper; nonsense is refused."""
    draft.change(added=[{"kind": "floating", "label": "名册", "columns": ["姓名"]}])
    draft.change(sections=[{"do": "add", "title": "说明"}])
    assert draft.seen["form"]["print"] == {
        "paper": "A4", "orientation": "auto", "font": "normal", "repeat_headers": True,
    }  # fmt: skip
    draft.change(form={"print": {"paper": "A3", "orientation": "landscape"}})
    draft.change(form={"print": {"repeat_headers": False}})
    assert draft.seen["form"]["print"] == {
        "paper": "A3", "orientation": "landscape", "font": "normal", "repeat_headers": False,
    }  # fmt: skip
    draft.change(sections=[{"do": "break", "code": "s2", "page_break": True}])
    assert [one["page_break"] for one in draft.seen["outline"]] == [False, True]
    assert "说明" in draft.seen["undo"]
    paper = draft.caller.get(draft.path.removeprefix("/api") + "/preview/pdf")
    assert paper.status_code == 200
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content[:5] == b"%PDF-"
    draft.change(sections=[{"do": "break", "code": "s2", "page_break": False}])
    assert [one["page_break"] for one in draft.seen["outline"]] == [False, False]
    for wrong in ({"paper": "A5"}, {"font": 9}, {"margin": 1}, "A3"):
        draft.change(status=400, form={"print": wrong})
    draft.change(status=422, sections=[{"do": "break", "code": "s9", "page_break": True}])
