"""Tasks as their pages show them: the list, the filler's page, the verifier's difference, the leader's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from admin.views import allow_view, cell_view, document_view, nil_view, signing_view, words
from admin.views.step_view import NOTHING_HIDDEN, AtStep
from admin.web.html import text
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import conditions, disputes, document, documents, live, store, surroundings
from forms.document import Cell
from forms.filing import Opened
from forms.validate import CellProblem
from workflows import numbers
from workflows import store as tasks
from workflows.commands import signature
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
    return [
        _row(work, task, records[task.document_id], known, language)
        | {"number": numbered.get(task.document_id)}
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


def verify_page(
    work: Work,
    task: TaskRecord,
    opened: Opened,
    *,
    language: str,
    refused: str | None,
    plain: int | None = None,
    here: AtStep | None = None,
) -> dict[str, Any]:
    """The context of verify.html: what changed, what failed a check, what differs by source."""
    files = f"/tasks/{task.id}/files"
    found = nil_view.problems(work, opened, language)
    seen = here.seen(work, opened) if here else opened
    found = here.open(found) if here else found
    reader = Reader(seen, dictionary(work.connection), language)
    differences = _differences(work, reader, files)
    told = surroundings.conditioned(work, opened.form, opened.record)[0]
    sections = document_view.sections(
        seen,
        reader.dictionary,
        language=language,
        editable=False,
        now=work.now,
        told=told,
        sheets=True,
        plain=plain,
        hides=here.hides_or_edits if here else NOTHING_HIDDEN,
        files=files,
        disputed=disputes.open_in(work, opened.form, opened.record),
    )
    filled = _last_filled(work, opened.record.id)
    total = len(document.flatten(opened.contents, opened.form))
    return {
        "task": {
            **heading(work, task, opened, language),
            "filled_by": tasks.name_of(work, filled.closed_by) if filled else "",
            "filled_at": words.moment(opened.record.submitted_at),
        },
        "document": {
            "id": opened.record.id,
            "revision": opened.record.revision,
            "hash": signature(work, opened.record)[:12],
        },
        "counts": _sizes(total, changed=len(differences), problems=len(found)),
        "differences": differences,
        "problems": allow_view.problems(work, task, opened, found, language),
        "disagreements": _disagreements(reader),
        "sections": sections,
        "live": document_view.sheets_of(seen, reader.dictionary, language, told),
        "reasons": [text(language, f"verify.usual.{n}") for n in (1, 2, 3, 4)],
        "signoffs": signing_view.with_hands(work, task, signoffs(work, opened.record.id, language)),
        "refused": refused,
        "edits": here.sections(work, opened, language, files) if here else [],
        "nil": nil_view.told(opened),
        "previous": None,
        "next": None,
    }


def _last_filled(work: Work, document_id: str) -> TaskRecord | None:
    """The task by which a document was handed in last."""
    around = reversed(tasks.tasks_around(work.connection, document_id))
    return next((one for one in around if one.kind == "fill" and one.status == "done"), None)


def _sizes(total: int, *, changed: int, problems: int) -> dict[str, int]:
    return {"total": total, "same": total - changed, "changed": changed, "problems": problems}


def signoffs(work: Work, document_id: str, language: str) -> list[dict[str, Any]]:
    """Who did which step of a document, oldest first."""
    return [
        {
            "step": text(language, f"task.kind.{task.kind}"),
            "by": tasks.name_of(work, task.closed_by),
            "at": words.moment(task.closed_at),
            "key": task.key,
            "dated": None,
            "remark": None,
        }
        for task in tasks.tasks_around(work.connection, document_id)
        if task.status == "done"
    ]


def _differences(work: Work, reader: "Reader", files: str) -> list[dict[str, Any]]:
    found = []
    for path, cell in reader.opened.cells.items():
        item = reader.opened.form.item(path)
        if item is None or (cell.state == "computed" and not cell.deviates):
            continue
        if not cell.deviates and cell.state not in ("typed", "returned"):
            continue
        source = words.source(cell.source, reader.language, now=work.now)
        found.append(
            {
                "path": path,
                "label": reader.opened.form.name_of(path, reader.language),
                "now": reader.shown(path, cell.value),
                "before": reader.shown(path, cell.known),
                "before_source": source["text"] if source else "",
                "change": _change(cell),
                "source": source,
                "returned": False,
                "new": document.blank(cell.known),
                "files": cell_view.files_of(files, cell.value) if item.attachment else [],
                "kind": item.attachment,
            }
        )
    found.sort(key=lambda row: bool(row["new"]))
    return found[:300]


def _change(cell: Cell) -> str | None:
    pair = [cell.known, cell.value]
    if any(isinstance(one, bool) or not isinstance(one, int | Decimal) for one in pair):
        return None
    difference = Decimal(cell.value) - Decimal(cell.known)
    return f"{difference:+f}" if difference else None


def _disagreements(reader: "Reader") -> list[dict[str, Any]]:
    found = []
    for path, cell in reader.opened.cells.items():
        others: Any = (cell.source or {}).get("others")
        if not others:
            continue
        values = [(cell.known, cell.source or {}), *((one["value"], one) for one in others)]
        found.append(
            {
                "path": path,
                "label": reader.opened.form.name_of(path, reader.language),
                "values": [
                    {
                        "display": reader.shown(path, value),
                        "source": words.source_text(source, reader.language),
                    }
                    for value, source in values
                ],
                "chosen": reader.shown(path, cell.value),
                "by": words.choice(cell.chosen, reader.language),
            }
        )
    return found[:100]


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
