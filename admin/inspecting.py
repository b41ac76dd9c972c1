"""Packing reports for inspectors (迎检), a few at a time: paper, stamped pages, where values came from, and
what was done; the cover, the list of hashes and its signature when all are in.
"""

from collections.abc import Callable, Iterator
from typing import Any

from admin.pages.files import RECORD_FILES
from admin.views import original_view, record_view, stamped_view, words
from admin.web.html import text
from engine.access import policy
from engine.attachments import store as attachments
from engine.attachments.store import mark_of
from engine.audit import reading
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.work import Work
from forms import documents, filing, store
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.masking import Veil
from renderers import csv_table, inspection, pdf
from renderers.contract import Cell, Column, Row, Table
from renderers.glyphs import GlyphsMissing
from renderers.inspection import Facts, Paper
from workflows import stamping
from workflows.dispatching.exports import ExportRecord

VeilOf = Callable[[CompiledForm], Veil]
MOST_AUDITED = 5_000


def packed(
    work: Work,
    record: ExportRecord,
    content: bytes,
    chosen: list[DocumentRecord],
    *,
    done: int,
    veil_of: VeilOf,
) -> bytes:
    """The zip with these reports in it, and closed when they are the last."""
    known = dictionary(work.connection)
    for number, one in enumerate(chosen, done + 1):
        found = record_view.reading(work, one)
        veil = veil_of(found.form).over(one.contents)
        content = inspection.added(content, _files(work, number, found, veil, known))
    if done + len(chosen) < record.total:
        return content
    return _closed(work, record, content, veil_of)


def _files(
    work: Work, number: int, found: record_view.Reading, veil: Veil, known: Dictionary
) -> dict[str, bytes]:
    seen = veil.record(found.record)
    frame = original_view.frame(work, found, "zh")

    def named(folder: str, ending: str) -> str:
        parts = (frame.organisation, found.form.title("zh"), frame.period)
        return f"{_word(folder)}/{inspection.name(number, *parts, ending=ending)}"

    files: dict[str, bytes] = {}
    try:
        files[named("papers", "pdf")] = RECORD_FILES["pdf"][2](work, found, seen, frame, "zh")
    except GlyphsMissing as problem:
        files[named("papers", "txt")] = problem.text("zh").encode()
    sources = _table(("item", "value", "source", "by", "at", "verified"), _sources(work, found, veil, known))  # fmt: skip
    files[named("sources", "csv")] = csv_table.render(sources)
    course = _table(("at", "by", "act", "item", "before", "after", "reason"), _course(work, found, veil, known))  # fmt: skip
    files[named("course", "csv")] = csv_table.render(course)
    if stamped_view.sees_all(found.record, veil):
        home = stamping.home(found.record.id)
        for count, scan in enumerate(attachments.several(work.connection, home), 1):
            stem, _, ending = scan.name.rpartition(".")
            path = inspection.name(number, f"{count}", frame.organisation, stem, ending=ending)
            data = attachments.content(work.connection, home, mark_of(scan.ref))
            files[f"{_word('stamped')}/{path}"] = data
    return files


def _sources(
    work: Work, found: record_view.Reading, veil: Veil, known: Dictionary
) -> Iterator[tuple[str, ...]]:
    """Every value with where it came from."""
    opened = filing.opened(work, veil.record(found.record))
    order = {item.path: number for number, item in enumerate(found.form.items)}
    place = {path: (order.get(found.form.pattern(path), -1), path) for path in opened.cells}
    for path in sorted(opened.cells, key=place.__getitem__):
        item, cell = found.form.item(path), opened.cells[path]
        if item is None or veil.hides(path):
            continue
        value = words.shown(item, cell.value, known, "zh", opened.labels)
        told = words.source(cell.source, "zh", formula=words.spoken(found.form, item, "zh")) or {}
        if value or told:
            yield (
                found.form.name_of(path, "zh"), value, str(told.get("text", "")),
                str(told.get("by") or ""), _at(told.get("at")), str(told.get("verified_by") or ""),
            )  # fmt: skip


