"""The department's pages: what is known before sending, progress, reminders, roll-up, downloads."""

import csv
import html
import io
import re
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from admin.views import progress_view
from engine import json_text
from engine.audit.trail import AUDIT
from engine.work import System
from forms import rollup
from forms.documents import DOCUMENT
from renderers import workbook
from tests import factories, installed
from tests.admin import reports
from tests.admin.reports import FORM, PERIOD, TWO
from workflows import commands, store
from workflows.dispatch import DISPATCH

NEW = f"/forms/{FORM}/dispatch"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def counted(system: System, *tables: Any) -> list[int]:
    """How many rows tables have."""
    with system.read(installed.ANYBODY) as work:
        return [
            work.connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in tables
        ]


def acts(system: System, action: str) -> list[Any]:
    """What the trail holds of an action."""
    with system.read(installed.ANYBODY) as work:
        query = select(AUDIT.c.target, AUDIT.c.detail).where(AUDIT.c.action == action)
        return [tuple(row) for row in work.connection.execute(query)]


def test_what_is_known_stands_before_sending(log_in: Any) -> None:
    """The page counts for those chosen, and names other reports that ask the same."""
    page = log_in("minzheng").get(f"{NEW}?period={PERIOD}&org={TWO[0]}")
    assert page.status_code == 200
    figures = re.search(r"自动填好的格数 (\d+) ÷ 全部格数 (\d+)", page.text)
    assert figures
    filled, cells = map(int, figures.groups())
    assert 0 < filled < cells == 35
    other = "社区安全和应急基础情况月报表（芝罘区应急管理局）"
    assert f"{other}：46 项里有 26 项相同，占 56 %" in page.text


def test_a_report_is_sent_and_its_progress_shown(log_in: Any) -> None:
    """Sending leads to the progress, where every organisation stands with its step."""
    office = log_in("minzheng")
    answer = office.press(NEW, period=PERIOD, due="2026-12-05", org=list(TWO))
    assert answer.status_code == 303
    page = office.get(answer.headers["location"])
    assert "惠安社区居民委员会" in page.text
    assert "南尧社区居民委员会" in page.text
    assert '0</strong><span class="num">/2' in page.text
    matrix = office.get(f"{answer.headers['location']}/matrix")
    assert matrix.text.strip().startswith('<div id="matrix"')


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"due": "2026-11-01"}, "截止日期 2026-11-01 已经过了"),
        ({"due": ""}, "没有选截止日期"),
        ({"due": "2026-02-31"}, "没有选截止日期"),
        ({"period": "2026-Q4"}, "与本表的报告期别"),
        ({"period": "2026-13"}, "2026-13"),
        ({"org": []}, "还没有选填报单位"),
        ({"org": ["370676003001"]}, "不归本单位发表"),
        ({"org": ["370602001001"]}, "不归本单位发表"),
    ],
)
def test_a_wrong_sending_is_told_and_nothing_is_written(
    system: System, log_in: Any, fields: dict[str, Any], told: str
) -> None:
    """Beside the field, in words; what was chosen stays chosen."""
    before = counted(system, DISPATCH, DOCUMENT, AUDIT)
    office = log_in("minzheng")
    entered = counted(system, AUDIT)[0] - before[2]
    right = {"period": PERIOD, "due": "2026-12-05", "org": list(TWO)}
    answer = office.press(NEW, **{**right, **fields})
    assert answer.status_code == 422
    assert told in answer.text
    assert counted(system, DISPATCH, DOCUMENT, AUDIT) == [*before[:2], before[2] + entered]


def test_a_report_is_not_sent_twice(system: System, log_in: Any) -> None:
    """Who has it already is named; the others get nothing either, so that nobody is half asked."""
    reports.sent(system, TWO[:1])
    answer = log_in("minzheng").press(NEW, period=PERIOD, due="2026-12-05", org=list(TWO))
    assert answer.status_code == 409
    assert "惠安社区居民委员会 已经收到过" in answer.text
    assert counted(system, DISPATCH, DOCUMENT) == [1, 1]


