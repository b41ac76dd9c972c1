"""Several people at one draft: steps merge by item, are kept, and can be undone by who made them.

A step is made on the draft as it stands now, not as its maker last saw it. Only where somebody else
has changed the same thing meanwhile, and otherwise, is it refused: both values are told to both,
and whoever came second says whose shall stand.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import Conflict, Problem
from engine.json_text import Json
from engine.storage.database import advisory_lock
from engine.work import Work
from forms import publish, store
from forms.complaints import FormInvalid
from forms.designing import steps
from forms.designing import store as design_store
from forms.designing.steps import ABSENT, Change, Clash
from forms.designing.store import Step, Told
from forms.store import Draft
from forms.structure import FIELD

Confirmed = Mapping[str, bool]
Operation = Callable[[Json, Confirmed], tuple[Json, Confirmed]]
"""A form and which of its items are confirmed; both anew."""


@dataclass(frozen=True, slots=True)
class Contested:
    """A place that two people wanted different; the sides are null where one removed it."""

    label: str
    keyword: str
    mine: Json
    theirs: Json


class DesignClash(Problem):
    """Somebody else changed the same thing to something else meanwhile."""

    code, status = "design.clash", 409
    form: str
    who: str
    label: str
    count: int
    contested: tuple[Contested, ...]


class NothingToUndo(Problem):
    """There is no step (any more) that could be undone or done again."""

    code, status = "design.nothing-to-undo", 409


def change(
    work: Work,
    code: str,
    seen: int,
    operation: Operation,
    *,
    told: Told,
    tab: str = "",
    force: bool = False,
) -> Draft:
    """Make a step on a draft that its maker last saw at a revision; with `force` over others' wishes.

    Raises DesignClash, Conflict for a revision that never was, and what the operation raises.
    """
    draft = _held(work, code)
    if seen > draft.revision:
        raise Conflict(what=code)
    before = _state(draft)
    try:
        after = _made(before, operation)
    except FormInvalid:
        since = 0 if force else seen  # who insists has been told, and seen the draft without it
        others = design_store.unseen(work.connection, draft, since, account=work.actor.id, tab=tab)
        lost = _removed(before, operation, others)
        if lost is None:
            raise
        if not force:
            raise _gone(work, draft, *lost) from None
        after = lost[2]
    changes = steps.difference(before, after)
    if not changes:
        return draft
    if not force:
        others = design_store.unseen(work.connection, draft, seen, account=work.actor.id, tab=tab)
        theirs = [one for other in others for one in other.changes]
        _refuse(work, draft, steps.clashing(changes, theirs), others)
    return _kept(work, draft, after, changes, kind="change", told=told, tab=tab)


def _made(state: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    document, confirmed = operation(state["form"], state["confirmed"])
    return {"form": document, "confirmed": dict(confirmed)}


def _removed(
    state: Mapping[str, Any], operation: Operation, others: list[Step]
) -> tuple[Step, dict[str, Any], dict[str, Any]] | None:
    """Whose step took away what an operation is about, the draft with it back, and the operation's outcome."""
    for other in reversed(others):
        gone = [one for one in other.changes if one.after is ABSENT and not one.order]
        back, _ = steps.applied(state, steps.inverse(gone), force=True)
        with suppress(FormInvalid):
            return other, back, _made(back, operation)
    return None


def _gone(
    work: Work, draft: Draft, other: Step, back: Mapping[str, Any], after: Mapping[str, Any]
) -> DesignClash:
    """Somebody removed what is being changed: told with what it was to become, and nothing is changed."""
    fields = dictionary(work.connection).fields
    told = tuple(
        Contested(label_of(back, one.at, fields), one.at[-1], _plain(one.after), None)
        for one in steps.difference(back, after)
        if not one.order
    )
    if not told:
        told = (Contested(label_of(back, (), fields), "", None, None),)
    return DesignClash(
        form=draft.code,
        who=other.actor_name,
        label=told[0].label,
        count=len(told),
        contested=told,
    )


def undo(work: Work, code: str, *, tab: str = "", force: bool = False) -> Draft:
    """Take the acting person's last step back. Raises DesignClash, NothingToUndo, FormInvalid."""
    draft = _held(work, code)
    able, _ = design_store.standing(work.connection, draft, work.actor.id)
    return _turned(work, draft, able, kind="undo", tab=tab, force=force)


