"""What is sealed of a flow: a case's state, its events and a task's cells, for reasons stand in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select

from engine.json_text import Json
from engine.storage import sealed
from workflows.core.state import State

KIND = "flow"


def state(connection: Connection, case_id: str, of: State) -> Json:
    """A state as it is kept."""
    return sealed.seal(connection, of, f"flow_case:{case_id}.state", KIND)


def opened_state(connection: Connection, case_id: str, stored: Json) -> State:
    """The state."""
    return State.read(sealed.unsealed_text(connection, stored, f"flow_case:{case_id}.state"))


def event(connection: Connection, case_id: str, seq: int, document: Json) -> Json:
    """An event as it is kept."""
    return sealed.seal(connection, document, f"flow_event:{case_id}:{seq}.document", KIND)


def opened_event(connection: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of events with its document."""
    place = f"flow_event:{row['case_id']}:{row['seq']}"
    return sealed.unsealed(connection, row, ("document",), place)


def task(connection: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    """A new task's row as it is kept."""
    place = f"task:{row['id']}.cells"
    return {**row, "cells": sealed.seal(connection, row.get("cells"), place, KIND)}


def opened_task(connection: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    """A task's row."""
    return sealed.unsealed(connection, row, ("cells",), f"task:{row['id']}")


def opened_cells(connection: Connection, task_id: str, stored: Json) -> Json:
    """The cells that a task was returned for, each with its reason."""
    return sealed.unseal(connection, stored, f"task:{task_id}.cells")


def tasks(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:
    """The rows that a query of tasks finds."""
    return (opened_task(connection, row) for row in connection.execute(query).mappings())
