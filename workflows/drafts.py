"""Flows being designed: one draft a flow, saved as it is drawn, with every state kept.

A draft may be unfinished: what is wrong with it is told beside it, and only publishing asks that
nothing be. Published, it becomes the flow's next version, which never changes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import json_text
from engine.errors import Conflict, Problem
from engine.json_text import Json
from engine.work import Work
from workflows import flow as flows
from workflows import soundness, store
from workflows.assignees import finding
from workflows.flow import DIALECT, Flow, FlowInvalid
from workflows.soundness import Fault
from workflows.store import FLOW
from workflows.tables import FlowDraftRow, FlowDraftStepRow

DRAFT = FlowDraftRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
STEP = FlowDraftStepRow.__table__  # type: ignore[attr-defined]  # as above
LARGEST = 512 * 1024
VERB = "form.design"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")


class DraftUnknown(Problem):
    """The flow has no draft (or no state of it with that number)."""

    code, status = "flow.no-draft", 404
    flow: str


class DraftThere(Problem):
    """Somebody designs this flow already."""

    code, status = "flow.draft-there", 409
    flow: str


class DraftUnfit(Problem):
    """This is no flow that a designer could go on with: not an object with titles and steps, or huge."""

    code, status = "flow.draft-unfit", 422
    reason: str


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """A flow as it is being drawn."""

    code: str
    revision: int
    title: str
    document: Mapping[str, Any]
    changed_at: str
    changed_by: str


@dataclass(frozen=True, slots=True)
class Saved:
    """One state that a draft was saved in."""

    id: str
    revision: int
    what: str
    at: str
    by: str
    steps: int


def get(work: Work, code: str) -> FlowDraft:
    """The draft of a flow. Raises DraftUnknown."""
    row = work.connection.execute(select(DRAFT).where(DRAFT.c.code == code)).first()
    if row is None:
        raise DraftUnknown(flow=code)
    return _draft(row)


def listed(work: Work) -> dict[str, FlowDraft]:
    """All drafts by the code of their flow."""
    rows = work.connection.execute(select(DRAFT).order_by(DRAFT.c.code))
    return {row.code: _draft(row) for row in rows}


def begin(work: Work, document: Mapping[str, Any]) -> FlowDraft:
    """Start a draft of a new flow or from an imported one; a code in use gets a number.

    Raises DraftUnfit.
    """
    work.require(VERB)
    code = document.get("code", "")
    free = _free_code(work, code if isinstance(code, str) and _CODE.fullmatch(code) else "flow")
    return _insert(work, free, {**document, "code": free})


def redesign(work: Work, code: str) -> FlowDraft:
    """Start the next version of a published flow. Raises FlowUnknown, DraftThere."""
    work.require(VERB)
    return _insert(work, code, flows.dump(store.flow(work.connection, code)))


def save(work: Work, code: str, revision: int, document: Json, *, what: str = "saved") -> FlowDraft:
    """Keep a draft as it is now, on the revision that the designer saw.

    Raises DraftUnknown, DraftUnfit, Conflict.
    """
    work.require(VERB)
    get(work, code)
    fit = _fit({**document, "code": code} if isinstance(document, dict) else document)
    values = {
        "revision": revision + 1,
        "title": fit["titles"]["zh"],
        "document": fit,
        "changed_at": work.at,
        "changed_by": work.actor.name,
    }
    done = work.connection.execute(
        update(DRAFT).where(DRAFT.c.code == code, DRAFT.c.revision == revision).values(**values)
    )
    if not done.rowcount:
        raise Conflict(what=code)
    _keep(work, code, revision + 1, fit, what)
    return FlowDraft(code=code, **values)


def history(work: Work, code: str, *, limit: int = 100) -> list[Saved]:
    """The states a draft was saved in, the newest first."""
    query = select(STEP).where(STEP.c.code == code).order_by(STEP.c.at.desc(), STEP.c.id.desc())
    return [
        Saved(row.id, row.revision, row.what, row.at, row.by, len(row.document.get("steps", ())))
        for row in work.connection.execute(query.limit(limit))
    ]


def restore(work: Work, code: str, revision: int, state: str) -> FlowDraft:
    """Go back to a state that was saved; what came after it stays in the history. Raises DraftUnknown."""
    work.require(VERB)
    document = work.connection.execute(
        select(STEP.c.document).where(STEP.c.code == code, STEP.c.id == state)
    ).scalar()
    if document is None:
        raise DraftUnknown(flow=code)
    return save(work, code, revision, document, what="restored")


def discard(work: Work, code: str, revision: int) -> None:
    """Give a draft up; its history stays. Raises DraftUnknown, Conflict."""
    work.require(VERB)
    draft = get(work, code)
    _remove(work, code, revision)
    _keep(work, code, revision, draft.document, "discarded")
    work.note("flow.draft-discarded", code)


def publish(work: Work, code: str, revision: int) -> int:
    """Make a draft the next version of its flow; gives its number.

    Raises DraftUnknown, Conflict, FlowInvalid, FlowUnsound and what else forbids to run it.
    """
    work.require(VERB)
    draft = get(work, code)
    version = next_version(work, code)
    document = {**draft.document, "$schema": DIALECT, "code": code, "version": version}
    store.add_flow(work, document)
    _remove(work, code, revision)
    _keep(work, code, revision, document, "published")
    return version


def next_version(work: Work, code: str) -> int:
    """The number that the next version of a flow will have."""
    query = select(func.max(FLOW.c.version)).where(FLOW.c.code == code)
    return int(work.connection.execute(query).scalar() or 0) + 1


def faults(
    document: Mapping[str, Any], vacancies: soundness.Vacancies | None = None
) -> list[Fault | FlowInvalid]:
    """What stands against publishing: the first thing that is no flow, else all that is unsound."""
    try:
        flow = flows.load({**document, "$schema": DIALECT})
    except FlowInvalid as problem:
        return [problem]
    return [*_incomplete(flow), *soundness.check(flow, vacancies)]


def _incomplete(flow: Flow) -> Iterator[Fault]:
    """Rules of assignment that are not there, or lack what they need."""
    for step in flow.steps:
        for assign in (step.assign, step.otherwise, step.due.assign if step.due else None):
            rule = finding.RULES.get(assign.rule) if assign else None
            if assign and (rule is None or not all(getattr(assign, one) for one in rule.needs)):
                yield Fault("incomplete", step.code, assign.rule, (), flow.by_code)


def _fit(document: Json) -> dict[str, Any]:
    """At least titles and steps with codes and kinds; and no larger than any flow is."""
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
        raise DraftUnfit(reason="steps")
    titles = document.get("titles")
    if not isinstance(titles, dict) or not isinstance(titles.get("zh"), str) or not titles["zh"]:
        raise DraftUnfit(reason="titles")
    for step in document["steps"]:
        if not isinstance(step, dict) or not all(
            isinstance(step.get(name), kind)
            for name, kind in (("code", str), ("kind", str), ("next", list))
        ):
            raise DraftUnfit(reason="steps")
    if len(json_text.canonical(document)) > LARGEST:
        raise DraftUnfit(reason="large")
    return document


def _draft(row: Any) -> FlowDraft:
    return FlowDraft(
        row.code, row.revision, row.title, row.document, row.changed_at, row.changed_by
    )


def _free_code(work: Work, wanted: str) -> str:
    query = select(FLOW.c.code).union(select(STEP.c.code))
    used = set(work.connection.execute(query).scalars())
    if wanted not in used and wanted != "flow":
        return wanted
    stem = wanted[:40]
    return next(code for n in range(1, len(used) + 2) if (code := f"{stem}_{n}") not in used)


def _insert(work: Work, code: str, document: Json) -> FlowDraft:
    fit = _fit(document)
    values = {
        "code": code,
        "revision": 1,
        "title": fit["titles"]["zh"],
        "document": fit,
        "changed_at": work.at,
        "changed_by": work.actor.name,
    }
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(DRAFT), values)
    except IntegrityError as error:
        raise DraftThere(flow=code) from error
    _keep(work, code, 1, fit, "started")
    work.note("flow.draft-started", code)
    return FlowDraft(**values)


def _remove(work: Work, code: str, revision: int) -> None:
    done = work.connection.execute(
        delete(DRAFT).where(DRAFT.c.code == code, DRAFT.c.revision == revision)
    )
    if not done.rowcount:
        raise Conflict(what=code)


def _keep(work: Work, code: str, revision: int, document: Json, what: str) -> None:
    work.connection.execute(
        insert(STEP),
        {
            "id": work.new_id(),
            "code": code,
            "revision": revision,
            "document": document,
            "what": what,
            "at": work.at,
            "by": work.actor.name,
        },
    )
