"""Items whose value is an organisation, a person or an account: who may be picked, what they are called,
what else of the person stands beside.

The value is a code of an organisation, the id of a person in the register, or the id of an account
(staff: 经办人). `scope` says from where: `this` (the report's organisation and below it; as when absent),
`above` (the one above it and below), `all`; and of which levels. A person is offered only to somebody
whose posts reach that person; of staff, who holds a post in the scope today.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine import clock, messages
from engine.access import policy
from engine.access.policy import Reach
from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.json_text import Json
from engine.registers import colleagues, finding, limits
from engine.work import Work
from forms import document
from forms.compiled import CompiledForm, Item
from forms.documents import DocumentRecord
from forms.validate import CellProblem

ORGANISATION, PERSON, ACCOUNT = WIDGETS = ("organisation", "person", "account")
LIMIT = 30
MANY = 1_000
"""A whole name is looked for among so many that contain it."""
NAME, NUMBER = "person.name", "person.id_number"


class PersonOutOfReach(Problem):
    """Somebody of the register was put into a cell by whoever may not look for that person."""

    code, status = "document.person-out-of-reach", 403
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody or something that may be picked: its value, what it is called, and what tells it apart."""

    value: str
    label: str
    note: str = ""


@lru_cache(maxsize=512)
def pickers(form: CompiledForm) -> tuple[Item, ...]:
    """The items of a form that are picked."""
    return tuple(item for item in form.items if item.widget in WIDGETS)


def labels(work: Work, form: CompiledForm, contents: Mapping[str, Json]) -> dict[str, str]:
    """What the values of picked cells are called, by value: at most one query for each kind."""
    if not pickers(form):
        return {}
    wanted = _values(form, contents)
    return _called(work, {kind: set(cells.values()) for kind, cells in wanted.items()})


def called(work: Work, form: CompiledForm, values: Iterable[tuple[str, Json]]) -> dict[str, str]:
    """The same for values of some cells, given with their paths: those that were there before too."""
    wanted: dict[str, set[str]] = {name: set() for name in WIDGETS}
    for path, value in values:
        item = form.item(path)
        if item is not None and item.widget in WIDGETS and isinstance(value, str) and value:
            wanted[str(item.widget)].add(value)
    return _called(work, wanted)


