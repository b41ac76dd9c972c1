"""Applying the lines of an import, and taking them back: cells by the same pen as edits on the page."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from engine import messages
from engine.errors import Conflict, NotFound
from engine.formats import registry as formats
from engine.json_text import Json
from engine.ledgers import edit, local, members, proposals
from engine.ledgers.edit import Edit, NotEditable
from engine.ledgers.ground import MEMBER, Ground, ground
from engine.ledgers.lens import LOCAL, RELATED, Lens
from engine.ledgers.page import by_ids
from engine.ledgers.rows import Row
from engine.registers import store
from engine.registers.store import Change
from engine.work import Work

OUTSIDE = "outside"
"""What became of somebody new whom the ledger's own rule does not take in."""
Told = tuple[Mapping[Any, Any], Json, str]
"""A line, what is needed to take it back, and the subject it is about."""


def apply(
    work: Work, lens: Lens, file: str, lines: Sequence[tuple[Mapping[Any, Any], Any]]
) -> Iterator[Told]:
    """Apply lines. A cell that somebody changed since the preview is left as they wrote it."""
    here = ground(work, lens, verb="ledger.edit")
    yield from _new(work, here, file, [one for one in lines if one[0]["kind"] == "new"])
    old = [(row, detail) for row, detail in lines if row["kind"] != "new"]
    for row, _ in old:
        if row["kind"] == "entered":
            _enter(work, lens, row["subject_id"], file)
    rows = by_ids(work, here, sorted({row["subject_id"] for row, _ in old}))
    edits, outcomes = [], defaultdict[str, list[edit.Outcome]](list)
    for row, detail in old:
        subject = row["subject_id"]
        for name, _, value, stamp in detail["changes"]:
            if subject in rows and _stands(lens, rows[subject], name):
                edits.append(Edit(subject, name, value, stamp, file))
            else:  # it left the ledger since the preview, or has no household any more
                outcomes[subject].append(edit.Outcome(edit.CLASHED, subject, name))
    for one in edit.save(work, lens, edits) if edits else []:
        outcomes[one.row].append(one)
    for row, detail in old:
        yield row, _undo(detail, outcomes.get(row["subject_id"], ())), row["subject_id"]


def back(
    work: Work, lens: Lens, file: str, lines: Sequence[tuple[Mapping[Any, Any], Any]]
) -> Iterator[Told]:
    """Take lines back. What somebody changed after the import stays as they wrote it, and is counted."""
    here = ground(work, lens, verb="ledger.edit")
    why = messages.text("ledger.taken-back", "zh", {"file": file})
    for row, undo in lines:
        subject = row["subject_id"]
        kept = 0
        if "created" in undo:
            kept = _uncreate(work, here, subject, undo["created"])
        edits = [Edit(subject, name, old, stamp, why) for name, old, stamp in undo.get("cells", ())]
        try:
            done = edit.save(work, lens, edits, left=True) if edits else []
        except (NotFound, NotEditable):  # it belongs to another place meanwhile, or is gone
            kept += len(edits)
            done = []
        kept += sum(one.kind == edit.CLASHED for one in done)
        for number in undo.get("proposals", ()):
            kept += _withdrawn(work, number)
        if row["kind"] == "entered":
            _unenter(work, lens, subject)
        yield row, {**undo, "kept": kept}, subject


def _stands(lens: Lens, row: Row, name: str) -> bool:
    column = lens.by_name.get(name)
    return column is not None and (column.kind != RELATED or name in row.subjects)


def _undo(detail: Any, outcomes: Sequence[edit.Outcome]) -> Json:
    before = {name: old for name, old, _, _ in detail["changes"]}
    return {
        "cells": [
            [one.column, before[one.column], one.cell.stamp]
            for one in outcomes
            if one.kind == edit.SAVED
        ],
        "proposals": [one.proposal for one in outcomes if one.proposal],
        "outcomes": [one.kind for one in outcomes],
    }


