"""The PDF: everything on the page, our font only, nothing fetched, missing characters told."""

import dataclasses
import io
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from renderers import glyphs, page_layout, pdf
from renderers.contract import Cell, Column, Document, Item, PageSetup, Row, Section, Table
from tests.renderers.sample_document import monthly, roster_table

needs_fonts = pytest.mark.skipif(
    not glyphs.REGULAR.is_file(), reason="make setup has not put the fonts in place yet"
)
needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="poppler-utils is not installed, so no PDF can be read"
)
pytestmark = needs_fonts


def tool(name: str, data: bytes, folder: Path, *options: str) -> str:
    """What a program of poppler says about a PDF."""
    path = folder / "document.pdf"
    path.write_bytes(data)
    after = ["-"] if name == "pdftotext" else []
    done = subprocess.run([name, *options, str(path), *after], check=True, capture_output=True)
    return done.stdout.decode()


@needs_poppler
def test_the_page_says_everything(tmp_path: Path) -> None:
    """Title, organisation, period, unit, legal block, values, sign-offs, seal, record, hash, pages."""
    document = monthly()
    text = re.sub(r"\s+", "", tool("pdftotext", pdf.render(document), tmp_path, "-layout"))
    for said in (
        document.title, document.organisation, document.period, "计量单位：人、元", "烟民统1表",
        "5821", "王秀12", "370602194103020012", "14400.00", "李小红", "2026-11-2309:20",
        "2026-11-2408:30", "（盖章）", f"编号{document.record_id}第2版", document.content_hash,
        "第1页，共2页", "填报说明",
    ):  # fmt: skip
        assert said in text


@needs_poppler
def test_only_our_font_is_in_the_file(tmp_path: Path) -> None:
    """Two faces, embedded and cut down; none of the machine's."""
    fonts = tool("pdffonts", pdf.render(monthly()), tmp_path).splitlines()[2:]
    assert {line.split()[0].split("+")[1] for line in fonts} == {"Yibiao", "Yibiao-Bold"}
    assert all(" yes yes yes " in line for line in fonts)


@needs_poppler
def test_the_header_repeats_on_every_page_and_a_wide_table_lies_down(tmp_path: Path) -> None:
    """A hundred rows of seventeen columns: landscape, and the head is on each page."""
    columns = tuple(Column(("播种面积", f"作物{n}"), unit="亩", align="right") for n in range(17))
    rows = tuple(Row(tuple(Cell(f"{n}.5") for _ in columns)) for n in range(100, 200))
    data = pdf.render(Table(columns, rows, title="汇总表"))
    assert "841.89 x 595.276 pts (A4)" in tool("pdfinfo", data, tmp_path)
    pages = tool("pdftotext", data, tmp_path).split("\f")[:-1]
    assert len(pages) > 1
    assert all("播种面积" in page for page in pages)


def test_it_is_an_archive_file_and_the_same_every_time() -> None:
    """PDF/A-2b is declared, and equal documents give equal bytes."""
    first, second = pdf.render(monthly()), pdf.render(monthly())
    assert first == second
    start = first.index(b"stream\n", first.index(b"/Type /Metadata")) + len(b"stream\n")
    metadata = zlib.decompressobj().decompress(first[start:])
    assert b'pdfaid:part="2" pdfaid:conformance="B"' in metadata


def test_a_character_without_glyph_is_told_with_its_place() -> None:
    """No box on paper: the name that cannot be printed is named before anything is drawn."""
    document = Document(
        title="花名册",
        organisation="惠安社区",
        sections=(Section("", (Item("姓名", Cell("王\U0002070e")),)),),
    )
    with pytest.raises(glyphs.GlyphsMissing) as missing:
        pdf.render(document)
    assert missing.value.where == "姓名"
    assert "U+2070E" in missing.value.characters
    assert "姓名" in missing.value.text("zh")
    table = Table((Column(("证件", "姓名")),), (Row((Cell("好"),)), Row((Cell("\U0002070e"),))))
    with pytest.raises(glyphs.GlyphsMissing) as missing:
        pdf.render(table)
    assert missing.value.where == "证件/姓名 #2"


def test_characters_without_shape_are_left_out() -> None:
    """Direction marks, zero-width blanks and variation selectors neither print nor stop printing."""
    text = "王\u200b秀\u202e英\ufe0f\x07\U000e0101"
    assert glyphs.printable(text) == "王秀英"
    glyphs.check([("姓名", text)])


def test_missing_fonts_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation without the build's fonts says what to do."""
    glyphs._characters.cache_clear()
    monkeypatch.setattr(glyphs, "REGULAR", tmp_path / "none.ttf")
    with pytest.raises(glyphs.FontsMissing) as missing:
        glyphs.check([("a", "b")])
    assert missing.value.file == "none.ttf"
    glyphs._characters.cache_clear()


