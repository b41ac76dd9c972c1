"""An electronic invoice brings its figures as XML: that is taken, and no other file inside another."""

import zlib

import pytest
from weasyprint import HTML, Attachment

from engine.attachments import carried, sniff
from engine.attachments.problems import AttachmentDamaged, AttachmentUnsafe
from engine.errors import Problem
from tests.engine.attachments import samples
from tests.engine.attachments.test_pdf import packed, plain

INVOICE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<EInvoice xmlns="http://tax.example/2024" 版本="1.0"><Header>'
    "<EIid>26372000000012345678</EIid></Header><SellerName>烟台市某某办公用品有限公司</SellerName>"
    "<TotalTax-includedAmount>1280.50</TotalTax-includedAmount><body note='1 &lt; 2'/></EInvoice>"
)
OLDER = '<?xml version="1.0" encoding="GBK"?><business><body yylxdm="1">价税合计</body></business>'
SPEC = b"<</Type/Filespec/F(invoice.xml)/UF<FEFF%s>/EF<</F 3 0 R/UF 3 0 R>>/AFRelationship/Data>>"
SPEC = SPEC.replace(b"%s", "电子发票.xml".encode("utf-16-be").hex().encode())
CATALOG = b"<</Type/Catalog/Names<</EmbeddedFiles<</Names[(a)2 0 R]>>>>/AF[2 0 R]>>"


def stream(content: str | bytes = INVOICE, more: bytes = b"") -> bytes:
    """A file as it lies in a PDF."""
    body = zlib.compress(content.encode() if isinstance(content, str) else content)
    head = b"<</Type/EmbeddedFile/Subtype/text#2Fxml/Filter/FlateDecode%s/Length %d>>stream\n"
    return head % (more, len(body)) + body + b"\nendstream"


def printed(content: str, name: str) -> bytes:
    """An invoice as a real program makes it."""
    html = HTML(string="<h1>电子发票（普通发票）</h1>")
    made = html.write_pdf(attachments=[Attachment(string=content, name=name)])
    assert isinstance(made, bytes)
    return made


def ofd(**more: bytes | str) -> bytes:
    """An invoice in OFD: a page, a seal, and what else is given."""
    parts = {
        "OFD.xml": b'<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>',
        "Doc_0/Document.xml": b"<Document/>",
        "Doc_0/Res/image_1.png": samples.drawing(),
        "Doc_0/Signs/Sign_0/SignedValue.dat": b"\x30\x82",
    }
    given = {name: one.encode() if isinstance(one, str) else one for name, one in more.items()}
    return samples.zipped({**parts, **given})


LISTED = (
    '<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Attachment ID="1" Name="original">'
    "<ofd:FileLoc>/Doc_0/Data/original{}</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
)
TAKEN = {
    "printed by a real program": (printed(INVOICE, "invoice.xml"), "pdf"),
    "by hand": (plain(CATALOG, SPEC, stream()), "pdf"),
    "not packed": (
        plain(CATALOG, SPEC, b"<</Type/EmbeddedFile>>stream\n" + INVOICE.encode() + b"\nendstream"),
        "pdf",
    ),
    "in a Chinese encoding": (plain(CATALOG, SPEC, stream(OLDER.encode("gb18030"))), "pdf"),
    "an escaped name": (
        plain(CATALOG, SPEC.replace(b"(invoice.xml)", b"(a\\(1\\)\\056xml)"), stream()),
        "pdf",
    ),
    "OFD with its figures": (ofd(**{"Doc_0/Attachs/original_invoice.xml": INVOICE}), "ofd"),
    "OFD in a Chinese encoding": (ofd(**{"Doc_0/Attachs/a.xml": OLDER.encode("gb18030")}), "ofd"),
    "OFD that lists them": (
        ofd(**{"Doc_0/A.xml": LISTED.format(".xml"), "Doc_0/Data/original.xml": INVOICE}),
        "ofd",
    ),
}


@pytest.mark.parametrize(("content", "kind"), TAKEN.values(), ids=TAKEN)
def test_the_figures_of_an_invoice_are_taken(content: bytes, kind: str) -> None:
    """In PDF and OFD, as programs write them."""
    assert sniff.kind_of(content, f"发票.{kind}").ending == kind


EVIL = {
    "no XML": "MZ",
    "entities": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a style sheet": '<?xml-stylesheet type="text/xsl" href="http://x/"?><a/>',
    "a Word document": '<?mso-application progid="Word.Document"?><w/>',
    "a page": '<a xmlns:h="http://www.w3.org/1999/xhtml"><h:b onload="alert(1)"/></a>',
    "a page without its family": "<html><body/></html>",
    "a script": "<a><script>alert(1)</script></a>",
    "a picture that runs": '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>',
    "an address that runs": '<a href=" JavaScript:alert(1)"/>',
    "it listens": '<a onload="alert(1)"/>',
    "it draws in": '<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="file:///etc/passwd"/></a>',
    "a workbook": '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "a window": '<Window xmlns="http://schemas.microsoft.com/winfx/2006/xaml/presentation"/>',
    "without an end": "<a>" * 200 + "</a>" * 200,
    "too large": "<a>" + "数" * carried.MOST_EACH + "</a>",
    "broken": INVOICE[:-5],
}


@pytest.mark.parametrize("content", EVIL.values(), ids=EVIL)
def test_what_is_no_plain_xml_is_not_taken(content: str) -> None:
    """Nothing that a program would run, draw or fetch, in PDF as in OFD."""
    pdf = plain(CATALOG, SPEC, stream(content))
    book = ofd(**{"Doc_0/Attachs/original_invoice.xml": content})
    for file, name in ((pdf, "发票.pdf"), (book, "发票.ofd")):
        with pytest.raises((AttachmentUnsafe, AttachmentDamaged)) as refused:
            sniff.kind_of(file, name)
        assert refused.value.text("zh") != refused.value.text("en")


