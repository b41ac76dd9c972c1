"""Sheets, forms and flows from the command line, with no database at all."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from engine.settings import ROOT
from renderers import workbook
from tests import several_sheets
from tests.forms.importers.excel.books import book
from tests.forms.importers.excel.test_hidden import roster

PACK = ROOT / "packs" / "yantai"
UPLOAD = PACK / "uploads" / "civil.visits.xlsx"
FLOW = PACK / "flows" / "fill_verify_approve.json"
FORMS = sorted((PACK / "forms").glob("*.json"))


def written(path: Path, content: object) -> Path:
    """A JSON file with this content."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def visits(run, tmp_path: Path) -> tuple[Path, str]:
    """The form that the uploaded sheet proposes, and the name of its list."""
    draft = run("sheet", "propose", UPLOAD, "--form").stdout
    path = tmp_path / "form.json"
    path.write_text(draft, encoding="utf-8")
    return path, next(iter(json.loads(draft)["properties"]))


def test_a_sheet_is_recognised_without_a_database(run, tmp_path: Path) -> None:
    """Title, items and fields; nothing is created on the machine."""
    result = run("sheet", "propose", UPLOAD, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["title"]) == (0, "退役军人和困难群众走访慰问情况表")
    assert "person.id_number" in {item["field"] for item in found["items"]}
    assert not (tmp_path / "var").exists()
    told = run("sheet", "propose", UPLOAD)
    assert "person.name" in told.stdout


def test_a_sheet_is_filled_in_its_own_layout(run, visits, tmp_path: Path) -> None:
    """An empty workbook, named as a department would, a document: values where the sheet has them."""
    _, table = visits
    sent = tmp_path / "走访慰问情况表（2026年）.xlsx"
    sent.write_bytes(Path(UPLOAD).read_bytes())
    row = {"name": "王秀英", "sex": "2", "id_number": "370602194103020045"}
    document = written(tmp_path / "doc.json", {table: [row]})
    out = tmp_path / "out.xlsx"
    options = ("-o", out, "--organisation", "惠安社区", "--json")
    result = run("sheet", "fill", sent, document, *options)
    assert (result.exit_code, json.loads(result.stdout)["rows"]) == (0, 1)
    page = openpyxl.load_workbook(out).active
    assert [page[cell].value for cell in ("B6", "C6", "D6", "D2")] == [
        "王秀英",
        "女",
        "370602194103020045",
        "惠安社区",
    ]
    blank = openpyxl.load_workbook(UPLOAD).active
    assert page.merged_cells.ranges == blank.merged_cells.ranges


def test_a_wrong_value_is_not_written_to_a_sheet(run, visits, tmp_path: Path) -> None:
    """It is told with its cell, and no file appears."""
    form, table = visits
    document = written(tmp_path / "doc.json", {table: [{"name": "王", "id_number": "1"}]})
    out = tmp_path / "out.xlsx"
    result = run("sheet", "fill", form, document, "--template", UPLOAD, "-o", out)
    assert result.exit_code == 2
    assert f"/{table}/r1/id_number" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_forms_of_the_pack_have_no_fault(run, path: Path) -> None:
    """Checked against the fields of the pack."""
    result = run("form", "check", path, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"valid": True, "complaints": []})


def test_a_fault_of_a_form_is_told_with_its_place(run, tmp_path: Path) -> None:
    """A field that is not in the dictionary, by its JSON pointer."""
    form = json.loads(FORMS[0].read_text(encoding="utf-8"))
    form["properties"]["odd"] = {"$ref": "field:person.nothing"}
    result = run("form", "check", written(tmp_path / "form.json", form))
    assert result.exit_code == 2
    assert result.stdout.startswith("/properties/odd/$ref  ")


