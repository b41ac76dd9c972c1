"""Dispatches as their pages show them: the list, the progress of one, admission before sending."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from admin.views import words
from admin.web.html import text
from engine.access import policy
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.periods import Period
from engine.work import Work
from forms import store as forms
from forms.admission import Admission, ItemAdmission
from forms.compiled import CompiledForm, in_language
from workflows import dispatches, store, urging
from workflows.dispatches import DispatchRecord, Progress, Standing
from workflows.flow import Flow, Step
from workflows.store import TaskRecord

PEOPLE = ("fill", "verify", "approve")
"""Kinds of steps that people do."""
PERIODS_BEFORE = 2
DAYS_TO_FILL = 7


def rows(work: Work, found: Sequence[DispatchRecord], language: str) -> list[dict[str, Any]]:
    """The list of dispatches."""
    arrived = dispatches.arrived_counts(work, [one.id for one in found]) if found else {}
    return [_row(work, one, arrived.get(one.id, 0), language) for one in found]


def _row(work: Work, one: DispatchRecord, done: int, language: str) -> dict[str, Any]:
    due = words.due(one.due_at, work.now)
    over = one.due_at < work.at
    return {
        "id": one.id,
        "title": title(work, one, language),
        "period": words.period(one.period, language),
        "due": due,
        "sent_at": words.moment(one.created_at),
        "total": one.targets,
        "done": done,
        "late": one.targets - done if over else 0,
        "state": "closed" if done >= one.targets else "open",
    }


def title(work: Work, one: DispatchRecord, language: str) -> str:
    """The report's title in the reader's language; its period is told beside it."""
    return forms.published(work.connection, one.form_code, one.form_version).title(language)


def progress(work: Work, found: Progress, language: str) -> dict[str, Any]:
    """The context of progress.html and its fragment."""
    dispatch = found.dispatch
    flow = _flow(work, found)
    steps = [step for step in flow.steps if step.kind in PEOPLE]
    tasks: dict[str, list[TaskRecord]] = defaultdict(list)
    for task in store.tasks_of_dispatch(work.connection, dispatch.id):
        tasks[task.document_id].append(task)
    names = identity.account_names(
        work.connection, {task.closed_by for group in tasks.values() for task in group}
    )
    mine = policy.covers(work.actor, "dispatch.create", owner=dispatch.owner)
    return {
        "dispatch": {
            **_row(work, dispatch, found.arrived, language),
            "form": dispatch.form_code,
            "version": dispatch.form_version,
            "late": sum(1 for one in found.standings if one.late and one.step != "done"),
            "filling": found.counts.get("fill", 0),
            "verifying": found.counts.get("verify", 0),
            "approving": found.counts.get("approve", 0),
        },
        "steps": [in_language(step.titles, language, step.code) for step in steps],
        "rows": [
            _standing(work, one, steps, tasks[one.document.id], names=names, mine=mine)
            for one in found.standings
        ],
    }


def _flow(work: Work, found: Progress) -> Flow:
    first = found.standings[0].document if found.standings else None
    if first is None or first.case_id is None:
        return store.flow(work.connection, "fill_verify_approve")
    case = store.get_case(work.connection, first.case_id)
    return store.flow(work.connection, case.flow_code, case.flow_version)


def _standing(
    work: Work,
    one: Standing,
    steps: Sequence[Step],
    tasks: Sequence[TaskRecord],
    *,
    names: Mapping[str, str],
    mine: bool,
) -> dict[str, Any]:
    open_ones = [task for task in tasks if task.status == "open"]
    readable = policy.covers(
        work.actor, "document.read", path=one.document.organisation_path, owner=one.document.owner
    )
    seen = one.document.status != "open" and readable
    return {
        "org": one.document.organisation_code,
        "organisation": one.organisation,
        "late": one.late and one.step != "done",
        "can_urge": mine and any(urging.may_urge(work, task) for task in open_ones),
        "record": f"/records/{one.document.id}" if seen else None,
        "steps": list(_steps(steps, tasks, names)),
    }


def _steps(
    steps: Sequence[Step], tasks: Sequence[TaskRecord], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """How far each step is; what was done before a return has to be done again."""
    latest = {task.step: task for task in tasks}
    found = []
    waiting = False
    for step in steps:
        task = latest.get(step.code)
        state = "waiting"
        if task is not None and not waiting:
            state = {"open": "returned" if task.returned else "now", "done": "done"}.get(
                task.status, "waiting"
            )
        waiting = waiting or state != "done"
        done = state == "done" and task is not None
        found.append(
            {
                "state": state,
                "by": names.get(task.closed_by) if done and task else None,
                "at": words.moment(task.closed_at) if done and task else None,
            }
        )
    return found


def admitted(
    found: Admission, form: CompiledForm, owners: Mapping[str, str], language: str
) -> dict[str, Any]:
    """The admission part of dispatch_new.html."""
    cells, filled = found.cells, found.filled
    rate = f"{filled * 100 // cells} %" if cells else "—"
    return {
        "figures": {
            "items": len(found.items),
            "known": found.known,
            "generated": found.generated,
            "cells": words.number(cells),
            "filled": words.number(filled),
            "rate": rate,
            "formula": text(
                language,
                "admission.formula",
                filled=words.number(filled),
                cells=words.number(cells),
            ),
        },
        "items": [_item(one, form, language) for one in found.items],
        "repeats": [
            {
                "title": one.title(language),
                "owner": owners.get(one.owner, one.owner),
                "share": f"{one.shared} / {one.items}",
            }
            for one in found.repeats[:5]
        ],
    }


def _item(one: ItemAdmission, form: CompiledForm, language: str) -> dict[str, Any]:
    table = form.table_by_path.get(one.item.table or "")
    told = words.source_text(one.source, language) if one.source else "—"
    return {
        "label": one.item.full_label(language),
        "table": table.label(language) if table else None,
        "field": one.item.field,
        "known": one.known,
        "source": told,
        "cells": words.number(one.cells),
        "filled": words.number(one.filled),
        "also_in": [
            {"title": other.title(language), "href": f"/forms/{other.code}"}
            for other in one.also_in[:4]
        ],
    }


def periods(form: CompiledForm, work: Work, language: str) -> list[dict[str, str]]:
    """The periods a report may be sent for: the two before, the present one, the next."""
    today = work.today
    if form.period == "once":
        return [{"value": str(today.year), "text": words.period(str(today.year), language)}]
    here = Period.of(form.period, today)
    found = [here.following(), here]
    for _ in range(PERIODS_BEFORE):
        found.append(found[-1].previous())
    return [{"value": str(one), "text": one.label(language)} for one in found]


def suggested_due(work: Work) -> str:
    """A week from today."""
    return (work.today + timedelta(days=DAYS_TO_FILL)).isoformat()


def targets(work: Work, form: CompiledForm) -> list[OrganisationValue]:
    """Whom an office may ask: where somebody fills in, in the area that the office belongs to."""
    office = identity.organisation(work.connection, form.owner)
    area = office.path.removesuffix(f"{office.code}/")
    return identity.staffed(work.connection, "staff", area, now=work.now)


def groups(
    work: Work, found: Sequence[OrganisationValue], chosen: Sequence[str]
) -> list[dict[str, Any]]:
    """Organisations by the one above them, with those chosen."""
    by_parent: dict[str, list[OrganisationValue]] = defaultdict(list)
    for one in found:
        by_parent[one.parent_code or one.code].append(one)
    names = identity.organisations(work.connection, sorted(by_parent)) if by_parent else {}
    return [
        {
            "code": code,
            "name": names[code].name,
            "organisations": [
                {"code": one.code, "name": one.name, "chosen": one.code in chosen}
                for one in by_parent[code]
            ],
        }
        for code in sorted(by_parent, key=lambda code: (-len(by_parent[code]), code))
    ]
