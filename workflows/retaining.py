"""The words of a flow go with the document they were said about: remarks, reasons of cells, opinions."""

from typing import Any

from sqlalchemy import select, update

from engine.erasure.redact import MARK
from engine.json_text import Json
from engine.work import Work
from forms import store
from forms.documents import DocumentRecord
from forms.retaining import documents as retaining_documents
from workflows import sealing
from workflows.core.state import State
from workflows.store import CASE, EVENT, TASK

WORDS = ("comment", "cells", "allowed", "reason")
"""Where a flow keeps what people wrote; a task's reason is a code only where it is stuck."""


@retaining_documents.beside
def words_of(work: Work, record: DocumentRecord) -> int:
    """Blank what was said in the cases of a document."""
    form = store.published(work.connection, record.form_code, record.form_version)
    changed = 0
    for case in list(work.connection.execute(_of(CASE, record)).mappings()):
        state = sealing.opened_state(work.connection, case["id"], case["state"])
        left = State.load(silent(state.dump()))
        values: dict[str, Any] = {"state": sealing.state(work.connection, case["id"], left)}
        if form.kind == "application":
            values["title"] = form.title()
        work.connection.execute(update(CASE).where(CASE.c.id == case["id"]).values(values))
        changed += 1 + _events(work, case["id"])
    for row in list(work.connection.execute(_of(TASK, record)).mappings()):
        task = {**sealing.opened_task(work.connection, row)}
        if task["cells"]:
            task["cells"] = dict.fromkeys(task["cells"], MARK)
        kept = {"cells": sealing.task(work.connection, task)["cells"]}
        if form.kind == "application":
            kept["title"] = form.title()
        work.connection.execute(update(TASK).where(TASK.c.id == row["id"]).values(kept))
    return changed


def _events(work: Work, case: str) -> int:
    query = select(EVENT).where(EVENT.c.case_id == case)
    changed = 0
    for row in list(work.connection.execute(query).mappings()):
        said = sealing.opened_event(work.connection, row)["document"]
        left = silent(said)
        if left != said:
            kept = sealing.event(work.connection, case, row["seq"], left)
            change = update(EVENT).where(EVENT.c.id == row["id"])
            work.connection.execute(change.values(document=kept))
            changed += 1
    return changed


def silent(value: Json) -> Json:
    """A state or an event of a flow without what people wrote."""
    if isinstance(value, list):
        return [silent(one) for one in value]
    if isinstance(value, dict):
        return {name: _blank(one) if name in WORDS else silent(one) for name, one in value.items()}
    return value


def _blank(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _blank(one) for name, one in value.items()}
    return MARK if isinstance(value, str) and value else value


def _of(table: Any, record: DocumentRecord) -> Any:
    return select(table).where(table.c.document_id == record.id)
