"""What a newer version of a form does to running reports: each one's fate, found without writing anything.

Not handed in yet: it moves, and the draft is kept. Handed in: it stays, or moves where nothing changes
for it, or is given back with what is to be answered. Final: never touched.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine import messages
from engine.identity import store as identity
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import conditions, document, judge, newer, store, surroundings
from forms.compiled import CompiledForm
from forms.documents import CellChange, DocumentRecord
from forms.meanwhile import MOVED
from forms.newer import Between, Carried
from forms.prefill.prefill import Prefilled, prefill, with_computed
from forms.validate import CellProblem
from workflows import store as flows
from workflows.store import CaseRecord

HANDED_IN = ("stay", "same", "back")
"""What may be done with reports that were handed in."""
KNOWN, ASKED, UNFIT, TAKEN, TURNED, GONE, FAILS = (
    "known", "asked", "unfit", "taken", "turned", "gone", "fails"
)  # fmt: skip
"""Findings: new and known, new and to be asked, out of its bounds, no longer taken, turned into its new
type, without a cell, a check that would newly fail."""
FINDINGS = (ASKED, UNFIT, TAKEN, FAILS, GONE, TURNED, KNOWN)
CHANGING = frozenset(FINDINGS)
ANSWERED = (ASKED, UNFIT, TAKEN, FAILS)
"""What somebody has to do something about."""
_MISSING = frozenset(("required", "minItems", "minProperties"))
WHY: Mapping[str, str] = {kind: messages.text(f"form-move.why.{kind}", "zh") for kind in ANSWERED}
"""The reason beside a cell that is given back: kept in Chinese, as any reason of the office."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one report."""

    record: DocumentRecord
    outcome: str
    """moved | back | stays | final"""
    reason: str = ""
    """Why it stays."""
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By kind of finding, how many cells of which item (or failures of which check)."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """Cells that somebody must do something about, each with the kind of finding."""
    contents: Mapping[str, Json] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    """What is known of its cells in the new version."""
    changes: tuple[CellChange, ...] = ()
    """What did not come along as it was: for the history."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to, and what is done with reports that were handed in."""

    target: CompiledForm
    handed_in: str = "stay"
    dry: bool = True
    """Only to be told: also what would be known of reports that nobody has opened yet."""


def fates(work: Work, plan: Plan, records: Sequence[DocumentRecord]) -> list[Fate]:
    """What happens to each of these reports; the number of queries depends on the form, not on them."""
    cases = _cases(work, records)
    found: list[Fate] = []
    for version in sorted({one.form_version for one in records}):
        mine = [one for one in records if one.form_version == version]
        old = store.published(work.connection, plan.target.code, version)
        found += _of_version(work, plan, old, mine, cases)
    place = {one.id: number for number, one in enumerate(records)}
    return sorted(found, key=lambda one: place[one.record.id])


def _of_version(
    work: Work,
    plan: Plan,
    old: CompiledForm,
    records: Sequence[DocumentRecord],
    cases: Mapping[str, CaseRecord],
) -> Iterator[Fate]:
    lies = newer.between(old, plan.target)
    stopped = {one.id: why for one in records if (why := _stopped(work, plan, lies, one, cases))}
    going = [one for one in records if one.id not in stopped]
    begun = [one for one in going if plan.dry or opened(one)]
    moved = {one.id: Fate(one, "moved") for one in going} | _moved(work, lies, begun)
    for record in records:
        if record.id in stopped:
            outcome = "final" if record.status == "final" else "stays"
            yield Fate(record, outcome, stopped[record.id])
        elif record.status == "open":
            yield moved[record.id]
        else:
            yield _handed_in(work, plan, moved[record.id], cases.get(record.case_id or ""))


def _stopped(
    work: Work, plan: Plan, lies: Between, record: DocumentRecord, cases: Mapping[str, CaseRecord]
) -> str:
    """Why a report does not move whatever its values are; empty if that is for them to say."""
    if record.status == "final":
        return "final"
    if record.status not in ("open", "submitted"):
        return "over"
    if record.form_version == plan.target.version:
        return "there"
    if (lies.old.kind, lies.old.period) != (lies.new.kind, lies.new.period):
        return "kind"
    case = cases.get(record.case_id or "")
    if case is None or case.state.ended:
        return "over"
    flow = flows.flow(work.connection, case.flow_code, case.flow_version)
    if any(lies.new.item(one) is None for step in flow.steps for one in step.required):
        return "flow"
    return "handed-in" if record.status == "submitted" and plan.handed_in == "stay" else ""


