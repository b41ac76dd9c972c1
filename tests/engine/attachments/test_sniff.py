"""A file is what its content says; what runs by itself or unpacks without end is not taken."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.attachments import sniff
from engine.attachments.problems import AttachmentDamaged, AttachmentKind, AttachmentUnsafe
from engine.errors import Problem
from tests.engine.attachments import samples

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le")


TAKEN = {
    "jpg": samples.photo(),
    "png": samples.drawing(),
    "pdf": samples.PDF,
    "docx": samples.docx(),
    "xlsx": samples.zipped({"[Content_Types].xml": b"<T/>", "xl/workbook.xml": b"<w/>"}),
    "ofd": samples.zipped({"OFD.xml": b"<o/>"}),
    "odt": samples.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
    "doc": OLE + _stream("WordDocument"),
    "xls": OLE + _stream("Workbook"),
    "txt": "情况说明".encode("gb18030"),
}


@pytest.mark.parametrize(("kind", "content"), TAKEN.items(), ids=TAKEN)
def test_the_content_says_what_it_is(kind: str, content: bytes) -> None:
    """Whatever the name."""
    for name in ("照片.exe", "a.html", "", f"x.{kind}"):
        assert sniff.kind_of(content, name).ending == kind


def _related(kind: str, target: str) -> dict[str, bytes]:
    """A part that says to what the document is related."""
    one = f'<Relationship Id="r" Type="urn:x/{kind}" Target="{target}" TargetMode="External"/>'
    return {
        "word/_rels/settings.xml.rels": f"<Relationships>{one}</Relationships>".encode("utf-16")
    }


def _field(*pieces: str) -> dict[str, bytes]:
    """A field whose command is written in pieces."""
    runs = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in pieces)
    return {"word/document2.xml": f'<w:d xmlns:w="w">{runs}</w:d>'.encode()}


def test_other_fields_and_sheets_are_taken() -> None:
    """Page numbers, links in a text, a workbook of plain sheets, an equation."""
    sheet = b"\x85\x00\x0e\x00\x34\x02\x00\x00\x00\x00\x06\x00Sheet1"
    assert sniff.kind_of(samples.docx(**_field("PAGE ", "\\\\* MERGEFORMAT")), "x").ending == "docx"
    assert sniff.kind_of(OLE + _stream("Workbook") + sheet, "x").ending == "xls"
    equation = {"word/embeddings/oleObject1.bin": OLE + _stream("Equation Native")}
    assert sniff.kind_of(samples.docx(**equation), "x").ending == "docx"


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("hyperlink", "https://www.yantai.gov.cn/"),
        ("image", "http://www.yantai.gov.cn/a.png"),
        ("attachedTemplate", r"file:///C:\Users\wang\Normal.dotm"),
        ("externalLinkPath", "上月.xlsx"),
        ("externalLinkPath", r"D:\报表\上月.xlsx"),
    ],
)
def test_what_offices_link_to_is_taken(kind: str, target: str) -> None:
    """Pages, pictures, the writer's own template, last month's book beside it."""
    assert sniff.kind_of(samples.docx(**_related(kind, target)), "x.docx").ending == "docx"


REFUSED = {
    "svg": (samples.SVG, AttachmentKind),
    "page": (b"\n <!DOCTYPE html><script>alert(1)</script>", AttachmentKind),
    "program": (b"MZ\x90\x00" + bytes(200), AttachmentKind),
    "gif with script": (b"GIF89a/*<script>*/=1;", AttachmentKind),
    "bare archive": (samples.zipped({"a.txt": b"a"}), AttachmentKind),
    "jar named like a document": (samples.zipped({"META-INF/MANIFEST.MF": b"x"}), AttachmentKind),
    "macros": (samples.docx(**{"word/vbaProject.bin": b"x"}), AttachmentUnsafe),
    "macros under another name": (
        samples.docx(**_related("vbaProject", "print.bin")),
        AttachmentUnsafe,
    ),
    "a macro sheet": (
        samples.docx(**_related("xlMacrosheet", "macrosheets/a.xml")),
        AttachmentUnsafe,
    ),
    "macros of an open document": (
        samples.zipped({"Basic/Standard/Module1.xml": b"x", "mimetype": b"x"}),
        AttachmentUnsafe,
    ),
    "a template from elsewhere": (
        samples.docx(**_related("attachedTemplate", "https://attacker/t.dotm")),
        AttachmentUnsafe,
    ),
    "an object of a share": (
        samples.docx(**_related("oleObject", r"file://\\attacker\x")),
        AttachmentUnsafe,
    ),
    "a program for a scheme": (samples.docx(**_related("frame", "ms-msdt:/id")), AttachmentUnsafe),
    "entities": (
        samples.docx(**{"word/_rels/a.rels": b"<!DOCTYPE x [<!ENTITY a 'a'>]><x/>"}),
        AttachmentDamaged,
    ),
    "a command in a field": (
        samples.docx(**_field("D", "DEA", "UTO c:\\\\cmd.exe")),
        AttachmentUnsafe,
    ),
    "a command in a plain field": (
        samples.docx(
            **{
                "word/header1.xml": b'<w:hdr xmlns:w="w"><w:fldSimple w:instr=" dde cmd x"/></w:hdr>'
            }
        ),
        AttachmentUnsafe,
    ),
    "a command in a workbook": (
        samples.docx(
            **{
                "xl/externalLinks/externalLink1.xml": b'<a:externalLink xmlns:a="a"><a:ddeLink ddeService="cmd"/></a:externalLink>'
            }
        ),
        AttachmentUnsafe,
    ),
    "a file inside": (
        samples.docx(**{"word/embeddings/oleObject1.bin": OLE + _stream("\x01Ole10Native")}),
        AttachmentUnsafe,
    ),
    "a file inside an old document": (
        OLE + _stream("WordDocument") + _stream("\x01Ole10Native"),
        AttachmentUnsafe,
    ),
    "a sheet of commands in an old workbook": (
        OLE + _stream("Workbook") + b"\x85\x00\x0e\x00\x34\x02\x00\x00\x02\x01\x06\x00Macro1",
        AttachmentUnsafe,
    ),
    "an open document that listens": (
        samples.zipped(
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                "content.xml": '<o:x xmlns:o="o" xmlns:s="s"><s:event-listener/></o:x>'.encode(
                    "utf-16"
                ),
            }
        ),
        AttachmentUnsafe,
    ),
    "old macros": (OLE + _stream("WordDocument") + _stream("_VBA_PROJECT"), AttachmentUnsafe),
    "locked": (OLE + _stream("EncryptedPackage"), AttachmentUnsafe),
    "zip bomb": (samples.docx(**{"word/media/a.bin": bytes(40_000_000)}), AttachmentUnsafe),
    "pdf with an archive behind it": (samples.PDF + samples.docx() * 20, AttachmentDamaged),
    "pdf with a script": (samples.ACTING_PDF, AttachmentUnsafe),
    "half a document": (samples.docx()[:60], AttachmentDamaged),
    "half a pdf": (samples.PDF[:30], AttachmentDamaged),
}


@pytest.mark.parametrize(("content", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_taken(content: bytes, problem: type[Problem]) -> None:
    """A name that promises something better does not help."""
    for name in ("报告.pdf", "photo.jpg", "名单.docx"):
        with pytest.raises(problem):
            sniff.kind_of(content, name)


@given(st.sampled_from(sorted(TAKEN)), st.integers(0, 2**32))
def test_broken_files_are_refused_in_words(kind: str, seed: int) -> None:
    """Bytes changed at random never cause anything but a Problem."""
    rng = random.Random(seed)
    content = bytearray(TAKEN[kind])
    for _ in range(rng.randrange(1, 12)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    with suppress(Problem):
        found = sniff.kind_of(bytes(content[: rng.randrange(len(content) + 1)]), "a")
        assert found in sniff.KINDS.values()
