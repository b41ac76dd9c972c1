"""A new version of a form over what was really submitted: what would fail, fill itself, or be lost.

Nothing is written. Documents are looked at part by part; what is kept of them is counts, and for each
finding a few places to look at, without the values that stand there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import messages
from engine.access import policy
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import compile as compiler
from forms import document, documents, judge, newer, store, surroundings
from forms.checks import compute
from forms.compiled import CompiledForm, Item
from forms.designing.replayed import Finding, Part, Place, added
from forms.documents import DOCUMENT, DocumentRecord
from forms.prefill import prefill
from forms.validate import CellProblem

AT_ONCE = 500
_CHECK = "check."
_WRONG = {
    "required": ("required",),
    "type": ("type", "decimals", "multipleOf"),
    "range": ("between", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "choice": ("enum", "codelist", "const", "oneOf", "not-offered"),
    "length": ("length", "minLength", "maxLength", "minItems", "maxItems"),
    "format": ("format", "pattern"),
}
_OFFERED = ("known", "stale", "computed")


class NothingSubmitted(NotFound):
    """No document of the form was ever submitted, so there is nothing to try the version on."""

    code = "form.nothing-submitted"
    form: str


def replay(work: Work, code: str, *, language: str = "zh", period: str | None = None) -> Part:
    """The draft of a form over all that was submitted for the last period, or for the one named.

    Raises Forbidden, FormUnknown, NothingSubmitted or the draft's complaints.
    """
    found = part(work, code, language=language, period=period)
    while found.after is not None:
        more = part(work, code, language=language, period=found.period, after=found.after)
        found = found.plus(more)
    return found


def part(
    work: Work,
    code: str,
    *,
    language: str = "zh",
    period: str | None = None,
    after: str = "",
    limit: int = AT_ONCE,
) -> Part:
    """The same for the next documents only, so that whoever waits sees how far it is."""
    work.require("form.design")
    known = dictionary(work.connection)
    new = compiler.compile_form(store.draft(work.connection, code).document, known.fields, known.codes())  # fmt: skip
    chosen = documents.last_submitted(work.connection, code) if period is None else period
    asked = (documents.was_submitted(code), DOCUMENT.c.period == chosen)
    total = documents.count(work.connection, *asked) if chosen is not None else 0
    if chosen is None or not total:
        raise NothingSubmitted(form=new.title(language))
    records = documents.submitted(work.connection, code, chosen, after=after, limit=limit)
    compared = _Compared(work, new, chosen, language)
    findings: tuple[Finding, ...] = ()
    passing = 0
    for version in {one.form_version for one in records}:
        mine = [one for one in records if one.form_version == version]
        told = compared.over(store.published(work.connection, code, version), mine)
        findings = added(findings, told)
        passing += sum(one.id not in compared.failing for one in mine)
    versions = [one for one in store.versions(work.connection, code) if one.status == "published"]
    return Part(
        form=code,
        period=chosen,
        version=versions[0].version,
        total=total,
        looked_at=len(records),
        passing=passing,
        findings=findings,
        after=records[-1].id if len(records) == limit else None,
    )


class _Compared:
    """One pass over documents of one old version against the new one."""

    def __init__(self, work: Work, new: CompiledForm, period: str, language: str) -> None:
        self._work = work
        self._new = new
        self._period = Period.parse(period) if period else None
        self._language = language
        self._checks = {check.code: check for check, _ in new.relations}
        self.failing: set[str] = set()

    def over(self, old: CompiledForm, records: Sequence[DocumentRecord]) -> list[Finding]:
        """What is found in these documents."""
        found_between = newer.between(old, self._new)
        was = found_between.was
        moved = {one.id: newer.carried(found_between, one.contents).contents for one in records}
        codes = [record.organisation_code for record in records]
        names = identity.organisation_names(self._work.connection, codes)
        found: list[Finding] = []
        before = self._wrong(old, {one.id: one.contents for one in records}, records)
        after = self._wrong(self._new, moved, records, anew=True)
        filled = self._filled(old, was, records)
        for record in records:
            name = names.get(record.organisation_code, record.organisation_code)
            look = _Look(record, name, self._sees(record), self._new, self._language)
            fails = [*self._fails(old, was, look, before[record.id], after[record.id])]
            if fails:
                self.failing.add(record.id)
            found += [
                *fails,
                *_lost(old, self._new, was, look),
                *_unbound(old, self._new, was, look),
                *_offered(look, moved[record.id], filled.get(record.id, {})),
            ]
        return list(added((), found))

    def _sees(self, record: DocumentRecord) -> bool:
        return policy.covers(
            self._work.actor,
            "document.read",
            path=record.organisation_path,
            owner=record.owner,
        )

    def _wrong(
        self,
        form: CompiledForm,
        contents: Mapping[str, Mapping[str, Json]],
        records: Sequence[DocumentRecord],
        *,
        anew: bool = False,
    ) -> dict[str, list[CellProblem]]:
        """What is wrong in each document, its computed cells worked out anew if asked."""
        by_code = {one.organisation_code: contents[one.id] for one in records}
        around = surroundings.of_many(self._work, form, self._period, by_code)
        found = {}
        for record in records:
            env = around[record.organisation_code].having(contents[record.id])
            if anew and form.computes:
                env = env.having(compute.computed(form, env))
            found[record.id] = judge.problems(form, env, language=self._language, draft=False)
        return found

    def _fails(
        self,
        old: CompiledForm,
        was: Mapping[str, str],
        look: "_Look",
        before: Sequence[CellProblem],
        after: Sequence[CellProblem],
    ) -> Iterator[Finding]:
        """What does not hold in the new version and held, or was not asked, in the old one."""
        rules = {check.code: check for check, _ in old.relations}
        known = {(self._rule(rules, one), one.path) for one in before}
        at: dict[tuple[str, str], list[CellProblem]] = {}
        for one in after:
            item = self._new.item(one.path)
            path = item.path if item else one.path
            if (self._rule(self._checks, one), _then(one.path, path, was)) not in known:
                at.setdefault((one.code, path), []).append(one)
        for (code, path), mine in at.items():
            told = look.finding("fails", path, self._told(code), [one.path for one in mine])
            yield replace(told, code=code, severity=mine[0].severity)

    @staticmethod
    def _rule(checks: Mapping[str, Any], problem: CellProblem) -> str:
        """A check by what it says: its code may have been given to another one since."""
        check = checks.get(problem.code.removeprefix(_CHECK)) if problem.code.startswith(_CHECK) else None  # fmt: skip
        return f"{check.formula} {check.over or ''}" if check else problem.code

    def _told(self, code: str) -> str:
        check = self._checks.get(code.removeprefix(_CHECK)) if code.startswith(_CHECK) else None
        if check is not None:
            return check.text(self._language) or check.formula
        return messages.text(f"form.replay.{_kind(code)}", self._language)

    def _filled(
        self, old: CompiledForm, was: Mapping[str, str], records: Sequence[DocumentRecord]
    ) -> dict[str, dict[str, Json]]:
        """What newly bound cells would fill themselves with, by document and path."""
        bound = {
            path
            for path, item in self._new.by_path.items()
            if (item.field or item.compute)
            and (item.field, item.compute) != _binding(old.by_path.get(was.get(path, path)))
        }
        if not bound:
            return {}
        codes = list(dict.fromkeys(one.organisation_code for one in records))
        organisations = list(identity.organisations(self._work.connection, codes).values())
        period = str(self._period) if self._period else ""
        given = prefill.prefill(self._work, self._new, organisations, period)
        found: dict[str, dict[str, Json]] = {}
        for record in records:
            for path, cell in given[record.organisation_code].cells.items():
                item = self._new.item(path)
                if item and item.path in bound and cell.state in _OFFERED and cell.filled:
                    found.setdefault(record.id, {})[path] = cell.value
        return found


@dataclass(frozen=True, slots=True)
class _Look:
    """One document while it is looked at."""

    record: DocumentRecord
    name: str
    sees: bool
    new: CompiledForm
    language: str

    def finding(self, kind: str, path: str, text: str, paths: Sequence[str]) -> Finding:
        """Something in this document, with its first places."""
        places = [
            Place(
                self.record.id if self.sees else "",
                self.name,
                one,
                self.new.name_of(one, self.language),
            )
            for one in paths[:3]
        ]
        return Finding(
            kind=kind,
            path=path,
            text=text,
            documents=1,
            cells=len(paths),
            places=tuple(places),
        )


def _then(path: str, pattern: str, was: Mapping[str, str]) -> str:
    """Where a cell stood in the old version."""
    before = was.get(pattern)
    return path if before is None else path.rpartition("/")[0] + "/" + before.rpartition("/")[2]


def _lost(
    old: CompiledForm, new: CompiledForm, was: Mapping[str, str], look: _Look
) -> Iterator[Finding]:
    """Values that were submitted and have no cell any more."""
    kept = {*new.by_path, *was.values()}
    at: dict[str, list[str]] = {}
    for path in document.flatten(look.record.contents, old):
        item = old.item(path)
        if item is not None and item.path not in kept:
            at.setdefault(item.path, []).append(path)
    for pattern, paths in at.items():
        text = old.by_path[pattern].full_label(look.language)
        found = look.finding("lost", pattern, text, paths)
        named = [replace(one, label=old.name_of(one.path, look.language)) for one in found.places]
        yield replace(found, places=tuple(named))


def _unbound(
    old: CompiledForm, new: CompiledForm, was: Mapping[str, str], look: _Look
) -> Iterator[Finding]:
    """Cells that filled themselves and will have to be typed."""
    at: dict[str, list[str]] = {}
    for path, item in new.by_path.items():
        before = old.by_path.get(was.get(path, path))
        if before is None or not before.field or item.field or item.compute:
            continue
        for one in document.expand(look.record.contents, before.path):
            cell = look.record.cells.get(one, {})
            if not document.blank(cell.get("known")):
                at.setdefault(path, []).append(one)
    for path, paths in at.items():
        yield look.finding("unbound", path, new.by_path[path].full_label(look.language), paths)


def _offered(look: _Look, values: Mapping[str, Json], given: Mapping[str, Json]) -> Iterator[Finding]:  # fmt: skip
    """Cells that would fill themselves, and whether with what was submitted."""
    at: dict[str, list[str]] = {}
    for path in given:
        item = look.new.item(path)
        if item is not None:
            at.setdefault(item.path, []).append(path)
    for pattern, paths in at.items():
        label = look.new.by_path[pattern].full_label(look.language)
        there = document.get_all(values, paths)
        differ = [
            one
            for one in paths
            if not document.blank(there[one]) and not document.same(there[one], given[one])
        ]
        same = [one for one in paths if one not in differ]
        found = look.finding("prefilled", pattern, label, [*differ, *same])
        yield replace(found, differ=len(differ))


def _binding(item: Item | None) -> tuple[str | None, str | None]:
    return (item.field, item.compute) if item else (None, None)


def _kind(code: str) -> str:
    """What a value fails, in the few words of a replay."""
    head = code.partition(".")[0]
    return next((kind for kind, codes in _WRONG.items() if head in codes), "other")