def redo(work: Work, code: str, *, tab: str = "", force: bool = False) -> Draft:
    """Do again what the acting person took back last. Raises as `undo` does."""
    draft = _held(work, code)
    _, able = design_store.standing(work.connection, draft, work.actor.id)
    return _turned(work, draft, able, kind="redo", tab=tab, force=force)


def note_clash(work: Work, clash: DesignClash, *, tab: str) -> None:
    """Keep a clash, so that the other person is told of it too."""
    draft = store.draft(work.connection, clash.form)
    told = [
        {
            "did": "clash",
            "label": one.label,
            "keyword": one.keyword,
            "mine": _said(one.theirs),
            "theirs": _said(one.mine),
            "who": clash.who,
        }
        for one in clash.contested
    ]
    design_store.add(work, draft, (), kind="clash", told=told, tab=tab)


def _held(work: Work, code: str) -> Draft:
    """The draft, kept from others' writes until this transaction ends."""
    work.require("form.design")
    advisory_lock(work.connection, f"design {code}")
    return store.draft(work.connection, code)


def _state(draft: Draft) -> dict[str, Any]:
    confirmed = (draft.proposal or {}).get("confirmed", ())
    return {"form": draft.document, "confirmed": dict.fromkeys(confirmed, True)}


def _turned(
    work: Work, draft: Draft, able: list[Step], *, kind: str, tab: str, force: bool
) -> Draft:
    if not able:
        raise NothingToUndo
    step = able[-1]
    back = steps.inverse(step.changes)
    after, clashes = steps.applied(_state(draft), back, force=force)
    if not force:
        others = design_store.unseen(
            work.connection, draft, step.revision, account=work.actor.id, tab=tab
        )
        _refuse(work, draft, clashes, others)
    changes = steps.difference(_state(draft), after)
    return _kept(work, draft, after, changes, kind=kind, told=step.told, tab=tab, undoes=step.id)


def _kept(
    work: Work,
    draft: Draft,
    after: Mapping[str, Any],
    changes: Iterable[Change],
    *,
    kind: str,
    told: Told,
    tab: str,
    undoes: int | None = None,
) -> Draft:
    document = after["form"]
    publish.compiled_now(work.connection, document)
    proposal = {**(draft.proposal or {}), "confirmed": list(after["confirmed"])}
    revision = store.update_draft(work, draft.code, draft.revision, document, proposal=proposal)
    made = replace(draft, document=document, proposal=proposal, revision=revision)
    design_store.add(work, made, changes, kind=kind, told=told, tab=tab, undoes=undoes)
    return made


def _refuse(work: Work, draft: Draft, clashes: tuple[Clash, ...], others: list[Step]) -> None:
    if not clashes:
        return
    fields = dictionary(work.connection).fields
    told = tuple(
        Contested(
            label_of(_state(draft), one.at, fields),
            one.at[-1] if one.at[-2:-1] != ("properties",) else "",
            _plain(one.mine),
            _plain(one.theirs),
        )
        for one in clashes
    )
    names = dict.fromkeys(one.actor_name for one in others if _touches(one, clashes))
    raise DesignClash(
        form=draft.code,
        who="、".join(names),
        label=told[0].label,
        count=len(told),
        contested=told,
    )


def _touches(step: Step, clashes: Iterable[Clash]) -> bool:
    return any(
        one.at[: len(clash.at)] == clash.at or clash.at[: len(one.at)] == one.at
        for one in step.changes
        for clash in clashes
    )


def label_of(state: Json, at: Iterable[str], fields: Mapping[str, Field]) -> str:
    """What people call the thing that a place of a draft belongs to: the nearest that has a name."""
    found, here = str(state["form"].get("title", "")), state
    for step in at:
        here = _below(here, step)
        if not isinstance(here, Mapping):
            break
        reference = str(here.get("$ref", ""))
        bound = fields.get(reference[len(FIELD) :]) if reference.startswith(FIELD) else None
        name = here.get("title") or (bound.label() if bound else "") or here.get("text")
        if isinstance(name, str) and name:
            found = name
    return found


def _below(here: Json, step: str) -> Json:
    if isinstance(here, Mapping):
        return here.get(step)
    if isinstance(here, list):
        return next(
            (one for one in here if isinstance(one, Mapping) and one.get("code") == step), None
        )
    return None


def _plain(value: Any) -> Json:
    return None if value is ABSENT else value


def _said(value: Json) -> str:
    return "" if value is None else str(value)[:200]
