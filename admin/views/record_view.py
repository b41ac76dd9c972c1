"""A record for reading: its versions, who signed it, what happened to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from admin.views import (
    allow_view,
    document_view,
    paper,
    past,
    proof,
    signing_view,
    units_view,
    words,
)
from admin.views.acting_view import in_the_name_of
from admin.web.html import text
from engine import clock
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import (
    disputes,
    documents,
    filing,
    former,
    picking,
    store,
    surroundings,
)
from forms.compiled import CompiledForm
from forms.documents import CellChange, DocumentRecord
from forms.former import Past
from forms.masking import Veil
from workflows import cases, numbers
from workflows import store as tasks
from workflows.store import TaskRecord
from workflows.versions import told as versions

SIGNS = {"submitted": "fill", "passed": ""}
"""Events by which somebody signs; the kind of the step where the event itself tells it."""
SILENT = frozenset(("assigned", "seen", "unassignable"))
"""Events that are the machine's own business."""
SHOWN_CELLS = 30


@dataclass(frozen=True)
class Reading:
    """A record with its history, as one version of it stood."""

    record: DocumentRecord
    """With the contents of the version shown."""
    form: CompiledForm
    version: int
    latest: int
    events: Sequence[Mapping[str, Any]]
    tasks: Mapping[str, TaskRecord]
    names: Mapping[str, str]
    on: date | None = None
    """The day at whose end it stood like this; None for a version."""
    former: tuple[CompiledForm, ...] = ()
    """Other versions of the form that it was on, or is by now: its history speaks of their items too."""

    @property
    def digest(self) -> str:
        """What a signature of this version covers."""
        return documents.signed_digest(self.form.content_hash, self.record)


def reading(
    work: Work, record: DocumentRecord, version: int | None = None, on: date | None = None
) -> Reading:
    """A record in a version, the latest unless one is named; a version is what was handed in.

    A document that is being worked on counts as the version it will be. With `on` as it stood at
    the end of that day, handed in or not; raises NotFound where it was not there yet.
    """
    events = tasks.events(work.connection, record.case_id) if record.case_id else []
    every = events
    if on is not None:
        end = clock.end(on).isoformat(timespec="microseconds")
        form = _form(work, record, versions.version_then(record, every, end))
        record, events = _then(work, form, record, events, on)
    around = tasks.tasks_around(work.connection, record.id)
    handed_in = [str(event["at"]) for event in events if event["kind"] == "submitted"]
    latest = len(handed_in) + (1 if record.status in ("open", "withdrawn") else 0)
    latest = max(latest, 1)
    shown = latest if on is not None else min(max(version or latest, 1), latest)
    if on is None:
        at = handed_in[shown - 1] if shown < latest else None
        form = _form(work, record, versions.version_then(record, every, at))
        if at is not None:
            record = record._replace(contents=past.as_of(work, form, record, at))
    record = record._replace(form_version=form.version)
    people = {str(event["actor_id"]) for event in events} | {task.closed_by for task in around}
    people |= {str(event["document"].get("acting_for", "")) for event in events}
    return Reading(
        record,
        form,
        shown,
        latest,
        events,
        {task.key: task for task in around},
        identity.account_names(work.connection, people),
        on,
        tuple(_form(work, record, one) for one in versions.former(every) if one != form.version),
    )


def _form(work: Work, record: DocumentRecord, version: int) -> CompiledForm:
    return store.published(work.connection, record.form_code, version)


def _then(
    work: Work,
    form: CompiledForm,
    record: DocumentRecord,
    events: Sequence[Mapping[str, Any]],
    on: date,
) -> tuple[DocumentRecord, list[Mapping[str, Any]]]:
    """A record and what had happened to it at the end of a day."""
    end = clock.end(on).isoformat(timespec="microseconds")
    if record.created_at > end:
        raise NotFound
    before = [event for event in events if str(event["at"]) <= end]
    unopened = record.opened_at is not None and record.opened_at > end
    contents: Mapping[str, Json] = {} if unopened else past.as_of(work, form, record, end)
    if record.final_at is not None and record.final_at > end:
        handed_in = any(event["kind"] == "submitted" for event in before)
        status = "submitted" if handed_in else "open"
        record = record._replace(status=status, final_at=None)
    elif record.submitted_at is not None and record.submitted_at > end:
        record = record._replace(status="open")
    return record._replace(contents=contents), before


