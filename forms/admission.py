"""Admission (报表准入): before a report is sent out, what is already known and need not be asked.

It is no estimate: prefill itself runs for the organisations chosen, and the cells it fills are
counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.identity.store import OrganisationValue
from engine.work import Work
from forms import defaults, document, store
from forms.compiled import CompiledForm, Item
from forms.prefill.prefill import Prefilled, prefill

KINDS = {"steward": "register", "verified": "form", "entered": "form", "carried": "carried"}
"""What a source is to people, by the kind of source; all others are registers or computed."""
REPEAT_FROM = 2
"""Reports that share fewer items are no repetition worth a word."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another published form that asks for some of the same facts."""

    code: str
    titles: Mapping[str, str]
    owner: str
    shared: int
    items: int
    """How many items of the form in hand could be shared at all."""

    def title(self, language: str = "zh") -> str:
        """What the other form is called."""
        return self.titles.get(language) or self.titles.get("zh") or self.code


@dataclass(frozen=True, slots=True)
class ItemAdmission:
    """One item: whether it is known, from where, and how many of its cells fill themselves."""

    item: Item
    known: str
    """register | form | computed | carried | new"""
    source: Mapping[str, Any]
    """The source most of its cells have; empty for a new item."""
    cells: int
    filled: int
    also_in: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class Admission:
    """What a report would ask of the organisations chosen."""

    items: tuple[ItemAdmission, ...]
    repeats: tuple[Overlap, ...]

    @property
    def cells(self) -> int:
        """All cells of all organisations chosen."""
        return sum(one.cells for one in self.items)

    @property
    def filled(self) -> int:
        """Those that fill themselves."""
        return sum(one.filled for one in self.items)

    @property
    def known(self) -> int:
        """Items of which anything is known."""
        return sum(1 for one in self.items if one.known != "new")

    @property
    def generated(self) -> int:
        """Items that nobody has to fill anywhere."""
        return sum(1 for one in self.items if one.cells and one.filled == one.cells)


def admission(
    work: Work, form: CompiledForm, organisations: Sequence[OrganisationValue], period: str
) -> Admission:
    """What is known for these organisations and this period: one pass of prefill, counted."""
    filled = prefill(work, form, organisations, period) if organisations else {}
    sources = _sources(form, list(filled.values()))
    cells = _cells(form, list(filled.values()))
    others = overlaps(form, store.published_forms(work.connection))
    by_field = _by_field(form, others)
    items = tuple(
        ItemAdmission(
            item,
            _kind(item, sources.get(item.path)),
            _most(sources.get(item.path)),
            cells[item.path],
            sum(sources[item.path].values()) if item.path in sources else 0,
            tuple(one for one, fields in by_field if item.field in fields),
        )
        for item in form.items
    )
    return Admission(items, tuple(one for one, _ in by_field if one.shared >= REPEAT_FROM))


def overlaps(form: CompiledForm, others: Sequence[CompiledForm]) -> list[CompiledForm]:
    """Other forms with shared facts, the most alike first."""
    own = {item.field for item in form.items if item.field}
    shared = [(len(own & _fields(one)), one) for one in others if one.code != form.code]
    shared.sort(key=lambda pair: (-pair[0], pair[1].code))
    return [one for count, one in shared if count]


def _by_field(
    form: CompiledForm, others: Sequence[CompiledForm]
) -> list[tuple[Overlap, frozenset[str]]]:
    own = {item.field for item in form.items if item.field}
    found = []
    for other in others:
        shared = frozenset(own & _fields(other))
        told = Overlap(other.code, other.titles, other.owner, len(shared), len(form.items))
        found.append((told, shared))
    return found


def _fields(form: CompiledForm) -> set[str]:
    return {item.field for item in form.items if item.field}


Sources = dict[str, Counter[tuple[str, str]]]


def _sources(form: CompiledForm, filled: Sequence[Prefilled]) -> Sources:
    """By item, how many cells each kind of source fills, with what the source is called."""
    found: Sources = {}
    for one in filled:
        for path, cell in one.cells.items():
            if not cell.filled:
                continue
            source: Mapping[str, Any] = cell.source or {}
            if source.get("source") == defaults.SOURCE:
                continue  # proposed to everybody, known of nobody
            key = (str(source.get("source", "")), str(source.get("title", "")))
            found.setdefault(form.pattern(path), Counter())[key] += 1
    return found


def _cells(form: CompiledForm, filled: Sequence[Prefilled]) -> Counter[str]:
    """How many cells each item has over all organisations, filled or not."""
    found: Counter[str] = Counter()
    for one in filled:
        for item in form.items:
            found[item.path] += len(document.expand(one.contents, item.path))
    return found


def _kind(item: Item, sources: Counter[tuple[str, str]] | None) -> str:
    if not sources:
        return "computed" if item.compute else "new"
    kind = sources.most_common(1)[0][0][0]
    return KINDS.get(kind, "computed" if kind in ("computed", "formula") else "register")


def _most(sources: Counter[tuple[str, str]] | None) -> Mapping[str, Any]:
    if not sources:
        return {}
    kind, title = sources.most_common(1)[0][0]
    return {"source": kind, "title": title}