def _new(
    work: Work, here: Ground, file: str, lines: Sequence[tuple[Mapping[Any, Any], Any]]
) -> Iterator[Told]:
    """Subjects that no register knew. One whom the rule of the ledger does not take in is counted, so
    that nobody looks for it in vain.
    """
    made = [_create(work, here, file, detail) for _, detail in lines]
    members_now = by_ids(work, here, sorted(made)) if made else {}
    for (row, _), subject in zip(lines, made, strict=True):
        undo: dict[str, Json] = {"created": _sources(work, here, subject)}
        if subject not in members_now:
            undo["outcomes"] = [OUTSIDE]
        yield row, undo, subject


def _create(work: Work, here: Ground, file: str, detail: Any) -> str:
    subject = work.new_id()
    lens = here.lens
    origin = store.add_origin(work, edit.origin_of(work, lens, "entered"))
    reason = edit.told_reason(lens, file)
    own = [
        Change(lens.by_name[name].field.code, subject, value)
        for name, _, value, _ in detail["changes"]
        if lens.by_name[name].kind != LOCAL
    ]
    own += [Change(code, subject, value) for code, value in _told(here, own).items()]
    store.set_values(work, here.dictionary, own, origin, reason=reason)
    kept = {
        name: value for name, _, value, _ in detail["changes"] if lens.by_name[name].kind == LOCAL
    }
    if kept:
        local.set_values(work, lens, {subject: kept}, origin, reason=reason)
    if lens.by_hand:
        _enter(work, lens, subject, file)
    return subject


def _told(here: Ground, given: Sequence[Change]) -> dict[str, str]:
    """What a subject's own number tells of somebody new where the sheet is silent: an ID number, birth and
    sex. Without them nobody new would stand in a ledger whose rule asks for an age. A number of somebody
    else that they have beside it (a guardian's) tells nothing of them.
    """
    fields, subject = here.dictionary.fields, here.lens.subject
    written = {one.field: one.value for one in given}
    found: dict[str, str] = {}
    for key in here.dictionary.subjects[subject].keys:
        number = f"{subject}.{key}"
        if number in written:
            shape = fields[number].schema.get("format")
            told = formats.told(shape, str(written[number]))
            found |= {f"{subject}.{name}": value for name, value in told.items()}
    return {code: found[code] for code in found.keys() & fields.keys() - written.keys()}


def _enter(work: Work, lens: Lens, subject: str, file: str) -> None:
    members.enter(work, lens, subject, on=work.today.isoformat(), reason=file)


def _unenter(work: Work, lens: Lens, subject: str) -> None:
    work.connection.execute(
        delete(MEMBER).where(
            MEMBER.c.ledger == lens.code,
            MEMBER.c.subject_id == subject,
            MEMBER.c.left_on.is_(None),
        )
    )


def _sources(work: Work, here: Ground, subject: str) -> Json:
    register = here.register
    found = work.connection.execute(
        select(register.c.sources).where(register.c.id == subject)
    ).scalar()
    sources: Json = found
    return sources


def _uncreate(work: Work, here: Ground, subject: str, sources: Json) -> int:
    """Remove a subject that the import brought in, unless somebody has said anything of it since."""
    register = here.register
    if _sources(work, here, subject) != sources:
        return 1
    _unenter(work, here.lens, subject)
    row = work.connection.execute(select(register).where(register.c.id == subject)).mappings().one()
    own = [one.field for one in here.lens.columns if one.kind == "own" and not one.computed]
    before = {one.name: store.opened(work, one, subject, row[f"f_{one.name}"]) for one in own}
    work.connection.execute(delete(register).where(register.c.id == subject))
    if here.local is not None:
        work.connection.execute(delete(here.local).where(here.local.c.subject_id == subject))
    work.record(register.name, subject, before=before, after=None, reason="import undone")
    return 0


def _withdrawn(work: Work, number: str) -> int:
    try:
        proposals.withdraw(work, number)
    except (Conflict, NotFound):
        return 1
    return 0