def _course(
    work: Work, found: record_view.Reading, veil: Veil, known: Dictionary
) -> Iterator[tuple[str, ...]]:
    """What was done to it, newest first: acts, and cells changed."""
    for one in record_view.history(work, found, known, veil, "zh"):
        head = (_at(one["at"]), str(one["by"]), str(one["action"]))
        if not one["cells"]:
            yield (*head, "", "", "", str(one["reason"] or ""))
        for cell in one["cells"]:
            yield (*head, cell["label"], str(cell["before"]), str(cell["after"]), "")


def _closed(work: Work, record: ExportRecord, content: bytes, veil_of: VeilOf) -> bytes:
    """Cover and index, for auditors the trail of these reports, the hashes of all files, their signature."""
    whom = identity.actor_of(work.connection, record.created_by, now=work.now)
    everything = {one.id: one for one in documents.several(work.connection, record.documents)}
    chosen = [everything[one] for one in record.documents]
    papers = [_paper(work, number, one, content) for number, one in enumerate(chosen, 1)]
    forms = {(one.form_code, one.form_version) for one in chosen}
    facts = Facts(
        organisation=_office(work, whom),
        made_by=whom.name if whom else "",
        made_at=(words.moment(record.created_at) or "").replace("T", " "),
        asked=_asked(papers),
        masked=any(not veil_of(store.published(work.connection, *one)).empty for one in forms),
    )
    front = pdf.render(inspection.cover(facts, papers, "zh"), language="zh")
    files = {f"{inspection.name(0, _word('cover'), ending='pdf')}": front}
    if whom is not None and policy.covers(whom, "audit.read"):
        files[f"{_word('audit')}.csv"] = csv_table.render(_audited(work, record))
    content = inspection.added(content, files)
    listed = inspection.sums(content)
    signed = f"{work.vault.witness(listed)}\n{work.vault.public_key()}\n"
    return inspection.added(
        content,
        {f"{_word('sums')}.txt": listed.encode(), f"{_word('sums')}.sig": signed.encode()},
    )


def _paper(work: Work, number: int, one: DocumentRecord, content: bytes) -> Paper:
    found = record_view.reading(work, one)
    frame = original_view.frame(work, found, "zh")
    parts = (frame.organisation, found.form.title("zh"), frame.period)
    path = f"{_word('papers')}/{inspection.name(number, *parts, ending='pdf')}"
    signs = record_view.signoffs(found, "zh")
    return Paper(
        number=number,
        title=found.form.title("zh"),
        organisation=frame.organisation,
        period=frame.period,
        version=found.version,
        signed="、".join(f"{sign['step']} {sign['by']}" for sign in signs),
        stamped=len(stamping.counts(work.connection, [one.id]) and stamping.of_record(work, one)),
        pages=inspection.pages(inspection.paper_of(content, path)),
        digest=found.digest,
    )


def _asked(papers: list[Paper]) -> str:
    titles = dict.fromkeys(one.title for one in papers)
    periods = dict.fromkeys(one.period for one in papers)
    units = len({one.organisation for one in papers})
    return text(
        "zh", "inspection.asked", forms="、".join(titles), periods="、".join(periods), n=units
    )


def _office(work: Work, whom: Any) -> str:
    posts = [post.organisation for post in whom.posts] if whom else []
    names = identity.organisation_names(work.connection, posts)
    return "、".join(dict.fromkeys(names.values()))


def _audited(work: Work, record: ExportRecord) -> Table:
    found = reading.of_targets(work.connection, record.documents, limit=MOST_AUDITED)
    rows = ((str(one.seq), _at(words.moment(one.at)), one.actor_name, one.action, one.target) for one in found)  # fmt: skip
    return _table(("seq", "at", "by", "act", "target"), rows)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Table:
    heads = tuple(Column((_word(f"column.{one}"),)) for one in columns)
    return Table(heads, tuple(Row(tuple(Cell(text) for text in row)) for row in rows))


def _at(moment: object) -> str:
    return str(moment or "").replace("T", " ")


def _word(key: str) -> str:
    return text("zh", f"inspection.{key}")
