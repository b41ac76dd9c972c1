"""A task's workbook is taken home and brought back: only what was changed there is taken over."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from engine.work import System
from forms import documents, store
from forms.filing import Edit
from renderers import workbook
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows import commands
from workflows import store as tasks

LogIn = Callable[[str], Caller]


@pytest.fixture
def dispatch(system: System) -> Any:
    """The month's report, sent to two communities."""
    return reports.sent(system)


def task_of(system: System, login: str) -> str:
    """The fill task that waits for somebody."""
    with system.read(installed.person(system, login)) as work:
        found = tasks.tasks_of(work, tasks.TASK.c.status == "open", tasks.TASK.c.kind == "fill")
    return found[0].id


def taken(caller: Caller, task: str) -> bytes:
    """The task's workbook, downloaded."""
    answer = caller.get(f"/tasks/{task}/workbook")
    assert answer.status_code == 200
    return bytes(answer.content)


def brought(caller: Caller, task: str, content: bytes) -> Any:
    """The workbook, uploaded."""
    return caller.send(
        "POST",
        f"/tasks/{task}/workbook",
        data={"csrf": caller.token},
        files={"file": ("填好.xlsx", content, workbook.MEDIA_TYPE)},
    )


def edited(content: bytes, **cells: Any) -> bytes:
    """The workbook after somebody typed into it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for address, value in cells.items():
        book.worksheets[0][address] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def values(system: System, dispatch: Any, code: str = reports.TWO[0]) -> dict[str, Any]:
    """What the document says now."""
    with system.read(installed.ANYBODY) as work:
        found = documents.of_dispatch(work.connection, dispatch.id)
        return dict(next(one.contents for one in found if one.organisation_code == code))


def address(system: System, path: str) -> str:
    """Where a cell stands on the sheet."""
    with system.read(installed.ANYBODY) as work:
        item = store.published(work.connection, reports.FORM).by_path[path]
    assert item.at is not None
    return item.at


def test_what_was_typed_in_excel_is_taken_over(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """Changed cells become typed cells of the document; the page says how many."""
    caller, task = log_in("huian"), task_of(system, "huian")
    content = edited(taken(caller, task), **{address(system, "/grids"): 7})
    answer = brought(caller, task, content)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tasks/{task}")
    assert values(system, dispatch)["grids"] == 7
    page = caller.get(f"/tasks/{task}").text
    assert "已从工作簿取入 1 格" in page
    assert f"/tasks/{task}/workbook" in page


def test_one_faulty_cell_and_nothing_is_taken_over(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """The report names the cell, the item and what to do."""
    caller, task = log_in("huian"), task_of(system, "huian")
    at = address(system, "/grids")
    other = address(system, "/grid_workers")
    answer = brought(caller, task, edited(taken(caller, task), **{at: "七个", other: 9}))
    assert answer.status_code == 422
    assert at in answer.text
    assert "七个" in answer.text
    assert "grid_workers" not in values(system, dispatch)


def test_what_others_changed_meanwhile_is_kept(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """A cell untouched in Excel keeps what was saved on the page; one changed on both sides is told."""
    caller, task = log_in("huian"), task_of(system, "huian")
    content = taken(caller, task)
    who = installed.person(system, "huian")
    with system.read(who) as work:
        record = commands.hold(work, task).record
    edit = Edit(record.revision, {"/grids": 3})
    system.write(who, lambda work: commands.save_cells(work, record.id, edit, language="zh"))
    other = edited(content, **{address(system, "/grid_workers"): 9})
    assert brought(caller, task, other).status_code == 303
    assert values(system, dispatch)["grids"] == 3
    assert values(system, dispatch)["grid_workers"] == 9


def test_a_workbook_of_another_organisation_is_refused(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """Whose it is is only told to those who may know; nothing is taken over."""
    other, mine = task_of(system, "nanyao"), task_of(system, "huian")
    content = taken(log_in("nanyao"), other)
    caller = log_in("huian")
    answer = brought(caller, mine, content)
    assert answer.status_code == 422
    assert "不是这一份的" in answer.text
    assert "南尧" not in answer.text
    assert caller.get(f"/tasks/{other}/workbook").status_code == 404
    assert brought(caller, other, content).status_code == 404


def test_a_workbook_of_another_version_is_refused_with_what_differs(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """The form was published anew since: the differences stand there in words."""
    caller, task = log_in("huian"), task_of(system, "huian")
    content = taken(caller, task)
    with system.read(installed.ANYBODY) as work:
        form = store.published(work.connection, reports.FORM)
    old = workbook.fill(content, workbook.Placements(), identity=workbook.Identity(form.code, form.version + 1, "0" * 64))  # fmt: skip
    answer = brought(caller, task, old)
    assert answer.status_code == 422
    assert f"v{form.version + 1}" in answer.text


def test_no_workbook_at_all_is_refused_in_words(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """Nothing chosen, a picture, an empty file, a department's unmarked sheet."""
    caller, task = log_in("huian"), task_of(system, "huian")
    assert caller.press(f"/tasks/{task}/workbook").status_code == 422
    empty = openpyxl.Workbook()
    target = io.BytesIO()
    empty.save(target)
    for content in (b"", b"\x89PNG", b"PK\x03\x04cut off", target.getvalue()):
        assert brought(caller, task, content).status_code == 422