def page(
    work: Work, found: Reading, veil: Veil, language: str, plain: int | None = None
) -> dict[str, Any]:
    """The context of record.html without what the visitor may do, as seen through a veil."""
    record = found.record
    known = dictionary(work.connection)
    names = identity.organisations(work.connection, [record.organisation_code, record.owner])
    opened = filing.opened(work, veil.record(record))
    genuine = record.status == "final" and found.on is None
    token = proof.token(work.vault, record.id, found.version, found.digest)
    base = work.settings.public_url
    told = surroundings.conditioned(work, found.form, record)[0]
    return {
        "record": {
            "id": record.id,
            "title": found.form.title(language),
            "organisation": units_view.name_then(work, record),
            "period": words.period(record.period, language),
            "owner": names[record.owner].name,
            "number": numbers.of_documents(work.connection, [record.id]).get(record.id),
            "state": state(found),
            "mark": record.mark,
            "print": paper.classes(found.form.printing),
            "mark_reason": record.mark_reason,
            "form": record.form_code,
            "case": record.case_id,
            "form_version": record.form_version,
            "version": found.version,
            "latest": f"/records/{record.id}" if found.version < found.latest or found.on else None,
            "on": found.on.isoformat() if found.on else "",
            "verify_url": f"{base}/v/{token}" if genuine else "",
            "qr": f"/records/{record.id}/qr?version={found.version}" if genuine else None,
        },
        "sections": document_view.sections(
            opened,
            known,
            language=language,
            editable=False,
            now=work.now,
            told=told,
            sheets=True,
            plain=plain,
            files=f"/records/{record.id}/files",
            hides=veil.hides,
            disputed=disputes.open_in(work, opened.form, record),
        ),
        "masked": [one.label(language) for one in veil.fields],
        "may_lift": veil.may_lift(work, record.organisation_path),
        "live": document_view.sheets_of(opened, known, language, told),
        "signoffs": signoffs(found, language),
        "history": history(work, found, known, veil, language),
        "versions": [
            {"n": n, "href": f"/records/{record.id}?version={n}"}
            for n in range(1, found.latest + 1)
            if n != found.version
        ],
    }


def state(found: Reading) -> str:
    """The state of the record as the pages call it."""
    if found.record.status == "open":
        return "todo" if found.record.opened_at is None else "draft"
    return found.record.status


def signoffs(found: Reading, language: str) -> list[dict[str, Any]]:
    """Who answers for the version shown: who handed it in and who passed it, with what they signed."""
    handed_in = 0
    signed: list[dict[str, Any]] = []
    for event in found.events:
        kind = str(event["kind"])
        if kind == "submitted":
            handed_in += 1
            signed = signed if handed_in > found.version else []
        if kind in SIGNS and handed_in == found.version:
            signed.append(_signoff(found, event, language))
    return signed


def _signoff(found: Reading, event: Mapping[str, Any], language: str) -> dict[str, Any]:
    said: Mapping[str, Any] = event["document"]
    task = found.tasks.get(str(said.get("task", "")))
    kind = task.kind if task else SIGNS[str(event["kind"])] or "verify"
    return {
        "kind": kind,
        "step": text(language, f"task.kind.{kind}"),
        "by": _who(found, event, language),
        "position": text(language, f"role.{task.role}") if task else "",
        "at": words.moment(str(event["at"])),
        "remark": said.get("comment") or None,
        "dated": said.get("dated") or None,
        "allowed": allow_view.of_event(found.form, event, language),
        "hand": signing_view.hand(f"/records/{found.record.id}/signatures", said),
        "hash": str(said.get("signature", ""))[:16],
    }


def history(
    work: Work, found: Reading, known: Dictionary, veil: Veil, language: str
) -> list[dict[str, Any]]:
    """What happened, newest first: steps of the flow, and cells changed between them."""
    told = [_event(found, one, language) for one in found.events if one["kind"] not in SILENT]
    changes = documents.changes_since(work.connection, found.record.id, 0)
    then = former.past(work, veil, found.former)
    labels = picking.called(work, found.form, _seen_of(changes, then))
    told += _changes(changes, known, then, language, labels=labels)
    return sorted(told, key=lambda one: str(one["at"]), reverse=True)


def _seen_of(changes: Iterable[CellChange], veil: Past) -> Iterator[tuple[str, Json]]:
    """Every value of these changes that the visitor sees, by its cell."""
    for one in changes:
        for value in (one.before, one.after):
            yield one.path, veil.value(one.path, value)


