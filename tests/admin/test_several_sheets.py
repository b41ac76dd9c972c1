"""A workbook of several worksheets, from the upload to a filled workbook and back."""

import io
import re
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import exports
from admin.views import placing, workbook_view
from admin.views.print_view import Frame
from admin.views.workbook_view import Filled
from engine.work import System
from forms import compile as compiler
from forms import store
from forms.compiled import CompiledForm
from forms.importers.excel.several import recognise
from forms.importers.excel.several.draft import to_one_form
from renderers import workbook
from renderers.ooxml.book import SheetMissing
from tests import installed
from tests import several_sheets as made
from tests.admin.conftest import Caller
from tests.admin.test_hard_round_trip import NOTHING

NUMBERS = st.integers(0, 10**6)


@cache
def form() -> CompiledForm:
    """The form of all that belongs together."""
    content = made.workbook()
    seen = recognise.look(content)
    names = [one.name for one in seen if one.role in recognise.JOINED]
    found = recognise.recognise(content, names, seen=seen)
    return compiler.compile_form(to_one_form(found, code="demo.several", owner=""), {}, {})


def values(figures: list[int], areas: list[int]) -> dict[str, Any]:
    """Six figures on 表一, a list of any length on 表二, one figure on 表三."""
    names = [(row, column) for row in ("r01", "r02", "r03") for column in ("hs", "rk")]
    rows: dict[str, dict[str, int]] = {}
    for (row, column), figure in zip(names, figures, strict=True):
        rows.setdefault(row, {})[column] = figure
    people = [{"_id": f"r{n}", "xm": f"户{n}", "gdmj": area} for n, area in enumerate(areas, 1)]
    found: dict[str, Any] = {"ncjczzqk": rows, "hzqk": {"r04": {"sl": 7}}}
    return {**found, "zzdhmc": people} if people else found


def filled(document: dict[str, Any]) -> bytes:
    """The workbook with it."""
    placed = placing.placed(form(), document, NOTHING, Frame("惠安社区", "2026年"))
    return workbook.fill(made.workbook(), placed, identity=placing.identity(form()))


def read(content: bytes) -> Filled:
    """What a workbook says."""
    numbers = iter(count(1))
    return workbook_view.read(form(), made.workbook(), content, base={}, dictionary=NOTHING, language="zh", fresh=lambda: f"r{next(numbers)}")  # fmt: skip