def _called(work: Work, wanted: Mapping[str, set[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    if wanted[ORGANISATION]:
        found |= identity.organisation_names(work.connection, sorted(wanted[ORGANISATION]))
    if wanted[PERSON]:
        people = finding.people_of(work, sorted(wanted[PERSON]))
        found |= {one.value: one.label for one in people}
    if wanted[ACCOUNT]:
        found |= identity.account_names(work.connection, wanted[ACCOUNT])
    return found


def told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """The same labels; where two values are called alike, each with its value behind: 张伟（p7）."""
    counts = Counter(labels.values())
    return {
        value: label if counts[label] == 1 else f"{label}（{value}）"
        for value, label in labels.items()
    }


class Named:
    """Finds the values of picked cells by what they are called, as a workbook tells them.

    A workbook is read without writing: whoever uses this has the looks for people `noted` afterwards.
    """

    def __init__(self, work: Work, record: DocumentRecord, known: Mapping[str, str]) -> None:
        self._work, self._record = work, record
        self._values = {label: value for value, label in told_apart(known).items()}
        self._values |= {value: value for value in known}
        self._sought: dict[tuple[str, str], tuple[str, ...]] = {}
        self.looks = 0

    def values(self, item: Item, words: str) -> tuple[str, ...]:
        """The values that are called so and may be picked for an item: none, one, or several."""
        words = words.strip()
        if words in self._values:
            return (self._values[words],)
        key = (item.path, words)
        if key not in self._sought:
            found = _candidates(self._work, self._record, item, words)
            self.looks += item.widget == PERSON
            alike = tuple(
                one.value
                for one in found
                if words in (one.label, one.value, one.label.partition("（")[0])
            )
            self._sought[key] = alike
        return self._sought[key]


def noted(work: Work, looks: int) -> None:
    """Puts on the trail that so many people were looked for by name, in a workbook or a paste."""
    work.note("register.looked-up", PERSON, key="workbook", found=True, id="", looks=looks)


def problems(
    work: Work, form: CompiledForm, record: DocumentRecord, *, language: str
) -> list[CellProblem]:
    """Picked cells whose value is nobody, or somebody outside the item's scope."""
    if not pickers(form):
        return []
    wanted = _values(form, record.contents)
    found: list[CellProblem] = []
    if wanted[ORGANISATION]:
        codes = sorted(set(wanted[ORGANISATION].values()))
        known = {one.code: one for one in identity.known_organisations(work.connection, codes)}
        for path, code in wanted[ORGANISATION].items():
            item = form.by_path[form.pattern(path)]
            inside = code in known and _allowed(record, item, known[code])
            if not inside:
                found.append(_problem(form, path, code, ORGANISATION, language))
    if wanted[PERSON]:
        found += _outside(work, form, record, wanted[PERSON], kind=PERSON, language=language)
    if wanted[ACCOUNT]:
        found += _outside(work, form, record, wanted[ACCOUNT], kind=ACCOUNT, language=language)
    return found


def refuse_out_of_reach(
    work: Work, form: CompiledForm, record: DocumentRecord, typed: Mapping[str, Json]
) -> None:
    """Who types an id that was never offered would be told whose it is: a person is put into a cell by
    whoever may pick that person, unless the document names them already. Raises PersonOutOfReach.
    """
    people = {
        path: value
        for path, value in typed.items()
        if isinstance(value, str)
        and value
        and (item := form.item(path)) is not None
        and item.widget == PERSON
    }
    if not people:
        return
    known = set(_values(form, record.contents)[PERSON].values())
    fresh = sorted(set(people.values()) - known)
    reaches = policy.reaches(work.actor, "register.read")
    mine = finding.reached(work, fresh, "", reaches)
    others = finding.reached(work, sorted(set(fresh) - mine), "", (Reach("all"),))
    for path, value in people.items():
        if value in others:
            raise PersonOutOfReach(path=path, label=form.name_of(path))


def candidates(work: Work, record: DocumentRecord, item: Item, words: str) -> list[Candidate]:
    """Whom the actor may pick for an item, the best first; few words find many."""
    found = _candidates(work, record, item, words)
    if item.widget == PERSON:
        work.note("register.looked-up", PERSON, key="words", found=bool(found), id="")
    return found


def named(
    work: Work, record: DocumentRecord, item: Item, words: Sequence[str]
) -> dict[str, list[Candidate]]:
    """Whom names mean that were pasted: everybody who is called exactly so (or has the code, the whole number).

    None: nobody is, or outside what may be picked; several: somebody has to choose.
    """
    found: dict[str, list[Candidate]] = {}
    for one in dict.fromkeys(words):
        hits = _candidates(work, record, item, one, limit=MANY)
        whole = [hit for hit in hits if one in (hit.label, hit.value)]
        by_name = [hit for hit in hits if one == hit.label.partition("（")[0]]
        number = hits if item.widget == PERSON and len(hits) == 1 and one[:1].isdigit() else []
        found[one] = whole if len(whole) == 1 else by_name or number
    if item.widget == PERSON:
        noted(work, len(found))
    return found


def _candidates(
    work: Work, record: DocumentRecord, item: Item, words: str, limit: int = LIMIT
) -> list[Candidate]:
    if item.widget == ORGANISATION:
        below, levels = _scope(record, item)
        hits = finding.organisations(
            work.connection, words, below=[below], levels=levels, limit=limit
        )
        above = identity.organisation_names(
            work.connection, sorted({one.parent_code for one in hits if one.parent_code})
        )
        return [Candidate(one.code, one.name, above.get(one.parent_code or "", "")) for one in hits]
    if item.widget == ACCOUNT:
        return _staff(work, record, item, words)
    reaches = policy.reaches(work.actor, "register.read")
    found = finding.people(work, words, _area(record, item), reaches)
    return [Candidate(one.value, one.label, one.note) for one in found]


def _staff(work: Work, record: DocumentRecord, item: Item, words: str) -> list[Candidate]:
    """Staff of the scope; where that is everywhere, only by words: a list of everybody is no search."""
    below, _ = _scope(record, item)
    if below == "/" and not words.strip():
        return []
    today = clock.day(work.now).isoformat()
    hits = colleagues.colleagues(work.connection, words, below=below, today=today)
    return [
        Candidate(
            one.value, one.name, "、".join(dict.fromkeys(office for office, _ in one.offices))
        )
        for one in hits
    ]


def beside(
    work: Work, record: DocumentRecord, form: CompiledForm, path: str, person: str
) -> dict[str, Json]:
    """What the register knows of a picked person for the cells beside: by path, where the item asks for it.

    Raises NotFound for somebody whom the actor may not pick there.
    """
    item = form.item(path)
    if item is None or item.widget != PERSON:
        raise NotFound
    reaches = policy.reaches(work.actor, "register.read")
    if person not in finding.reached(work, [person], _area(record, item), reaches):
        raise NotFound
    limits.require_open(work, dictionary(work.connection), PERSON, person)
    work.note("register.looked-up", PERSON, key="id", found=True, id=person)
    if not item.schema.get("fills"):
        return {}
    head = path.rpartition("/")[0]
    pattern = item.path.rpartition("/")[0]
    known = dictionary(work.connection)
    cells = {
        f"{head}/{one.name}": known.fields[str(one.field)]
        for one in form.items
        if one.path.rpartition("/")[0] == pattern and one.field in known.fields and _of_person(one)
    }
    withheld = work.rules.withheld(f"form:{form.code}")
    cells = {cell: field for cell, field in cells.items() if field.code not in withheld}
    values = finding.facts(work, person, tuple(cells.values()))
    return {cell: values.get(field.code) for cell, field in cells.items()}


def _of_person(item: Item) -> bool:
    return str(item.field).startswith(f"{PERSON}.") and not item.readonly


def _values(form: CompiledForm, contents: Mapping[str, Json]) -> dict[str, dict[str, str]]:
    """The filled cells of each kind of picker: path -> value."""
    found: dict[str, dict[str, str]] = {name: {} for name in WIDGETS}
    for item in pickers(form):
        paths = document.expand(contents, item.path)
        for path, value in document.get_all(contents, paths).items():
            if isinstance(value, str) and value.strip():
                found[str(item.widget)][path] = value
    return found


def _scope(record: DocumentRecord, item: Item) -> tuple[str, Sequence[str]]:
    """The path below which the item looks, and the levels it takes."""
    scope: Any = item.schema.get("scope") or {}
    within, levels = scope.get("within", "this"), scope.get("levels", ())
    if within == "all":
        return "/", levels
    path = record.organisation_path
    if within == "above":
        path = path.removesuffix(f"{record.organisation_code}/") or path
    return path, levels


def _area(record: DocumentRecord, item: Item) -> str:
    """The code of the organisation in whose area people are looked for; empty: everywhere."""
    return _last(_scope(record, item)[0])


def _last(path: str) -> str:
    return path.strip("/").rpartition("/")[2]


def _allowed(record: DocumentRecord, item: Item, one: OrganisationValue) -> bool:
    below, levels = _scope(record, item)
    return one.path.startswith(below) and (not levels or one.kind in levels)


def _outside(
    work: Work,
    form: CompiledForm,
    record: DocumentRecord,
    wanted: Mapping[str, str],
    *,
    kind: str,
    language: str,
) -> list[CellProblem]:
    """People, or accounts, that are nobody or stand outside the scope of their item."""
    by_scope: dict[str, dict[str, str]] = defaultdict(dict)
    for path, value in wanted.items():
        by_scope[_scope(record, form.by_path[form.pattern(path)])[0]][path] = value
    found = []
    for below, cells in by_scope.items():
        values = sorted(set(cells.values()))
        if kind == PERSON:
            inside = finding.reached(work, values, _last(below), (Reach("all"),))
        else:
            today = clock.day(work.now).isoformat()
            inside = colleagues.reached(work.connection, values, below=below, today=today)
        found += [
            _problem(form, path, value, kind, language)
            for path, value in cells.items()
            if value not in inside
        ]
    return found


def _problem(form: CompiledForm, path: str, value: str, kind: str, language: str) -> CellProblem:
    told = {"label": form.name_of(path, language), "value": value[:60]}
    return CellProblem(
        path, "error", messages.text(f"form.cell.picked.{kind}", language, told), "picked"
    )