def _event(found: Reading, event: Mapping[str, Any], language: str) -> dict[str, Any]:
    said: Mapping[str, Any] = event["document"]
    cells: Mapping[str, str] = said.get("cells") or {}
    reasons = [f"{_called(found, path, language)}：{why}" for path, why in cells.items()]
    reasons += allow_view.of_event(found.form, event, language)
    if said.get("comment"):
        reasons.append(str(said["comment"]))
    if said.get("number"):
        reasons.append(str(said["number"]))
    if said.get("dated"):
        reasons.append(text(language, "verify.dated_mark", day=said["dated"]))
    if said.get("handwriting"):
        reasons.append(
            text(language, "sign.typed_mark" if said.get("typed") else "sign.drawn_mark")
        )
    return {
        "at": words.moment(str(event["at"])),
        "by": _who(found, event, language),
        "action": text(language, f"event.{event['kind']}"),
        "cells": [],
        "reason": "；".join(reasons) or None,
    }


def _called(found: Reading, path: str, language: str) -> str:
    """A cell by its name, in whichever version of the form has it."""
    forms = (found.form, *found.former)
    form = next((one for one in forms if one.item(path) is not None), found.form)
    return form.name_of(path, language)


def _changes(
    changes: Iterable[CellChange],
    known: Dictionary,
    veil: Past,
    language: str,
    *,
    labels: Mapping[str, str],
) -> list[dict[str, Any]]:
    told = []
    for (who, _), group in groupby(changes, key=lambda one: (one.actor_name, one.at[:13])):
        cells = [one for one in group if not veil.hides(one.path)]
        if not cells:
            continue
        shown = [_change(one, known, veil, language, labels=labels) for one in cells[:SHOWN_CELLS]]
        told.append(
            {
                "at": words.moment(cells[-1].at),
                "by": who,
                "action": text(language, "event.changed", n=len(cells)),
                "cells": shown,
                "reason": None,
            }
        )
    return told


def _change(
    one: CellChange,
    known: Dictionary,
    veil: Past,
    language: str,
    *,
    labels: Mapping[str, str],
) -> dict[str, Any]:
    form = veil.form_of(one.path)
    item = form.item(one.path)
    before, after = veil.value(one.path, one.before), veil.value(one.path, one.after)
    return {
        "label": form.name_of(one.path, language),
        "before": words.shown(item, before, known, language, labels) if item else "",
        "after": words.shown(item, after, known, language, labels) if item else "",
    }


def _who(found: Reading, event: Mapping[str, Any], language: str) -> str:
    actor = str(event["actor_id"])
    name = found.names.get(actor) or str(event["actor_name"]) or ""
    principal = found.names.get(str(event["document"].get("acting_for", "")))
    return in_the_name_of(name, principal, language)


def rows(work: Work, found: Sequence[DocumentRecord], language: str) -> list[dict[str, Any]]:
    """The list of records."""
    places = identity.organisations(work.connection, [one.organisation_code for one in found])
    numbered = numbers.of_documents(work.connection, [one.id for one in found])
    approving = {
        task.document_id
        for task in tasks.open_tasks(work.connection, [one.id for one in found])
        if task.kind == "approve"
    }
    held = cases.held_up(work.connection, [one.id for one in found])
    return [
        {
            "id": one.id,
            "title": store.published(work.connection, one.form_code, one.form_version).title(
                language
            ),
            "organisation": places[one.organisation_code].name,
            "number": numbered.get(one.id),
            "period": words.period(one.period, language),
            "state": _listed_state(one, approving=one.id in approving, held=one.id in held),
            "at": words.moment(one.final_at or one.submitted_at),
            "version": _versions(work, one),
        }
        for one in found
    ]


def _listed_state(record: DocumentRecord, *, approving: bool, held: bool) -> str:
    if held:
        return "suspended"
    if approving:
        return "verified"
    return "todo" if record.status == "open" else record.status


def _versions(work: Work, record: DocumentRecord) -> int:
    around = tasks.tasks_around(work.connection, record.id)
    return max(1, sum(1 for task in around if task.kind == "fill" and task.status == "done"))


def may_withdraw(work: Work, found: Reading) -> bool:
    """Whether the visitor handed it in and nobody has acted since."""
    if found.record.status != "submitted":
        return False
    for event in reversed(found.events):
        if event["kind"] == "passed":
            return False
        if event["kind"] == "submitted":
            return bool(event["actor_id"] == work.actor.id)
    return False