def test_a_document_is_judged_by_its_form(run, visits, tmp_path: Path) -> None:
    """Fits or not, cell by cell; what is missing is no fault of a draft."""
    form, table = visits
    right = written(tmp_path / "right.json", {table: [{"name": "王秀英", "sex": "2"}]})
    wrong = written(tmp_path / "wrong.json", {table: [{"sex": "7"}], "odd": 1})
    assert run("form", "validate", form, right).exit_code == 0
    result = run("form", "validate", form, wrong, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["valid"]) == (2, False)
    assert {one["path"] for one in found["problems"]} == {f"/{table}/r1/sex", "/odd"}
    empty = written(tmp_path / "empty.json", {})
    assert run("form", "validate", "civil.community_monthly", empty).exit_code == 2
    assert run("form", "validate", "civil.community_monthly", empty, "--draft").exit_code == 0


def test_a_flow_that_gets_stuck_is_told_by_its_step(run, tmp_path: Path) -> None:
    """The packaged flow is sound; one whose step nobody reaches is not."""
    assert json.loads(run("flow", "check", FLOW, "--json").stdout)["sound"] is True
    flow = json.loads(FLOW.read_text(encoding="utf-8"))
    flow["steps"][0]["next"] = [{"to": "approve"}]
    result = run("flow", "check", written(tmp_path / "flow.json", flow))
    assert result.exit_code == 2
    assert result.stdout.startswith("verify  ")


TWICE = '{"a": 1, "a": 2}'
BAD = [
    (("sheet", "propose"), "no.xlsx", None),
    (("sheet", "propose"), "odd.xlsx", "这不是表格"),
    (("form", "check"), "no.json", None),
    (("form", "check"), "cut.json", '{"a": '),
    (("form", "check"), "twice.json", TWICE),
    (("form", "validate", "nothing.such"), "doc.json", "{}"),
    (("form", "validate", "stats.grain"), "list.json", "[1]"),
    (("form", "validate", "stats.grain"), "nan.json", '{"a": NaN}'),
    (("flow", "check"), "deep.json", "[" * 200 + "]" * 200),
    (("flow", "check"), "empty.json", "{}"),
    (("pack", "load"), "folder", None),
]


