"""A PDF that does nothing but show is taken; what runs, sends, carries, plays or hides is not, however written."""

import random
import time
import zlib
from contextlib import suppress

import pytest
from weasyprint import HTML, Attachment

from engine.attachments import pdf, sniff
from engine.attachments.problems import AttachmentDamaged, AttachmentUnsafe
from engine.errors import Problem

END = b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def plain(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from one."""
    told = b"".join(b"%d 0 obj%s endobj\n" % (at, one) for at, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + told + END


def packed(
    *objects: bytes, head: bytes = b"/Type/ObjStm/Filter/FlateDecode", body: bytes = b""
) -> bytes:
    """A PDF whose objects lie in a packed stream, from number 11."""
    pairs, text = b"", b""
    for at, one in enumerate(objects, 11):
        pairs += b"%d %d " % (at, len(text))
        text += one + b" "
    body = body or zlib.compress(pairs + text)
    told = b"<<%s/N %d/First %d/Length %d>>stream\n" % (head, len(objects), len(pairs), len(body))
    return plain(b"<</Type/Catalog/Pages 11 0 R>>", told + body + b"\nendstream")


SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"
PAGE = b"<</Type/Pages/Kids[]/Count 0>>"


def made(**more: object) -> bytes:
    """A PDF as a real program writes it."""
    html = "<h1>低保审批表 /JavaScript</h1><a href='https://www.yantai.gov.cn/'>链接</a>" * 40
    content = HTML(string=html).write_pdf(**more)
    assert isinstance(content, bytes)
    return content


TAKEN = {
    "with packed objects": packed(PAGE, b"<</Title(Launch pad)>>"),
    "begins on a page": plain(b"<</Type/Catalog/OpenAction[3 0 R/XYZ null null 0]>>"),
    "begins on a page, told apart": plain(b"<</OpenAction 2 0 R>>", b"<</S/GoTo/D[3 0 R/Fit]>>"),
    "begins on a page, packed": packed(b"<</OpenAction 12 0 R>>", b"[3 0 R/Fit]"),
    "a font called AA": plain(b"<</Font<</AA 2 0 R/EF(x)>>>>", b"<</Type/Font>>"),
    "a link": plain(b"<</Annots[<</A<</S/URI/URI(https://www.yantai.gov.cn)>>>>]>>"),
    "a text about it": plain(b"<</Type/Catalog/Title(JavaScript and \\(Launch\\))>>"),
}


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_what_only_shows_is_taken(content: bytes) -> None:
    """Scans, prints, links, and the page on which it opens."""
    assert sniff.kind_of(content, "x.pdf").ending == "pdf"


def test_what_real_programs_write() -> None:
    """A page with links and words about scripts is taken; with a file inside it is not."""
    pdf.refuse_acting(made(), "x.pdf")
    with pytest.raises(AttachmentUnsafe) as refused:
        pdf.refuse_acting(made(attachments=[Attachment(string="MZ")]), "x.pdf")
    assert refused.value.reason == "carries"


REFUSED = {
    "a script": (plain(b"<</OpenAction 2 0 R>>", SCRIPT), "acts"),
    "a script, its name written in numbers": (plain(SCRIPT.replace(b"vaS", b"#76a#53")), "acts"),
    "a script under a name": (plain(b"<</Names<</JavaScript 2 0 R>>>>", b"<<>>"), "acts"),
    "a script between remarks": (plain(SCRIPT.replace(b"/S/", b"/S%x\n/")), "acts"),
    "a script, packed": (packed(SCRIPT), "acts"),
    "a script in a stream that is not called one": (
        packed(SCRIPT, head=b"/Filter/FlateDecode"),
        "acts",
    ),
    "a script behind a text that seems to end the object": (
        packed(SCRIPT, head=b"/Filter/FlateDecode/X(\\) >> endobj stream\nendstream)"),
        "acts",
    ),
    "a script behind a stray word": (packed(SCRIPT, head=b"/A stream\n/Filter/FlateDecode"), "acts"),
    "a script laid into a picture": (
        plain(b"<</Subtype/Image>>stream\n\x00\xff9 0 obj" + SCRIPT + b"\nendstream"),
        "acts",
    ),
    "a program": (plain(b"<</A<</S/Launch/F(cmd.exe)>>>>"), "acts"),
    "opens a page of the web": (plain(b"<</OpenAction<</S/URI/URI(http://x)>>>>"), "acts"),
    "opens it from elsewhere": (plain(b"<</OpenAction 2 0 R>>", b"<</S/URI/URI(http://x)>>"), "acts"),
    "opens it from a packed place": (
        packed(b"<</OpenAction 12 0 R>>", b"<</S/GoToR/F(\\\\\\\\x\\\\y)>>"),
        "acts",
    ),
    "opens what is not there": (plain(b"<</OpenAction 7 0 R>>"), "acts"),
    "does more after": (plain(b"<</OpenAction<</S/GoTo/D[1 0 R]/Next 2 0 R>>>>"), "acts"),
    "at every page": (plain(b"<</AA<</O<</S/URI/URI(http://x)>>>>>>"), "acts"),
    "at every page, told apart": (plain(b"<</AA 2 0 R>>", b"<</O<</S/URI>>>>"), "acts"),
    "sends a form": (plain(b"<</A<</S/SubmitForm/F(http://x)>>>>"), "sends"),
    "a form of XML": (plain(b"<</AcroForm<</XFA[(a)2 0 R]>>>>"), "sends"),
    "carries it without its name": (plain(b"<</F(a.exe)/EF<</F 2 0 R>>>>"), "carries"),
    "plays": (plain(b"<</Subtype/RichMedia>>"), "plays"),
    "locked": (plain(b"<</Type/Catalog>>") + b"trailer<</Encrypt 5 0 R>>\n%%EOF", "restricted"),
    "packed in a way of its own": (packed(SCRIPT, head=b"/Filter[/ASCIIHexDecode/FlateDecode]"), "hidden"),
    "packed as told elsewhere": (packed(SCRIPT, head=b"/Filter 9 0 R"), "hidden"),
    "packed by what stood before": (
        packed(SCRIPT, head=b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>"),
        "hidden",
    ),
    "packed, and no object in it": (packed(PAGE, body=zlib.compress(b"BT /F1 12 Tf ET")), "hidden"),
    "without end": (packed(PAGE, body=zlib.compress(b"11 0 " + bytes(140_000_000), 9)), "bomb"),
    "one laid over the other": (plain(*[b"<</X("] * 3_000), "bomb"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_acts_is_not_taken(content: bytes, reason: str) -> None:
    """And it is said in both languages why, and what to do."""
    with pytest.raises(AttachmentUnsafe) as refused:
        pdf.refuse_acting(content, "报告.pdf")
    assert refused.value.reason == reason
    assert refused.value.text("zh") != refused.value.text("en")
    assert "attachment.unsafe" not in refused.value.text("zh") + refused.value.text("en")


def test_what_cannot_be_unpacked_is_damaged() -> None:
    """Where objects should lie."""
    for body in (zlib.compress(b"11 0 " + PAGE * 50)[:-9], b"x" * 40):
        with pytest.raises(AttachmentDamaged):
            pdf.refuse_acting(packed(PAGE, body=body), "x.pdf")
    with pytest.raises(AttachmentDamaged):
        pdf.refuse_acting(b"%PDF-1.4\nnothing at all /Root\n%%EOF", "x.pdf")


SLOW = {
    "random": random.Random(7).randbytes(8_000_000),
    "brackets": b"1 0 obj<</X" + b"(" * 8_000_000,
    "remarks": b"1 0 obj<<" + b"%" * 8_000_000,
    "numbers": b"1%" * 4_000_000,
    "keys": b"/AA%" * 2_000_000,
    "beginnings": b"1 0 obj " * 1_000_000,
    "open dictionaries": b"1 0 obj<<" * 800_000,
    "streams": b"1 0 obj<</N 1/First 4/Filter/Fl>>stream\nx\x9c" * 150_000,
    "firsts": b"1 0 obj<</N 1" + b"/First%" * 1_000_000 + b">>stream\n",
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW)
def test_nothing_holds_up_the_house(body: bytes) -> None:
    """Eight megabytes of whatever a reader could be lost in are judged in seconds."""
    begun = time.process_time()
    with suppress(Problem):
        pdf.refuse_acting(plain(b"<<>>")[:-6] + body + END, "x.pdf")
    assert time.process_time() - begun < 10
