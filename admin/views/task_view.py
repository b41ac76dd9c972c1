"""Tasks as their pages show them: the list, what stands above each, the filler's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin.views import acting_view, allow_view, cell_view, document_view, words
from admin.views.step_view import NOTHING_HIDDEN, AtStep
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import conditions, disputes, documents, live, store, surroundings
from forms.document import Cell
from forms.filing import Opened
from forms.validate import CellProblem
from workflows import numbers
from workflows import store as tasks
from workflows.store import TaskRecord


@dataclass(frozen=True)
class Names:
    """Names of organisations, asked for at once."""

    by_code: Mapping[str, str]

    def of(self, code: str) -> str:
        """The name, or the code of one that is gone."""
        return self.by_code.get(code, code)


@dataclass(frozen=True)
class Reader:
    """A document with what its codes mean, in one language."""

    opened: Opened
    dictionary: Dictionary
    language: str

    def shown(self, path: str, value: Json) -> str:
        """A cell's value as people read it."""
        item = self.opened.form.item(path)
        if item is None:
            return str(value or "")
        return words.shown(item, value, self.dictionary, self.language, self.opened.labels)


def names(work: Work, codes: Sequence[str]) -> Names:
    """The names of organisations by code."""
    try:
        found = identity.organisations(work.connection, sorted(set(codes)))
    except NotFound:
        return Names({})
    return Names({code: one.name for code, one in found.items()})


def records_of(work: Work, found: Sequence[TaskRecord]) -> dict[str, documents.DocumentRecord]:
    """The documents that tasks are about, by id."""
    ids = [task.document_id for task in found]
    return {record.id: record for record in documents.several(work.connection, ids)}


def title(work: Work, record: documents.DocumentRecord, language: str) -> str:
    """What a document's form is called, in the language that is read."""
    return store.published(work.connection, record.form_code, record.form_version).title(language)


def rows(work: Work, found: Sequence[TaskRecord], language: str) -> list[dict[str, Any]]:
    """The to-do list."""
    records = records_of(work, found)
    known = names(
        work,
        [task.subject_code for task in found] + [record.owner for record in records.values()],
    )
    numbered = numbers.of_documents(work.connection, records)
    instead = acting_view.marks(work, found, language)
    return [
        _row(work, task, records[task.document_id], known, language)
        | {"number": numbered.get(task.document_id), "acting": instead.get(task.id)}
        for task in found
    ]


def _row(
    work: Work, task: TaskRecord, record: documents.DocumentRecord, known: Names, language: str
) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind,
        "title": title(work, record, language),
        "organisation": known.of(task.subject_code),
        "period": words.period(record.period, language),
        "owner": known.of(record.owner),
        "due": words.due(task.due_at, work.now),
        "returned": _returned(work, task) if task.returned else None,
        "confirm_only": False,
        "draft": task.opened_at is not None and task.kind == "fill",
        "cells": None,
    }


def done(work: Work, language: str) -> list[dict[str, Any]]:
    """The latest five reports this person did something with, each once."""
    latest: dict[str, TaskRecord] = {}
    for task in tasks.recently_done(work, limit=20):
        latest.setdefault(task.document_id, task)
    found = list(latest.values())[:5]
    records = records_of(work, found)
    known = names(work, [task.subject_code for task in found])
    return [
        {
            "title": title(work, records[task.document_id], language),
            "organisation": known.of(task.subject_code),
            "period": words.period(records[task.document_id].period, language),
            "state": records[task.document_id].status,
            "at": words.moment(task.closed_at),
            "href": f"/records/{task.document_id}",
        }
        for task in found
    ]


def heading(work: Work, task: TaskRecord, opened: Opened, language: str) -> dict[str, Any]:
    """What stands above a task's page."""
    record = opened.record
    known = names(work, [record.organisation_code, record.owner])
    legal = opened.form.legal
    return {
        "id": task.id,
        "kind": task.kind,
        "title": opened.form.title(language),
        "subtitle": None,
        "organisation": known.of(record.organisation_code),
        "period": words.period(record.period, language),
        "owner": known.of(record.owner),
        "legal": "　".join(str(value) for value in legal.values()) if legal else None,
        "due": words.due(task.due_at, work.now),
        "number": numbers.of_documents(work.connection, [record.id]).get(record.id),
        "returned": _returned_cells(work, task, opened, language) if task.returned else None,
        "acting": acting_view.note(work, task, language),
    }