def test_another_departments_dispatch_is_not_found(system: System, log_in: Any) -> None:
    """Neither its progress nor its files, and it cannot be reminded of; as if it were not there."""
    dispatch = reports.sent(system)
    other = log_in("tongji")
    for path in ("", "/matrix", "/rollup", "/workbook", "/pdf", "/csv"):
        assert other.get(f"/dispatches/{dispatch.id}{path}").status_code == 404
    assert other.press(f"/dispatches/{dispatch.id}/urge").status_code == 404
    assert other.get(NEW).status_code == 404
    assert other.press(NEW, period=PERIOD, due="2026-12-05", org=TWO[0]).status_code == 404
    assert dispatch.title not in other.get("/dispatches?show=all").text
    assert acts(system, "dispatch.urged") == []


def test_staff_may_not_send_or_watch(system: System, log_in: Any) -> None:
    """The pages of a department are closed to who fills in."""
    dispatch = reports.sent(system)
    staff = log_in("huian")
    assert staff.get("/dispatches").status_code == 403
    assert staff.get(NEW).status_code == 403
    assert staff.get(f"/dispatches/{dispatch.id}").status_code == 404


def test_a_press_without_the_token_is_refused(system: System, log_in: Any) -> None:
    """Every form carries the token of the log-in; without it nothing happens."""
    dispatch = reports.sent(system, TWO[:1])
    record = reports.handed_in(system, dispatch)
    for login, path in (
        ("minzheng", NEW),
        ("minzheng", f"/dispatches/{dispatch.id}/urge"),
        ("huian", f"/records/{record}/withdraw"),
    ):
        bare = {"x-csrf-token": ""}
        answer = log_in(login).send("POST", path, data={"org": TWO[1]}, headers=bare)
        assert answer.status_code == 403
    assert counted(system, DISPATCH, DOCUMENT) == [1, 1]
    assert acts(system, "flow.withdrawn") == []


def test_a_reminder_goes_out_once_an_hour(system: System, log_in: Any) -> None:
    """The second press within the hour reminds nobody and says so; the act is on the trail."""
    dispatch = reports.sent(system)
    office = log_in("minzheng")
    urge = f"/dispatches/{dispatch.id}/urge"
    page = f"/dispatches/{dispatch.id}"
    assert office.get(page).text.count('name="org"') == 2
    office.press(urge, org=TWO[0])
    assert "已催办 1 个单位" in office.get(page).text
    office.press(urge, org=TWO[0])
    told = office.get(page).text
    assert "刚催办过" in told
    assert told.count('name="org"') == 1
    [(target, detail)] = acts(system, "dispatch.urged")
    assert (target, detail["tasks"], detail["organisation"]) == (dispatch.id, 1, TWO[0])


def test_all_that_are_late_are_reminded_at_once(system: System, log_in: Any) -> None:
    """Without a name the reminder goes to who is late; nobody is before the due date."""
    dispatch = reports.sent(system, days=1)
    office = log_in("minzheng")
    office.press(f"/dispatches/{dispatch.id}/urge")
    assert "没有需要催办的单位" in office.get(f"/dispatches/{dispatch.id}").text
    assert acts(system, "dispatch.urged") == []


def test_the_rollup_adds_what_is_final(system: System, log_in: Any) -> None:
    """The total, the cells behind it, the way of one value; what is under way counts as missing."""
    dispatch = reports.sent(system, installed.COMMUNITIES[:3])
    reports.final(system, dispatch, "huian", grids=6, community_staff=11)
    reports.final(system, dispatch, "nanyao", grids=5, community_staff=1)
    reports.handed_in(system, dispatch, "shangyao", grids=100)
    office = log_in("minzheng")
    address = f"/dispatches/{dispatch.id}/rollup"
    page = office.get(address).text
    assert page.count("未办结</span>") == 1
    assert "只汇总已办结的报表：2 / 3" in page
    behind = office.get(f"{address}?cell=/grids").text
    assert 'drill-value num">11<' in behind
    assert "上尧社区居民委员会" not in behind.partition("grid-wrap")[0]
    one = office.get(f"{address}?cell=/grids&org={TWO[1]}").text
    assert 'drill-value num">5<' in one
    assert office.get(f"{address}?cell=/nothing").status_code == 404
    assert office.get(f"{address}?table=/nothing").status_code == 404
    assert office.get(f"{address}?cell=/grids&org=370602").status_code == 404