def test_a_returned_report_takes_over_returned_cells_only(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """The others are locked: they are named and left as they were."""
    record = reports.handed_in(system, dispatch, "huian", grids=6, grid_workers=8)
    reports.returned(system, dispatch, record, "/grids")
    caller, task = log_in("huian"), task_of(system, "huian")
    content = edited(
        taken(caller, task),
        **{address(system, "/grids"): 7, address(system, "/grid_workers"): 9},
    )
    answer = brought(caller, task, content)
    assert answer.status_code == 200
    assert address(system, "/grid_workers") in answer.text
    found = values(system, dispatch)
    assert (found["grids"], found["grid_workers"]) == (7, 8)


def test_checks_that_fail_are_told_by_cell_and_do_not_keep_the_rest_out(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """As when typing: the values are saved, each severity says what to do, and only then submitting is refused."""
    caller, task = log_in("huian"), task_of(system, "huian")
    cells = {
        "/population": 100, "/population_male": 40, "/population_female": 50,
        "/elderly_80": 7, "/elderly_80_89": 7, "/elderly_90_99": 0, "/elderly_100": 0,
        "/allowance_persons": 9,
    }  # fmt: skip
    content = edited(taken(caller, task), **{address(system, path): n for path, n in cells.items()})
    answer = brought(caller, task, content)
    assert answer.status_code == 200
    assert values(system, dispatch)["population_male"] == 40
    told = [
        re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr>.*?</tr>", answer.text, re.DOTALL)
    ]
    for at, severity, todo in (
        ("/population", " 强制 ", "改对了才能提交"),
        ("/elderly_80", " 准强制 ", "由审核人准予"),
        ("/allowance_persons", " 核实 ", "写明原因再提交"),
    ):
        row = next(one for one in told if f" {address(system, at)} " in one and severity in one)
        assert todo in row
    refused = caller.press(f"/tasks/{task}", action="submit")
    assert refused.status_code == 422


def test_a_formula_without_its_result_is_not_taken_for_an_empty_cell(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """As programs write it that do not calculate: the value that was there is not lost."""
    caller, task = log_in("huian"), task_of(system, "huian")
    at = address(system, "/population")
    first = brought(caller, task, edited(taken(caller, task), **{at: 100}))
    assert first.status_code in (200, 303)
    answer = brought(caller, task, edited(taken(caller, task), **{at: "=F12+F13"}))
    assert answer.status_code == 422
    assert at in answer.text
    assert "没有它的结果" in answer.text
    assert values(system, dispatch)["population"] == 100


@pytest.mark.parametrize("change", ["heading", "column", "row"])
def test_a_sheet_that_was_rebuilt_is_refused_by_the_cells_that_moved(
    system: System, log_in: LogIn, dispatch: Any, change: str
) -> None:
    """A heading rewritten, a column or a row put in: nothing is taken over."""
    caller, task = log_in("huian"), task_of(system, "huian")
    book = openpyxl.load_workbook(io.BytesIO(taken(caller, task)))
    page = book.worksheets[0]
    before = values(system, dispatch)
    if change == "heading":
        next(
            one for row in page.iter_rows() for one in row if "常住人口" in str(one.value)
        ).value = "人口"
    elif change == "column":
        page.insert_cols(3)
    else:
        page.insert_rows(12)
    target = io.BytesIO()
    book.save(target)
    answer = brought(caller, task, target.getvalue())
    assert answer.status_code == 422
    assert "请从系统重新下载原表" in answer.text
    assert values(system, dispatch) == before


def test_the_same_workbook_corrected_is_brought_a_second_time(
    system: System, log_in: LogIn, dispatch: Any
) -> None:
    """Whoever was told of a failing check mends it in the file at hand: what they brought before is no conflict."""
    caller, task = log_in("huian"), task_of(system, "huian")
    at = {path: address(system, f"/{path}") for path in ("population", "population_male", "population_female")}  # fmt: skip
    content = taken(caller, task)
    wrong = {"population": 100, "population_male": 40, "population_female": 50}
    first = brought(caller, task, edited(content, **{at[one]: n for one, n in wrong.items()}))
    assert "改对了才能提交" in first.text
    right = {**wrong, "population_female": 60}
    second = brought(caller, task, edited(content, **{at[one]: n for one, n in right.items()}))
    assert "别人刚改过" not in second.text
    found = values(system, dispatch)
    assert [found[one] for one in right] == [100, 40, 60]
