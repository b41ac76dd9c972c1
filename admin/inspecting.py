"""Packing reports for inspectors (迎检), a few at a time: paper, stamped pages, where values came from, and
what was done; the cover, the list of hashes and its signature when all are in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from renderers.contract import Cell, Column, Language, Row, Table
from renderers.glyphs import GlyphsMissing
from renderers.inspection import Facts, Paper
from workflows import stamping
from workflows.dispatching.exports import ExportRecord

VeilOf = Callable[[CompiledForm], Veil]
MOST_AUDITED = 5_000


@dataclass(frozen=True)
class Bundle:
    """One file for inspectors on its way: whose, what they may see, in which language."""

    work: Work
    record: ExportRecord
    veil_of: VeilOf
    language: Language = "zh"

    def packed(self, content: bytes, chosen: list[DocumentRecord], *, done: int) -> bytes:
        """The zip with these reports in it, and closed when they are the last."""
        known = dictionary(self.work.connection)
        for number, one in enumerate(chosen, done + 1):
            found = record_view.reading(self.work, one)
            veil = self.veil_of(found.form).over(one.contents)
            content = inspection.added(content, self._files(number, found, veil, known))
        if done + len(chosen) < self.record.total:
            return content
        return self._closed(content)

    def _files(
        self, number: int, found: record_view.Reading, veil: Veil, known: Dictionary
    ) -> dict[str, bytes]:
        work, language = self.work, self.language
        seen = veil.record(found.record)
        frame = original_view.frame(work, found, language)

        def named(folder: str, ending: str) -> str:
            parts = (frame.organisation, found.form.title(language), frame.period)
            path = inspection.name(number, *parts, ending=ending)
            return f"{_word(folder, language)}/{path}"

        files: dict[str, bytes] = {}
        try:
            files[named("papers", "pdf")] = RECORD_FILES["pdf"][2](
                work, found, seen, frame, language
            )
        except GlyphsMissing as problem:
            files[named("papers", "txt")] = problem.text(language).encode()
        heads: tuple[str, ...] = ("item", "value", "source", "by", "at", "verified")
        sources = _table(heads, _sources(work, found, veil, known, language), language)
        files[named("sources", "csv")] = csv_table.render(sources)
        heads = ("at", "by", "act", "item", "before", "after", "reason")
        course = _table(heads, _course(work, found, veil, known, language), language)
        files[named("course", "csv")] = csv_table.render(course)
        return files | stamped(
            work, number, found, veil, unit=frame.organisation, language=language
        )

    def _closed(self, content: bytes) -> bytes:
        """Cover and index, for auditors the trail of these reports, the hashes of all files, their signature."""
        work, record, language = self.work, self.record, self.language
        whom = identity.actor_of(work.connection, record.created_by, now=work.now)
        everything = {one.id: one for one in documents.several(work.connection, record.documents)}
        chosen = [everything[one] for one in record.documents]
        papers = [self._paper(number, one, content) for number, one in enumerate(chosen, 1)]
        forms = {(one.form_code, one.form_version) for one in chosen}
        facts = Facts(
            organisation=_office(work, whom, language),
            made_by=whom.name if whom else "",
            made_at=(words.moment(record.created_at) or "").replace("T", " "),
            asked=_asked(papers, language),
            masked=any(
                not self.veil_of(store.published(work.connection, *one)).empty for one in forms
            ),
        )
        front = pdf.render(inspection.cover(facts, papers, language), language=language)
        files = {inspection.name(0, _word("cover", language), ending="pdf"): front}
        if whom is not None and policy.covers(whom, "audit.read"):
            audited = csv_table.render(_audited(work, record, language))
            files[f"{_word('audit', language)}.csv"] = audited
        content = inspection.added(content, files)
        listed = inspection.sums(content)
        signed = f"{work.vault.witness(listed)}\n{work.vault.public_key()}\n"
        sums = _word("sums", language)
        files = {f"{sums}.txt": listed.encode(), f"{sums}.sig": signed.encode()}
        return inspection.added(content, files)

    def _paper(self, number: int, one: DocumentRecord, content: bytes) -> Paper:
        work, language = self.work, self.language
        found = record_view.reading(work, one)
        frame = original_view.frame(work, found, language)
        parts = (frame.organisation, found.form.title(language), frame.period)
        path = inspection.name(number, *parts, ending="pdf")
        signs = record_view.signoffs(found, language)
        between = text(language, "inspection.between")
        return Paper(
            number=number,
            title=found.form.title(language),
            organisation=frame.organisation,
            period=frame.period,
            version=found.version,
            signed=between.join(f"{sign['step']} {sign['by']}" for sign in signs),
            stamped=len(
                stamping.counts(work.connection, [one.id]) and stamping.of_record(work, one)
            ),
            pages=inspection.pages(
                inspection.paper_of(content, f"{_word('papers', language)}/{path}")
            ),
            digest=found.digest,
        )


def stamped(
    work: Work,
    number: int,
    found: record_view.Reading,
    veil: Veil,
    *,
    unit: str,
    language: Language,
) -> dict[str, bytes]:
    """The stamped pages of a report by their path in a zip; none where they show what is masked."""
    if not stamped_view.sees_all(found.record, veil):
        return {}
    home = stamping.home(found.record.id)
    files = {}
    for count, scan in enumerate(attachments.several(work.connection, home), 1):
        stem, _, ending = scan.name.rpartition(".")
        path = inspection.name(number, f"{count}", unit, stem, ending=ending)
        data = attachments.content(work.connection, home, mark_of(scan.ref))
        files[f"{_word('stamped', language)}/{path}"] = data
    return files


def _sources(
    work: Work, found: record_view.Reading, veil: Veil, known: Dictionary, language: Language
) -> Iterator[tuple[str, ...]]:
    """Every value with where it came from."""
    opened = filing.opened(work, veil.record(found.record))
    order = {item.path: number for number, item in enumerate(found.form.items)}
    place = {path: (order.get(found.form.pattern(path), -1), path) for path in opened.cells}
    for path in sorted(opened.cells, key=place.__getitem__):
        item, cell = found.form.item(path), opened.cells[path]
        if item is None or veil.hides(path):
            continue
        value = words.shown(item, cell.value, known, language, opened.labels)
        told = (
            words.source(cell.source, language, formula=words.spoken(found.form, item, language))
            or {}
        )
        if value or told:
            yield (
                found.form.name_of(path, language), value, str(told.get("text", "")),
                str(told.get("by") or ""), _at(told.get("at")), str(told.get("verified_by") or ""),
            )  # fmt: skip


def _course(
    work: Work, found: record_view.Reading, veil: Veil, known: Dictionary, language: Language
) -> Iterator[tuple[str, ...]]:
    """What was done to it, newest first: acts, and cells changed."""
    for one in record_view.history(work, found, known, veil, language):
        head = (_at(one["at"]), str(one["by"]), str(one["action"]))
        if not one["cells"]:
            yield (*head, "", "", "", str(one["reason"] or ""))
        for cell in one["cells"]:
            yield (*head, cell["label"], str(cell["before"]), str(cell["after"]), "")


def _asked(papers: list[Paper], language: Language) -> str:
    titles = dict.fromkeys(one.title for one in papers)
    periods = dict.fromkeys(one.period for one in papers)
    units = len({one.organisation for one in papers})
    return text(
        language,
        "inspection.asked",
        forms=text(language, "inspection.between").join(titles),
        periods=text(language, "inspection.between").join(periods),
        n=units,
    )


def _office(work: Work, whom: Any, language: Language) -> str:
    posts = [post.organisation for post in whom.posts] if whom else []
    names = identity.organisation_names(work.connection, posts)
    return text(language, "inspection.between").join(dict.fromkeys(names.values()))


def _audited(work: Work, record: ExportRecord, language: Language) -> Table:
    found = reading.of_targets(work.connection, record.documents, limit=MOST_AUDITED)
    rows = ((str(one.seq), _at(words.moment(one.at)), one.actor_name, one.action, one.target) for one in found)  # fmt: skip
    return _table(("seq", "at", "by", "act", "target"), rows, language)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]], language: Language) -> Table:
    heads = tuple(Column((_word(f"column.{one}", language),)) for one in columns)
    return Table(heads, tuple(Row(tuple(Cell(text) for text in row)) for row in rows))


def _at(moment: object) -> str:
    return str(moment or "").replace("T", " ")


def _word(key: str, language: Language) -> str:
    return text(language, f"inspection.{key}")
