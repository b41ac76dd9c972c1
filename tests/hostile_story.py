"""A whole story in which every text that a person may write is hostile, lived over HTTP by the pack's people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.admin.conftest import Caller
from tests.attacks import PLANTED
from tests.forms.importers.excel import books
from tests.installed import COMMUNITIES

LogIn = Callable[[str], Caller]
OWNER = "370602-mzj"
LEDGER = "civil.elderly_ledger"
READERS = (
    "huian",
    "nanyao",
    "shenhe",
    "lingdao",
    "minzheng",
    "designer",
    "shenji",
    "anquan",
    "xitong",
)


@dataclass(frozen=True)
class Planted:
    """Where the texts stand now."""

    form: str
    dispatch: str
    document: str
    case: str
    cells: dict[str, str]


def live(log_in: LogIn, texts: Sequence[str] = (PLANTED,)) -> Planted:
    """Plant the first text in every label and remark, and all of them in the cells of one report."""
    text = texts[0]
    code = _design(log_in("designer"), text)
    dispatch = _send(log_in("minzheng"), code, text)
    document, case, cells = _fill(log_in("huian"), texts)
    _decide(log_in, document, text)
    _wait(log_in, texts)
    _around(log_in, text)
    _ok(log_in("designer").press(f"/forms/{code}/design"))
    return Planted(code, dispatch, document, case, cells)


def _ok(answer: Any) -> Any:
    assert answer.status_code < 400, (answer.request.url, answer.status_code, answer.text[:500])
    return answer


def _design(designer: Caller, text: str) -> str:
    """A field and a form whose every name is the text, published with its sheet."""
    field = {"subject": "person", "name": "planted", "label_zh": text, "label_en": text}
    _ok(designer.post("/api/fields", {**field, "definition": text, "unit": text[:20]}))
    rows = (["测试表"], ["项目", "数量", "说明"], ["甲", 1, text], ["乙", 2, text])
    book = books.book(lambda sheet: [sheet.append(one) for one in rows])
    data = {"csrf": designer.token, "owner": OWNER}
    sent = designer.send("POST", "/forms/upload", data=data, files={"file": (f"{text}.xlsx", book)})
    code = str(_ok(sent).headers["location"]).rpartition("/")[2]
    design = designer.get(f"/api/designs/{code}").json()
    items = {one["path"]: {"label": f"{text}{n}"} for n, one in enumerate(design["items"])}
    check = {"code": "planted", "formula": "1 = 1", "text": text, "severity": "explain"}
    change = {
        "revision": design["revision"],
        "form": {"title": text, "title_en": text, "period": "month"},
        "items": items,
        "checks": [check],
    }
    changed = _ok(designer.patch(f"/api/designs/{code}", change)).json()
    given = {"revision": changed["revision"], "note": text}
    _ok(designer.post(f"/api/designs/{code}/publish", given))
    return code


def _send(office: Caller, code: str, text: str) -> str:
    wanted = {
        "form": code,
        "organisations": list(COMMUNITIES[:3]),
        "period": "2026-11",
        "due": "2026-12-05",
        "urgent": True,
        "reason": text,
    }
    return str(_ok(office.post("/api/dispatches", wanted)).json()["dispatch"]["id"])


def _fill(staff: Caller, texts: Sequence[str]) -> tuple[str, str, dict[str, str]]:
    """Each text in a row of its own, handed in; a remark on the case."""
    [task] = [one for one in staff.get("/api/tasks").json()["tasks"] if one["status"] == "open"]
    _ok(staff.post(f"/api/tasks/{task['id']}/open"))
    document = str(task["document"])
    at = _ok(staff.get(f"/api/documents/{document}")).json()["revision"]
    cells = {f"/sheet/r{number}/sm": one for number, one in enumerate(texts)}
    change = {
        "revision": at,
        "rows": {"/sheet": {"add": [f"r{number}" for number in range(len(texts))]}},
        "changes": cells,
    }
    _ok(staff.patch(f"/api/documents/{document}/cells", change))
    page = staff.get(f"/tasks/{task['id']}")
    case = page.text.split("/cases/", 1)[1].split('"', 1)[0]
    _ok(staff.post(f"/api/cases/{case}/comments", {"comment": texts[0]}))
    _ok(staff.post(f"/api/tasks/{task['id']}/submit", {"confirm": True}))
    return document, case, cells


def _decide(log_in: LogIn, document: str, text: str) -> None:
    """Returned with the text as reason, handed in again, passed and approved with it as comment."""
    verifier, staff = log_in("shenhe"), log_in("huian")
    reasons = {"cells": {"/sheet/r0/sm": text}, "comment": text}
    _ok(verifier.post(f"/api/tasks/{_task(verifier, document)}/return", reasons))
    _ok(staff.post(f"/api/tasks/{_task(staff, document)}/submit", {"confirm": True}))
    for who in (verifier, log_in("lingdao")):
        _ok(who.post(f"/api/tasks/{_task(who, document)}/pass", {"comment": text}))


def _wait(log_in: LogIn, texts: Sequence[str]) -> None:
    """One community's report was returned and waits there, another's waits to be verified."""
    verifier = log_in("shenhe")
    back, _, _ = _fill(log_in("nanyao"), texts[:1])
    reasons = {"cells": {"/sheet/r0/sm": texts[0]}, "comment": texts[0]}
    _ok(verifier.post(f"/api/tasks/{_task(verifier, back)}/return", reasons))
    _fill(log_in("shangyao"), texts[:1])


def _task(caller: Caller, document: str) -> str:
    found = caller.get("/api/tasks").json()["tasks"]
    return str(next(one["id"] for one in found if one["document"] == document))


def _around(log_in: LogIn, text: str) -> None:
    """A name of a person, a phrase, an absence, a flow and its drawing, a calendar, a kept view."""
    fields = {"login": "planted", "name": text, "role": "staff", "organisation": COMMUNITIES[0]}
    _ok(log_in("anquan").press("/accounts/new", **fields, until=""))
    staff, designer = log_in("huian"), log_in("designer")
    _ok(staff.press("/account/away", action="keep", text=text))
    _hold(log_in("anquan"), text)
    _import(staff, text)
    away = {"starts": "2026-12-20", "ends": "2026-12-21", "reason": text, "person": ""}
    _ok(staff.press("/account/away", action="away", **away))
    _ok(staff.press(f"/ledgers/{LEDGER}/views", title=text, q=text))
    _ok(designer.press("/flows/fill_verify_approve/design"))
    place = "/api/flows/fill_verify_approve/draft"
    draft = _ok(designer.get(place)).json()
    document = draft["document"]
    for named in (document, *document["steps"]):
        named["titles"] = {"zh": text, "en": text}
    _ok(designer.send("PUT", place, json={"revision": draft["revision"], "document": document}))
    year = {"year": 2027, "source": text, "off": []}
    _ok(designer.post("/api/calendar", year))


def _hold(security: Caller, text: str) -> None:
    """Nobody has such a number: refused, and what was typed stands in its box again."""
    fields = {"key": text, "reason": text, "basis": text, "action": "hold"}
    answer = security.press("/erasures/ask", **fields)
    assert answer.status_code == 422, answer.status_code


def _import(staff: Caller, text: str) -> None:
    """A sheet whose name, headings and cells are the text, read into a ledger's import."""
    rows = ([text, "公民身份号码", "姓名"], [text, text, text], ["=1+1", "@SUM(A1)", text])
    book = books.book(lambda sheet: [sheet.append(one) for one in rows])
    data = {"csrf": staff.token}
    files = {"file": (f"{text}.xlsx", book)}
    answer = staff.send("POST", f"/ledgers/{LEDGER}/imports", data=data, files=files)
    assert answer.status_code < 500, answer.text[:300]
