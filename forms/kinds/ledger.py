"""A ledger as a form: its lens on a register, whether it can be one, and edits checked by its schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound, Problem
from engine.json_text import Json
from engine.ledgers import edit as edits
from engine.ledgers import schema
from engine.ledgers.edit import Edit, Outcome
from engine.ledgers.ground import ground
from engine.ledgers.lens import LOCAL, OWN, RELATED, Column, LedgerInvalid, Lens, link
from engine.registers import query
from engine.registers.query import RegisterScope
from engine.work import Work
from forms import store
from forms.compiled import CompiledForm, Item
from forms.validate import CellProblem, problems

KIND = "ledger"
_lenses: dict[tuple[str, int, str], Lens] = {}


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of edits: outcomes of those that are valid, and what is wrong with the others."""

    outcomes: tuple[Outcome, ...]
    problems: tuple[tuple[Edit, CellProblem], ...]


def forms(connection: Connection) -> list[CompiledForm]:
    """The ledgers in force, by owner and code."""
    known = [one for one in store.newest(connection) if one.kind == KIND]
    return [
        store.published(connection, one.code)
        for one in known
        if one.status == "published" or one.version > 1
    ]


def form(connection: Connection, code: str) -> CompiledForm:
    """A ledger in force by its code. Raises NotFound."""
    try:
        found = store.published(connection, code)
    except store.FormUnknown as unknown:
        raise NotFound from unknown
    if found.kind != KIND:
        raise NotFound
    return found


def lens(connection: Connection, found: CompiledForm) -> Lens:
    """What a ledger looks at, by the dictionary in force; the same object until one of them changes."""
    known = dictionary(connection)
    key = (found.code, found.version, known.stamp)
    kept = _lenses.get(key) if known.stamp else None
    if kept is None:
        kept = _made(found, known)
        if known.stamp:
            if len(_lenses) > 256:
                _lenses.clear()
            _lenses[key] = kept
    return kept  # not out of the table: another thread may be emptying it


def prepare(work: Work, found: CompiledForm) -> None:
    """Refuse a ledger that cannot be one, and give it its local table. Raises LedgerInvalid."""
    known = dictionary(work.connection)
    if found.tables:
        raise LedgerInvalid(where=found.tables[0].path, reason="table")
    made = _made(found, known)
    _check(made, known, work)
    for was in _before(work, found):
        kept = {one.name: one.field for one in was.local()}
        for one in made.local():
            if one.name in kept and _stored_as(kept[one.name]) != _stored_as(one.field):
                raise LedgerInvalid(where=one.name, reason="type-change")
    schema.migrate(work.connection, made)


def save(work: Work, found: CompiledForm, wanted: Sequence[Edit], *, language: str = "zh") -> Saved:
    """Check edits cell by cell and apply those that are valid. Raises what `edit.save` raises."""
    known = lens(work.connection, found)
    ground(work, known, verb="ledger.edit")
    right, wrong = [], []
    for one in wanted:
        faults = [] if one.value is None else check(found, one.column, one.value, language)
        if faults:
            wrong.append((one, faults[0]))
        else:
            right.append(one)
    done = edits.save(work, known, right) if right else []
    return Saved(tuple(done), tuple(wrong))


def check(found: CompiledForm, column: str, value: Json, language: str = "zh") -> list[CellProblem]:
    """What is wrong with a value of a column; empty if nothing is."""
    path = f"/{column}"
    return [
        one
        for one in problems(found, {column: value}, language=language, draft=True)
        if one.path == path or one.path.startswith(f"{path}/")
    ]


def item(found: CompiledForm, column: str) -> Item:
    """The form's item of a column. Raises NotFound."""
    known = found.by_path.get(f"/{column}")
    if known is None:
        raise NotFound
    return known


def _made(found: CompiledForm, known: Dictionary) -> Lens:
    head: Mapping[str, Any] = found.bundle["form"]
    subject = found.subject
    if subject not in known.subjects:
        raise LedgerInvalid(where=subject, reason="subject")
    shell = Lens(
        code=found.code,
        version=found.version,
        titles=found.titles,
        owner=found.owner,
        subject=subject,
        rule=head.get("members", ""),
        columns=(),
    )
    columns = tuple(_column(one, known, subject, shell.table_name) for one in found.items)
    named = set(head.get("sets", ())) if "sets" in head else None
    direct = frozenset(
        one.name
        for one in columns
        if one.kind != LOCAL
        and not one.computed
        and "entered" in one.field.sources
        and (named is None or one.field.code in named)
    )
    return replace(shell, columns=columns, direct=direct)


def _column(one: Item, known: Dictionary, subject: str, table: str) -> Column:
    if one.field is None:
        field = Field(
            code=f"{table}.{one.name}",
            labels=one.titles,
            schema=one.schema,
            unit=one.unit,
            codelist=one.codelist,
        )
        return Column(one.name, field, LOCAL)
    now = known.field(one.field)
    if now.periodic:
        raise LedgerInvalid(where=one.name, reason="periodic")
    if now.subject == subject:
        return Column(one.name, now, OWN)
    return Column(one.name, now, RELATED, link(known, subject, now.subject))


def _check(made: Lens, known: Dictionary, work: Work) -> None:
    scope = RegisterScope(known, "37", work.today)
    for one in made.columns:
        if one.kind == LOCAL and (one.field.schema.get("compute") or one.computed):
            raise LedgerInvalid(where=one.name, reason="computed")
        if one.computed and one.kind == RELATED:
            raise LedgerInvalid(where=one.name, reason="computed")
        if one.computed:
            try:
                scope.column(made.subject, one.field.name)
            except Problem as problem:
                raise LedgerInvalid(where=one.name, reason="computed") from problem
    if made.by_hand:
        return
    try:
        members = made.members
        if members.subject != made.subject:
            raise LedgerInvalid(where="members", reason="subject")
        query.members(scope, made.rule)
    except LedgerInvalid:
        raise
    except Problem as problem:
        raise LedgerInvalid(where=f"members: {problem.text('zh')}", reason="rule") from problem


def _before(work: Work, found: CompiledForm) -> list[Lens]:
    try:
        return [_made(store.published(work.connection, found.code), dictionary(work.connection))]
    except (store.FormUnknown, LedgerInvalid):
        return []


def _stored_as(field: Field) -> tuple[Any, bool]:
    return field.schema.get("type"), field.secret