def fill_page(
    work: Work,
    task: TaskRecord,
    opened: Opened,
    *,
    language: str,
    show: str,
    refused: Sequence[CellProblem] | None = None,
    plain: int | None = None,
    here: AtStep | None = None,
) -> dict[str, Any]:
    """The context of fill.html; `here` is what the step opens and hides; `plain` is the page of large tables for a visitor without scripts."""
    env = surroundings.around(work, opened.form, opened.record)
    told, _ = conditions.apply(opened.form, env)
    only, found = here.only if here else task.cells, list(refused or ())
    if refused is None:
        about = (work, opened.form, opened.record)
        found = surroundings.problems(*about, language=language, draft=True, env=env)
    found, seen = (here.open(found), here.seen(work, opened)) if here else (found, opened)
    if seen is not opened:
        env = surroundings.around(work, opened.form, seen.record)
    known = dictionary(work.connection)
    shown = document_view.sections(
        opened,
        known,
        language=language,
        problems=found,
        editable=True,
        only=only,
        hides=here.hides if here else NOTHING_HIDDEN,
        now=work.now,
        returned_by=_returner(work, task)[0] if task.returned else "",
        told=told,
        sheets=True,
        plain=plain,
        files=f"/tasks/{task.id}/files",
        disputed=disputes.open_in(work, opened.form, opened.record),
    )
    counts = document_view.counts(opened, found, only=only, told=told)
    return {
        "task": heading(work, task, opened, language),
        "document": {
            "id": opened.record.id,
            "revision": opened.record.revision,
            "confirm_only": not task.returned and document_view.settled(opened.form, counts, found),
            "notes": opened.form.notes or None,
        },
        "show": show,
        "counts": counts,
        "sections": shown,
        "problems": [allow_view.problem(opened, one, language) for one in refused or ()],
        "saved_at": None,
        "workbook": bool(opened.form.template),
        "live": {
            "plan": live.plan(opened.form, language),
            "around": live.surroundings(opened.form, env),
        },
        "live_problems": [_live_problem(one) for one in found if one.severity != "confirm"],
        "plain": plain,
    }


def _live_problem(one: CellProblem) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("path", "severity", "text", "code")}
    return {**told, "paths": list(one.paths)}


def _returned(work: Work, task: TaskRecord) -> dict[str, Any]:
    by, _, whole = _returner(work, task)
    reasons = [reason for reason in (whole, *(task.cells or {}).values()) if reason]
    return {"by": by, "reason": "；".join(reasons[:3])}


def _returned_cells(work: Work, task: TaskRecord, opened: Opened, language: str) -> dict[str, Any]:
    by, at, whole = _returner(work, task)
    cells = [
        {"path": path, "label": opened.form.name_of(path, language), "reason": reason}
        for path, reason in (task.cells or {}).items()
    ]
    return {"by": by, "at": words.moment(at), "reason": whole, "cells": cells}


def _returner(work: Work, task: TaskRecord) -> tuple[str, str, str]:
    """Who sent it back, when, and what they said of the whole."""
    for event in reversed(tasks.events(work.connection, task.case_id)):
        if event["kind"] in ("returned", "restarted") or event["document"].get("back"):
            said = str(event["document"].get("comment") or "")
            return tasks.name_of(work, event["actor_id"]), event["at"], said
    return "", task.created_at, ""


def json_cells(
    work: Work, cells: Mapping[str, Cell], opened: Opened, language: str
) -> dict[str, Json]:
    """Changed cells for the script: state and display by path."""
    reader = Reader(opened, dictionary(work.connection), language)
    found = {}
    for path, cell in cells.items():
        item = opened.form.item(path)
        if item is not None:
            state, confirmed = cell_view.state(cell, item, cell.value)
            found[path] = {
                "state": "confirmed" if confirmed else state,
                "display": reader.shown(path, cell.value),
            }
    return found
