"""What is about log-ins and passwords is tested with the hash that people get."""

import pytest

from engine.identity import store
from tests.hashing import FOR_PEOPLE


@pytest.fixture(autouse=True)
def _as_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_hasher", FOR_PEOPLE)