def test_nothing_but_our_fonts_can_be_fetched() -> None:
    """An address in a value is text; an address in a page is refused."""
    fetcher = pdf._library()[3]
    for url in (
        "http://127.0.0.1/x.png",
        "file:///etc/passwd",
        "data:text/plain,x",
        "yibiao-font:x",
    ):
        with pytest.raises(ValueError, match="refused"):
            fetcher.fetch(url)
    assert fetcher.fetch(f"yibiao-font:{glyphs.BOLD.name}").read()[:4] == b"\0\1\0\0"


def test_values_are_text_never_markup() -> None:
    """What somebody typed cannot become part of the page."""
    attack = '<img src="file:///etc/passwd"><script>x</script>'
    document = Document(title=attack, organisation=attack, sections=(Section(attack, (
        Item(attack, Cell(attack, source=attack)),), (Table((Column((attack,)),), (Row((Cell(attack),)),)),)),))  # fmt: skip
    html = pdf.page(document, with_sources=True)
    assert "<img" not in html
    assert "<script" not in html
    assert pdf.render(document)[:5] == b"%PDF-"


def test_sources_and_drafts_are_shown_on_demand() -> None:
    """A source stands under its value when asked for; a draft says that it is one."""
    assert "公安户籍" not in pdf.page(monthly())
    assert "来源：公安户籍 2026-11-01" in pdf.page(monthly(), with_sources=True)
    assert "草稿" in pdf.page(dataclasses.replace(monthly(), final=False))
    assert "草稿" not in pdf.page(monthly())


def test_english_readers_get_english_words() -> None:
    """Fixed words and the title; the data stays as it was filed."""
    html = pdf.page(monthly(), language="en")
    assert "Monthly report on the very old" in html
    assert "Reporting unit" in html
    assert "惠安社区居民委员会" in html


@needs_poppler
@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbar-tools is not installed")
def test_the_printed_code_leads_to_the_record(tmp_path: Path) -> None:
    """A scanner reads the verify address from the printed page."""
    path = tmp_path / "d.pdf"
    path.write_bytes(pdf.render(monthly()))
    subprocess.run(["pdftoppm", "-r", "150", "-png", str(path), str(tmp_path / "p")], check=True)
    page = min(tmp_path.glob("p*.png"))
    found = subprocess.run(["zbarimg", "-q", "--raw", str(page)], check=True, capture_output=True)
    assert found.stdout.decode().strip() == monthly().verify_url


def test_an_empty_table_says_so() -> None:
    """No row is a statement too."""
    html = pdf.page(Document(title="t", organisation="o", sections=(
        Section(tables=(Table(roster_table().columns),)),)))  # fmt: skip
    assert "本期无记录" in html
    assert io.StringIO(html).read().count("<tbody>") == 1


@needs_poppler
def test_the_paper_is_as_the_form_asks(tmp_path: Path) -> None:
    """Size, direction, type, a new page before a section, heads on each page or once; by itself as ever."""
    columns = (Column(("姓名",)), Column(("金额",), align="right"))
    rows = tuple(Row((Cell(f"王{n}"), Cell("90"))) for n in range(90))
    sections = (
        Section("一、概况", (Item("户数", Cell("12")),)),
        Section("二、名单", tables=(Table(columns, rows),), page_break=True),
    )
    document = Document(title="花名册", organisation="惠安社区", sections=sections)
    by_itself = pdf.render(document)
    assert "595.276 x 841.89 pts (A4)" in tool("pdfinfo", by_itself, tmp_path)
    first, *others = tool("pdftotext", by_itself, tmp_path).split("\f")[:-1]
    assert "一、概况" in first
    assert "二、名单" not in first
    assert len(others) > 1
    assert all("金额" in page for page in others)

    setup = PageSetup("A3", "landscape", "large", repeat_headers=False)
    asked = pdf.render(dataclasses.replace(document, setup=setup))
    assert "1190.55 x 841.89 pts (A3)" in tool("pdfinfo", asked, tmp_path)
    first, *others = tool("pdftotext", asked, tmp_path).split("\f")[:-1]
    assert "二、名单" not in first
    assert len(others) > 1
    assert ["金额" in page for page in others] == [True] + [False] * (len(others) - 1)

    alone = dataclasses.replace(document, sections=sections[1:])
    assert "二、名单" in tool("pdftotext", pdf.render(alone), tmp_path).split("\f")[0]


def test_type_is_set_smaller_only_where_the_paper_is_too_narrow() -> None:
    """A table of seventy characters: lies on A4, stands on A3, is small where it must stand on A4."""
    table = Table(tuple(Column((f"列{n}",), width=9) for n in range(7)))
    document = Document(title="t", organisation="o", sections=(Section(tables=(table,)),))

    def laid(setup: PageSetup) -> tuple[bool, float]:
        sheet = page_layout.sheet(dataclasses.replace(document, setup=setup))
        return sheet.landscape, float(page_layout.grid(table, sheet).size)

    assert laid(PageSetup()) == (True, 9.0)
    assert laid(PageSetup("A3")) == (False, 9.0)
    assert laid(PageSetup("A3", font="large")) == (False, 10.8)
    assert laid(PageSetup(font="small")) == (True, 7.6)
    assert laid(PageSetup(orientation="portrait")) == (False, 7.3)
