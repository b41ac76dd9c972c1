"""A document as a PDF to print, sign, stamp and keep: PDF/A-2b, with no font but our own.

Nothing is fetched: the only addresses the page may name are our font files, everything else is
refused. The paper carries its record, version, content hash and a code to verify it by.
"""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from engine import clock, messages
from engine.errors import Problem
from renderers import glyphs, page_layout, qr
from renderers.contract import Cell, Document, Item, Language, Section, Table

MEDIA_TYPE = "application/pdf"
_TEMPLATES = Path(__file__).parent / "templates"
_LEGAL = ("legal_number", "legal_issuer", "legal_approval", "legal_valid")
_PEOPLE = ("leader", "verifier", "preparer", "phone", "date")
IMAGE = "yibiao-image:"
_TYPE = 10
"""Points of a document's texts in the normal size; the style sheet measures in it."""
DPI = 200
"""Pictures are made no finer than paper shows."""
_rendering = threading.Lock()  # the library is not made for threads, and threads gain nothing


class PdfUnavailable(Problem):
    """WeasyPrint's system library (pango) is not installed on this machine."""

    code, status = "render.pdf-unavailable", 503
    library: str


def render(
    document: Document | Table, *, language: Language = "zh", with_sources: bool = False
) -> bytes:
    """The document, or a table alone, as PDF. Characters that our font lacks are refused first."""
    if isinstance(document, Table):
        document = Document(
            title=document.title, organisation="", sections=(Section(tables=(document,)),)
        )
    images: list[bytes] = []
    html = page(document, language=language, with_sources=with_sources, images=images)
    glyphs.check(_texts(document, language, with_sources=with_sources))
    with _rendering:
        weasyprint, styles, fonts, fetcher = _library()
        fetcher.images = images
        sheet = weasyprint.CSS(string=_page_style(document, language), font_config=fonts)
        written: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[styles, sheet],
            font_config=fonts,
            pdf_variant="pdf/a-2b",
            pdf_identifier=document.content_hash.encode() or None,
            optimize_images=bool(images),
            dpi=DPI if images else None,
        )
        fetcher.images = ()
    return written


def page(
    document: Document,
    *,
    language: Language = "zh",
    with_sources: bool = False,
    images: list[bytes] | None = None,
) -> str:
    """The HTML that the PDF is made from; its pictures are put into `images`, and named by number."""
    word = _words(language)
    blocks = document.blocks
    heading = [
        (word("organisation"), document.organisation),
        (word("period"), document.period),
        (word("unit"), document.unit),
    ]

    def picture(content: bytes, kind: str) -> Markup:
        if images is None:
            return Markup()
        images.append(content)
        return Markup('<img class="{}" src="{}{}">').format(kind, IMAGE, len(images) - 1)

    def shown(cell: Cell) -> Markup:
        if cell.images and images is not None:
            return Markup().join(picture(one, "shot") for one in cell.images)
        text = escape(glyphs.printable(cell.text))
        if not with_sources or not cell.source:
            return text
        source = f"{word('source')}：{glyphs.printable(cell.source)}"
        return text + Markup('<span class="from">{}</span>').format(source)

    html: str = _template().render(
        document=document,
        language=language,
        title=document.title_in(language),
        word=word,
        shown=shown,
        lines=_lines,
        grid=partial(page_layout.grid, on=page_layout.sheet(document)),
        moment=_moment,
        signed=lambda sign: picture(sign.image, "signed"),
        qr=Markup(qr.svg(document.verify_url)) if document.verify_url else "",  # noqa: S704 - segno's own drawing, the address is in its dots only
        legal=[(word(role), blocks[role]) for role in _LEGAL if blocks.get(role)],
        heading=[(name, text) for name, text in heading if text],
        people=[(word(role), blocks[role]) for role in _PEOPLE if blocks.get(role)],
        signing=bool(document.sign_offs or document.organisation),
    )
    return html


