"""Organisations that change: by the system administrator on the pages and over the API, and what
others see afterwards.
"""

import csv
import io
import json
import re
from typing import Any

from engine.identity import lineage, store
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.reports import TWO

ONE, OTHER = TWO
DAY = "2026-11-23"
NUMBER = "烟民〔2026〕12号"


def merging(**more: Any) -> dict[str, Any]:
    """The second community goes into the first."""
    return {
        "kind": "merge", "units": OTHER, "into": ONE, "name": "惠安新社区", "effective": DAY,
        "number": NUMBER, **more,
    }  # fmt: skip


def changes(system: System) -> list[lineage.Change]:
    """What is kept."""
    with system.read(installed.ANYBODY) as work:
        return lineage.changes(work.connection)


def test_a_merge_is_shown_whole_then_done_then_undone(system: System, log_in: Any) -> None:
    """The preview names what moves; afterwards the roll-up is read by the units of then and of today."""
    dispatch = reports.sent(system)
    record = reports.final(system, dispatch, "huian", elders=())
    reports.final(system, dispatch, "nanyao")
    admin = log_in("xitong")
    assert "还没有办过机构变动" in admin.get("/organisations").text
    page = admin.press("/organisations/new", **merging())
    assert page.status_code == 200
    assert "会有这些影响" in page.text
    assert "结束的岗位" in page.text
    assert "保留原单位名称和代码的已定报表" in page.text
    assert changes(system) == []
    answer = admin.press("/organisations/new", **merging(confirm="yes"))
    assert answer.status_code == 303, answer.text
    (kept,) = changes(system)
    assert kept.state == "done"
    detail = admin.get(answer.headers["location"])
    assert NUMBER in detail.text
    office = log_in("minzheng")
    then = office.get(f"/dispatches/{dispatch.id}/rollup").text
    assert "按哪时的单位看" in then
    assert "由 " not in then
    now = office.get(f"/dispatches/{dispatch.id}/rollup?units=today").text
    assert "惠安新社区" in now
    assert "由 " in now
    totals = [re.findall(r'<tr class="total">.*?</tr>', page, re.DOTALL)[0] for page in (then, now)]
    figures = [re.findall(r'class="number">(?:<a[^>]*>)?([^<]*)', one) for one in totals]
    assert figures[0] == figures[1]
    rows = [
        list(csv.reader(io.StringIO(office.get(f"/dispatches/{dispatch.id}/csv?units={one}").text)))
        for one in ("then", "today")
    ]
    assert len(rows[0]) == len(rows[1]) + 1
    assert office.get(f"/records/{record}").status_code == 200
    assert "惠安新社区" in log_in("nanyao").get("/").text
    assert office.get(f"/dispatches/{dispatch.id}?units=today").status_code == 200
    assert admin.press(f"/organisations/{kept.id}/undo").status_code == 303
    assert [one.state for one in changes(system)] == ["undone"]
    assert "按哪时的单位看" not in office.get(f"/dispatches/{dispatch.id}/rollup").text


def test_while_values_are_carried_over_the_page_says_so_and_looks_again(
    system: System, log_in: Any
) -> None:
    """Nobody wonders where the button for undoing is."""
    admin = log_in("xitong")
    page = admin.press("/organisations/new", **merging(confirm="yes")).headers["location"]
    (kept,) = changes(system)
    assert "hx-trigger" not in admin.get(page).text
    system.write(
        installed.ANYBODY, lambda work: lineage.save(work.connection, kept.id, carrying=True)
    )
    waits = admin.get(page).text
    assert "正在后台转移" in waits
    assert f'hx-get="{page}"' in waits


def test_what_is_wrong_is_told_beside_the_form(log_in: Any) -> None:
    """And what was typed stays."""
    admin = log_in("xitong")
    for more, told in (
        ({"number": ""}, "批准文号"),
        ({"units": "没有这个单位"}, "没有这个单位"),
        ({"into": OTHER}, "并入哪个单位"),
        ({"kind": "found", "code": ONE, "name": "甲", "level": "village", "parent": "370602"}, "不重复使用"),
        ({"kind": "split", "parts": "370602011091 甲"}, "至少两个"),
    ):  # fmt: skip
        page = admin.press("/organisations/new", **merging(**more))
        assert page.status_code in (409, 422), more
        assert told in page.text
        assert NUMBER in page.text or "number" in more


def test_a_new_list_of_divisions_proposes_and_is_taken(system: System, log_in: Any) -> None:
    """Renamed as it stands in the list; another community gone: somebody chooses where it went."""
    with system.read(installed.ANYBODY) as work:
        units = lineage.tree(work.connection)
        names = store.division_names(work.connection)
    names[ONE] = "惠安新社区居民委员会"
    lines = ["code,name,level,parent_code"]
    for code, unit in units.items():
        if unit.kind != "office" and code != OTHER:
            lines.append(f"{code},{names[code]},{unit.kind},{unit.parent}")
    lines.append(f"{ONE[:9]}099,新港社区居民委员会,village,{ONE[:9]}")
    content = "\n".join(lines).encode()
    admin = log_in("xitong")
    files = {"file": ("divisions.csv", content, "text/csv")}
    page = admin.send("POST", "/organisations/divisions", data={"csrf": admin.token}, files=files)
    assert page.status_code == 200
    assert "共 3 项不同" in page.text
    assert "请选并入哪里，或撤销" in page.text
    answer = admin.post("/api/organisations/divisions", {"csv": content.decode()})
    found = answer.json()["proposals"]
    assert [(one["kind"], one["unit"], one["open"]) for one in found] == [
        ("rename", ONE, False), ("merge", OTHER, True), ("found", f"{ONE[:9]}099", False),
    ]  # fmt: skip
    taken = admin.press(
        "/organisations/divisions", effective=DAY, number=NUMBER,
        wish=json.dumps({"kind": "rename", "units": [ONE], "name": "惠安新社区居民委员会"}),
    )  # fmt: skip
    assert taken.status_code == 303, taken.text
    assert [one.kind for one in changes(system)] == ["rename"]


def test_the_api_previews_keeps_for_the_day_and_cancels(system: System, log_in: Any) -> None:
    """A day to come waits; a wrong body is told by its place."""
    admin = log_in("xitong")
    body = {
        "kind": "rename",
        "units": [ONE],
        "name": "新",
        "effective": "2099-01-01",
        "number": NUMBER,
    }
    preview = admin.post("/api/organisations/preview", body).json()
    assert [one["before"]["code"] for one in preview["steps"]] == [ONE]
    made = admin.post("/api/organisations/changes", body)
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    address = f"/api/organisations/changes/{made.json()['id']}"
    assert admin.get(address).json()["number"] == NUMBER
    assert admin.post(f"{address}/undo").status_code == 409
    assert admin.post(f"{address}/cancel").json()["state"] == "cancelled"
    assert admin.get("/api/organisations/changes").json()["changes"][0]["state"] == "cancelled"
    assert admin.post("/api/organisations/changes", {**body, "kind": "burn"}).status_code == 422
    assert admin.post("/api/organisations/changes", {**body, "unit": 1}).status_code == 400
    assert admin.get("/api/organisations/changes/nothing").status_code == 404
    assert "待生效" not in log_in("shenji").get("/organisations").text
