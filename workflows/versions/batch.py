"""The batches of a move: the slow part found while only looking, then kept or carried out in one transaction.

Each report's fate is found anew when it is carried out, for somebody may have worked on it since it was
tried. A killed worker's move goes on where it was; a report that is there already is not touched again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import messages
from engine.errors import Conflict, Problem
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.jobs.registry import JOBS
from engine.json_text import Json
from engine.work import System, Work
from forms import documents, filing, newer
from forms import store as forms
from forms.documents import DOCUMENT, DocumentRecord
from workflows import perform
from workflows import store as flows
from workflows.events import FormMoved
from workflows.versions import fate as fates
from workflows.versions.fate import WHY, Fate, Plan
from workflows.versions.store import Move, change, counted, get, keep, latest, reports_of

KIND = "form.move"
BATCH = 100
"""So many reports in one transaction: whoever saves meanwhile waits a fraction of a second."""
NAMED = 20
"""So many items stand in the sentence with which a report is given back."""


def later(work: Work, move_id: str, after: str) -> None:
    """Have the reports after a document looked at by a job."""
    turn = work.new_id()
    job = work.later(KIND, {"move": move_id, "after": after, "turn": turn})
    change(work, move_id, job_id=job, turn=turn)


@dataclass(frozen=True, slots=True)
class Seen:
    """The next reports of a move as they were found while only looking."""

    move: Move
    fates: tuple[Fate, ...]
    last: str
    """The document to go on after; empty: that was the last of them."""


def look(work: Work, payload: Mapping[str, Any]) -> Seen:
    """Find out what happens to the next reports: the slow part, done while only looking."""
    move = get(work, payload["move"])
    if not move.working or move.turn != payload["turn"]:
        return Seen(move, (), "")
    query = (
        select(DOCUMENT.c.id)
        .where(*reports_of(move.dispatch_id), DOCUMENT.c.id > payload["after"])
        .order_by(DOCUMENT.c.id)
        .limit(BATCH)
    )
    ids = list(work.connection.execute(query).scalars())
    found = fates.fates(work, _plan(work, move), _records(work, ids))
    return Seen(move, tuple(found), ids[-1] if len(ids) == BATCH else "")


@JOBS.job(KIND, look=look)
def advance(work: Work, payload: Mapping[str, Any]) -> dict[str, Json]:
    """Keep what was found, or carry it out; the rest is another job."""
    seen: Seen = payload["seen"]
    move = get(work, payload["move"])
    if move.status != seen.move.status or not move.working or move.turn != payload["turn"]:
        return {"state": move.status}
    if move.status == "running":  # what is done is done by whoever pressed, not by the program
        who = identity.actor_of(work.connection, move.begun_by, now=work.now)
        work.actor = who or work.actor
    done = [_done(work, move, one) for one in seen.fates] if move.status == "running" else []
    kept = done or list(seen.fates)
    keep(work, move, kept, moved=bool(done))
    looked_at = len(seen.fates) + (move.looked_at if payload["after"] else 0)
    change(work, move.id, looked_at=looked_at)
    if seen.last:
        later(work, move.id, seen.last)
    elif move.status == "trying":
        change(work, move.id, status="tried", total=looked_at)
    else:
        _end(work, move, looked_at)
    return {"looked_at": looked_at}


def _advanced(payload: Mapping[str, Any], work: Work) -> dict[str, Json]:
    done: dict[str, Json] = advance(work, payload)
    return done


def finish(system: System, actor: Actor, dispatch_id: str) -> None:
    """Do all the batches of a move here and now: where no workers run, on the command line."""
    after = ""
    while True:
        with system.read(actor) as work:
            move = latest(work, dispatch_id)
            if move is None or not move.working:
                return
            payload = {"move": move.id, "after": after, "turn": move.turn}
            seen = look(work, payload)
        system.write(actor, partial(_advanced, {**payload, "seen": seen}))
        after = seen.last


def _end(work: Work, move: Move, looked_at: int) -> None:
    change(work, move.id, status="done", ended_at=work.at, total=looked_at)
    found = counted(work, move.id)
    told = {name: sum(n for (one, _), n in found.items() if one == name) for name in ("moved", "back", "stays")}  # fmt: skip
    work.note("form-move.done", move.dispatch_id, version=move.version, **told)


def _records(work: Work, ids: Sequence[str]) -> list[DocumentRecord]:
    found = {one.id: one for one in documents.several(work.connection, ids)}
    return [found[one] for one in ids if one in found]


def _plan(work: Work, move: Move) -> Plan:
    target = forms.published(work.connection, move.form_code, move.version)
    return Plan(target, move.handed_in, dry=move.status == "trying")


def _done(work: Work, move: Move, found: Fate) -> Fate:
    """Carry one report's fate out; what somebody changed meanwhile is looked at once more."""
    try:
        with work.attempt():
            now = documents.get(work.connection, found.record.id)
            seen = found.record
            if (now.revision, now.status, now.cells) != (seen.revision, seen.status, seen.cells):
                found = fates.fates(work, _plan(work, move), [now])[0]
            if found.outcome in ("moved", "back"):
                _move(work, move, found)
    except Conflict:
        return replace(found, outcome="stays", reason="busy", cells={}, changes=())
    except Problem as problem:
        return replace(found, outcome="stays", reason=problem.code, cells={}, changes=())
    return found


def _move(work: Work, move: Move, found: Fate) -> None:
    """The document with its history, and its case with the event, in one transaction."""
    record, version = found.record, move.version
    back = found.outcome == "back"
    lies = forms.published(work.connection, record.form_code, record.form_version)
    target = forms.published(work.connection, record.form_code, version)
    if fates.opened(record):
        said = newer.explanations_of(newer.between(lies, target), record.explanations)
        revision = documents.save(
            work,
            record,
            found.contents,
            found.known,
            found.changes,
            form_version=version,
            explanations=said,
        )
        record = record._replace(
            contents=found.contents, cells=found.known, revision=revision,
            explanations=said, form_version=version,
        )  # fmt: skip
    else:
        documents.set_columns(work, record.id, form_version=version)
        record = record._replace(form_version=version)
    reasons = {path: WHY[kind] for path, kind in found.cells.items()}
    whole = any(path in target.table_by_path for path in reasons)
    if back and reasons and not whole:
        filing.mark_returned(work, record, reasons)
    if record.case_id is None:
        return
    event = FormMoved(
        at=work.now,
        by=move.begun_by or work.actor.id,
        was=found.record.form_version,
        version=version,
        back=back,
        cells={} if whole else reasons,
        comment=sentence(target.name_of, version, list(reasons)) if back else "",
    )
    perform.perform(work, flows.get_case(work.connection, record.case_id), record, event)
    before, after = {"form_version": event.was}, {"form_version": version, "outcome": found.outcome}
    work.record("document", record.id, before=before, after=after, reason="form-move")


def sentence(
    name_of: Callable[[str, str], str], version: int, paths: Sequence[str], language: str = "zh"
) -> str:
    """With what a report is given back: kept in Chinese, as all reasons of the office."""
    names = dict.fromkeys(name_of(path, language) for path in paths[:NAMED])
    told = (", " if language == "en" else "、").join(names)
    code = "form-move.back" if told else "form-move.back.look"
    return messages.text(code, language, {"version": version, "items": told})
