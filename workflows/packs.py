"""The flow section of a pack: flow documents, checked for soundness before they are kept."""

from collections.abc import Mapping
from typing import Any

from engine.work import Work
from workflows import store


def load_flow(work: Work, document: Mapping[str, Any]) -> bool:
    """Keep a flow document; False if this version is there already. Raises its faults."""
    return store.add_flow(work, document)
