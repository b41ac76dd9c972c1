"""A department's workbook becomes a draft: its own totals are reckoned, and it is called by a name."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from forms.designing import intake
from tests.forms.importers.excel.books import book
from tests.installed import pack_only, person


def drafted(folder: Path, content: bytes, name: str = "表样.xlsx") -> dict[str, Any]:
    """What a designer gets for a workbook that a department sent."""
    system = pack_only().copy(folder)
    try:
        draft = system.write(
            person(system, "designer"),
            lambda work: intake.start(work, content, name, sheet=None, owner="370602-mzj"),
        )
        return dict(draft.document)
    finally:
        system.close()


def spending(total: str, part: str = "") -> Any:
    """A form of fixed rows: 合计 over its parts, and a column of totals in the rows that have parts."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(["民生实事投入情况表"])
        sheet.merge_cells("A1:E1")
        sheet.append(["指标名称", "代码", "合计", "财政", "社会"])
        sheet.append(["投入合计", "01", total, "=SUM(D4:D5)", "=SUM(E4:E5)"])
        sheet.append(["道路", "02", part or "=D4+E4"])
        sheet.append(["路灯", "03", "=D5+E5"])
        sheet.append(["志愿者人数", "04", None, "—", "—"])

    return fill


def reckoned(document: dict[str, Any]) -> dict[str, list[str]]:
    (table,) = document["properties"].values()
    return {
        row["row_code"]: sorted(
            name for name, cell in row.get("properties", {}).items() if "compute" in cell
        )
        for row in table["properties"].values()
    }


def test_totals_that_the_sheet_reckons_are_not_asked(tmp_path: Path) -> None:
    """`=SUM(D4:D5)` in one row of a column is that cell's formula; cells without one are asked."""
    document = drafted(tmp_path, book(spending("=SUM(D3:E3)")))
    assert reckoned(document) == {
        "01": ["cz", "hj", "sh"],
        "02": ["hj"],
        "03": ["hj"],
        "04": [],
    }


@pytest.mark.parametrize(("total", "part"), [("=C4+C5", "=C3-C5"), ("=SUM(D3:E3)", "=A4+1")])
def test_a_formula_that_a_form_cannot_hold_keeps_no_workbook_out(
    tmp_path: Path, total: str, part: str
) -> None:
    """A circle, a text in a sum: those cells are asked, the others are reckoned as the sheet says."""
    found = reckoned(drafted(tmp_path, book(spending(total, part))))
    assert ("hj" in found["01"], found["02"]) == (total == "=SUM(D3:E3)", [])
    assert found["03"] == ["hj"]


def test_a_sheet_without_a_title_is_called_as_its_file(tmp_path: Path) -> None:
    """Sheet1 is no name for a form, and its code is none either."""

    def fill(sheet: Worksheet) -> None:
        sheet.title = "Sheet1"
        sheet.append(["序号", "姓名", "电话"])
        sheet.append([1])
        sheet.append([2])

    assert drafted(tmp_path, book(fill), "志愿者名册.xlsx")["title"] == "志愿者名册"