def _handed_in(work: Work, plan: Plan, fate: Fate, case: CaseRecord | None) -> Fate:
    """It moves where nothing changes for it; else it stays, or is given back."""
    if not CHANGING.intersection(fate.found):
        return fate
    if plan.handed_in != "back":
        return replace(_staying(fate), reason="changes")
    if case is None or case.status != "running":
        return replace(_staying(fate), reason="suspended")
    live = [one for one in case.state.visits if one.live]
    flow = flows.flow(work.connection, case.flow_code, case.flow_version)
    if len(live) != 1 or flow.by_code[live[0].step].kind == "fill":
        return replace(_staying(fate), reason="branches")
    return replace(fate, outcome="back")


def _staying(fate: Fate) -> Fate:
    return replace(fate, outcome="stays", cells={}, changes=())


def _cases(work: Work, records: Sequence[DocumentRecord]) -> dict[str, CaseRecord]:
    ids = [one.case_id for one in records if one.case_id and one.status in ("open", "submitted")]
    query = flows.CASE.select().where(flows.CASE.c.id.in_(ids))
    rows = work.connection.execute(query).mappings()
    return {row["id"]: flows.opened_case(work.connection, CaseRecord(**row)) for row in rows}


def _moved(work: Work, lies: Between, records: Sequence[DocumentRecord]) -> dict[str, Fate]:
    """Each as it is in the new version: carried over, prefilled where it is new, computed, judged."""
    if not records:
        return {}
    form, period = lies.new, Period.parse(records[0].period) if records[0].period else None
    given = _given(work, lies, records)
    came = {one.id: newer.carried(lies, one.contents) for one in records}
    filled = {
        one.id: _with_new(lies, one, came[one.id], given[one.organisation_code]) for one in records
    }
    by_code = {one.organisation_code: filled[one.id].contents for one in records}
    around = surroundings.of_many(work, form, period, by_code)
    then = {one.organisation_code: one.contents for one in records}
    before = surroundings.of_many(work, lies.old, period, then)
    found = {}
    for one in records:
        env = around[one.organisation_code].having(filled[one.id].contents)
        _, seen = conditions.apply(form, env)
        worked = filled[one.id]
        if one.opened_at is not None:
            worked = with_computed(form, worked, seen)
        env = env.having(worked.contents)
        told, _ = conditions.apply(form, env)
        draft = one.status == "open"
        was = judge.problems(lies.old, before[one.organisation_code], language="zh", draft=draft)
        now = judge.problems(form, env, language="zh", draft=draft)
        fails = newer.newly(lies, was, now) if one.opened_at is not None else []
        telling = _Telling(lies, came[one.id], worked)
        telling.new_items(told)
        telling.carried()
        telling.failing(fails)
        found[one.id] = telling.fate(one)
    return found


def _given(work: Work, lies: Between, records: Sequence[DocumentRecord]) -> Mapping[str, Prefilled]:
    """What is known of the items that are new, by organisation; nothing is asked if none is."""
    if not lies.added:
        return {one.organisation_code: Prefilled({}, {}) for one in records}
    codes = list(dict.fromkeys(one.organisation_code for one in records))
    places = list(identity.organisations(work.connection, codes).values())
    return prefill(work, lies.new, places, records[0].period)


def _with_new(lies: Between, record: DocumentRecord, came: Carried, given: Prefilled) -> Prefilled:
    """The document with what is known of its new items; of what nobody opened yet only to look at it."""
    form, added = lies.new, frozenset(lies.added)
    cells = document.load_cells(newer.cells_of(lies, record.cells, came), came.contents)
    contents = came.contents
    for table in form.tables:
        if table.kind == "floating" and table.path not in lies.old.table_by_path:
            ids = document.row_ids(given.contents, table.path)
            contents = document.add_rows(contents, table.path, ids) if ids else contents
    fresh = {}
    for path, cell in given.cells.items():
        item = form.item(path)
        if item is None or item.path not in added or document.blank(cell.value):
            continue
        if item.compute or not _there(form, contents, path):
            continue
        fresh[path] = cell
    contents = document.put_all(form, contents, {path: one.value for path, one in fresh.items()})
    return Prefilled(contents, {**cells, **fresh})