OTHER = {
    "called a program": plain(CATALOG, SPEC.replace(b"invoice.xml", b"invoice.exe"), stream()),
    "called so for one reader only": plain(
        CATALOG, SPEC.replace(b"(invoice.xml)", b"(invoice.hta)"), stream()
    ),
    "with a way in its name": plain(CATALOG, SPEC.replace(b"(invoice", b"(../../a"), stream()),
    "its name stands elsewhere": plain(
        CATALOG, SPEC.replace(b"(invoice.xml)", b" 4 0 R"), stream(), b"(a.exe)"
    ),
    "another key for it": plain(CATALOG, SPEC.replace(b"/EF<<", b"/EF<</Unix 3 0 R"), stream()),
    "a key written in numbers": plain(CATALOG, SPEC.replace(b"/UF<", b"/U#46<"), stream()),
    "an entry told apart": plain(
        CATALOG, SPEC.replace(b"/EF<</F 3 0 R/UF 3 0 R>>", b"/EF 4 0 R"), stream(), b"<</F 3 0 R>>"
    ),
    "led elsewhere": plain(CATALOG, SPEC.replace(b"/F 3 0 R", b"/F 9 0 R"), stream()),
    "a second file by the same number": plain(CATALOG, SPEC, stream())
    .replace(b"trailer", b"3 0 obj" + stream("MZ") + b" endobj\ntrailer"),
    "a file that nothing leads to": plain(CATALOG, SPEC, stream(), stream("MZ")),
    "a file not called one": plain(
        CATALOG, SPEC, b"<</Length 3>>stream\nMZ!\nendstream"
    ),
    "packed in another way": plain(CATALOG, SPEC, stream(INVOICE, b"/DecodeParms<</Predictor 12>>")),
    "kept elsewhere": plain(CATALOG, SPEC, stream(INVOICE, b"/F(http://x)")),
    "an icon to press": plain(CATALOG, SPEC, stream(), b"<</Subtype/FileAttachment/FS 2 0 R>>"),
    "and a script beside it": plain(CATALOG, SPEC, stream(), b"<</S/JavaScript/JS(x)>>"),
    "in a packed entry": packed(b"<</Type/Catalog>>", SPEC),
    "many": plain(CATALOG, SPEC, *[stream()] * 60),
    "a program in OFD": ofd(**{"Doc_0/Attachs/a.exe": b"MZ"}),
    "a program called a font": ofd(**{"Doc_0/Res/font.ttf": b"MZ\x90"}),
    "a listed file of another kind": ofd(
        **{"Doc_0/A.xml": LISTED.format(".png"), "Doc_0/Data/original.png": samples.drawing()}
    ),
    "it plays": ofd(**{"Doc_0/Pages/P.xml": '<o:Sound xmlns:o="o"/>'}),
    "a document within": ofd(**{"Doc_0/Attachs/b.docx": samples.docx()}),
}  # fmt: skip


@pytest.mark.parametrize("content", OTHER.values(), ids=OTHER)
def test_other_files_are_not_taken(content: bytes) -> None:
    """However they are laid in; and it is said why."""
    with pytest.raises(Problem) as refused:
        sniff.kind_of(content, "发票.pdf")
    assert isinstance(refused.value, AttachmentUnsafe)
    assert "attachment.unsafe" not in refused.value.text("zh") + refused.value.text("en")


CONTROLS = {
    "a control of Word": samples.docx(**{"word/activeX/activeX1.xml": b"<a/>"}),
    "its bytes": samples.docx(**{"WORD/ActiveX/activeX1.bin": b"x"}),
    "told by its relation": samples.docx(
        **{
            "word/_rels/document.xml.rels": b'<R><Relationship Id="r" Target="a.xml" Type='
            b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/control"/></R>'
        }
    ),
    "as an object": samples.docx(
        **{"word/embeddings/oleObject1.bin": "\3OCXNAME".encode("utf-16-le")}
    ),
    "of an old document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + "WordDocument\3OCXNAME".encode("utf-16-le"),
    "of a workbook": samples.zipped(
        {"[Content_Types].xml": b"<T/>", "xl/workbook.xml": b"<w/>", "xl/activeX/a.xml": b"<a/>"}
    ),
    "of an open document": samples.zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": b'<o:x xmlns:o="o" xmlns:d="d"><d:applet/></o:x>',
        }
    ),
}


@pytest.mark.parametrize("content", CONTROLS.values(), ids=CONTROLS)
def test_a_control_is_not_taken(content: bytes) -> None:
    """A program of Windows that the document brings up when it is opened; it is said what to do."""
    with pytest.raises(AttachmentUnsafe) as refused:
        sniff.kind_of(content, "申请表.docx")
    assert refused.value.reason == "controls"
    assert "ActiveX" in refused.value.text("zh")


def test_the_boxes_of_a_form_are_no_controls() -> None:
    """A workbook with ticked boxes is what departments send."""
    one = (
        '<Relationship Id="r" Type="http://x/relationships/ctrlProp" Target="../ctrlProps/a.xml"/>'
    )
    book = samples.zipped(
        {
            "[Content_Types].xml": b"<T/>",
            "xl/workbook.xml": b"<w/>",
            "xl/ctrlProps/a.xml": b"<a/>",
            "xl/worksheets/_rels/sheet1.xml.rels": f"<R>{one}</R>".encode(),
        }
    )
    assert sniff.kind_of(book, "x.xlsx").ending == "xlsx"
