"""A dispatch as it is kept: one report sent to many organisations for a period, with a due date."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.tables import DispatchRow

DISPATCH = DispatchRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass(frozen=True, slots=True)
class DispatchRecord:
    """A dispatch as it is kept."""

    id: str
    form_code: str
    form_version: int
    title: str
    owner: str
    period: str
    due_at: str
    note: str
    status: str
    """sending | running | withdrawn | frozen | archived"""
    targets: int
    created_at: str
    created_by: str
    created_name: str
    urgent: bool = False
    reason: str = ""
    cadence_id: str | None = None
    due_by_level: Mapping[str, str] | None = None
    archive: Mapping[str, Any] | None = None
    nil_allowed: bool = False
    chosen: Mapping[str, Any] | None = None