@pytest.mark.parametrize(("command", "name", "content"), BAD, ids=lambda value: str(value)[:30])
def test_bad_input_is_one_line_and_code_2(run, tmp_path: Path, command, name, content) -> None:
    """Nothing on standard output, no traceback."""
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    result = run(*command, path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_a_filled_workbook_is_read_back(run, visits, tmp_path: Path) -> None:
    """The same values come out; with one faulty cell nothing is written and the cell is named."""
    _, table = visits
    row = {"name": "王秀英", "sex": "2", "id_number": "370602194103020045"}
    data = written(tmp_path / "data.json", {table: [row]})
    book, back = tmp_path / "填好.xlsx", tmp_path / "back.json"
    assert run("sheet", "fill", UPLOAD, data, "-o", book, "--draft").exit_code == 0
    result = run("sheet", "read", UPLOAD, book, "-o", back)
    assert (result.exit_code, result.stderr) == (0, "")
    read = json.loads(back.read_text(encoding="utf-8"))[table]
    assert [{name: one[name] for name in row} for one in read] == [row]
    spoilt = openpyxl.load_workbook(book)
    sheet = spoilt.worksheets[0]
    cell = next(c for line in sheet.iter_rows() for c in line if c.value == "370602194103020045")
    cell.value = "370602194103020046"
    spoilt.save(book)
    back.unlink()
    result = run("sheet", "read", UPLOAD, book, "-o", back, "--json")
    assert result.exit_code == 2
    assert [one["cell"] for one in json.loads(result.stdout)["faults"]] == [cell.coordinate]
    assert not back.exists()


def test_a_workbook_of_another_form_is_not_read(run, tmp_path: Path) -> None:
    """An unmarked workbook, or one of another form: refused before a cell is looked at."""
    result = run("sheet", "read", "civil.community_monthly", UPLOAD)
    assert result.exit_code == 2
    assert "civil.community_monthly v1" in result.stderr


def test_hidden_helpers_stay_as_they_are_when_a_sheet_is_filled(run, tmp_path: Path) -> None:
    """Hidden keys and codes are neither items nor written to, also where rows come in."""
    sent, out = tmp_path / "roster.xlsx", tmp_path / "out.xlsx"
    sent.write_bytes(book(roster))
    form = json.loads(run("sheet", "propose", sent, "--form").stdout)
    [(table, node)] = form["properties"].items()
    titles = {one["title"]: name for name, one in node["items"]["properties"].items()}
    kept = [{titles["年龄"]: 80}] * 6
    document = written(tmp_path / "doc.json", {table: kept})
    result = run("sheet", "fill", sent, document, "-o", out, "--draft")
    assert result.exit_code == 0, result.stderr
    page, blank = openpyxl.load_workbook(out).active, openpyxl.load_workbook(sent).active
    assert [page.row_dimensions[3].hidden, *(page.column_dimensions[c].hidden for c in "BG")] == [True] * 3  # fmt: skip
    assert [cell.value for cell in page[3]] == [cell.value for cell in blank[3]]
    assert [page[f"{c}4"].value for c in "BG"] == ["=C4&D4", "=E4*12"]
    assert [page[f"D{row}"].value for row in range(4, 10)] == [80] * 6
    result = run("sheet", "read", sent, out, "--json")
    assert len(json.loads(result.stdout)["values"][table]) == 6


def test_several_worksheets_are_one_form(run, tmp_path: Path) -> None:
    """What each is, each recognised as alone, the rules between them; filled and read back as a whole."""
    sent = tmp_path / "年报.xlsx"
    sent.write_bytes(several_sheets.workbook())
    found = json.loads(run("sheet", "propose", sent, "--all-sheets", "--json").stdout)
    assert set(found) == {"sheets", "proposals", "checks", "notes"}
    assert [one["role"] for one in found["sheets"]] == ["cover", "form", "form", "form", "notes", "hidden"]  # fmt: skip
    alone = json.loads(run("sheet", "propose", sent, "--sheet", "表二", "--json").stdout)
    assert set(alone) == set(found["proposals"][2])
    assert alone["items"] == found["proposals"][2]["items"]
    both = run("sheet", "propose", sent, "--sheet", "表二", "--sheet", "表三", "--form").stdout
    assert {one.get("sheet") for one in json.loads(both)["properties"].values()} == {None, "表三"}
    form = written(tmp_path / "form.json", json.loads(both))
    table = next(iter(json.loads(both)["properties"]))
    area = "cultivated_area"
    document = written(tmp_path / "doc.json", {table: [{"name": f"户{n}", area: n} for n in range(5)]})  # fmt: skip
    out, back = tmp_path / "out.xlsx", tmp_path / "back.json"
    assert run("sheet", "fill", form, document, "--template", sent, "-o", out).exit_code == 0
    book = openpyxl.load_workbook(out)
    assert (book["表二"]["C8"].value, book["表三"]["C5"].value) == (4, "=SUM(表二!C4:C8)")
    assert run("sheet", "read", form, out, "--template", sent, "-o", back).exit_code == 0
    assert [one[area] for one in json.loads(back.read_text())[table]] == [0, 1, 2, 3, 4]
    unknown = run("sheet", "propose", sent, "--sheet", "表二", "--sheet", "表九", "--json")
    assert unknown.exit_code == 2
    assert "表九" in unknown.stderr


def test_a_workbook_of_units_has_all_their_worksheets() -> None:
    """Two worksheets for each organisation; the summary of each asks its own list."""
    content, names = workbook.with_sheets(
        several_sheets.workbook(), ["惠安社区", "南尧社区"], sheets=["表二", "表三"]
    )
    assert names == ["惠安社区 表二", "惠安社区 表三", "南尧社区 表二", "南尧社区 表三"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["南尧社区 表三"]["C5"].value == "=SUM('南尧社区 表二'!C4:C6)"
    assert book["表三"]["C5"].value == "=SUM(表二!C4:C6)"
