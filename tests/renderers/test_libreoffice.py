"""LibreOffice opens what we write, and an unfilled workbook looks as the original did. Runs where it is installed."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from engine.settings import ROOT
from renderers import workbook
from renderers.placements import Block, CellWrite, Column, Identity, Placements
from tests.renderers.department_sheet import SHEET, roster

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PICTURES = shutil.which("pdftoppm")
TEMPLATES = sorted((ROOT / "packs" / "yantai" / "templates").glob("*.xlsx"))
FORM = Identity("civil.elderly_monthly", 3, "ab" * 32)

pytestmark = pytest.mark.skipif(
    not OFFICE or not PICTURES, reason="LibreOffice and pdftoppm are not installed"
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
