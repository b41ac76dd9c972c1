"""LibreOffice opens what we write, and an unfilled workbook looks as the original did. Runs where it is installed."""

import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import MergedCell

from engine.settings import ROOT
from renderers import workbook
from renderers.legacy_sheet import to_workbook
from renderers.placements import Block, CellWrite, Column, Identity, Placements
from tests.renderers.department_sheet import SHEET, roster

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PICTURES = shutil.which("pdftoppm")
TEMPLATES = sorted((ROOT / "packs" / "yantai" / "templates").glob("*.xlsx"))
CORPUS = ROOT.parent / "shared" / "corpus" / "excel-zh" / "open"
AT_MOST = 12
"""Real workbooks that one test converts; the corpus gives them evenly, from every folder."""
FORM = Identity("civil.elderly_monthly", 3, "ab" * 32)

pytestmark = pytest.mark.skipif(
    not OFFICE or not PICTURES,
    reason="LibreOffice and pdftoppm are not installed, so nothing can draw a workbook",
)


def converted(folder: Path, ending: str, *files: Path) -> None:
    """All files by one start of LibreOffice, into the folder, from a profile of the test's own."""
    profile = folder.parent / "profile"
    subprocess.run(
        [
            str(OFFICE), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", ending,
            "--outdir", str(folder), *map(str, files),
        ],
        check=True, capture_output=True, timeout=170,
    )  # fmt: skip


def picture(pdf: Path) -> bytes:
    """The first pages as pixels."""
    made = subprocess.run(
        [str(PICTURES), "-r", "60", "-l", "3", str(pdf)], check=True, capture_output=True
    )
    return made.stdout


def test_an_unfilled_workbook_looks_as_the_original(tmp_path: Path) -> None:
    """Pixel for pixel, for the sheets of the pack and one with everything a sheet can have."""
    originals = {path.stem: path.read_bytes() for path in TEMPLATES} | {"roster": roster()}
    folders = tmp_path / "before", tmp_path / "after"
    for folder in folders:
        folder.mkdir()
    for name, content in originals.items():
        (folders[0] / f"{name}.xlsx").write_bytes(content)
        nothing = Placements(blocks=(Block(6, 9, (Column("B"),)),) if name == "roster" else ())
        (folders[1] / f"{name}.xlsx").write_bytes(workbook.fill(content, nothing, identity=FORM))
    for folder in folders:
        converted(folder, "pdf", *sorted(folder.glob("*.xlsx")))
    different = [
        name
        for name in originals
        if picture(folders[0] / f"{name}.pdf") != picture(folders[1] / f"{name}.pdf")
    ]
    assert different == []
    assert len(originals) > 5


def real() -> list[Path]:
    """Some real workbooks of departments, old ones too, the same ones each time."""
    known = [path for ending in ("xlsx", "xls") for path in sorted(CORPUS.rglob(f"*.{ending}"))]
    return known[:: max(1, len(known) // AT_MOST)][:AT_MOST]


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real sheets are not beside the repository")
def test_real_workbooks_look_as_they_did_and_keep_what_is_written(tmp_path: Path) -> None:
    """Nothing filled: the same picture. Every empty cell of the first rows filled: all of it is there."""
    folders = {name: tmp_path / name for name in ("before", "after", "filled", "kept")}
    for folder in folders.values():
        folder.mkdir()
    written: dict[str, dict[str, str]] = {}
    for number, path in enumerate(real()):
        name, template = f"{number:02d}.xlsx", to_workbook(path.read_bytes())
        (folders["before"] / name).write_bytes(template)
        (folders["after"] / name).write_bytes(workbook.fill(template, Placements(), identity=FORM))
        told = {address: f"填{n}" for n, address in enumerate(empty_cells(template))}
        places = Placements(tuple(CellWrite(address, text) for address, text in told.items()))
        (folders["filled"] / name).write_bytes(workbook.fill(template, places, identity=FORM))
        written[name] = told
    for folder in ("before", "after"):
        converted(folders[folder], "pdf", *sorted(folders[folder].glob("*.xlsx")))
    converted(folders["kept"], "xlsx", *sorted(folders["filled"].glob("*.xlsx")))
    pages = [[picture(folders[one] / f"{name[:-5]}.pdf") for name in written] for one in ("before", "after")]  # fmt: skip
    assert pages[0] == pages[1]
    for name, told in written.items():
        sheet = openpyxl.load_workbook(folders["kept"] / name).worksheets[0]
        assert {address: sheet[address].value for address in told} == told
    assert sum(map(len, written.values())) > 10 * len(written)


def empty_cells(template: bytes) -> list[str]:
    """Cells of the first sheet in which nothing stands: no hidden part of a merged area."""
    sheet = openpyxl.load_workbook(io.BytesIO(template)).worksheets[0]
    return [
        cell.coordinate
        for row in sheet.iter_rows(max_row=12, max_col=12)
        for cell in row
        if cell.value is None and not isinstance(cell, MergedCell)
    ]


def test_a_grown_workbook_is_opened_and_calculated(tmp_path: Path) -> None:
    """Inserted rows, their formulas and the stretched total: LibreOffice comes to the same numbers."""
    columns = (
        Column("B"),
        Column("C", "id", "spaced"),
        Column("E", "number"),
        Column("F", "number"),
    )
    rows = tuple(
        {"B": f"张{n}", "C": f"37060219410302{n:04d}", "E": n, "F": 10 * n} for n in range(1, 41)
    )
    one = Placements(
        (CellWrite("A2", "惠安社区", after="填报单位"),), (Block(6, 9, columns, rows),), SHEET
    )
    single = workbook.fill(roster(), one, identity=FORM)
    empty, names = workbook.with_sheets(roster(), ["惠安社区", "南尧社区"], identity=FORM)
    many = workbook.fill_each(
        empty, [Placements(one.cells, one.blocks, name) for name in (SHEET, *names)]
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for name, content in (("single", single), ("many", many)):
        (tmp_path / "in" / f"{name}.xlsx").write_bytes(content)
    converted(tmp_path / "out", "xlsx", *sorted((tmp_path / "in").glob("*.xlsx")))
    for name, sheets in (("single", [SHEET]), ("many", [SHEET, *names])):
        book = openpyxl.load_workbook(tmp_path / "out" / f"{name}.xlsx", data_only=True)
        for title in sheets:
            sheet = book[title]
            assert [sheet[f"G{row}"].value for row in (6, 45)] == [11, 440]
            assert sheet["E46"].value == sum(range(1, 41))
            assert sheet["C45"].value == "370602 19410302 0040"