class _Words:
    """The fixed words of the page in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, name: str, **details: Any) -> str:
        return messages.text(f"render.word.{name}", self._language, details)


def _words(language: Language) -> _Words:
    return _Words(language)


def _lines(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """Two short items share a line, a wide one has its own."""
    waiting: Item | None = None
    for item in items:
        if item.wide:
            if waiting:
                yield (waiting,)
                waiting = None
            yield (item,)
        elif waiting:
            yield (waiting, item)
            waiting = None
        else:
            waiting = item
    if waiting:
        yield (waiting,)


def _moment(at: datetime) -> str:
    """Wall time of the office."""
    local = clock.local(at) if at.tzinfo else at
    return local.strftime("%Y-%m-%d %H:%M")


def _page_style(document: Document, language: Language) -> str:
    """What depends on the document: paper, size of type, heads again, the page number in words."""
    marks = messages.text("render.word.page", language, {"page": "\x00p\x00", "pages": "\x00a\x00"})
    parts = {"p": "counter(page)", "a": "counter(pages)"}
    content = " ".join(parts.get(part, f'"{part}"') for part in marks.split("\x00") if part)
    sheet = page_layout.sheet(document)
    direction = "landscape" if sheet.landscape else "portrait"
    style = f"@page {{ size: {sheet.paper} {direction}; @bottom-right {{ content: {content}; }} }}"
    style += f" html {{ font-size: {_TYPE * sheet.scale:g}pt; }}"
    if not document.setup.repeat_headers:
        style += " thead { display: table-row-group; }"
    return style


def _texts(
    document: Document, language: Language, *, with_sources: bool
) -> Iterator[tuple[str, str]]:
    """Every text that is printed, with the place to name if it cannot be."""
    word = _words(language)
    yield word("organisation"), document.organisation
    yield document.title, document.title_in(language) + document.period + document.unit
    yield document.title, document.number
    for role, text in document.blocks.items():
        yield word(role), text
    for sign in document.sign_offs:
        yield word("signatures"), sign.step + sign.name
    for one in document.remarks:
        yield word("remarks"), one.kind + one.check + one.reason + one.allowed
    for section in document.sections:
        yield section.title or document.title, section.title
        for item in section.items:
            text = "" if item.cell.images else item.cell.text
            yield item.label, item.label + item.unit + text
            yield item.label, item.cell.source if with_sources else ""
        for table in section.tables:
            yield from _table_texts(table, with_sources=with_sources)


def _table_texts(table: Table, *, with_sources: bool) -> Iterator[tuple[str, str]]:
    yield table.title, table.title + table.unit + table.note
    names = ["/".join(column.path) for column in table.columns]
    for name, column in zip(names, table.columns, strict=True):
        yield name, name + column.unit
    for number, row in enumerate((*table.rows, *table.totals), 1):
        for name, cell in zip(names, row.cells, strict=False):
            text = "" if cell.images else cell.text
            yield f"{name} #{number}", text + (cell.source if with_sources else "")


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("document.html")


@cache
def _library() -> tuple[Any, Any, Any, Any]:
    """WeasyPrint, imported when first printed (1.2 s), with our fonts loaded once."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError as error:
        raise PdfUnavailable(library="pango") from error

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # the library has no types
        """Serves our two fonts and the pictures of the document in work; every other address is an
        error, not a request.
        """

        images: Sequence[bytes] = ()

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the library's signature
            for path in (glyphs.REGULAR, glyphs.BOLD):
                if url == f"yibiao-font:{path.name}":
                    return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/ttf"})
            number = url.removeprefix(IMAGE)
            if url.startswith(IMAGE) and number.isdecimal() and int(number) < len(self.images):
                return URLFetcherResponse(url, self.images[int(number)])
            raise ValueError(f"refused: {url}")  # the library leaves the thing out and goes on

    fonts, fetcher = FontConfiguration(), OwnFilesOnly()
    text = (_TEMPLATES / "document.css").read_text(encoding="utf-8")
    styles = weasyprint.CSS(string=text, font_config=fonts, url_fetcher=fetcher)
    return weasyprint, styles, fonts, fetcher