def test_what_a_total_is_made_of_comes_before_the_noughts(system: System, log_in: Any) -> None:
    """Of 158 communities the few that have any stand first."""
    dispatch = reports.sent(system, TWO)
    reports.final(system, dispatch, "huian", grids=0)
    reports.final(system, dispatch, "nanyao", grids=5)
    page = log_in("minzheng").get(f"/dispatches/{dispatch.id}/rollup?cell=/grids").text
    drill = page[page.index('id="drill"') :].partition("grid-wrap")[0]
    assert drill.index("南尧社区") < drill.index("惠安社区")


def test_a_total_leads_to_the_rows_behind_it(system: System, log_in: Any) -> None:
    """A roster's number of rows opens into those rows, each with its community."""
    dispatch = reports.sent(system, TWO[:1])
    bands = ("population", "population_male", "elderly_60", "elderly_65", "elderly_80")
    reports.final(
        system,
        dispatch,
        "huian",
        elders=[
            {"name": name, "sex": sex, "id_number": factories.id_number(sex=sex)}
            for name, sex in (("姜守田", "1"), ("于秀英", "2"))
        ],
        **dict.fromkeys((*bands, "elderly_80_89"), 2),
    )
    address = f"/dispatches/{dispatch.id}/rollup?table=/elders&cell=/elders"
    page = log_in("minzheng").get(address).text
    assert 'drill-value num">2<' in page
    behind = page.partition("rollup-title")[0]
    assert all(text in behind for text in ("姜守田", "于秀英", "惠安社区居民委员会", "<td>女</td>"))
    short = log_in("minzheng").get(f"{address}&rows=1").text
    assert ("姜守田" in short, "于秀英" in short, "显示更多" in short) == (True, False, True)


def test_the_rollup_is_saved_in_the_original_layout(system: System, log_in: Any) -> None:
    """Totals in the department's own cells; the file says which form it is; the export is noted."""
    dispatch = reports.sent(system)
    reports.final(system, dispatch, "huian", grids=6)
    reports.final(system, dispatch, "nanyao", grids=5)
    answer = log_in("minzheng").get(f"/dispatches/{dispatch.id}/workbook")
    assert answer.headers["content-type"] == XLSX
    assert "filename*=UTF-8''%E7%A4%BE" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert (sheet["F26"].value, sheet["H5"].value) == (11, "2026年11月")
    assert sheet["D5"].value == "芝罘区民政局汇总（2 个单位）"
    found = workbook.identity(answer.content)
    assert found is not None
    assert found.form_code == FORM
    assert acts(system, "export") == [(dispatch.id, {"kind": "dispatch", "what": "original"})]


def test_every_way_to_save_a_dispatch(system: System, log_in: Any) -> None:
    """By organisation, PDF, CSV: each opens as what it says it is."""
    dispatch = reports.sent(system)
    reports.final(system, dispatch, "huian", grids=6)
    office, base = log_in("minzheng"), f"/dispatches/{dispatch.id}"
    lines = openpyxl.load_workbook(
        io.BytesIO(office.get(f"{base}/workbook?what=organisations").content)
    ).worksheets
    assert len(lines) == 2
    assert office.get(f"{base}/pdf").content.startswith(b"%PDF")
    rows = list(csv.reader(io.StringIO(office.get(f"{base}/csv").content.decode("utf-8-sig"))))
    column = next(n for n, head in enumerate(rows[0]) if head.endswith("网格数"))
    assert [row[column] for row in rows[1:]] == ["6", "", "6"]
    assert len(acts(system, "export")) == 3


def test_forms_are_listed_with_what_is_shared(log_in: Any) -> None:
    """A department may send its own; the search narrows the list."""
    office = log_in("minzheng")
    page = office.get("/forms").text
    assert page.count('/dispatch">') == 3
    narrow = office.get("/forms?q=grain").text
    assert "粮食作物生产情况" in narrow
    assert "社区基本情况" not in narrow
    assert "44 / 46" in page


