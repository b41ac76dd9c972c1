"""Real departments' workbooks: what comes back differs in the written values and nothing else."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from engine.errors import Problem
from renderers.ooxml.book import Book
from renderers.ooxml.package import Package
from renderers.ooxml.sheet import Sheet
from renderers.placements import CellWrite, Identity, Placements
from renderers.workbook import fill, identity, read_back
from tests.renderers.department_sheet import parts, roster

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FORM = Identity("demo.form", 1, "0" * 64)
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the real sheets are not beside the repository"
)
needs_office = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftoppm")),
    reason="LibreOffice and pdftoppm are not installed, so nothing can draw a workbook",
)


def workbooks() -> list[Path]:
    """Every real .xlsx that is one."""
    found = sorted((CORPUS / "excel-zh").rglob("*.xlsx")) + sorted(
        (CORPUS / "excel-intl").rglob("*.xlsx")
    )
    return [path for path in found if zipfile.is_zipfile(path)]


def sheet_of(data: bytes) -> Sheet:
    """The first sheet's own XML."""
    book = Book(Package.open(data))
    entry = book.sheet("")
    return Sheet(book.package.tree(entry.part), entry.name, entry.part)


def cells(data: bytes) -> dict[str, bytes]:
    """Every cell's XML by address."""
    sheet = sheet_of(data)
    return {
        cell.get("r"): etree.tostring(cell, method="c14n")
        for row in sheet.rows.values()
        for cell in row
    }


@needs_corpus
@pytest.mark.corpus
def test_identity_changes_one_part_of_a_real_workbook() -> None:
    """All other parts are byte for byte those of the department, on every file there."""
    seen = 0
    for path in workbooks():
        template = path.read_bytes()
        filled = fill(template, Placements(), identity=FORM)
        before, after = parts(template), parts(filled)
        assert {name for name in before if after[name] != before[name]} == {"xl/workbook.xml"}, path
        assert identity(filled) == FORM
        seen += 1
    assert seen > 200


@needs_corpus
@pytest.mark.corpus
def test_one_value_changes_one_cell_of_a_real_workbook() -> None:
    """Every other cell's XML, and everything around the cells, is what it was."""
    seen = 0
    for path in workbooks():
        template = path.read_bytes()
        empty = next((key for key, xml in cells(template).items() if b"<v" not in xml and b"<is" not in xml), None)  # fmt: skip
        if empty is None:
            continue
        filled = fill(template, Placements((CellWrite(empty, "惠安社区"),)))
        before, after = cells(template), cells(filled)
        area = sheet_of(template).merged(*_split(empty))
        changed = {
            key for key in after if without_result(before.get(key)) != without_result(after[key])
        }
        assert changed <= {empty, str(area).split(":")[0]}, path
        assert around(template) == around(filled), path
        seen += 1
    assert seen > 150


def _split(address: str) -> tuple[int, int]:
    from renderers.ooxml.addresses import split  # beside its only use

    return split(address)


def without_result(xml: bytes | None) -> bytes:
    """A formula's remembered result is stale once something is filled in."""
    if xml is None or b"<f" not in xml:
        return xml or b""
    return xml[xml.index(b"<f") : xml.index(b"</f>")] if b"</f>" in xml else xml[:20]


def around(data: bytes) -> bytes:
    """The sheet without its cells and used range."""
    root = sheet_of(data).root
    for name in ("sheetData", "dimension"):
        for part in root.iterfind(f"{{*}}{name}"):
            root.remove(part)
    return bytes(etree.tostring(root, method="c14n"))


@needs_corpus
@pytest.mark.corpus
def test_every_text_of_a_real_workbook_can_be_written_and_read() -> None:
    """All texts of the annual rural reports, written into their own cells, come back the same."""
    for path in sorted((CORPUS / "excel-zh/open/nongcun-tongji-nianbao").glob("*.xlsx")):
        template = path.read_bytes()
        book = Book(Package.open(template))
        strings, sheet = book.strings, sheet_of(template)
        said = {
            cell.get("r"): strings.value(cell)
            for row in sheet.rows.values()
            for cell in row
            if isinstance(strings.value(cell), str)
        }
        placements = Placements(tuple(CellWrite(key, value) for key, value in said.items()))
        assert read_back(fill(template, placements), placements).cells == said


@needs_corpus
@pytest.mark.corpus
def test_hostile_workbooks_are_refused_or_survived() -> None:
    """Bombs, entities, doubled parts: a problem told, never a crash or a full memory."""
    for path in sorted((CORPUS / "attacks/xlsx").glob("*.xlsx")):
        data = path.read_bytes()
        try:
            filled = fill(data, Placements((CellWrite("A1", "x"),)))
        except Problem as problem:
            assert problem.text("zh") != problem.code  # noqa: PT017 - either outcome is right
        else:
            assert read_back(filled, Placements((CellWrite("A1"),))).cells["A1"] == "x", path


@needs_office
def test_an_office_program_draws_the_same_picture_when_nothing_is_filled(tmp_path: Path) -> None:
    """The picture of a workbook with only our identity in it is the original's."""
    template = roster()
    assert drawn(template, tmp_path / "a") == drawn(
        fill(template, Placements(), identity=FORM), tmp_path / "b"
    )


def drawn(data: bytes, folder: Path) -> list[bytes]:
    """The pages as pictures."""
    folder.mkdir()
    (folder / "sheet.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(
        [*command, str(folder / "sheet.xlsx")], check=True, capture_output=True, timeout=90
    )
    subprocess.run(
        ["pdftoppm", "-r", "50", str(folder / "sheet.pdf"), str(folder / "page")], check=True
    )
    return [path.read_bytes() for path in sorted(folder.glob("page*.ppm"))]


def test_parts_of_a_made_workbook_are_untouched() -> None:
    """The same rule where no real sheet is at hand."""
    template = roster()
    filled = fill(template, Placements(), identity=FORM)
    before, after = parts(template), parts(filled)
    assert {name for name in before if after[name] != before[name]} == {"xl/workbook.xml"}
    with zipfile.ZipFile(io.BytesIO(filled)) as archive:
        assert archive.testzip() is None