def _there(form: CompiledForm, contents: Mapping[str, Json], path: str) -> bool:
    """Whether the row of a cell is one of the document's."""
    item = form.item(path)
    if item is None or item.table is None or "*" not in item.path:
        return True
    row = path[len(item.table) + 1 :].partition("/")[0]
    return row in document.row_ids(contents, item.table)


class _Telling:
    """What is to be said of one report, counted by item."""

    def __init__(self, lies: Between, came: Carried, worked: Prefilled) -> None:
        self.lies, self.came, self.worked = lies, came, worked
        self.found: dict[str, Counter[str]] = {}
        self.cells: dict[str, str] = {}

    def say(self, kind: str, path: str, form: CompiledForm | None = None) -> None:
        """One cell of a kind of finding."""
        self.found.setdefault(kind, Counter())[(form or self.lies.new).pattern(path)] += 1
        if kind in ANSWERED:
            self.cells.setdefault(path, kind)

    def new_items(self, told: conditions.Applied) -> None:
        """Items and tables that the old version did not ask."""
        contents, old = self.worked.contents, self.lies.old
        for pattern in self.lies.added:
            computed = bool(self.lies.new.by_path[pattern].compute)
            for path in document.expand(contents, pattern):
                blank = not computed and document.blank(document.get(contents, path))
                if computed or not told.hides(path):
                    self.say(ASKED if blank else KNOWN, path)
        for table in self.lies.new.tables:
            fresh = table.kind == "floating" and table.path not in old.table_by_path
            if fresh and "*" not in table.path and not document.row_ids(contents, table.path):
                self.say(ASKED, table.path)

    def carried(self) -> None:
        """Values that did not come along as they were."""
        for path in self.came.taken:
            self.say(TAKEN, path)
        for path in self.came.turned:
            self.say(TURNED, path)
        for path in self.came.gone:
            self.say(GONE, path, self.lies.old)

    def failing(self, fails: Sequence[CellProblem]) -> None:
        """What newly does not hold."""
        for one in fails:
            if one.code.startswith(newer.CHECK):
                code = one.code.removeprefix(newer.CHECK)
                self.found.setdefault(FAILS, Counter())[code] += 1
                for path in (one.path, *one.paths):
                    self.cells.setdefault(path, FAILS)
            elif one.path not in self.cells and self.lies.new.item(one.path) is not None:
                missing = one.code.partition(".")[0] in _MISSING
                self.say(ASKED if missing else UNFIT, one.path)

    def fate(self, record: DocumentRecord) -> Fate:
        """It moves, with all that."""
        kept = {
            path: cell
            for path, cell in self.worked.cells.items()
            if cell.state != "empty" or cell.known is not None
        }
        return Fate(
            record,
            "moved",
            found={kind: dict(counted) for kind, counted in self.found.items()},
            cells=self.cells,
            contents=self.worked.contents,
            known=document.dump_cells(kept),
            changes=tuple(_changes(self.lies, record, self.came, self.worked)),
        )


def _changes(
    lies: Between, record: DocumentRecord, came: Carried, worked: Prefilled
) -> Iterator[CellChange]:
    """For the history: what has no cell, what another value stands for, and what was typed and is
    computed now.
    """
    for path, value in came.gone.items():
        yield CellChange(path, value, None, visit=MOVED)
    for path, value in {**came.taken, **came.turned}.items():
        yield CellChange(path, value, document.get(worked.contents, path), visit=MOVED)
    for path, value in document.flatten(record.contents, lies.old).items():
        there = lies.target(path)
        if there is None or there in came.taken or there in came.turned:
            continue
        now = document.get(worked.contents, there)
        if there != path:
            yield CellChange(path, value, None, visit=MOVED)
            yield CellChange(there, None, now, visit=MOVED)
        elif not document.same(value, now):
            item = lies.old.item(path)
            if item is not None and not item.compute:
                yield CellChange(path, value, now, visit=MOVED)


def opened(record: DocumentRecord) -> bool:
    """Whether anything of it is there to be carried over."""
    return record.opened_at is not None or bool(record.revision)