def test_a_form_gives_its_schema_and_its_empty_sheet(log_in: Any) -> None:
    """The schema is the published bundle; the sheet is marked with the form's version."""
    office = log_in("minzheng")
    schema = json_text.loads(office.get(f"/forms/{FORM}/schema").content)
    assert schema["form"]["code"] == FORM
    found = workbook.identity(office.get(f"/forms/{FORM}/workbook").content)
    assert found is not None
    assert (found.form_code, found.version) == (FORM, 1)
    assert office.get(f"/forms/{FORM}").status_code == 200
    assert office.get("/forms/no.such").status_code == 404


def test_no_page_shows_the_key_of_a_text(system: System, log_in: Any) -> None:
    """In both languages every text is there."""
    dispatch = reports.sent(system)
    record = reports.final(system, dispatch, "huian", grids=6)
    office = log_in("minzheng")
    keys = re.compile(
        r">\s*(?:[^<>]* )?(rollup|admission|dispatch(?:es)?|download|event|period|record|state|step|cell|col|table"
        r"|role|task|source|forms?|type|progress|due|public)\.[a-z_.]+"
    )
    for language in ("zh", "en"):
        office.client.cookies.set("lang", language)
        for path in (
            "/dispatches?show=all", NEW, f"/dispatches/{dispatch.id}", "/forms", f"/forms/{FORM}",
            f"/dispatches/{dispatch.id}/rollup?cell=/grids", f"/records/{record}", "/records",
        ):  # fmt: skip
            page = office.get(path)
            assert page.status_code == 200
            assert keys.findall(re.sub(r"<code.*?</code>", "", page.text)) == [], path


def test_a_value_is_followed_to_the_report_it_came_from(system: System, log_in: Any) -> None:
    """Another office's report opens filled from the first; its cell leads back to who entered it."""
    first = reports.final(system, reports.sent(system, TWO[:1]), "huian", grids=6)
    office = log_in("yingji")
    answer = office.press(
        "/forms/emergency.community_monthly/dispatch",
        period=PERIOD,
        due="2026-12-05",
        org=TWO[0],
    )
    dispatch = answer.headers["location"].rpartition("/")[2]
    staff = installed.person(system, "huian")
    with system.read(staff) as work:
        tasks = store.tasks_of(work, store.TASK.c.dispatch_id == dispatch)
    held = system.write(staff, lambda work: commands.open_task(work, tasks[0].id))
    with system.read(staff) as work:
        found = rollup.chain(work, held.record, "/grids")
    assert [(one.record.id, one.value) for one in found] == [(held.record.id, 6), (first, 6)]
    assert found[0].source["verified_by"] == "韩慎之"
    assert found[1].state == "typed"


def test_a_designer_sees_how_far_a_draft_is(log_in: Any) -> None:
    """A new version begun from a published form: its items stay confirmed as they were."""
    designer = log_in("designer")
    assert designer.press(f"/forms/{FORM}/design").status_code == 303
    page = designer.get("/forms").text
    assert "已确认 46 / 46 项" in page
    assert f"/designs/{FORM}" in page
    assert "已确认" not in log_in("minzheng").get("/forms").text


def test_a_large_dispatch_is_shown_level_by_level(
    system: System, log_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above a page's worth of units the levels come first; a filter or a name lists units, a page at a time."""
    monkeypatch.setattr(progress_view, "PAGE", 1)
    dispatch = reports.sent(system, installed.COMMUNITIES[:3])
    office = log_in("minzheng")
    page = office.get(f"/dispatches/{dispatch.id}?show=fill").text
    assert page.count('class="step step-now"') == 1
    following = re.search(r'href="(/dispatches/[^"]*after=[^"]*)"', page)
    assert following is not None
    second = office.get(html.unescape(following[1])).text
    assert second.count('class="step step-now"') == 1
    assert "惠安社区居民委员会" in page
    assert "惠安社区居民委员会" not in second
    found = office.get(f"/dispatches/{dispatch.id}?q=南尧").text
    assert "南尧社区居民委员会" in found
    assert "惠安社区居民委员会" not in found
    assert "没有符合条件的内容" in office.get(f"/dispatches/{dispatch.id}?q=不存在").text
    parts = office.get(f"/api/dispatches/{dispatch.id}?limit=2").json()
    rest = office.get(f"/api/dispatches/{dispatch.id}?after={parts['next']}").json()
    assert [len(parts["standings"]), len(rest["standings"]), rest["next"]] == [2, 1, ""]