def edited(content: bytes, change: Any) -> bytes:
    """The workbook as another program leaves it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@given(st.lists(NUMBERS, min_size=6, max_size=6), st.lists(NUMBERS, max_size=9))
def test_whatever_is_filled_on_the_sheets_comes_back(figures: list[int], areas: list[int]) -> None:
    """Every cell of every sheet, with more rows than there is room for and with fewer."""
    document = values(figures, areas)
    found = read(filled(document))
    assert (list(found.faults), dict(found.contents)) == ([], document)


def test_all_sheets_are_filled_and_formulas_follow_the_rows_of_another() -> None:
    """Two rows more on 表二: its total moves, and 表三 sums them all; the other sheets are as they were."""
    book = openpyxl.load_workbook(io.BytesIO(filled(values([9, 8, 4, 3, 5, 5], [1, 2, 3, 4, 5]))))
    assert book.sheetnames == [made.COVER, made.VILLAGES, made.PEOPLE, made.SUMMARY, made.NOTES, made.CODES]  # fmt: skip
    assert book[made.COVER]["B4"].value == "惠安社区"
    assert [book[made.VILLAGES][cell].value for cell in ("C4", "D6")] == [9, 5]
    assert [book[made.PEOPLE][f"C{row}"].value for row in range(4, 10)] == [1, 2, 3, 4, 5, "=SUM(C4:C8)"]  # fmt: skip
    summary = book[made.SUMMARY]
    assert [summary[f"C{row}"].value for row in (4, 5, 6)] == ["=表一!C4", "=SUM(表二!C4:C8)", "=表二!C9/表一!C4"]  # fmt: skip
    assert book[made.CODES].sheet_state == "hidden"


def test_a_fault_is_told_with_its_worksheet() -> None:
    """A word where a number belongs, on the second sheet, in a row that was inserted."""

    def change(book: Any) -> None:
        book[made.PEOPLE]["C8"] = "约五亩"

    found = read(edited(filled(values([1, 1, 1, 1, 0, 0], [1, 2, 3, 4, 5])), change))
    assert [(one.address, one.code) for one in found.faults] == [("表二!C8", "render.fault.not-a-number")]  # fmt: skip
    assert "C8" in found.faults[0].address


def test_a_heading_changed_on_any_sheet_stops_the_reading() -> None:
    """Then values of its neighbours might be taken for those of a column."""

    def change(book: Any) -> None:
        book[made.SUMMARY]["C3"] = "上年数"

    found = read(edited(filled(values([1, 1, 1, 1, 0, 0], [1])), change))
    assert [(one.address, one.code) for one in found.faults] == [("表三!C3", "render.fault.layout-changed")]  # fmt: skip


def test_a_worksheet_taken_out_is_told() -> None:
    """The whole workbook is refused, nothing of the others is taken."""
    with pytest.raises(SheetMissing):
        read(edited(filled(values([1, 1, 1, 1, 0, 0], [1])), lambda book: book.remove(book[made.PEOPLE])))  # fmt: skip


LogIn = Callable[[str], Caller]
OWNER = "370602-mzj"


def uploaded(designer: Caller, **fields: Any) -> Any:
    """The upload page sent, with the made workbook or what was kept of it."""
    files = {} if "upload" in fields else {"file": ("年报.xlsx", made.workbook(), workbook.MEDIA_TYPE)}  # fmt: skip
    data = {"csrf": designer.token, "owner": OWNER, **fields}
    return designer.send("POST", "/forms/upload", data=data, files=files or None)


def kept(answer: Any) -> str:
    """The id under which the upload waits."""
    found = re.search(r'name="upload" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def test_the_page_shows_every_worksheet_and_makes_one_form_of_those_ticked(
    system: System, log_in: LogIn
) -> None:
    """What each is, those that belong together ticked; the designer then has them all."""
    designer = log_in("designer")
    asked = uploaded(designer)
    ticked = re.findall(r'name="join" value="([^"]+)" checked', asked.text)
    assert ticked == [made.COVER, made.VILLAGES, made.PEOPLE, made.SUMMARY, made.NOTES]
    assert "隐藏，不填" in asked.text
    answer = uploaded(designer, upload=kept(asked), join=ticked)
    code = answer.headers["location"].rpartition("/")[2]
    shown = designer.get(f"/api/designs/{code}").json()
    assert [one["name"] for one in shown["sheets"]] == ticked[:-1]
    cells = {cell["at"]: cell for row in shown["sheets"][3]["rows"] for cell in row}
    assert cells["C5"]["path"] == "/hzqk/r02/sl"
    assert {"封面!B4"} <= {one["text"] for one in shown["blocks"]}
    assert any("表三!C7" in one["text"] for one in shown["problems"])
    assert designer.get(f"/designs/{code}/preview").status_code == 200
    with system.read(installed.ANYBODY) as work:
        draft = store.draft(work.connection, code)
    assert draft.document["title"] == made.TITLES[made.COVER]


def test_one_worksheet_alone_is_a_form_as_before(system: System, log_in: LogIn) -> None:
    """By its own button, whatever else is ticked."""
    designer = log_in("designer")
    asked = uploaded(designer)
    answer = uploaded(
        designer, upload=kept(asked), join=[made.COVER, made.PEOPLE], sheet=made.PEOPLE
    )
    code = answer.headers["location"].rpartition("/")[2]
    with system.read(installed.ANYBODY) as work:
        document = store.draft(work.connection, code).document
    assert document["form"]["template"]["sheet"] == made.PEOPLE
    assert "sheet" not in str(document["properties"])


def test_nothing_ticked_is_said_and_the_choice_stays(log_in: LogIn) -> None:
    """The worksheets are still there to be ticked, without the file being sent again."""
    designer = log_in("designer")
    asked = uploaded(designer)
    answer = uploaded(designer, upload=kept(asked))
    assert answer.status_code == 422
    assert "请至少勾选一张工作表" in answer.text
    assert kept(answer) == kept(asked)


def test_a_cell_that_the_form_computes_is_told_when_somebody_wrote_over_it() -> None:
    """The formula gone and another figure there: not taken, and said so; the same figure is no news."""
    document = values([9, 8, 4, 3, 5, 5], [1, 2])

    def change(figure: int) -> Filled:
        def put(book: Any) -> None:
            book[made.SUMMARY]["C4"] = figure

        return read(edited(filled(document), put))

    assert change(9).untaken == ()
    found = change(1000)
    assert [(one.address, one.code) for one in found.untaken] == [("表三!C4", "workbook.protected")]
    assert "1000" in found.untaken[0].text
    assert found.contents["ncjczzqk"] == document["ncjczzqk"]


def test_a_formula_of_the_sheet_without_its_result_empties_nothing() -> None:
    """表三!C7 is asked for and has a formula of the department's own: saved by a program that does not
    calculate, it says nothing, and what was there stays.
    """
    document = values([9, 8, 4, 3, 5, 5], [1, 2])
    content = edited(filled(document), lambda book: None)
    found = workbook_view.read(form(), made.workbook(), content, base=document, dictionary=NOTHING, language="zh", fresh=lambda: "new")  # fmt: skip
    assert found.contents["hzqk"]["r04"]["sl"] == 7


def test_a_workbook_with_the_worksheets_of_every_unit() -> None:
    """Each organisation on its own copies, whose formulas ask one another; the empty ones stand before them."""
    units = {"惠安社区": [9, 8, 4, 3, 5, 5], "南尧社区": [7, 6, 3, 3, 4, 3]}
    placed = [
        placing.placed(form(), values(figures, [1, 2, 3, 4, 5]), NOTHING, Frame(unit, "2026年"))
        for unit, figures in units.items()
    ]
    content, _ = workbook.with_sheets(
        made.workbook(), list(units), sheets=[one.sheet for one in placed[0].each]
    )
    names = workbook.sheet_names(content)
    filled_ = workbook.fill_each(
        content, [exports.of_unit(one, names, n, len(placed)) for n, one in enumerate(placed)]
    )
    book = openpyxl.load_workbook(io.BytesIO(filled_))
    for unit, figures in units.items():
        assert book[f"{unit} {made.VILLAGES}"]["C4"].value == figures[0]
        assert book[f"{unit} {made.COVER}"]["B4"].value == unit
        assert book[f"{unit} {made.PEOPLE}"]["C8"].value == 5
        assert book[f"{unit} {made.SUMMARY}"]["C5"].value == f"=SUM('{unit} {made.PEOPLE}'!C4:C8)"
    assert book[made.PEOPLE]["C4"].value is None
